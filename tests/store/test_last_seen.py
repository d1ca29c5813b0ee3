"""The rows last seen: whatever becomes of their file, nothing is worse than having none."""

import os
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vpsbackup_tui.store import last_seen
from vpsbackup_tui.store.last_seen import LastSeen, Seen, SeenTop

TOP = [b"whose", b"the top of a page"]
LINES = [b"a page", b"another page"]
AT = 1737028931.25


def file_of(packed: bytes, *, version: int = 2, time: bytes = b"001737028931.250", more: int = 0) -> bytes:
    """Return a file with these texts; `more` bytes than it has, it says that it has."""
    start = b"vpsbackup-tui last seen %d %s " % (version, time)
    return start + b"%012d\n" % (len(start) + 13 + len(packed) + more) + packed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "prod@[__1]_443.seen"


@pytest.fixture
def kept(path: Path) -> LastSeen:
    kept = LastSeen(path)
    kept.keep(TOP, LINES, AT)
    return kept


def test_what_was_kept_is_read_by_the_next_run(kept: LastSeen, path: Path) -> None:
    assert LastSeen(path).read() == Seen(TOP, LINES, AT)
    assert LastSeen(path).read_top() == SeenTop(TOP, AT)


def test_nobody_else_may_read_it(kept: LastSeen, path: Path) -> None:
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}


def test_that_it_is_still_true_is_noted_without_writing_it_anew(kept: LastSeen, path: Path) -> None:
    before = path.stat().st_ino
    assert kept.confirm(AT + 60)
    assert LastSeen(path).read() == Seen(TOP, LINES, AT + 60)
    assert path.stat().st_ino == before


def test_the_rows_of_another_process_are_not_confirmed(kept: LastSeen, path: Path) -> None:
    LastSeen(path).keep(TOP, [b"others"], AT)
    assert not kept.confirm(AT + 60)
    assert LastSeen(path).read() == Seen(TOP, [b"others"], AT)


def test_rows_that_others_have_put_into_the_same_file_are_not_confirmed(kept: LastSeen, path: Path) -> None:
    """As where the number of the file is given out again, to one that is new."""
    other = path.with_suffix(".other")
    LastSeen(other).keep(TOP, [b"others"], AT)
    path.write_bytes(other.read_bytes())
    os.utime(path, (AT, AT))
    assert not kept.confirm(AT + 60)
    assert LastSeen(path).read() == Seen(TOP, [b"others"], AT)


def test_it_is_forgotten_with_all_that_a_kill_has_left(kept: LastSeen, path: Path) -> None:
    path.with_name(f"{path.name}.0123abcd").write_bytes(b"half")
    journal = path.with_suffix(".sqlite3")
    journal.write_bytes(b"")
    kept.forget()
    assert list(path.parent.iterdir()) == [journal]
    assert LastSeen(path).read() is None
    kept.forget()


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_torn_or_overwritten_file_is_none(kept: LastSeen, path: Path, data: st.DataObject) -> None:
    kept.keep(TOP, LINES, AT)
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    torn = data.draw(st.sampled_from([content[:at], content[:at] + bytes(len(content) - at), content + b"\0"]))
    path.write_bytes(torn)
    assert LastSeen(path).read() in (None, Seen(TOP, LINES, AT))
    assert LastSeen(path).read_top() in (None, SeenTop(TOP, AT))
    assert len(torn) == len(content) or LastSeen(path).read_top() is None
    if len(torn) < len(content) or torn.endswith(b"\0\0\0\0"):
        assert LastSeen(path).read() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SQLite format 3\0" + bytes(4096),
        file_of(zlib.compress(b"x\n") * 2, version=1),
        file_of(zlib.compress(b"x\n") * 2, version=3),
        file_of(b""),
        file_of(b"{}\n"),
        file_of(zlib.compress(b"x\n") * 2, time=b"00nan7028931.250"),
        file_of(zlib.compress(b"x\n") * 2, more=1),
        file_of(zlib.compress(b"no end")),
    ],
)
def test_a_foreign_or_older_or_newer_file_is_none(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(content)
    assert LastSeen(path).read() is None
    assert LastSeen(path).read_top() is None


def test_such_files_are_read_where_they_are_whole(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(file_of(zlib.compress(b"x\n") * 2))
    assert LastSeen(path).read() == Seen([b"x"], [b"x"], AT)
    assert LastSeen(path).read_top() == SeenTop([b"x"], AT)


def test_a_file_that_unpacks_to_more_than_the_most_is_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LastSeen(path).keep(TOP, [b"x" * 2000], AT)
    assert LastSeen(path).read() is not None
    monkeypatch.setattr(last_seen, "MOST_BYTES", 1000)
    assert path.stat().st_size < 1000
    assert LastSeen(path).read() is None


def test_more_than_the_most_is_not_kept(kept: LastSeen, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_seen, "MOST_BYTES", 1000)
    kept.keep(TOP, [b"x" * 600, b"x" * 600], AT + 1)
    assert LastSeen(path).read() == Seen(TOP, LINES, AT)
    assert list(path.parent.iterdir()) == [path]


def test_where_others_may_write_nothing_is_read_or_kept(kept: LastSeen, path: Path) -> None:
    path.parent.chmod(0o770)
    assert LastSeen(path).read() is None
    kept.keep(TOP, [b"new"], AT)
    path.parent.chmod(0o700)
    assert LastSeen(path).read() == Seen(TOP, LINES, AT)
    path.chmod(0o660)
    assert LastSeen(path).read() is None


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_is_none(path: Path, tmp_path: Path, kind: str) -> None:
    LastSeen(tmp_path / "other").keep(TOP, LINES, AT)
    path.parent.mkdir(mode=0o700)
    if kind == "link":
        path.symlink_to(tmp_path / "other")
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.mkdir()
    assert LastSeen(path).read() is None
    assert not LastSeen(path).confirm(AT)


def test_where_the_new_file_cannot_take_its_place_nothing_is_left_of_it(path: Path) -> None:
    path.mkdir(parents=True)
    path.parent.chmod(0o700)
    LastSeen(path).keep(TOP, LINES, AT)
    assert list(path.parent.iterdir()) == [path]


def test_where_there_is_no_room_what_was_kept_stays(kept: LastSeen, path: Path) -> None:
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):
        pytest.skip("this user may write everywhere")
    kept.keep(TOP, [b"new"], AT)
    path.parent.chmod(0o700)
    assert LastSeen(path).read() == Seen(TOP, LINES, AT)


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1.0, 1e12])
def test_a_time_that_no_date_has_is_not_kept(kept: LastSeen, path: Path, time: float) -> None:
    kept.keep(TOP, [b"new"], time)
    assert not kept.confirm(time)
    assert LastSeen(path).read() == Seen(TOP, LINES, AT)
