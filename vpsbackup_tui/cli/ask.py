"""Ask the person at the terminal before something is lost."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import is_terminal, mutter, mutter_at_once, note
from vpsbackup_tui.start.signals import interruptible

_MOST_TYPED = 1024
_MOST_TAKEN = 65_536  # bytes in one go
_AT_ONCE = 0.05  # seconds in which nobody types another key behind enter
_BETWEEN_PIECES = 1.0  # seconds between two pieces of a paste
_LONGEST_PASTE = 10.0  # seconds
_MARK_PASTES, _MARK_NO_PASTES = "\x1b[?2004h", "\x1b[?2004l"
_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"


def can_ask(arguments: argparse.Namespace) -> bool:
    """Tell whether there is a person to ask."""
    return not arguments.no_input and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def confirm(question: str, *answers: str) -> None:
    """Ask, and raise `CommandError` unless one of `answers` is typed exactly; `question` must be clean."""
    if ask(question) not in answers:
        raise CommandError("not confirmed: nothing was changed", Exit.REFUSED)


def ask(question: str) -> str:
    """Return what is typed as an answer; what was typed before the question doesn't count, nor what is pasted.

    Nothing is typed (end of input, or no terminal to read any more) is an empty answer.
    """
    marks, unmarks = (_MARK_PASTES, _MARK_NO_PASTES) if os.environ.get("TERM", "dumb") != "dumb" else ("", "")
    answer = ""
    try:
        with interruptible(by_earlier=True), suppress(OSError), _asked_again_after_a_stop(marks + question, unmarks):
            forget_typed_ahead()
            mutter(marks + question)
            answer = sys.stdin.readline(_MOST_TYPED)
    finally:
        mutter(unmarks if answer.endswith("\n") else f"{unmarks}\n")  # what is said next starts a line of its own
    came = answer + _rest_of_paste(answer)
    if came != answer or _PASTE in came or _PASTE_END in came:
        note("what is pasted is no answer")
        return ""
    return answer.strip()


@contextmanager
def _asked_again_after_a_stop(question: str, unmarks: str) -> Iterator[None]:
    """Leave the terminal to the shell as it was where the command is stopped, and ask anew when it goes on."""

    def stop(number: int, frame: FrameType | None) -> None:
        mutter_at_once(unmarks)  # it may have come in the middle of a write
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, stop)
        forget_typed_ahead()
        mutter_at_once(question)

    before = signal.getsignal(signal.SIGTSTP)
    if before is not signal.SIG_DFL:  # nobody can stop it
        yield
        return
    signal.signal(signal.SIGTSTP, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _rest_of_paste(answer: str) -> str:
    """Take all that comes together with an answer: what is left of a paste the shell would take for commands.

    Of one that the terminal marks, that is all up to its end.
    """
    came = _taken(_AT_ONCE)
    waits_until = time.monotonic() + _LONGEST_PASTE
    while _PASTE in answer and _PASTE_END not in answer + came and time.monotonic() < waits_until:
        if not (more := _taken(_BETWEEN_PIECES)):
            break
        came += more
    return came


def _taken(seconds: float) -> str:
    """Take what the terminal gives, be it no whole line, until nothing has come for so many seconds."""
    came = b""
    with suppress(ImportError, OSError, ValueError, AttributeError):
        import select  # noqa: PLC0415 - for questions only
        import termios  # noqa: PLC0415 - not everywhere

        handle = sys.stdin.fileno()
        with suppress(termios.error):
            by_the_line = termios.tcgetattr(handle)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTSTP,))  # a stop would leave it so
            flags = by_the_line[3] & ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(handle, termios.TCSANOW, [*by_the_line[:3], flags, *by_the_line[4:]])
            try:
                while len(came) < _MOST_TAKEN and select.select([handle], [], [], seconds)[0]:
                    if not (piece := os.read(handle, _MOST_TAKEN)):
                        break
                    came += piece
            finally:
                termios.tcsetattr(handle, termios.TCSANOW, by_the_line)
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return came.decode(errors="replace")


def forget_typed_ahead() -> None:
    """Drop what was typed before the question could be read."""
    with suppress(ImportError, OSError, ValueError):
        import termios  # noqa: PLC0415 - not everywhere

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
