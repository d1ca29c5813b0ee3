import os
import stat
from pathlib import Path

import pytest

from vpsbackup_tui.accounts.private_files import (
    UnfitFileError,
    nobody_else_reads,
    nobody_else_writes,
    read_bounded,
    remove_file,
    write_private,
)

FOREIGNER = 65_534
NAMELESS = 2_000_000_001
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


def read_private(path: Path) -> bytes:
    return read_bounded(path, most_bytes=100, check=nobody_else_reads, follow=False)


def read_settings(path: Path) -> bytes:
    return read_bounded(path, most_bytes=100, check=nobody_else_writes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "secret"


def test_what_is_written_is_read_again(path: Path) -> None:
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path) == b"two"
    assert os.listdir(path.parent) == ["secret"]


def test_file_and_folder_are_closed_to_others_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(path, b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_open_folder_is_closed_before_the_file_is_made(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    write_private(path, b"x")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_is_a_link_is_not_written_to(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnfitFileError, match="isn't a folder of this user"):
        write_private(path, b"x")
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_write_that_fails_leaves_the_old_file_and_no_other(path: Path) -> None:
    write_private(path, b"old")
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_private(path, b"new")
    assert os.listdir(path.parent) == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666, 0o610])
def test_a_private_file_that_others_may_use_is_refused_with_the_command_that_mends_it(path: Path, mode: int) -> None:
    write_private(path, b"x")
    path.chmod(mode)
    with pytest.raises(UnfitFileError) as refused:
        read_private(path)
    assert str(refused.value) == f"other users may read or write it. Run: chmod 600 {path}"


def test_a_link_to_a_private_file_is_refused(path: Path, tmp_path: Path) -> None:
    write_private(path, b"x")
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(UnfitFileError, match="is a symbolic link"):
        read_private(link)


def test_a_link_to_settings_is_followed(path: Path, tmp_path: Path) -> None:
    write_private(path, b"x")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_settings(link) == b"x"


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(UnfitFileError, match="isn't a regular file"):
        read_private(tmp_path / "fifo")


def test_a_folder_is_refused_and_nothing_stays_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(UnfitFileError, match="isn't a regular file"):
        read_private(tmp_path)
    assert os.listdir("/proc/self/fd") == before


def test_a_file_that_is_too_large_is_refused(path: Path) -> None:
    write_private(path, b"x" * 100)
    assert len(read_private(path)) == 100
    write_private(path, b"x" * 101)
    with pytest.raises(UnfitFileError, match="is larger than 100 bytes"):
        read_private(path)


@needs_root
def test_a_private_file_of_another_user_is_refused(path: Path) -> None:
    write_private(path, b"x")
    os.chown(path, FOREIGNER, FOREIGNER)
    with pytest.raises(UnfitFileError, match="belongs to another user"):
        read_private(path)


@needs_root
def test_settings_of_another_user_are_refused(path: Path) -> None:
    write_private(path, b"x")
    os.chown(path, FOREIGNER, FOREIGNER)
    with pytest.raises(UnfitFileError, match="belongs to another user"):
        read_settings(path)


@needs_root
@pytest.mark.parametrize("group", [FOREIGNER, NAMELESS])
def test_settings_that_a_strange_group_may_write_are_refused(path: Path, group: int) -> None:
    write_private(path, b"x")
    os.chown(path, 0, group)
    path.chmod(0o660)
    with pytest.raises(UnfitFileError, match="chmod go-w"):
        read_settings(path)


def test_settings_in_a_folder_that_all_may_write_are_refused(path: Path) -> None:
    write_private(path, b"x")
    path.parent.chmod(0o777)
    with pytest.raises(UnfitFileError) as refused:
        read_settings(path)
    assert str(refused.value) == f"other users may write {path.parent}. Run: chmod go-w {path.parent}"


def test_settings_in_a_sticky_folder_are_read(path: Path) -> None:
    write_private(path, b"x")
    path.parent.chmod(0o1777)
    assert read_settings(path) == b"x"


def test_settings_that_others_may_read_are_read(path: Path) -> None:
    write_private(path, b"x")
    path.chmod(0o644)
    assert read_settings(path) == b"x"


def test_removing_tells_whether_there_was_a_file(path: Path) -> None:
    assert remove_file(path) is False
    write_private(path, b"x")
    assert remove_file(path) is True
    assert not path.exists()
