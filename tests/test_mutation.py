"""The record of the mutation score tells which modules have to be counted again."""

from pathlib import Path

import pytest

from tests import mutation


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of its own."""
    monkeypatch.setattr(mutation, "_RECORD", tmp_path / "score.md")
    return tmp_path / "score.md"


def test_the_score_of_every_module_of_the_core_is_recorded() -> None:
    scores = mutation.read_record()
    assert [score.module for score in scores] == list(mutation.core())
    assert all(score.mutants >= score.survived >= score.excused >= 0 for score in scores)


def test_what_is_recorded_is_read_again(record: Path) -> None:
    scores = [
        mutation.Score("text", mutants=8, survived=1, excused=1, digest="0123456789ab"),
        mutation.Score("origin", mutants=4, survived=2, excused=0, digest="ba9876543210"),
    ]
    mutation.write_record(scores)
    assert mutation.read_record() == scores
    assert "| **all** | **12** | **9** | **3** | **1** | **75.0%** |" in record.read_text()


def test_a_module_that_was_not_counted_as_it_is_now_has_changed(record: Path) -> None:
    first, second, *others = mutation.core()
    digests = {first: "0123456789ab"} | {module: mutation.digest(module) for module in others}
    mutation.write_record([mutation.Score(module, 1, 0, 0, digest) for module, digest in digests.items()])
    assert list(mutation.changed()) == [first, second]


def test_where_nothing_has_changed_nothing_is_counted(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.write_record([mutation.Score(module, 1, 0, 0, mutation.digest(module)) for module in mutation.core()])
    monkeypatch.setattr("sys.executable", "/nowhere/python")  # whoever starts mutmut would not find it
    assert mutation.main(["--changed"]) == 0
