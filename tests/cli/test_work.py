"""What a signal does to the steps of a command."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError, raising_on_signals


async def outlive_a_signal() -> None:
    """Come to an end of its own, though a signal asks for another."""
    hit()
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


async def do_nothing() -> None:
    """Do nothing."""


def hit() -> None:
    """Be hit by a signal."""
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def work() -> Work:
    settings = load_settings(environ={})
    return Work(Session(settings, Tokens(settings, {}), keep_journal=False))


def ended(work: Work, *steps: Callable[[], Any]) -> SignalledError:
    """Return how a signal ended these steps: what runs on the loop, and what happens between that."""

    def carry_out() -> None:
        with work:
            for step in steps:
                if asyncio.iscoroutinefunction(step):
                    work.run(step())
                else:
                    step()

    with pytest.raises(SignalledError) as ended:
        carry_out()
    assert ended.value.number == signal.SIGTERM
    return ended.value


def test_a_signal_that_one_step_has_outlived_ends_the_command_before_the_next(work: Work) -> None:
    assert ended(work, outlive_a_signal, do_nothing).message == "nothing more was sent"


def test_a_signal_that_the_last_step_has_outlived_ends_the_command_after_it(work: Work) -> None:
    assert ended(work, outlive_a_signal).message == ""


def test_a_signal_between_two_steps_ends_the_command_before_the_next(work: Work) -> None:
    assert ended(work, do_nothing, hit, do_nothing).message == "nothing more was sent"


def test_a_signal_that_falls_into_a_destructor_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    class Hitting:
        def __del__(self) -> None:
            hit()

    def destroy() -> None:
        with raising_on_signals():
            Hitting()

    with pytest.raises(SignalledError):
        destroy()
    assert capfd.readouterr().err == ""
