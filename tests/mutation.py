"""Measure by mutation testing how much of the core the tests hold fast.

    pip install 'mutmut>=3.8,<4'
    python -m tests.mutation [MODULE ...]

A mutant is the program with one small change; a test should notice it ("kill" it).
Without arguments all modules are gone through that `[tool.mutmut]` in pyproject.toml
names; with some, such as `operations.rules`, only those. Results are kept in
`mutants/`: killed mutants aren't run again, the others are, so that an interrupted run
goes on where it was. Delete `mutants/` after tests were weakened or renamed.

Exits 1 where the score is below 90 %, or where a mutant survives of a function that
`mutation_survivors.toml` wants all mutants of killed, without a reason in there.
"""

import ast
import difflib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

PACKAGE = "vpsbackup_tui"
LEAST_SCORE = 90.0
_KILLED = {1, 36}  # a test failed, or the time was up
_ANY_MUTANT = f"{PACKAGE}.api.allowed.*"
_LISTED = Path(__file__).with_name("mutation_survivors.toml")


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test has noticed: its function and the lines that differ, each as `ast` writes them."""

    function: str
    was: str
    now: str


@dataclass
class Score:
    """What became of the mutants of one module."""

    module: str
    mutants: int = 0
    unexcused: list[Survivor] = field(default_factory=list)
    excused: int = 0

    @property
    def killed(self) -> int:
        """Return how many were noticed."""
        return self.mutants - len(self.unexcused) - self.excused

    @property
    def percent(self) -> float:
        """Return the share of those noticed; a survivor with a reason is a survivor."""
        return 100.0 * self.killed / self.mutants if self.mutants else 100.0


def main(arguments: list[str]) -> int:
    """Run the mutants that aren't killed, print the scores, and return the exit code."""
    modules = arguments or list(_core())
    _make()
    names = [name for module in modules for name, code in _results(module).items() if code not in _KILLED]
    if names:
        _run(names)
    listed = tomllib.loads(_LISTED.read_text())
    return _report([_score(module, listed.get(module, [])) for module in modules], listed["all_killed"])


def _core() -> Iterator[str]:
    """Yield the modules of the core, without the package's name."""
    config = tomllib.loads(Path("pyproject.toml").read_text())
    for pattern in config["tool"]["mutmut"]["only_mutate"]:
        for path in sorted(each for each in Path().glob(pattern) if each.stem != "__init__"):
            yield ".".join(path.with_suffix("").parts[1:])


def _mutated(module: str) -> Path:
    """Return the file in which mutmut keeps a module with all its mutants."""
    return Path("mutants", PACKAGE, *module.split(".")).with_suffix(".py")


def _results(module: str) -> dict[str, int | None]:
    """Return the exit code of the tests for each mutant of a module, None where they have not run."""
    path = _mutated(module).with_suffix(".py.meta")
    if not path.exists():
        return {}
    found: dict[str, int | None] = json.loads(path.read_text())["exit_code_by_key"]
    return found


def _make() -> None:
    """Let mutmut make the mutants, and find out which tests go through each function; it runs one to do so."""
    Path("mutants", "mutmut-stats.json").unlink(missing_ok=True)  # it would add only what new tests go through
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run", _ANY_MUTANT], check=True, env=_environ(), stdout=sys.stderr)


def _run(names: list[str]) -> None:
    """Run the tests against each of some mutants."""
    folder = Path("mutants")
    (folder / "wanted").write_text("\n".join(names))
    config = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "tests.mutants", "--rootdir=."]
    command += [*config["pytest_add_cli_args"], *config["pytest_add_cli_args_test_selection"]]
    subprocess.run(command, check=True, cwd=folder, env=_environ() | {"MUTANTS": "wanted"}, stdout=sys.stderr)


def _environ() -> dict[str, str]:
    return {"VPSBACKUP_CASES": "50"} | os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}


def _score(module: str, listed: list[dict[str, str]]) -> Score:
    """Return what became of the mutants of a module; `listed` are the survivors that have a reason."""
    excuses = {Survivor(each["function"], each["was"], each["now"]) for each in listed if each["why"]}
    results = _results(module)
    score = Score(module, mutants=len(results))
    for survivor in _survivors(module, [name for name, code in results.items() if code not in _KILLED]):
        if survivor in excuses:
            score.excused += 1
        else:
            score.unexcused.append(survivor)
    return score


def _survivors(module: str, names: list[str]) -> Iterator[Survivor]:
    """Yield where some mutants of a module differ from it."""
    if not names:
        return
    tree = ast.parse(_mutated(module).read_text())
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for name in names:
        mutant = name.rpartition(".")[2]
        mangled = mutant.rpartition("__mutmut_")[0]
        lines = list(difflib.ndiff(_lines(functions[f"{mangled}__mutmut_orig"]), _lines(functions[mutant])))
        function = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
        yield Survivor(function, _joined(lines, "- "), _joined(lines, "+ "))


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return a function as `ast` writes it, without its name."""
    function.name = "_"
    return [line.strip() for line in ast.unparse(function).splitlines()]


def _joined(lines: Iterable[str], mark: str) -> str:
    return "\n".join(line.removeprefix(mark) for line in lines if line.startswith(mark))


def _report(scores: list[Score], all_killed: Any) -> int:
    """Print a table of scores and every survivor without a reason; return the exit code."""
    missed = [
        f"{score.module}.{survivor.function}\n  - {survivor.was}\n  + {survivor.now}"
        for score in scores
        for survivor in score.unexcused
    ]
    strict = [text for text in missed if any(fnmatchcase(text.split("\n")[0], pattern) for pattern in all_killed)]
    print(*missed, sep="\n")
    whole = Score("all", sum(each.mutants for each in scores), [], sum(each.mutants - each.killed for each in scores))
    print(f"\n{'module':<28}{'mutants':>8}{'killed':>8}{'survived':>9}{'with reason':>12}{'score':>8}")
    for each in scores:
        survived = each.mutants - each.killed
        print(f"{each.module:<28}{each.mutants:>8}{each.killed:>8}{survived:>9}{each.excused:>12}{each.percent:>7.1f}%")
    print(f"{whole.module:<28}{whole.mutants:>8}{whole.killed:>8}{whole.excused:>9}{'':>12}{whole.percent:>7.1f}%")
    if strict:
        print(f"{len(strict)} survivors without a reason in functions of which none may survive")
    return 1 if strict or whole.percent < LEAST_SCORE else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
