"""Write down a bug of this program without writing down anybody's data."""

import os
import sys
import time
import traceback
from pathlib import Path

import vpsbackup_tui


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


def _lines(error: BaseException | None) -> list[str]:
    found: list[str] = []
    while error is not None:
        found.append(f"{type(error).__module__}.{type(error).__qualname__}")
        for frame in traceback.extract_tb(error.__traceback__):
            found.append(f"  {_shown(frame.filename)}:{frame.lineno} in {frame.name}")
        error = error.__cause__ or error.__context__
    return found


def _shown(filename: str) -> str:
    """Return a file's path without where it is installed, which may name a person."""
    parts = Path(filename).parts
    for root in ("vpsbackup_tui", "textual", "asyncio"):
        if root in parts:
            return "/".join(parts[parts.index(root) :])
    return parts[-1]
