"""Ask the person at the terminal before something is lost."""

import argparse
import sys
from contextlib import suppress

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import is_terminal, mutter
from vpsbackup_tui.start.signals import interruptible

_MOST_TYPED = 1024


def can_ask(arguments: argparse.Namespace) -> bool:
    """Tell whether there is a person to ask."""
    return not arguments.no_input and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def confirm(question: str, *answers: str) -> None:
    """Ask, and raise `CommandError` unless one of `answers` is typed exactly; `question` must be clean."""
    if ask(question) not in answers:
        raise CommandError("not confirmed: nothing was changed", Exit.REFUSED)


def ask(question: str) -> str:
    """Return what is typed as an answer; what was typed before the question doesn't count.

    Nothing is typed (end of input) is an empty answer.
    """
    forget_typed_ahead()
    answer = ""
    try:
        with interruptible(by_earlier=True):
            mutter(question)
            answer = sys.stdin.readline(_MOST_TYPED)
    finally:
        if not answer.endswith("\n"):  # what is said next starts a line of its own
            mutter("\n")
    return answer.strip()


def forget_typed_ahead() -> None:
    """Drop what was typed before the question could be read."""
    with suppress(ImportError, OSError, ValueError):
        import termios  # noqa: PLC0415 - not everywhere

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
