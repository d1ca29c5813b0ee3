"""Keep a report of a bug that tells where it happened and holds no data: no locals, no messages, no arguments."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from platformdirs import user_state_path

import vpsbackup_tui
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.text import clean

_PACKAGE = Path(vpsbackup_tui.__file__).parent
_MOST_ERRORS = 10
_MOST_FRAMES = 100


def keep_report(error: BaseException) -> str:
    """Write a report that only its owner can read and return its path; an empty text where that fails."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = user_state_path(PROGRAM, appauthor=False) / "reports" / f"{moment}-{os.getpid()}.txt"
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(report_text(error))
        return clean(str(path), 1024)
    return ""


def report_text(error: BaseException) -> str:
    """Return the types of an error and its causes, and our own frames, with nothing that a user or a service wrote."""
    lines = [f"{PROGRAM} {vpsbackup_tui.__version__} · Python {platform.python_version()} · {platform.system()}"]
    for each in _chain(error):
        lines.append(f"{type(each).__module__}.{type(each).__qualname__}")
        lines += _frames(each.__traceback__)
    return "\n".join(lines) + "\n"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it."""
    for _ in range(_MOST_ERRORS):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Yield where an error passed through this program's own code; other code is only counted."""
    elsewhere = 0
    for _ in range(_MOST_FRAMES):
        if trace is None:
            break
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(_PACKAGE):
            yield f"  {path.relative_to(_PACKAGE)}:{trace.tb_lineno} {code.co_qualname}"
        else:
            elsewhere += 1
        trace = trace.tb_next
    if elsewhere:
        yield f"  and {elsewhere} frames of other code"
