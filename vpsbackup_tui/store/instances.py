"""Which instances of this program use a journal.

Each holds a lock on a file of its own for as long as it lives: one whose lock is free has
ended, however that was. One at a time opens the journal itself.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from vpsbackup_tui.store.errors import JournalError

_OPENING = ".opening"  # what the lock is called under which a journal is opened


def lock_path(path: Path, owner: str) -> Path:
    """Return the file that an instance which uses the journal at `path` holds locked."""
    return path.with_name(f"{path.stem}.{owner}.lock")


def is_alive(path: Path, owner: str) -> bool:
    """Tell whether the instance that wrote an entry still runs."""
    try:
        handle = os.open(lock_path(path, owner), os.O_RDONLY | os.O_NOFOLLOW)
    except (FileNotFoundError, ValueError):  # or there is no such name: a file that others have written in
        return False
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # mostly because another one holds it; where that can't be known, nothing of it is taken over
        return True
    finally:
        os.close(handle)
    return False


def hold(path: Path) -> int:
    """Lock a new file for as long as this process lives; return its descriptor."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        path.unlink()
        raise
    return handle


class Opening:
    """The lock under which a journal is opened; it stays, and tells that one was made here, whatever became of that."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @property
    def was_made(self) -> bool:
        """Tell whether a journal was made here before."""
        return os.fstat(self._handle).st_size > 0

    def note_made(self) -> None:
        """Note that there is one now."""
        if not self.was_made:
            os.pwrite(self._handle, b"A journal was made here.\n", 0)


@contextmanager
def alone(path: Path, seconds: float) -> Iterator[Opening]:
    """Keep other instances from opening a journal; raise `JournalError` where one does so for longer than that."""
    try:
        handle = _opened(path.with_suffix(_OPENING))
    except JournalError as error:
        raise JournalError(f"The journal {path.name} can't be opened: its lock {error.message}") from error
    latest = monotonic() + seconds
    try:
        while not _is_locked(handle):
            if monotonic() > latest:
                raise JournalError(f"The journal {path.name} can't be opened: another instance is opening it.")
            sleep(0.01)
        yield Opening(handle)
    finally:
        os.close(handle)


def mark_of(path: Path) -> Path | None:
    """Return the file that tells that a journal was made at `path`; None where none was, as far as can be seen."""
    mark = path.with_suffix(_OPENING)
    try:
        return mark if mark.stat().st_size else None
    except OSError:
        return None


def _opened(path: Path) -> int:
    """Return the descriptor of a lock, made where there is none; raise `JournalError` where that can't be."""
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise JournalError(f"{path.name} is no plain file: remove that.") from error
        raise JournalError(f"{path.name} can't be opened: {error.strerror}.") from error


def _is_locked(handle: int) -> bool:
    """Take the lock of a file, and tell whether it could be taken."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
