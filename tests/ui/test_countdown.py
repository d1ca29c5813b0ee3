"""The seconds in which a delete can be taken back."""

import asyncio

import pytest

from vpsbackup_tui.ui.countdown import Countdown

# So short that it is over in the turn of the loop in which it begins.
AN_INSTANT = 2.0**-30


async def in_a_moment() -> None:
    """Learn something in the next turn of the loop."""
    await asyncio.sleep(0)


@pytest.mark.parametrize("seconds", [AN_INSTANT, 1e-7])  # the second one is no sum of powers of two
async def test_it_runs_out_unless_it_is_taken_back(seconds: float) -> None:
    told: list[int] = []
    assert await Countdown("it").run(seconds, told.append)
    assert told == [1]


@pytest.mark.parametrize("seconds", [0.0, AN_INSTANT, 5.0])
async def test_what_is_taken_back_before_it_begins_does_not_happen(seconds: float) -> None:
    countdown = Countdown("it")
    countdown.take_back()
    assert not await countdown.run(seconds, lambda _left: None)


async def test_what_it_waits_for_lets_it_go_on() -> None:
    told: list[str] = []
    assert await Countdown("it").until(in_a_moment, lambda: told.append("waiting"))
    assert told == ["waiting"]


async def test_what_is_taken_back_does_not_go_on_though_what_it_waits_for_has_come() -> None:
    countdown, loop = Countdown("it"), asyncio.get_running_loop()
    assert not await countdown.until(in_a_moment, lambda: loop.call_soon(countdown.take_back) and None)


async def test_a_bug_in_what_it_waits_for_is_none_of_nothing() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Countdown("it").until(fail, lambda: None)


async def test_what_is_taken_back_as_the_time_runs_out_does_not_happen() -> None:
    countdown, loop = Countdown("it"), asyncio.get_running_loop()

    def take_back_soon(_left: int) -> None:
        loop.call_soon(countdown.take_back)

    assert not await countdown.run(AN_INSTANT, take_back_soon)


async def test_it_begins_anew_after_a_time_in_which_nobody_could_take_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, stood_still, told = asyncio.get_running_loop(), 0.0, list[int]()
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + stood_still)
    countdown = Countdown("it")
    running = asyncio.create_task(countdown.run(5.0, told.append))
    while len(told) < 2:
        await asyncio.sleep(0)
        stood_still = 8.0
    countdown.take_back()
    assert not await running
    assert told == [5, 5]


async def test_what_was_learned_before_a_standstill_is_learned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, stood_still, learned = asyncio.get_running_loop(), 0.0, 0
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + stood_still)

    async def learn() -> None:
        nonlocal stood_still, learned
        await asyncio.sleep(0)
        learned += 1
        stood_still += 8.0 if learned == 1 else 0.0

    assert await Countdown("it").until(learn, lambda: None)
    assert learned == 2
