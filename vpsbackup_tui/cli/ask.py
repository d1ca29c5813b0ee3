"""Ask the person at the terminal before something is lost."""

import argparse
import os
import sys
from contextlib import suppress

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import is_terminal, mutter, note
from vpsbackup_tui.start.signals import interruptible

_MOST_TYPED = 1024
_NUMBER = 4  # bytes: of a C int
_MARK_PASTES, _MARK_NO_PASTES = "\x1b[?2004h", "\x1b[?2004l"
_PASTE = "\x1b[200~"


def can_ask(arguments: argparse.Namespace) -> bool:
    """Tell whether there is a person to ask."""
    return not arguments.no_input and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def confirm(question: str, *answers: str) -> None:
    """Ask, and raise `CommandError` unless one of `answers` is typed exactly; `question` must be clean."""
    if ask(question) not in answers:
        raise CommandError("not confirmed: nothing was changed", Exit.REFUSED)


def ask(question: str) -> str:
    """Return what is typed as an answer; what was typed before the question doesn't count, nor what is pasted.

    Nothing is typed (end of input) is an empty answer.
    """
    forget_typed_ahead()
    marks, unmarks = (_MARK_PASTES, _MARK_NO_PASTES) if os.environ.get("TERM", "dumb") != "dumb" else ("", "")
    answer = ""
    try:
        with interruptible(by_earlier=True):
            mutter(marks + question)
            answer = sys.stdin.readline(_MOST_TYPED)
    finally:
        mutter(unmarks if answer.endswith("\n") else f"{unmarks}\n")  # what is said next starts a line of its own
    if _PASTE in answer or _comes_with_more():
        forget_typed_ahead()  # the shell would take it for commands
        note("what is pasted is no answer")
        return ""
    return answer.strip()


def _comes_with_more() -> bool:
    """Tell whether another line came together with an answer, as of a paste that the terminal doesn't mark."""
    with suppress(ImportError, OSError, ValueError):
        import fcntl  # noqa: PLC0415 - not everywhere
        import termios  # noqa: PLC0415

        return any(fcntl.ioctl(sys.stdin.fileno(), termios.FIONREAD, bytes(_NUMBER)))
    return False


def forget_typed_ahead() -> None:
    """Drop what was typed before the question could be read."""
    with suppress(ImportError, OSError, ValueError):
        import termios  # noqa: PLC0415 - not everywhere

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
