"""The journal: on the disk before the call returns, and true after any death of an instance."""

import multiprocessing
import multiprocessing.synchronize
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from vpsbackup_tui.store.journal import Entry, Journal, JournalError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "prod.sqlite3"


def entry(number: int, *, is_open: bool = False) -> Entry:
    return Entry(f"op-{number}", float(number), is_open, {"outcome": "done", "name": "\ud800 [/x]"})


def test_what_was_written_is_read_by_the_next_instance(path: Path) -> None:
    first = Journal(path)
    first.write(entry(1))
    first.write(entry(2, is_open=True))
    first.close()
    second = Journal(path)
    assert second.entries() == [entry(2, is_open=True), entry(1)]
    assert second.open_entries() == [entry(2, is_open=True)]
    second.close()


def test_an_outcome_takes_the_place_of_its_intent(path: Path) -> None:
    journal = Journal(path)
    journal.write(entry(1, is_open=True))
    journal.write(entry(1))
    assert journal.entries() == [entry(1)]
    assert journal.open_entries() == []
    journal.close()


def test_files_and_folders_are_for_the_owner_only(path: Path) -> None:
    journal = Journal(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}
    journal.close()


def test_open_entries_of_a_live_instance_are_not_adopted(path: Path) -> None:
    first, second = Journal(path), Journal(path)
    first.write(entry(1, is_open=True))
    assert second.adopt_left_behind() == []
    assert second.open_entries() == [entry(1, is_open=True)]
    first.close()
    assert second.adopt_left_behind() == [entry(1, is_open=True)]
    assert second.adopt_left_behind() == []
    second.close()


def _write_and_wait(path: Path, ready: multiprocessing.synchronize.Event) -> None:
    Journal(path).write(entry(1, is_open=True))
    ready.set()
    signal.pause()


def test_an_intent_survives_a_kill(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_write_and_wait, args=(path, ready))
    process.start()
    assert ready.wait(30)
    journal = Journal(path)
    assert journal.adopt_left_behind() == []
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert journal.adopt_left_behind() == [entry(1, is_open=True)]
    journal.close()


def test_settled_entries_are_pruned_and_open_ones_never(path: Path) -> None:
    journal = Journal(path, most_settled=3)
    for number in range(5):
        journal.write(entry(number, is_open=True))
    for number in range(5, 15):
        journal.write(entry(number))
    assert [each.id for each in journal.open_entries()] == [f"op-{number}" for number in range(5)]
    assert [each.id for each in journal.entries() if not each.open] == ["op-14", "op-13", "op-12"]
    journal.close()


@pytest.mark.parametrize(
    "junk", [b"not a database, but long enough to look at" * 100, b"SQLite format 3\0" + b"\0" * 4000]
)
def test_a_damaged_file_is_moved_aside_and_said(path: Path, junk: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(junk)
    journal = Journal(path)
    assert "moved aside" in journal.notice
    assert [each.read_bytes() for each in path.parent.glob("*.damaged-*")] == [junk]
    journal.write(entry(1))
    assert journal.entries() == [entry(1)]
    journal.close()


def test_a_newer_journal_is_refused_and_left_as_it_is(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="newer version"):
        Journal(path)
    assert path.read_bytes() == before


def test_a_locked_journal_is_an_error_and_not_damage(path: Path) -> None:
    journal = Journal(path, busy_seconds=0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="locked"):
        journal.write(entry(1))
    with pytest.raises(JournalError, match="locked"):
        Journal(path, busy_seconds=0)
    other.execute("ROLLBACK")
    other.close()
    journal.write(entry(1))
    assert journal.entries() == [entry(1)]
    journal.close()


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError):
        Journal(path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_in_which_others_may_write_is_refused(path: Path, mode: int) -> None:
    path.parent.mkdir()
    path.parent.chmod(mode)
    with pytest.raises(JournalError, match="Others can write"):
        Journal(path)
    assert not path.exists()
