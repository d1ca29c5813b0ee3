"""The full run asks for what there is, and forgets and repeats nothing."""

from pathlib import Path

import pytest

from tests.full import METHODS, ROOT, Book, Method, in_turns, stretches

SOME = Method("M0", "cases", ("tests/test_full.py",), full=7, stretch=3)
TWICE = Method("M00", "runs", ("tests/test_full.py",), full=2)
PASSED = {"passed": 1.0, "failed": 0.0, "seconds": 1.0}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_names_tests_that_are_there(method: Method) -> None:
    assert all((ROOT / path).exists() for path in method.tests)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_stretches_of_a_method_are_all_its_cases_once(method: Method) -> None:
    cases = [case for each in stretches(method, method.full) for case in range(each.first, each.first + each.size)]
    assert cases == list(range(method.full))


def test_methods_take_turns() -> None:
    order = in_turns([stretches(SOME, SOME.full), stretches(TWICE, TWICE.full)])
    assert [each.key for each in order] == ["M0:0+3", "M00:0+1", "M0:3+3", "M00:1+1", "M0:6+1"]


def test_what_has_run_is_remembered_for_its_commit_only(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    first = stretches(SOME, SOME.full)[0]
    Book(kept, "a" * 40).enter(first, PASSED)
    at_a = PASSED | {"commit": "a" * 40}
    assert Book(kept, "a" * 40).done == {first.key: at_a}
    assert Book(kept, "b" * 40).done == {}
    assert Book(kept, "b" * 40, keep=True).done == {first.key: at_a}


def test_the_summary_names_each_commit_and_what_ran_at_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    first, second, third = stretches(SOME, SOME.full)
    Book(kept, "a" * 40).enter(first, PASSED)
    later = Book(kept, "b" * 40, keep=True)
    later.enter(second, PASSED)
    later.enter(third, PASSED)
    row = Book(kept, "c" * 40, keep=True).summary([(SOME, SOME.full)]).splitlines()[-1]
    assert row == "| M0 | cases | 7 | 7 | 0 | 0.00 | aaaaaaaaaaaa: 3, bbbbbbbbbbbb: 4 |"


def test_what_an_earlier_form_of_the_file_holds_ran_at_its_one_commit(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text('{"commit": "%s", "done": {"M0:0+3": {"passed": 1, "failed": 0, "seconds": 1}}}' % ("a" * 40))
    row = Book(kept, "b" * 40, keep=True).summary([(SOME, SOME.full)]).splitlines()[-1]
    assert row == "| M0 | cases | 7 | 3 | 0 | 0.00 | aaaaaaaaaaaa |"


def test_the_summary_counts_what_ran_and_what_failed(tmp_path: Path) -> None:
    book = Book(None, "a" * 40)
    first, second, _ = stretches(SOME, SOME.full)
    book.enter(first, PASSED)
    book.enter(second, PASSED | {"failed": 2.0})
    assert book.summary([(SOME, SOME.full)]).splitlines()[-1] == "| M0 | cases | 7 | 6 | 2 | 0.00 | aaaaaaaaaaaa |"
