"""Read the package's source as trees, and say where in it something stands."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[2] / "vpsbackup_tui"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Module:
    """One file: `path` as seen from the package, `origins` what each imported name stands for."""

    path: str
    tree: ast.Module
    origins: dict[str, str]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Return every node of the tree."""
        return tuple(ast.walk(self.tree))

    def named(self, node: ast.AST) -> str:
        """Return the dotted name of an expression with its imports followed, as `os.write`; "" where it has none."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.named(node.value)}.{node.attr}".removeprefix("builtins.")
        return ""

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Yield every call with the dotted name of what is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node, self.named(node.func)


class Find(NamedTuple):
    """Something that stands in the source: where it is, as `ui/app.py: App.run`, and on which line."""

    place: str
    line: int


Lint = Callable[[Module], Iterable[ast.AST]]


def parsed(text: str, path: str = "planted.py") -> Module:
    """Return a module of this text."""
    tree = ast.parse(text)
    return Module(path, tree, dict(_origins(tree)))


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.asname, name.name) for name in node.names if name.asname)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (name.asname or name.name, f"{node.module}.{name.name}".removeprefix("builtins."))
                for name in node.names
            )


@cache
def package() -> tuple[Module, ...]:
    """Return every module of the package."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(parsed(file.read_text("utf-8"), file.relative_to(PACKAGE).as_posix()) for file in files)


def finds(lint: Lint) -> list[Find]:
    """Return all that a lint finds in the package."""
    return [find for module in package() for find in _placed(module, lint)]


def places(lint: Lint) -> set[str]:
    """Return where in the package a lint finds something."""
    return {find.place for find in finds(lint)}


def files(lint: Lint) -> set[str]:
    """Return the files of the package in which a lint finds something."""
    return {place.partition(": ")[0] for place in places(lint)}


def found_in(text: str, lint: Lint) -> int:
    """Return how much a lint finds in a piece of source."""
    return len(list(lint(parsed(text))))


def _placed(module: Module, lint: Lint) -> Iterator[Find]:
    offenders = {id(node) for node in lint(module)}
    if not offenders:
        return
    for node, scope in _scoped(module.tree):
        if id(node) in offenders:
            yield Find(f"{module.path}: {scope}" if scope else module.path, getattr(node, "lineno", 0))


def _scoped(node: ast.AST, scope: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Yield each node below this one with the dotted name of the function or class that it stands in."""
    for child in ast.iter_child_nodes(node):
        yield child, scope
        inner = f"{scope}.{child.name}".lstrip(".") if isinstance(child, _SCOPES) else scope
        yield from _scoped(child, inner)


def imported(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield each import with the dotted name of what it brings, as `os`, or `os.write` where it takes that from it."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value that a call gives to a keyword."""
    return next((given.value for given in call.keywords if given.arg == name), None)


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Tell whether an expression is this constant."""
    return isinstance(node, ast.Constant) and node.value is value


def each(planted: Mapping[Lint, Iterable[str]]) -> list[tuple[Lint, str]]:
    """Return each lint with each of its planted offences."""
    return [(lint, text) for lint, texts in planted.items() for text in texts]
