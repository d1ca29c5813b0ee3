"""What a signal does to the steps of a command."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.process.running import until
from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError, hearing_signals


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


async def wait_while_another_thread_is_hit() -> None:
    """Wait for ever, while a signal goes to a thread that does nothing else: Python heeds it in the main one only."""
    main = Path(f"/proc/self/task/{threading.get_native_id()}/wchan")

    def be_hit() -> None:
        until(lambda: "poll" in main.read_text(), "the loop to wait")
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    threading.Thread(target=be_hit).start()
    await asyncio.Event().wait()


def test_a_signal_wakes_a_loop_that_waits_whichever_thread_it_goes_to(work: Work) -> None:
    ended(work, wait_while_another_thread_is_hit)


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
        with hearing_signals() as signals, signals.raising():
            Hitting()

    with pytest.raises(SignalledError):
        destroy()
    assert capfd.readouterr().err == ""
