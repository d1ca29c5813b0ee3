"""Write down a bug of this program without writing down anybody's data."""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import vpsbackup_tui
from vpsbackup_tui.cli.names import PROGRAM

_KNOWN_ROOTS = ("vpsbackup_tui", "textual", "asyncio")


def keep_report(error: BaseException) -> Path | None:
    """Write a report beside what else the program keeps, and return where; None where that fails."""
    from platformdirs import user_state_path  # noqa: PLC0415 - hoped to be needed never

    return write_report(error, user_state_path(PROGRAM, appauthor=False))


def write_report(error: BaseException, folder: Path) -> Path | None:
    """Write which code failed, by types and lines alone, to a new file for the owner only; None if that fails too.

    No message of an exception and no local variable is written: either may hold a token
    or a text of the service.
    """
    lines = [
        f"vpsbackup-tui {vpsbackup_tui.__version__}, Python {sys.version.split()[0]}, {sys.platform}",
        *_lines(error),
    ]
    path = folder / f"bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return None
    return path


def _lines(error: BaseException) -> Iterator[str]:
    """Yield the types and places of an error, and of those that led to it."""
    told: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in told:  # a chain may bite its own tail
        told.add(id(next_one))
        yield f"{type(next_one).__module__}.{type(next_one).__qualname__}"
        for frame in traceback.extract_tb(next_one.__traceback__, limit=-100):
            yield f"  {_shown(frame.filename)}:{frame.lineno} in {frame.name}"
        next_one = next_one.__cause__ or next_one.__context__


def _shown(filename: str) -> str:
    """Return a file's path without where it is installed, which may name a person."""
    parts = Path(filename).parts
    for root in _KNOWN_ROOTS:
        if root in parts:
            return "/".join(parts[parts.index(root) :])
    return parts[-1]
