"""The command without a verb: the screen."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.cli.opening import session_of
from vpsbackup_tui.cli.output import fall_silent, flush, is_terminal, note
from vpsbackup_tui.start.signals import holding_signals

# Others can press keys, write logs with everything typed, or take pictures.
_HARMLESS = frozenset({"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM"})
# Textual draws at most so often a second, and what a key does in two steps waits for the second frame. A terminal
# that doesn't keep up is waited for anyway (`ui/terminal/pace.py`).
_FRAMES = {"TEXTUAL_FPS": "1000"}


def open_screen(arguments: argparse.Namespace) -> int:
    """Open the screen and return its exit code; raise `CommandError` where there is no terminal for it."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise CommandError(f"the screen needs a terminal; in a script use `{PROGRAM} list`", Exit.USAGE)
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        raise CommandError(f"this terminal (TERM) can't show the screen; use `{PROGRAM} list`", Exit.USAGE)
    for name in [name for name in os.environ if name.startswith("TEXTUAL") and name not in _HARMLESS]:
        del os.environ[name]
    if arguments.no_color:
        os.environ["NO_COLOR"] = "1"
    with session_of(arguments) as session:
        with holding_signals():
            from vpsbackup_tui.ui import early_frame  # noqa: PLC0415 - only the screen pays for it

        early = early_frame.draw(session, os.environ, sys.stdout.encoding, demo=arguments.demo)
        # Textual reads its variables when it is imported, and takes longer than any verb does.
        with holding_signals(), _environment(_FRAMES):
            if session.kept_lists is not None:
                session.kept_lists.begin_reading()  # in a thread, which hears no signals then
            from vpsbackup_tui.ui.app import run_screen  # noqa: PLC0415

        try:
            code = run_screen(session, demo=arguments.demo, report=_keep_report, early=early, tell=note)
        except ConfigError as error:
            raise CommandError(error.message, Exit.USAGE) from error
    try:
        flush()
    except BrokenPipeError:  # the terminal has gone after the screen has ended, whose code stays what it is
        fall_silent()
    return code


def _keep_report(error: BaseException) -> Path | None:
    from vpsbackup_tui.cli.report import keep_report  # noqa: PLC0415 - hoped to be needed never

    return keep_report(error)


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """Set some variables for a while; no other program that is started later gets them."""
    os.environ.update(more)
    try:
        yield
    finally:
        for name in more:
            del os.environ[name]
