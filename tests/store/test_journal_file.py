"""The file of the journal: whose it is, what is done where it is not as it should be, and that it is on the disk."""

import errno
import fcntl
import gc
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.store.planted import entry, plant
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Journal, Owned, read_only


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
    assert [kept.entry for kept in journal.entries()] == [entry(1)]
    journal.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "The journal was empty: what it may have held is not known."), (b"junk" * 1000, "The journal could not be")],
)
def test_a_loss_is_told_of_to_all_who_open_the_journal_until_somebody_was_told(
    path: Path, content: bytes, words: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for _ in range(2):
        journal = Journal(path)
        assert journal.notice.startswith(words)
        journal.close()
    journal = Journal(path)
    journal.told()
    journal.close()
    journal = Journal(path)
    assert journal.notice == ""
    journal.close()


def test_what_is_lost_of_a_journal_is_told_with_what_was_lost_before(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    journal = Journal(path)
    for words in ("One.", "Two."):
        journal.lose(["op-1"], words)
    assert journal.notice == "One. Two."
    assert journal.lost_since() == ""
    assert journal.open_entries() == []
    journal.close()
    journal = Journal(path)
    assert journal.notice == "One. Two."
    journal.close()


def test_what_was_not_told_of_yet_is_not_taken_for_told(path: Path) -> None:
    Journal(path).close()
    told, other = Journal(path), Journal(path)
    other.lose([], "One.")
    assert (told.lost_since(), told.lost_since()) == ("One.", "")
    other.lose([], "Two.")
    told.told()
    assert told.notice == ""
    other.lose([], "Three.")
    assert told.lost_since() == "Two. Three."
    assert told.notice == "Two. Three."
    told.close()
    other.close()


def test_a_journal_of_an_older_version_goes_on(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE losses")
        database.execute("PRAGMA user_version = 1")
    database.close()
    journal = Journal(path)
    assert journal.notice == ""
    journal.told()
    assert [each.id for each in journal.open_entries()] == ["op-1"]
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


def test_nothing_is_left_of_a_journal_that_can_t_be_opened_as_another_instance_writes(path: Path) -> None:
    Journal(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="locked"):
        Journal(path, busy_seconds=0)
    other.close()
    assert list(path.parent.glob("*.lock")) == []


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
    assert [kept.entry for kept in journal.entries()] == [entry(1)]
    journal.close()


def test_an_index_that_is_out_of_step_with_its_table_is_damage(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, 'WHERE open', 'WHERE NOT open')")
    database.close()
    journal = Journal(path)
    assert "moved aside" in journal.notice
    journal.close()


@pytest.mark.parametrize("read", [Journal, read_only])
def test_a_pipe_in_place_of_the_file_is_refused_and_not_waited_for(path: Path, read: Any) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(JournalError, match="no plain file"):
        read(path)


def test_what_a_kill_has_cut_is_taken_back_before_it_is_only_read(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("PRAGMA cache_size = 1")
        database.executemany(
            "INSERT INTO changes VALUES (?, 1, 0, 'x', ?)", [(str(row), "x" * 900) for row in range(99)]
        )
        cut = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    database.close()
    for name, content in cut.items():
        path.with_name(name).write_bytes(content)
    assert path.with_name(f"{path.name}-journal").stat().st_size
    assert [each.entry.id for each in read_only(path)] == ["op-1"]


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError):
        Journal(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_is_made_where_nothing_is(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.with_name("prod.0707070707070707.lock").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(os, "urandom", lambda length: b"\x07" * length)
    with pytest.raises(JournalError, match="File exists"):
        Journal(path)
    assert not (tmp_path / "elsewhere").exists()


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    Journal(tmp_path / "one" / "two" / "prod.sqlite3").close()
    assert (tmp_path / "one" / "two" / "prod.sqlite3").is_file()


def test_a_lock_that_somebody_has_removed_stops_no_end(path: Path) -> None:
    gc.collect()  # what an earlier test has left would be closed in between
    before = len(os.listdir("/dev/fd"))
    journal = Journal(path)
    (lock,) = path.parent.glob("*.lock")
    lock.unlink()
    journal.close()
    assert len(os.listdir("/dev/fd")) <= before


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_in_which_others_may_write_is_refused(path: Path, mode: int) -> None:
    path.parent.mkdir()
    path.parent.chmod(mode)
    with pytest.raises(JournalError, match="Others can write"):
        Journal(path)
    assert not path.exists()


def test_what_fails_is_said_without_a_path(path: Path) -> None:
    path.parent.write_text("not a folder")
    with pytest.raises(JournalError) as failed:
        Journal(path)
    assert failed.value.message == str(failed.value) == "The journal prod.sqlite3 can't be opened: File exists."


def test_a_journal_that_cannot_be_used_says_why_in_the_words_of_sqlite(path: Path) -> None:
    journal = Journal(path)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE changes")
    database.close()
    with pytest.raises(JournalError) as failed:
        journal.write(entry(1))
    assert failed.value.message == "The journal prod.sqlite3 can't be used: no such table: changes."
    journal.close()


def test_a_write_that_fails_halfway_leaves_nothing_behind(path: Path) -> None:
    journal = Journal(path)

    def fail(kept: list[Owned], lost: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.begin(entry(1, is_open=True), fail)
    journal.write(entry(2))
    assert [kept.entry for kept in journal.entries()] == [entry(2)]
    journal.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda path: path.symlink_to(path.with_name("elsewhere")),
            "The journal prod.sqlite3 is no plain file: put one in its place, or remove it.",
        ),
        (
            lambda path: path.parent.chmod(0o770),
            "Others can write in the journal's folder state: chmod go-w and chown it.",
        ),
        (
            lambda path: _as_newer(path),
            "The journal prod.sqlite3 was written by a newer version of this program: use that one.",
        ),
    ],
)
def test_a_journal_that_must_not_be_used_says_why_and_what_to_do(path: Path, make: Any, words: str) -> None:
    path.parent.mkdir(mode=0o700)
    make(path)
    with pytest.raises(JournalError) as refused:
        Journal(path)
    assert refused.value.message == words


def _as_newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def test_what_was_moved_aside_and_where_is_told_in_full(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"junk" * 1000)
    journal = Journal(path)
    (aside,) = path.parent.glob("prod.damaged-??????")
    assert journal.notice == (
        f"The journal could not be read; it was moved aside to {aside.name}, and a new one was begun."
    )
    journal.close()


@pytest.fixture
def without_second_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system on which no file has two names, such as FAT."""

    def link(old: object, new: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("without_second_names")
def test_a_damaged_file_is_moved_aside_where_no_file_has_two_names(path: Path) -> None:
    junk = b"junk" * 1_000_000
    path.parent.mkdir(mode=0o700)
    path.write_bytes(junk)
    journal = Journal(path)
    journal.write(entry(1))
    (aside,) = path.parent.glob("prod.damaged-??????")
    assert aside.name in journal.notice
    assert aside.read_bytes() == junk
    assert aside.stat().st_mode & 0o777 == 0o600
    assert [kept.entry for kept in journal.entries()] == [entry(1)]
    journal.close()


@pytest.mark.usefixtures("without_second_names")
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_damaged_file_stays_until_it_is_aside_and_a_journal_can_tell_of_it(path: Path, call: str) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"junk" * 1000)
    with pytest.MonkeyPatch.context() as failing:
        failing.setattr(os, call, _full)
        with pytest.raises(JournalError, match="No space left on device"):
            Journal(path)
    assert path.read_bytes() == b"junk" * 1000
    assert {each.read_bytes() for each in path.parent.glob("*.damaged-*")} <= {path.read_bytes()}
    journal = Journal(path)
    assert "moved aside" in journal.notice
    journal.close()


@pytest.mark.usefixtures("without_second_names")
def test_no_half_copy_of_a_damaged_file_is_left_on_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"junk" * 1000)
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(JournalError):
        Journal(path)
    assert list(path.parent.glob("*.damaged-*")) == []


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_healthy_journal_has_no_notice(path: Path) -> None:
    for _ in range(2):
        journal = Journal(path)
        assert journal.notice == ""
        journal.close()


def test_a_page_that_does_not_hold_together_is_damage(path: Path) -> None:
    plant(path, *[(f"op-{number}", float(number), 0, "gone", "x" * 500) for number in range(200)])
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    path.write_bytes(data)
    journal = Journal(path)
    assert "moved aside" in journal.notice
    assert [kept.entry for kept in journal.entries()] == []
    journal.close()


def test_a_file_that_is_there_becomes_the_owners_only(path: Path) -> None:
    Journal(path).close()
    path.chmod(0o644)
    Journal(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


class Careless(sqlite3.Connection):
    """A database of a build of SQLite that puts nothing on the disk by itself; it tells how it is set when it ends."""

    settings: ClassVar[list[tuple[int, int]]] = []

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous = OFF")

    def close(self) -> None:
        synchronous, waiting = (
            self.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "busy_timeout")
        )
        self.settings.append((synchronous, waiting))
        super().close()


@pytest.mark.parametrize(("options", "milliseconds"), [({}, 5000), ({"busy_seconds": 7}, 7000)])
def test_each_write_is_synchronous_and_waits_for_another_instance_whatever_this_build_of_sqlite_does_by_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, float], milliseconds: int
) -> None:
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Careless))
    monkeypatch.setattr(Careless, "settings", [])
    Journal(path, **options).close()  # type: ignore[arg-type]
    assert Careless.settings == [(3, milliseconds)] * 2  # while it is made, and from then on


def test_the_folder_of_a_new_journal_is_put_on_the_disk_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        found = os.fstat(handle)
        synced.append((found.st_ino, path.stat().st_mode & 0o777))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    before = len(os.listdir("/dev/fd"))
    Journal(path).close()
    assert synced == [(path.parent.stat().st_ino, 0o600)]
    assert len(os.listdir("/dev/fd")) == before


def test_no_descriptor_is_left_open(path: Path) -> None:
    plant(path, *[(f"op-{number}", float(number), 1, f"gone-{number}", "{}") for number in range(3)])
    for number in range(3):
        path.with_name(f"prod.gone-{number}.lock").touch()
    before = len(os.listdir("/dev/fd"))
    journal = Journal(path)
    journal.adopt_left_behind()
    journal.close()
    assert len(os.listdir("/dev/fd")) <= before


def test_of_instances_that_find_a_damaged_file_at_once_each_keeps_what_it_begins(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    for number in range(10):
        path.write_bytes(b"not a database, but long enough to look at" * 100)
        with ThreadPoolExecutor(4) as instances:
            opened = list(instances.map(Journal, [path] * 4))
        for begun, journal in enumerate(opened):
            journal.write(entry(begun))
            journal.close()
        journal = Journal(path)
        assert {kept.entry.id for kept in journal.entries()} == {entry(begun).id for begun in range(4)}
        journal.close()
        assert len(list(path.parent.glob("*.damaged-*"))) == number + 1


def test_an_instance_that_stands_still_while_it_opens_the_journal_is_waited_for_and_told_of(path: Path) -> None:
    Journal(path).close()
    with path.with_suffix(".opening").open("rb") as opening:
        fcntl.flock(opening, fcntl.LOCK_EX)
        with pytest.raises(JournalError) as refused:
            Journal(path, busy_seconds=0.02)
    assert refused.value.message == "The journal prod.sqlite3 can't be opened: another instance is opening it."
    Journal(path).close()


@pytest.mark.parametrize("make", [Path.mkdir, lambda lock: lock.symlink_to(lock.with_name("elsewhere"))])
def test_what_stands_in_place_of_the_lock_is_named_and_not_the_journal(path: Path, make: Any) -> None:
    path.parent.mkdir(mode=0o700)
    make(path.with_suffix(".opening"))
    with pytest.raises(JournalError) as refused:
        Journal(path)
    assert refused.value.message == (
        "The journal prod.sqlite3 can't be opened: its lock prod.opening is no plain file: remove that."
    )
    assert not path.exists()


def test_a_lock_that_can_not_be_opened_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path.parent.mkdir(mode=0o700)
    with monkeypatch.context() as failing:
        failing.setattr(os, "open", fail)
        with pytest.raises(JournalError) as refused:
            Journal(path)
    assert refused.value.message == (
        "The journal prod.sqlite3 can't be opened: its lock prod.opening can't be opened: Permission denied."
    )


def test_a_journal_that_cannot_be_looked_for_is_not_taken_for_none(path: Path) -> None:
    path.parent.write_text("a file in the place of the folder")
    with pytest.raises(JournalError, match="can't be read: Not a directory"):
        read_only(path)
