"""Measure by mutation testing how much of the core the tests hold fast.

    python -m tests.mutation [MODULE ...]      those named, such as `operations.rules`, or all of the core
    python -m tests.mutation --changed         those whose file is another one than when they were last counted
    ... --record                               write what was counted into `mutation_score.md`

A mutant is the program with one small change; a test should notice it ("kill" it).
The core is what `[tool.mutmut]` in pyproject.toml names. Results are kept in
`mutants/`: killed mutants aren't run again, the others are, so that an interrupted run
goes on where it was. Delete `mutants/` after tests were weakened or renamed.

Exits 1 where the score of the core is below 90 %, or where a mutant survives of a function
that `mutation_survivors.toml` wants all mutants of killed, without a reason in there.
"""

import argparse
import ast
import difflib
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "vpsbackup_tui"
LEAST_SCORE = 90.0
_KILLED = {1, 36}  # a test failed, or the time was up
_ANY_MUTANT = f"{PACKAGE}.api.allowed.*"
_LISTED = Path(__file__).with_name("mutation_survivors.toml")
_RECORD = Path(__file__).with_name("mutation_score.md")
_RECORD_HEAD = """# Mutation score of the core

Made by `python -m tests.mutation --record`, with mutmut 3. A mutant is the program with one small change; a survivor
is one that no test noticed. Those with a reason can't be told from the program, or should not be:
`mutation_survivors.toml` says why of each. Of what classifies an answer, settles an outcome, sends a change, checks an
origin and cleans a text, no other mutant survives. The last column is how the SHA-256 of the file begins that was
counted: a push counts those modules again of which it differs.

| module | mutants | killed | survived | with a reason | score | file |
|---|--:|--:|--:|--:|--:|---|
"""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test has noticed: its function and the lines that differ, each as `ast` writes them."""

    function: str
    was: str
    now: str


class Score(NamedTuple):
    """What became of the mutants of one module, and how the SHA-256 of its file begins."""

    module: str
    mutants: int
    survived: int
    excused: int
    digest: str = ""

    @property
    def percent(self) -> float:
        """Return the share of those noticed; a survivor with a reason is a survivor."""
        return 100.0 * (self.mutants - self.survived) / self.mutants if self.mutants else 100.0

    def cells(self) -> tuple[str, ...]:
        """Return what a table says of it."""
        counts = self.mutants, self.mutants - self.survived, self.survived, self.excused
        return self.module, *map(str, counts), f"{self.percent:.1f}%", self.digest


def main(arguments: list[str]) -> int:
    """Run the mutants that aren't killed, print the scores, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args(arguments)
    recorded = {score.module: score for score in read_record()}
    modules = asked.modules or list(changed() if asked.changed else core())
    if not modules:
        print("Of every module of the core the mutants were counted as it is now.")
        return 0
    _make()
    names = [name for module in modules for name, code in _results(module).items() if code not in _KILLED]
    if names:
        _run(names)
    listed = tomllib.loads(_LISTED.read_text())
    missed = {module: list(_unexcused(module, listed.get(module, []))) for module in modules}
    counted = {module: _score(module, len(missed[module])) for module in modules}
    scores = [(recorded | counted)[each] for each in core() if each in recorded or each in counted]
    if asked.record:
        write_record(scores)
    return _report(scores, missed, listed["all_killed"])


def read_record() -> list[Score]:
    """Return the scores that were last written down."""
    lines = [line for line in _RECORD.read_text().splitlines() if line.startswith("| ") and "**" not in line]
    _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Score(row[0], int(row[1]), int(row[3]), int(row[4]), row[6]) for row in rows]


def write_record(scores: Iterable[Score]) -> None:
    """Write scores down."""
    lines = [f"| {' | '.join(each.cells())} |\n" for each in scores]
    total = [f"**{cell}**" if cell else "" for cell in _total(scores).cells()]
    _RECORD.write_text(f"{_RECORD_HEAD}{''.join(lines)}| {' | '.join(total)} |\n")


def changed() -> Iterator[str]:
    """Yield the modules of the core whose file is another one than when their mutants were last counted."""
    recorded = {score.module: score.digest for score in read_record()}
    return (module for module in core() if recorded.get(module) != digest(module))


def digest(module: str) -> str:
    """Return how the SHA-256 of a module's file begins."""
    return hashlib.sha256(_path(module).read_bytes()).hexdigest()[:12]


def core() -> Iterator[str]:
    """Yield the modules of the core, without the package's name."""
    config = tomllib.loads(Path("pyproject.toml").read_text())
    for pattern in config["tool"]["mutmut"]["only_mutate"]:
        for path in sorted(each for each in Path().glob(pattern) if each.stem != "__init__"):
            yield ".".join(path.with_suffix("").parts[1:])


def _path(module: str) -> Path:
    return Path(PACKAGE, *module.split(".")).with_suffix(".py")


def _mutated(module: str) -> Path:
    """Return the file in which mutmut keeps a module with all its mutants."""
    return "mutants" / _path(module)


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
    made = subprocess.run([mutmut, "run", _ANY_MUTANT], env=_environ(), capture_output=True, text=True)
    if made.returncode:  # else it has nothing to say, and turns a spinner all the while
        sys.stderr.write(made.stdout + made.stderr)
    made.check_returncode()


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


def _unexcused(module: str, listed: list[dict[str, str]]) -> Iterator[Survivor]:
    """Yield the survivors of a module that have no reason; `listed` are those that have one."""
    excuses = {Survivor(each["function"], each["was"], each["now"]) for each in listed if each["why"]}
    survivors = _survivors(module, [name for name, code in _results(module).items() if code not in _KILLED])
    return (survivor for survivor in survivors if survivor not in excuses)


def _score(module: str, unexcused: int) -> Score:
    codes = _results(module).values()
    survived = sum(code not in _KILLED for code in codes)
    return Score(module, len(codes), survived, survived - unexcused, digest(module))


def _total(scores: Iterable[Score]) -> Score:
    mutants, survived, excused = (sum(column) for column in zip(*(each[1:4] for each in scores), strict=True))
    return Score("all", mutants, survived, excused)


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


def _report(scores: list[Score], missed: dict[str, list[Survivor]], all_killed: Any) -> int:
    """Print a table of scores and every survivor without a reason; return the exit code."""
    texts = [
        f"{module}.{survivor.function}\n  - {survivor.was}\n  + {survivor.now}"
        for module, survivors in missed.items()
        for survivor in survivors
    ]
    strict = [text for text in texts if any(fnmatchcase(text.split("\n")[0], pattern) for pattern in all_killed)]
    print(*texts, sep="\n")
    whole = _total(scores)
    heads = ("module", "mutants", "killed", "survived", "with reason", "score", "file")
    for cells in (heads, *(each.cells() for each in [*scores, whole])):
        name, *others, file = cells
        print(f"{name:<28}{''.join(f'{each:>12}' for each in others)}  {file}".rstrip())
    if strict:
        print(f"{len(strict)} survivors without a reason in functions of which none may survive")
    return 1 if strict or whole.percent < LEAST_SCORE else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
