"""The journal: on the disk before the call returns, and true after any death of an instance."""

import errno
import fcntl
import multiprocessing
import multiprocessing.synchronize
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.planted import entry, plant
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Entry, Journal, Owned, read_only


def test_what_was_written_is_read_by_the_next_instance(path: Path) -> None:
    first = Journal(path)
    first.write(entry(1))
    first.write(entry(2, is_open=True))
    first.close()
    second = Journal(path)
    assert [kept.entry for kept in second.entries()] == [entry(2, is_open=True), entry(1)]
    assert second.open_entries() == [entry(2, is_open=True)]
    second.close()


def test_what_is_not_wanted_any_more_is_not_claimed(path: Path) -> None:
    journal = Journal(path)
    journal.write(entry(1, is_open=True))
    later = Entry("op-1", 1.0, open=True, known={"sent": True})
    journal.claim(later, lambda: False)
    assert journal.open_entries() == [entry(1, is_open=True)]
    journal.claim(later)
    assert journal.open_entries() == [later]
    with pytest.raises(JournalError) as error:
        journal.claim(Entry("op-2", 1.0, open=True, known={}), lambda: False)
    journal.close()
    assert error.value.message == f"The journal {path.name} doesn't hold this change any more as it was begun."


@pytest.mark.parametrize("target", [None, "kept"])
def test_a_file_that_was_moved_or_removed_meanwhile_is_named_with_what_to_do(path: Path, target: str | None) -> None:
    journal = Journal(path)
    journal.write(entry(1))
    if target is None:
        path.unlink()
    else:
        path.rename(path.with_name(target))
    with pytest.raises(JournalError) as error:
        journal.write(entry(2))
    journal.close()
    assert error.value.message == (
        f"The journal {path.name} can't be used: its file was moved or removed meanwhile;"
        " start the program again, and it begins another."
    )


@pytest.mark.parametrize("owner", ["a/b", "", "\0"])
def test_an_owner_that_no_instance_can_be_has_ended(path: Path, owner: str) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO changes VALUES ('op-1', 1.0, 1, ?, '{}')", (owner,))
    database.close()
    assert [(each.entry.id, each.alive) for each in read_only(path)] == [("op-1", False)]


def test_a_journal_without_locks_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(path).close()
    files, handles = set(path.parent.iterdir()), os.listdir("/proc/self/fd")

    def no_locks(handle: int, operation: int) -> None:
        if ".lock" in os.readlink(f"/proc/self/fd/{handle}"):
            raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(JournalError, match="No locks available"):
        Journal(path)
    assert (set(path.parent.iterdir()), os.listdir("/proc/self/fd")) == (files, handles)


def test_an_instance_of_which_the_file_system_cannot_tell_whether_it_lives_keeps_what_it_began(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Journal(path), Journal(path)
    first.write(entry(1, is_open=True))

    def no_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert second.adopt_left_behind() == []
    first.close()
    second.close()


def test_a_thread_that_comes_after_the_end_is_told_so(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    with pytest.raises(JournalError, match="closed database"):
        journal.entries()


def test_any_thread_may_use_it(path: Path) -> None:
    journal = Journal(path)
    with ThreadPoolExecutor(1) as other:
        other.submit(journal.write, entry(1)).result()
    assert [kept.entry for kept in journal.entries()] == [entry(1)]
    journal.close()


def test_an_outcome_takes_the_place_of_its_intent(path: Path) -> None:
    journal = Journal(path)
    journal.write(entry(1, is_open=True))
    journal.write(entry(1))
    assert [kept.entry for kept in journal.entries()] == [entry(1)]
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
    assert len(list(path.parent.glob("*.lock"))) == 2
    assert journal.adopt_left_behind() == [entry(1, is_open=True)]
    assert len(list(path.parent.glob("*.lock"))) == 1
    journal.close()
    assert list(path.parent.glob("*.lock")) == []


def test_settled_entries_are_pruned_and_open_ones_never(path: Path) -> None:
    journal = Journal(path, most_settled=3)
    for number in range(5):
        journal.write(entry(number, is_open=True))
    for number in range(5, 15):
        journal.write(entry(number))
    assert [each.id for each in journal.open_entries()] == [f"op-{number}" for number in range(5)]
    assert [each.id for each, _ in journal.entries() if not each.open] == ["op-14", "op-13", "op-12"]
    journal.close()


def test_entries_stand_in_the_order_in_which_they_were_begun_whatever_the_clock_said(path: Path) -> None:
    journal = Journal(path, most_settled=2)
    for number in (7, 5, 9, 3):
        journal.write(entry(number, is_open=True))
    journal.write(entry(9))
    assert [each.id for each, _ in journal.entries()] == ["op-3", "op-9", "op-5", "op-7"]
    assert [each.id for each in journal.open_entries()] == ["op-7", "op-5", "op-3"]
    journal.write(entry(3))
    journal.write(entry(1))
    assert [each.id for each, _ in journal.entries()] == ["op-1", "op-3", "op-5", "op-7"]
    journal.close()


def test_of_a_long_history_all_is_shown(path: Path) -> None:
    plant(path, *[(f"op-{number}", float(number), 0, "gone", "{}") for number in range(1001)])
    journal = Journal(path)
    assert [each.id for each, _ in journal.entries()] == [f"op-{number}" for number in range(1000, -1, -1)]
    journal.close()


def test_ten_thousand_settled_entries_are_kept(path: Path) -> None:
    plant(path, *[(f"op-{number}", float(number), 0, "gone", "{}") for number in range(1, 10_002)])
    journal = Journal(path)
    journal.write(entry(20_000))
    journal.close()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*), min(at) FROM changes").fetchone() == (10_000, 3.0)
    database.close()


@pytest.mark.parametrize("text", ["", "not json", "[]", "null", "[" * 100_000])
def test_of_an_entry_that_is_no_object_only_its_place_is_known(path: Path, text: str) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", text))
    journal = Journal(path)
    assert journal.adopt_left_behind() == [Entry("op-1", 1.0, True, {})]
    journal.close()


def test_a_change_is_begun_unless_an_open_one_forbids_it(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", '{"a": 1}'), ("op-2", 2.0, 0, "gone", "{}"))
    first, second = Journal(path), Journal(path)
    seen: list[tuple[list[Owned], str]] = []

    def allow(kept: list[Owned], lost: str) -> None:
        seen.append((kept, lost))

    assert first.begin(entry(3, is_open=True), allow) is None
    assert first.begin(entry(4, is_open=True), allow) is None
    assert second.begin(entry(5, is_open=True), lambda kept, lost: f"no: {len(kept)}") == "no: 3"
    first.lose([], "One.")
    assert second.begin(entry(6, is_open=True), allow) is None
    left = Owned(Entry("op-1", 1.0, True, {"a": 1}), alive=False)
    own = Owned(entry(3, is_open=True), alive=False)  # what counts of it is what the instance itself remembers
    running = [Owned(entry(number, is_open=True), alive=True) for number in (3, 4)]
    assert seen == [([left], ""), ([left, own], ""), ([left, *running], "One.")]
    assert [each.id for each in second.open_entries()] == ["op-1", "op-3", "op-4", "op-6"]
    first.close()
    second.close()


def test_open_entries_are_taken_over_oldest_first_and_only_those_of_ended_instances(path: Path) -> None:
    plant(path, ("op-1", 9.0, 1, "gone", "{}"), ("op-2", 1.0, 1, "left", "{}"), ("op-0", 0.0, 0, "gone", "{}"))
    first, second = Journal(path), Journal(path)
    first.write(entry(3, is_open=True))
    second.write(entry(4, is_open=True))
    assert [each.id for each in second.adopt_left_behind()] == ["op-1", "op-2"]
    assert first.adopt_left_behind() == []
    second.close()
    for _ in range(2):  # what isn't wanted stays as it is
        left = first.adopt_left_behind(lambda each: each.id == "none")
        assert [each.id for each in left] == ["op-1", "op-2", "op-4"]
    assert [each.id for each in first.adopt_left_behind()] == ["op-1", "op-2", "op-4"]
    assert first.adopt_left_behind() == []
    first.close()


def test_an_entry_that_is_no_text_hides_no_other(path: Path) -> None:
    journal = Journal(path)
    journal.write(entry(1))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO changes VALUES ('odd', 1, 0, 'x', CAST(x'7b7dff' AS TEXT))")
    for kept in (journal.entries(), read_only(path)):
        assert [(each.entry.id, each.entry.known) for each in kept] == [("odd", {}), (entry(1).id, entry(1).known)]
    journal.close()


@pytest.mark.parametrize("end", ["alive", "closed"])
def test_a_journal_that_was_removed_is_a_loss(path: Path, end: str) -> None:
    other = Journal(path)
    if end == "closed":
        other.close()
    path.unlink()
    journal = Journal(path)
    assert journal.notice.startswith("The journal was removed, or moved away: what it held is not known")
    journal.close()
    if end != "closed":
        other.close()


def test_a_journal_that_was_removed_is_not_read_as_an_empty_one(path: Path) -> None:
    assert read_only(path) == []
    Journal(path).close()
    assert read_only(path) == []
    path.unlink()
    with pytest.raises(JournalError, match=f"The journal {path.name} was removed.*remove {path.stem}.opening, too"):
        read_only(path)
    path.with_suffix(".opening").write_bytes(b"")  # as by one whose making was killed
    assert read_only(path) == []
    path.with_suffix(".opening").unlink()
    assert read_only(path) == []


def test_a_journal_whose_making_was_killed_was_not_removed(path: Path) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.with_suffix(".opening").touch()
    path.with_suffix(".new").touch()
    path.with_name(f"{path.stem}.0a.lock").touch()
    journal = Journal(path)
    assert journal.notice == ""
    journal.close()


def test_a_lock_that_cannot_be_looked_at_counts_as_held(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    path.with_name("prod.gone.lock").symlink_to(path)
    journal = Journal(path)
    assert journal.adopt_left_behind() == []
    journal.close()


def test_an_instance_whose_lock_file_is_free_has_ended(path: Path) -> None:
    plant(path, ("op-1", 1.0, 1, "gone", "{}"))
    path.with_name("prod.gone.lock").touch()
    journal = Journal(path)
    assert [each.id for each in journal.adopt_left_behind()] == ["op-1"]
    assert not path.with_name("prod.gone.lock").exists()
    journal.close()


def test_an_open_entry_tells_whether_its_instance_still_runs(path: Path) -> None:
    first, second, third = Journal(path), Journal(path), Journal(path)
    first.write(entry(1, is_open=True))
    second.write(entry(2, is_open=True))
    third.write(entry(3))
    second.close()
    expected = [(entry(3), False), (entry(2, is_open=True), False), (entry(1, is_open=True), True)]
    for kept in (third.entries(), read_only(path)):
        assert [(each.entry, each.alive) for each in kept] == expected
        assert all(type(each.alive) is bool for each in kept)
    first.close()
    third.close()


def test_what_is_only_read_is_left_as_it_is(path: Path) -> None:
    assert read_only(path) == []
    assert not path.parent.exists()
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough" * 40)
    with pytest.raises(JournalError) as raised:
        read_only(path)
    assert raised.value.message == f"The journal {path.name} can't be read: file is not a database."
    assert [each.name for each in path.parent.iterdir()] == [path.name]
