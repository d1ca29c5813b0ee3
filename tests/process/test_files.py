"""Where the journal can't be kept nothing is sent, and the reason is said in words."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.demo.records import FIRST_SERVER_ID

COMMAND = [sys.executable, "-m", "vpsbackup_tui", "create", str(FIRST_SERVER_ID)]
Spoil = Callable[[Path], object]


@pytest.fixture
def state(own_home: Path) -> Path:
    """The folder in which changes are kept; its parent is there."""
    folder = own_home / ".local/state/vpsbackup-tui"
    folder.parent.mkdir(parents=True)
    return folder


def create(**options: object) -> subprocess.CompletedProcess[str]:
    """Try to make a backup."""
    return subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, **options)  # type: ignore[call-overload, no-any-return]


def journal_in(state: Path) -> Path:
    """Return the journal, which a first change has made."""
    assert create().returncode == Exit.DONE
    (journal,) = state.glob("*.sqlite3")
    return journal


def check_refused(service: DemoService, ended: subprocess.CompletedProcess[str], *words: str, sent: int = 0) -> None:
    """Fail unless the change was refused with these words, and not sent."""
    assert service.count("POST") == sent
    assert ended.returncode == Exit.REFUSED
    assert "could not be journalled" in ended.stderr
    assert "Traceback" not in ended.stderr
    for word in words:
        assert word in ended.stderr


def test_a_file_in_place_of_the_folder_refuses_changes(service: DemoService, state: Path) -> None:
    state.write_text("in the way")
    check_refused(service, create(), "can't be opened")


def test_a_folder_that_can_not_be_made_refuses_changes(service: DemoService) -> None:
    check_refused(service, create(env={**os.environ, "HOME": "/proc/nowhere"}), "can't be opened")


def test_a_folder_that_may_not_be_written_refuses_changes(service: DemoService, state: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    state.mkdir(mode=0o500)
    check_refused(service, create(), "Permission denied")


def test_files_that_may_not_grow_refuse_changes(service: DemoService, state: Path) -> None:
    code = (
        f"import resource, os; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); os.execv({COMMAND[0]!r}, {COMMAND!r})"
    )
    ended = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check_refused(service, ended)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A home on a disk without a free byte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        (disk / ".local/state/vpsbackup-tui").mkdir(parents=True)
        with (disk / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 1024)
            except OSError:
                pass
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_full_disk_refuses_changes(service: DemoService, full_disk: Path) -> None:
    check_refused(service, create(env={**os.environ, "HOME": str(full_disk)}))


def test_a_link_in_place_of_the_journal_is_not_followed(service: DemoService, state: Path, tmp_path: Path) -> None:
    journal = journal_in(state)
    elsewhere = tmp_path / "elsewhere"
    journal.rename(elsewhere)
    journal.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    check_refused(service, create(), "no plain file", sent=1)
    assert elsewhere.read_bytes() == before


def test_a_link_to_nothing_makes_no_file_there(service: DemoService, state: Path, tmp_path: Path) -> None:
    journal = journal_in(state)
    journal.unlink()
    journal.symlink_to(tmp_path / "new")
    check_refused(service, create(), sent=1)
    assert not (tmp_path / "new").exists()


def test_a_newer_journal_is_refused_and_left_as_it_is(service: DemoService, state: Path) -> None:
    journal = journal_in(state)
    with sqlite3.connect(journal) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = journal.read_bytes()
    check_refused(service, create(), "newer version", sent=1)
    assert journal.read_bytes() == before


@pytest.mark.parametrize("junk", [b"\x00\xff" * 4096, b"{}" * 600, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_journal_is_moved_aside_and_told_before_a_change(
    service: DemoService, state: Path, junk: bytes
) -> None:
    journal = journal_in(state)
    journal.write_bytes(junk)
    ended = create()
    assert ended.returncode == Exit.REFUSED
    assert "Nothing was sent: what the journal held is lost" in ended.stderr
    (aside,) = state.glob("*.damaged-*")
    assert aside.read_bytes() == junk
    assert aside.name in ended.stderr
    assert create().returncode == Exit.DONE
    assert service.count("POST") == 2


def test_all_that_is_kept_is_for_the_owner_only(service: DemoService, state: Path) -> None:
    journal = journal_in(state)
    assert journal.stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700
    opening = journal.with_suffix(".opening")
    assert opening.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in state.iterdir()} == {journal.name, opening.name}
