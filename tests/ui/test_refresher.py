"""When the lists are read: one reading at a time, slower while it fails, none that is out of date."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TokenRefusedError,
    TooManyRequestsError,
)
from vpsbackup_tui.api.paging import Pause, never
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.ui.reading import Reading
from vpsbackup_tui.ui.refresher import QUICK, SLOWEST, Refresher, seconds_to_next


class Shelf:
    """Lists whose answers the test gives, one by one."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[Listing[Backup]]] = []
        self.servers: ServiceError | None = None
        self.pause: Pause | None = None

    async def list_backups(
        self,
        *,
        on_page: Callable[[list[Backup], int | None], None] | None = None,
        is_enough: Callable[[], bool] = never,
        shared: bool = False,
        collected: Backups | None = None,
        pause: Pause | None = None,
    ) -> Listing[Backup]:
        self.pause = pause
        future: asyncio.Future[Listing[Backup]] = asyncio.get_running_loop().create_future()
        self.asked.append(future)
        listing = await future
        if collected is not None:
            collected.extend(listing.items)
        if on_page is not None:
            on_page(list(listing.items), listing.total)
        return replace(listing, complete=False, stopped=True) if is_enough() else listing

    async def list_servers(
        self, *, is_enough: Callable[[], bool] = never, shared: bool = False, pause: Pause | None = None
    ) -> Listing[Server]:
        if self.servers is not None:
            raise self.servers
        return Listing([], 0, complete=True)


class Desk:
    """Everything around a refresher, written down."""

    def __init__(self, usual: float = 60.0) -> None:
        self.shelf = Shelf()
        self.told: list[object] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.is_busy = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.now = 0.0
        self.refresher = Refresher(self, run=self._run, later=self._later, clock=lambda: self.now, usual=usual)

    def take_rows(self, rows: Backups, total: int | None) -> None:
        self.told.append(("rows", len(rows)))

    def take_pause(self, goes_on_at: float) -> None:
        self.told.append(f"pause to {goes_on_at:.0f}")

    def take_reading(self, reading: Reading) -> None:
        self.told.append(len(reading.fleet.backups))

    def take_stopped(self, reading: Reading) -> None:
        self.told.append(f"stopped at {len(reading.fleet.backups)}")

    def take_failure(self, error: ServiceError) -> None:
        self.told.append(error.message)

    def stop(self) -> None:
        self.timers.clear()

    async def answer(self, number: int, backups: int | ServiceError) -> None:
        future = self.shelf.asked[number]
        if isinstance(backups, ServiceError):
            future.set_exception(backups)
        else:
            items = [Backup(id=each) for each in range(backups)]
            future.set_result(Listing(items, backups, complete=True))
        await self.idle()

    async def pause(self, seconds: float) -> asyncio.Future[object]:
        """Let the service ask the reading under way to wait."""
        assert self.shelf.pause is not None
        pause = asyncio.ensure_future(self.shelf.pause(seconds))
        await self.idle()
        return pause

    async def idle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _later(self, seconds: float, act: Callable[[], None]) -> "Desk":
        self.timers.append((seconds, act))
        return self


async def test_one_reading_at_a_time() -> None:
    desk = Desk()
    for _ in range(5):
        desk.refresher.refresh(desk.shelf)
        await desk.idle()
    assert len(desk.shelf.asked) == 1
    await desk.answer(0, 3)
    assert desk.told == [("rows", 3), 3]


async def test_a_reading_that_is_out_of_date_is_dropped_and_done_again() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    desk.refresher.refresh(desk.shelf, anew=True)
    desk.refresher.refresh(desk.shelf, anew=True)
    await desk.idle()
    assert len(desk.shelf.asked) == 1
    await desk.answer(0, 3)
    assert desk.told == []
    assert len(desk.shelf.asked) == 2
    await desk.answer(1, 2)
    assert desk.told == [("rows", 2), 2]


async def test_a_reading_that_is_stopped_is_told_as_such_and_none_comes_by_itself_after_it() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    desk.refresher.stop()
    assert desk.refresher.is_stopping
    await desk.answer(0, 3)
    assert desk.told == [("rows", 3), "stopped at 3"]
    assert not desk.timers
    desk.refresher.refresh(desk.shelf)
    assert not desk.refresher.is_stopping
    await desk.idle()
    await desk.answer(1, 4)
    assert desk.told[2:] == [("rows", 4), 4]
    assert len(desk.timers) == 1


async def test_a_pause_is_told_and_over_once_its_time_is() -> None:
    desk = Desk()
    desk.now = 1000.0
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    pauses = [await desk.pause(55), await desk.pause(60)]
    assert desk.told == ["pause to 1055", "pause to 1060"]
    for pause, (seconds, wake) in zip(pauses, list(desk.timers), strict=True):
        assert not pause.done()
        wake()
        await desk.idle()
        assert pause.done()
        assert seconds in (55, 60)


async def test_a_pause_in_which_the_machine_slept_is_over_once_its_time_is() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    pauses = [await desk.pause(55), await desk.pause(60)]
    desk.now = 55.0
    desk.refresher.catch_up()
    await desk.idle()
    assert [pause.done() for pause in pauses] == [True, False]


@pytest.mark.parametrize("is_stopped", [True, False])
async def test_a_pause_is_over_once_the_rest_is_not_wanted_any_more_and_none_begins_then(is_stopped: bool) -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    pauses = [await desk.pause(55), await desk.pause(60)]
    if is_stopped:
        desk.refresher.stop()
    else:
        desk.refresher.refresh(desk.shelf, anew=True)
    await desk.idle()
    assert all(pause.done() for pause in pauses)
    assert (await desk.pause(50)).done()
    assert len(desk.told) == 2


async def test_a_reading_that_is_stopped_and_fails_all_the_same_is_not_tried_again_by_itself() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    desk.refresher.stop()
    await desk.answer(0, TooManyRequestsError("Slow down.", 429, 40.0))
    assert desk.told == ["Slow down."]
    assert not desk.timers
    assert desk.refresher.due_at is None
    desk.now = 9e9
    desk.refresher.catch_up()
    assert not desk.refresher.under_way


async def test_a_reading_that_is_out_of_date_asks_for_nothing_more_and_is_done_again() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    desk.refresher.refresh(desk.shelf, anew=True)
    desk.refresher.stop()  # a stop is for what is seen: the next reading begins
    await desk.answer(0, 3)
    assert desk.told == []
    assert len(desk.shelf.asked) == 2


async def test_a_failure_of_an_outdated_reading_is_dropped_too() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    desk.refresher.refresh(desk.shelf, anew=True)
    await desk.answer(0, TokenRefusedError("The token was refused.", 401))
    assert desk.told == []
    assert len(desk.shelf.asked) == 2


async def test_failures_are_counted_and_slow_it_down_until_one_succeeds() -> None:
    desk = Desk(usual=60)
    for number, seconds in enumerate([120, 240, SLOWEST]):
        desk.refresher.refresh(desk.shelf)
        await desk.idle()
        await desk.answer(number, NoAnswerError("Cut."))
        assert [planned for planned, _ in desk.timers] == [seconds]
    assert desk.told == ["Cut.", "Cut.", "Cut."]
    desk.timers[0][1]()
    await desk.idle()
    await desk.answer(3, 1)
    assert desk.timers[-1][0] == 60


async def test_a_refused_token_is_not_tried_again_by_itself() -> None:
    desk = Desk()
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    await desk.answer(0, TokenRefusedError("The token was refused.", 401))
    assert desk.timers == []


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (TooManyRequestsError("Slow down.", 429, 3600.0), 3600.0),
        (ServerFailedError("Down.", 503, 1000.0), 1000.0),
        (TooManyRequestsError("Slow down.", 429, 1.0), 120.0),
        (TooManyRequestsError("Slow down.", 429, None), 120.0),
    ],
)
async def test_it_reads_no_sooner_than_the_service_asks_it_to(error: ServiceError, seconds: float) -> None:
    desk = Desk(usual=60)
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    await desk.answer(0, error)
    assert [each for each, _ in desk.timers] == [seconds]


async def test_a_reading_that_is_overdue_by_the_clock_is_caught_up_with_and_no_other() -> None:
    desk = Desk(usual=60)
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    await desk.answer(0, TooManyRequestsError("Slow down.", 429, 3600.0))
    for now in (-10.0, 0.0, 3599.0):
        desk.now = now
        desk.refresher.catch_up()
        assert not desk.refresher.under_way
    desk.now = 3600.0
    desk.refresher.catch_up()
    assert desk.refresher.under_way
    await desk.idle()
    desk.refresher.catch_up()
    assert len(desk.shelf.asked) == 2
    desk.refresher.stop()
    await desk.answer(1, 1)
    desk.now = 9e9
    desk.refresher.catch_up()
    assert not desk.refresher.under_way, "none comes by itself after a stop"


async def test_a_failed_list_of_servers_waits_for_the_backups_before_it_counts() -> None:
    desk = Desk()
    desk.shelf.servers = RefusedError("Bad request.", 400)
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    assert desk.refresher.under_way
    await desk.answer(0, 1)
    assert desk.told == [("rows", 1), "Bad request."]


async def test_while_something_runs_it_reads_often() -> None:
    desk = Desk(usual=60)
    desk.is_busy = True
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    await desk.answer(0, 1)
    assert desk.timers[0][0] == QUICK


async def test_nothing_comes_by_itself_where_the_operator_wants_none() -> None:
    desk = Desk(usual=0)
    desk.is_busy = True
    desk.refresher.refresh(desk.shelf)
    await desk.idle()
    await desk.answer(0, 1)
    assert desk.timers == []


@given(
    usual=st.floats(0.1, 3600),
    busy=st.booleans(),
    failures=st.integers(0, 10_000),
    cost=st.floats(0, 1000),
)
def test_it_is_never_slower_than_agreed_nor_faster_than_kind(
    usual: float, busy: bool, failures: int, cost: float
) -> None:
    seconds = seconds_to_next(usual, busy=busy, failures=failures, cost=cost)
    assert seconds is not None
    assert min(usual, QUICK) <= seconds <= max(usual, SLOWEST)
    if failures:
        assert seconds >= usual
