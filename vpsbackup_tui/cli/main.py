"""Run one command from its arguments to its exit code: the edge of the process."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from vpsbackup_tui.cli.exits import CommandError, Exit, signal_code
from vpsbackup_tui.cli.output import fall_silent, flush, for_a_moment, hand_over, note
from vpsbackup_tui.cli.parser import parse
from vpsbackup_tui.cli.verbs import VERBS
from vpsbackup_tui.secret import Token, UnsoundTokenError
from vpsbackup_tui.start import garbage, skeleton
from vpsbackup_tui.start.signals import SignalledError, hearing_signals, holding_signals

_PRIVATE = 0o077
_SCREEN = ("screen", "open_screen")
_HOMES = {verb.name: verb.home for verb in VERBS}


def run(argv: list[str]) -> int:
    """Carry out one command line and return its exit code; what went wrong is said on standard error."""
    os.umask(_PRIVATE)
    _never_fail_to_encode()
    try:
        with hearing_signals() as signals:
            try:
                with signals.raising(), _knowing_the_token():
                    return _run(argv)
            except SignalledError as ended:  # a further one takes nothing of the words for this one
                return _signalled(ended)
    except BrokenPipeError:  # the reader has seen enough, as in `list | head`
        fall_silent()
        return signal_code(signal.SIGPIPE)
    except (KeyboardInterrupt, SystemExit):  # `__main__` and Python know them
        raise
    except BaseException as error:  # the edge: nothing may leave as a traceback, which could show a token
        from vpsbackup_tui.cli.bug import tell_bug  # noqa: PLC0415 - hoped to be needed never

        return tell_bug(error)


@contextmanager
def _knowing_the_token() -> Iterator[None]:
    """Know the token of the environment from the first word on, so that none that is said repeats it."""
    try:
        token = Token(os.environ.get("VPS_API_TOKEN", ""))
    except UnsoundTokenError:
        token = None
    yield
    del token  # which had to live until now: `secret` hides the tokens that are in use


def _run(argv: list[str]) -> int:
    """Carry out one command; only signals, bugs and trouble with standard output leave as exceptions."""
    try:
        with skeleton.attended():  # what is to be said is said on the terminal as it was
            try:
                arguments = parse(argv)
                code = _code_of(arguments.verb)(arguments)
            except SystemExit as end:  # `--help` and `--version`
                code = end.code if isinstance(end.code, int) else Exit.DONE
        flush()
        return code
    except CommandError as error:
        note(error.message)
        return error.code


def _code_of(verb: str | None) -> Callable[[argparse.Namespace], int]:
    """Import the code of a verb, the screen's where there is none, and return it."""
    from vpsbackup_tui.accounts.hardening import harden_process  # noqa: PLC0415 - `--help` has nothing to hide

    harden_process()
    module, function = _SCREEN if verb is None else _HOMES[verb]
    with holding_signals():
        code: Callable[[argparse.Namespace], int] = getattr(import_module(f"vpsbackup_tui.cli.{module}"), function)
    if verb is not None:
        garbage.collect_again()
    return code


def _never_fail_to_encode() -> None:
    """Print what the terminal's encoding lacks as `?`."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _signalled(ended: SignalledError) -> int:
    """Say that a signal ended the command, and what became of its changes, be it that another one came after that."""
    number, message = ended.number, ended.message
    earlier: BaseException | None = ended
    while earlier is not None:
        if isinstance(earlier, SignalledError):
            number, message = earlier.number, message or earlier.message
        earlier = earlier.__context__
    with for_a_moment():
        note(f"stopped by {signal.Signals(number).name}" + (f"\n{message}" if message else ""))
    hand_over()
    return signal_code(number)
