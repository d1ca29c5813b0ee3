"""The lists as they were when they were last read whole, so that the next start has something to show at once.

A file of its own beside the journal, for what is asked of the two is the opposite. The
journal must never lose a word: each write of it waits for the disk, and all of it is
checked when it is opened. These rows may be lost at any time, are megabytes at 100,000
backups, and are wanted before SQLite could be loaded. So there is no fsync here; what is
torn, foreign, too large or of another version is as good as nothing; and where the
folder or the file may be written by others, nothing is read and nothing is kept.

The file is a line of fixed length with the time at which its content was last seen to be
true and the length of the file, and two compressed texts of lines: the top of the lists, which is read without the
rest, and the whole of them, one page a line, in the service's own words. A reader takes
them through the same gate as an answer of the service.
"""

import math
import os
import re
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

MOST_BYTES: Final = 64 * 1024 * 1024
"""Bytes of a text that is kept or read at the most: 250,000 backups."""
MOST_BYTES_AT_TOP: Final = 1024 * 1024
"""Bytes of the text at the top that are kept or read at the most, and of what that takes on the disk."""
_MARK: Final = b"vpsbackup-tui last seen 2 "
_HEAD: Final = re.compile(rb"vpsbackup-tui last seen 2 ([0-9]{12}\.[0-9]{3}) ([0-9]{12})\n")
_STAMP_BYTES: Final = len(_MARK) + len("000000000000.000")
_HEAD_BYTES: Final = _STAMP_BYTES + len(" 000000000000\n")
_LATEST: Final = 1e11  # Unix seconds: what a date can show, with room to spare
_QUICKEST: Final = 1  # level of compression: the others take several times as long for a third less


_Content = tuple[int, int, int]


class Seen(NamedTuple):
    """Lines that were kept: of the top and of the whole, and when (Unix seconds) they were last seen to be true."""

    top: list[bytes]
    lines: list[bytes]
    as_of: float


class SeenTop(NamedTuple):
    """Lines that were kept of the top, and when (Unix seconds) they were last seen to be true."""

    top: list[bytes]
    as_of: float


class LastSeen:
    """The file of one account's last lists; nothing in here raises, as nothing depends on it.

    May be used from several threads; of several processes, the one that writes last is right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._kept: _Content | None = None  # what this process wrote, read or confirmed last

    def read(self) -> Seen | None:
        """Return what was kept; None where there is nothing that can be used."""
        try:
            return _unpacked(*self._content(MOST_BYTES))
        except (OSError, ValueError, zlib.error):
            return None

    def read_top(self) -> SeenTop | None:
        """Return what was kept of the top, without a look at the rest; None where there is nothing that can be used."""
        try:
            return _unpacked_top(*self._content(MOST_BYTES_AT_TOP))
        except (OSError, ValueError, zlib.error):
            return None

    def keep(self, top: Iterable[bytes], lines: Iterable[bytes], as_of: float) -> None:
        """Keep the top and the whole of lists, no line of which may hold a line's end, in place of those before."""
        with self._lock, suppress(OSError, ValueError, RecursionError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_folder(self._path.parent)
            packed = _packed(top, MOST_BYTES_AT_TOP) + _packed(lines, MOST_BYTES)
            self._put(_stamp(as_of) + b" %012d\n" % (_HEAD_BYTES + len(packed)) + packed)

    def confirm(self, as_of: float) -> bool:
        """Note that what this process has kept or read last was true at `as_of`; tell whether it is still there."""
        with self._lock:
            try:
                handle = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError:
                return False
            try:
                facts = os.fstat(handle)
                _check_private(facts)
                if self._kept != _content_of(facts) or os.pwrite(handle, _stamp(as_of), 0) != _STAMP_BYTES:
                    return False
                self._kept = _content_of(os.fstat(handle))
                return True
            except (OSError, ValueError):
                return False
            finally:
                os.close(handle)

    def forget(self) -> None:
        """Remove the file, and what a kill may have left of a newer one."""
        with self._lock, suppress(OSError):
            for path in self._path.parent.iterdir():
                if path.name == self._path.name or path.name.startswith(f"{self._path.name}."):
                    path.unlink()

    def _content(self, most: int) -> tuple[bytes, int]:
        """Return no more than so many bytes of the file, and how many it has.

        Raises `OSError` or `ValueError` where there is none that can be trusted.
        """
        _check_folder(self._path.parent)
        # Not blocking: opening a FIFO that nobody writes would wait for ever.
        handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            facts = os.fstat(handle)
            _check_private(facts)
            content = file.read(most)
        self._kept = _content_of(facts)
        return content, facts.st_size

    def _put(self, content: bytes) -> None:
        """Put a file with some content in place, whole or not at all; raise `OSError`."""
        new = self._path.with_name(f"{self._path.name}.{os.urandom(4).hex()}")
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as file:
                file.write(content)
                file.flush()
                facts = os.fstat(handle)
            new.replace(self._path)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
        self._kept = _content_of(facts)


def _content_of(facts: os.stat_result) -> _Content:
    """Return what tells one content from another; the number of a file that was removed is given to a new one."""
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns


def _stamp(as_of: float) -> bytes:
    """Return the beginning of a file; raise `ValueError` for a time that no date has."""
    if not 0 <= as_of < _LATEST:
        raise ValueError("a time that no date has")
    return _MARK + b"%016.3f" % (math.floor(as_of * 1000) / 1000)


def _packed(lines: Iterable[bytes], most: int) -> bytes:
    """Return lines as one compressed text; raise `ValueError` where that is too much."""
    packer = zlib.compressobj(_QUICKEST)
    pieces, size = [], 0
    for line in lines:
        size += len(line) + 1
        if size > most:
            raise ValueError("too much to keep")
        pieces.append(packer.compress(line + b"\n"))
    return b"".join([*pieces, packer.flush()])


def _unpacked(content: bytes, size: int) -> Seen:
    """Return what a file of so many bytes holds.

    Raises `ValueError` or `zlib.error` where that is no such file, or half of one.
    """
    as_of = _time_of(content, size)
    top, rest = _text_in(memoryview(content)[_HEAD_BYTES:], MOST_BYTES_AT_TOP)
    lines, rest = _text_in(rest, MOST_BYTES)
    if rest:
        raise ValueError("more than was kept")
    return Seen(top, lines, as_of)


def _unpacked_top(content: bytes, size: int) -> SeenTop:
    """Return what the beginning of a file of so many bytes holds; raise as `_unpacked` does."""
    return SeenTop(_text_in(memoryview(content)[_HEAD_BYTES:], MOST_BYTES_AT_TOP)[0], _time_of(content, size))


def _time_of(content: bytes, size: int) -> float:
    """Return when what a file holds was last seen to be true; raise `ValueError` where that is no such file."""
    head = _HEAD.match(content)
    if head is None or int(head[2]) != size:
        raise ValueError("another file, or a part of one")
    return float(head[1])


def _text_in(packed: bytes | memoryview, most: int) -> tuple[list[bytes], bytes]:
    """Return the lines of the text that something begins with, and what comes after it; raise as `_unpacked` does."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, most)
    if not unpacker.eof or not text.endswith(b"\n"):
        raise ValueError("half of a file, or too much of one")
    return text[:-1].split(b"\n"), unpacker.unused_data


def _check_folder(folder: Path) -> None:
    """Raise `ValueError` where a folder isn't this user's, or others may write in it."""
    facts = folder.stat()
    if facts.st_uid != os.getuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("others may write in it")


def _check_private(facts: os.stat_result) -> None:
    """Raise `ValueError` where a file is none, or others may write it."""
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError("not a file of this user alone")
