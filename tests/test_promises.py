"""The list of promises and faults is whole, and every test that it names is there."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LIST: dict[str, Any] = tomllib.loads((ROOT / "tests/promises.toml").read_text("utf-8"))
PROMISES: dict[str, dict[str, Any]] = LIST["promises"]
FAULTS: dict[str, dict[str, Any]] = LIST["faults"]
TABLES = PROMISES | FAULTS
_MOST_TESTS = 4  # more would hide which one shows it


@cache
def functions_in(path: str) -> frozenset[str]:
    """Return the names of a file's test functions; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    body = ast.parse(file.read_text("utf-8")).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in functions if name.startswith("test_"))


def is_there(test: str) -> bool:
    """Tell whether a test stands where its id says."""
    path, _, name = test.partition("::")
    return name in functions_in(path)


def test_promises_and_faults_are_numbered_without_a_gap() -> None:
    assert list(PROMISES) == [f"P{number}" for number in range(1, 19)]
    assert list(FAULTS) == [str(number) for number in range(1, 135)]


def test_each_says_in_words_what_it_is_about() -> None:
    for name, table in TABLES.items():
        words = {"text"} if name in PROMISES else {"fault", "required"}
        assert words <= set(table) <= words | {"tests", "untested", "partly"}, name
        assert all(table[key].strip() for key in set(table) - {"tests"}), name


def test_each_has_tests_or_the_reason_why_it_has_none() -> None:
    for name, table in TABLES.items():
        assert ("tests" in table) != ("untested" in table), name
        assert "tests" in table or "partly" not in table, name
        assert "untested" in table or 1 <= len(set(table["tests"])) == len(table["tests"]) <= _MOST_TESTS, name


def test_every_test_that_is_named_is_there() -> None:
    missing = [f"{name}: {test}" for name in TABLES for test in TABLES[name].get("tests", []) if not is_there(test)]
    assert not missing, "\n".join(missing)


def test_a_test_that_is_not_there_would_be_missed() -> None:
    here = "tests/test_promises.py"
    assert is_there(f"{here}::test_promises_and_faults_are_numbered_without_a_gap")
    for missing in (here, f"{here}::", f"{here}::test_nothing", f"{here}::is_there", "tests/test_none.py::test_it"):
        assert not is_there(missing)


@pytest.mark.parametrize("kind", ["untested", "partly"])
def test_what_no_test_shows_is_counted(kind: str) -> None:
    found = [name for name in TABLES if kind in TABLES[name]]
    assert len(found) == LIST["counts"][kind], f"{kind}: {', '.join(found)}"
