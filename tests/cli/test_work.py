"""What a signal does to the steps of a command."""

import asyncio
import os
import signal
from contextlib import suppress

import pytest

from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError


async def outlive_a_signal() -> None:
    """Come to an end of its own, though a signal asks for another."""
    os.kill(os.getpid(), signal.SIGTERM)
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


async def do_nothing() -> None:
    """Do nothing."""


def test_a_signal_that_one_step_has_outlived_ends_the_command_before_the_next() -> None:
    settings = load_settings(environ={})
    with Work(Session(settings, Tokens(settings, {}), keep_journal=False)) as work:
        work.run(outlive_a_signal())
        with pytest.raises(SignalledError) as ended:
            work.run(do_nothing())
        assert ended.value.number == signal.SIGTERM
