"""Print: data to standard output, talk to standard error, neither with anything that could act on a terminal."""

import argparse
import errno
import io
import os
import signal
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, TextIO

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.start.signals import interruptible

_FORMULA: Final = ("=", "+", "-", "@")
_MOMENT: Final = 1.0  # seconds
_RESET: Final = "\033[0m"
COLOURS: Final = {"good": "\033[32m", "busy": "\033[33m", "bad": "\033[31m", "head": "\033[1m", "dim": "\033[2m"}


def say(text: str) -> None:
    """Print a line of data for people; `text` must be clean."""
    _write(text + "\n")


def note(text: str) -> bool:
    """Say something on standard error, and tell whether it could be; `text` must be clean, line breaks are ours."""
    with interruptible():  # whoever reads it may take nothing for ever
        return mutter(f"{PROGRAM}: {text}\n")


def mutter(text: str) -> bool:
    """Write to standard error as it is, and tell whether that was possible: nobody to talk to is no reason to fail."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
            return True
        except (OSError, ValueError):
            _lead_nowhere(sys.stderr)  # else Python fails at the end with what is left in the buffer
    return False


def mutter_at_once(text: str) -> None:
    """Write to standard error as it is, from a signal's handler, which may have come in the middle of a write there."""
    with suppress(OSError, ValueError, AttributeError):
        below = getattr(sys.stderr.buffer, "raw", sys.stderr.buffer)  # which is all there is with PYTHONUNBUFFERED
        below.write(text.encode(sys.stderr.encoding, "replace"))


def print_json(value: Any) -> None:
    """Print JSON in ASCII, so that no value can act on a terminal; indented where a person looks."""
    import json  # noqa: PLC0415 - 3 ms that `--help` doesn't need

    indent = 2 if is_terminal(sys.stdout) else None
    _write(json.dumps(value, indent=indent) + "\n")


def print_results(results: Sequence[Any], **facts: Any) -> None:
    """Print a list as the JSON object that scripts rely on: `count`, what else is known of it, `results`."""
    print_json({"count": len(results), **facts, "results": list(results)})


def print_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print CSV made for spreadsheets: a text that would start a formula gets a `'` before it."""
    import csv  # noqa: PLC0415 - as above

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    _write(text.getvalue())


def flush() -> None:
    """Hand all that was printed to whoever reads it; raise `CommandError` where that fails."""
    _write("")


@contextmanager
def for_a_moment() -> Iterator[None]:
    """Let what is written wait for its reader for a moment only: to the writer the rest is trouble with the output."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(errno.ETIMEDOUT, "nobody reads it")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _MOMENT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def hand_over() -> None:
    """Hand all that was printed to a reader that takes it in a moment; what isn't taken goes nowhere.

    Python would wait for the reader at its end, or fail there.
    """
    try:
        with for_a_moment():
            sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        fall_silent()


def _write(text: str) -> None:
    """Write to standard output; `BrokenPipeError` means that its reader has seen enough, or has gone."""
    if sys.stdout is None:
        fall_silent()
        raise CommandError("there is no standard output to print to", Exit.FAILED)
    try:
        with interruptible():
            sys.stdout.write(text)
            if not text or is_terminal(sys.stdout):
                sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno == errno.EIO and _is_device(sys.stdout):  # a terminal that has hung up
            raise BrokenPipeError from error
        fall_silent()
        raise CommandError(f"the output could not be written: {error.strerror}", Exit.FAILED) from error


def _inert(cell: Any) -> Any:
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def painted(text: str, colour: str, *, on: bool) -> str:
    """Return `text` in a colour of `COLOURS`, if colours are on."""
    return f"{COLOURS[colour]}{text}{_RESET}" if on and colour and text.strip() else text


def wants_colour(arguments: argparse.Namespace) -> bool:
    """Tell whether standard output may be coloured."""
    refused = arguments.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return not refused and is_terminal(sys.stdout)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person looks at the stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _is_device(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal or was one: of one that has gone `isatty` says no."""
    return stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)


def fall_silent() -> None:
    """Send what is still to be printed nowhere: the reader of standard output has gone, or there was none."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
    else:
        _lead_nowhere(sys.stdout)


def _lead_nowhere(stream: TextIO) -> None:
    """Send what is in the buffer of a stream, and what is still to come, nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
