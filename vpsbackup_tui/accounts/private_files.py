"""Files that nobody else may write, and files that nobody else may read."""

import os
import shlex
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vpsbackup_tui.text import clean

Check = Callable[[Path, os.stat_result], None]


class UnfitFileError(Exception):
    """The file was not used; the message names it, says why, and how to mend it."""


def read_bounded(path: Path, *, most_bytes: int, check: Check, follow: bool = True) -> bytes:
    """Return the content of a regular file that passes `check`; `follow` tells whether it may be a symbolic link.

    Raises `UnfitFileError`, or `OSError` as `open` does.
    """
    if not follow and path.is_symlink():
        raise UnfitFileError(f"{shown_path(path)} is a symbolic link; put the file itself there")
    # Not blocking: opening a FIFO that nobody writes would wait for ever.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UnfitFileError(f"{shown_path(path)} isn't a regular file")
        check(path, facts)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > most_bytes:
        raise UnfitFileError(f"{shown_path(path)} is larger than {most_bytes} bytes")
    return content


def as_given(path: Path, facts: os.stat_result) -> None:
    """Take the file as it is: a service manager made it."""


def nobody_else_writes(path: Path, facts: os.stat_result) -> None:
    """Raise `UnfitFileError` where another user could have written the file, or put it into its folder."""
    _refuse_writable(path, facts)
    folder = path.resolve().parent
    folder_facts = folder.stat()
    if not folder_facts.st_mode & stat.S_ISVTX:
        _refuse_writable(folder, folder_facts)


def nobody_else_reads(path: Path, facts: os.stat_result) -> None:
    """Raise `UnfitFileError` where the file isn't this user's, or another user may read or write it."""
    if facts.st_uid != os.geteuid():
        raise UnfitFileError(f"{shown_path(path)} belongs to another user")
    if stat.S_IMODE(facts.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnfitFileError(f"other users may read or write it. Run: chmod 600 {shlex.quote(shown_path(path))}")


def write_private(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in place, whole or not at all, in a folder of mode 0700.

    Raises `UnfitFileError` where the folder isn't this user's, `OSError` where it can't be written.
    """
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise UnfitFileError(f"{shown_path(folder)} isn't a folder of this user")
    folder.chmod(0o700)
    new = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        _write_new(new, content)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    _sync_folder(folder)


def remove_file(path: Path) -> bool:
    """Remove the file for good and tell whether there was one; raise `OSError` where it stays."""
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    _sync_folder(path.parent)
    return True


def shown_path(path: Path) -> str:
    """Return the path as clean text."""
    return clean(str(path), 1024)


def _write_new(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename or removal in the folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_writable(path: Path, facts: os.stat_result) -> None:
    if facts.st_uid not in (os.geteuid(), 0):
        raise UnfitFileError(f"{shown_path(path)} belongs to another user")
    by_group = facts.st_mode & stat.S_IWGRP and not _is_own_group(facts.st_gid)
    if by_group or facts.st_mode & stat.S_IWOTH:
        raise UnfitFileError(
            f"other users may write {shown_path(path)}. Run: chmod go-w {shlex.quote(shown_path(path))}"
        )


def _is_own_group(group_id: int) -> bool:
    """Tell whether the group is the user's private one, as Debian and Red Hat make for each user."""
    import grp  # noqa: PLC0415 - both only wanted where a group may write
    import pwd  # noqa: PLC0415

    try:
        group = grp.getgrgid(group_id)
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}
