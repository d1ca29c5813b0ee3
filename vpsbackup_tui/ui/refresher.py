"""When to read the lists: one reading at a time, none that is out of date, slower while it fails."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from math import inf
from typing import Any, Protocol

from vpsbackup_tui.api.errors import ServerFailedError, ServiceError, TokenRefusedError, TooManyRequestsError
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.ui.reading import Lists, Reading, ReadingBugError, read_lists

QUICK = 3.0
"""Seconds between two readings while something runs."""
SLOWEST = 300.0
"""Seconds between two readings at the most, while they fail."""
_DOUBLINGS = 20  # more would not fit a number, after a night without the service
_SHARE = 5.0  # while something runs, a list that takes a second to read is read every fifth, or as often as usual


class Timer(Protocol):
    """Something that happens later, unless it is stopped."""

    def stop(self) -> None:
        """Let it not happen."""
        ...


class Audience(Protocol):
    """Who is told what the readings bring."""

    @property
    def is_busy(self) -> bool:
        """Tell whether something runs that will change the lists."""
        ...

    def take_rows(self, rows: Backups, total: int | None) -> None:
        """Take the rows that a reading has brought so far, and the service's count."""

    def take_pause(self, goes_on_at: float) -> None:
        """Take that the service wants no further page to be asked for before `goes_on_at` (Unix seconds)."""

    def take_reading(self, reading: Reading) -> None:
        """Take what a reading has brought."""

    def take_stopped(self, reading: Reading) -> None:
        """Take what a reading had brought when it was stopped; none comes by itself after it."""

    def take_failure(self, error: ServiceError) -> None:
        """Take that a reading has failed."""


class Refresher:
    """Reads the lists for one audience; a reading is never cancelled, but its answer may be dropped.

    `run` runs a coroutine beside everything else, `later` calls something in so many
    seconds, `clock` gives Unix seconds, and `usual` is how many seconds lie between two
    readings (0: none comes by itself).
    """

    def __init__(
        self,
        audience: Audience,
        *,
        run: Callable[[Coroutine[Any, Any, None]], object],
        later: Callable[[float, Callable[[], None]], Timer],
        clock: Callable[[], float],
        usual: float,
    ) -> None:
        self._audience = audience
        self._run = run
        self._later = later
        self._clock = clock
        self._usual = usual
        self._lists: Lists | None = None
        self._begun = 0
        self._outdated = 0  # readings up to this number began before something that changed the lists
        self._stopped = 0  # readings up to this number need not go on
        self._failures = 0
        self._cost = 0.0  # seconds that the last reading took
        self._next: Timer | None = None
        self._pauses: dict[asyncio.Event, float] = {}  # what is set once a pause is over, and when it should be
        self.under_way = False
        """Whether a reading is under way."""
        self.due_at: float | None = None
        """When the next reading comes by itself (Unix seconds); None where none does."""
        self.began_at = 0.0
        """When the last reading began, by the monotonic clock."""

    @property
    def is_stopping(self) -> bool:
        """Tell whether the reading under way asks for nothing more."""
        return self.under_way and self._begun <= self._stopped

    def refresh(self, lists: Lists, *, anew: bool = False) -> None:
        """Read the lists now; `anew` tells that what is being read at the moment is out of date already."""
        self._lists = lists
        if anew:
            self._outdated = self._begun
            self._end_pauses()
        if not self.under_way:
            self._begin(lists)

    def stop(self) -> None:
        """Let the reading under way ask for nothing more; what it has asked for is waited for."""
        self._stopped = self._begun
        self._end_pauses()

    def rest(self) -> None:
        """Read no more until `refresh` is called."""
        if self._next is not None:
            self._next.stop()
            self._next = self.due_at = None

    def catch_up(self) -> None:
        """Read on, or anew, where that should have come by itself: timers stand still while the machine sleeps."""
        self._end_pauses(self._clock())
        if self.due_at is not None and self._clock() >= self.due_at:
            self._again()

    def _begin(self, lists: Lists) -> None:
        self.rest()
        self._begun += 1
        self.under_way = True
        self._run(self._read(lists, self._begun))

    async def _read(self, lists: Lists, number: int) -> None:
        """Read the lists, and tell what came unless it is out of date."""

        def hand_on(rows: Backups, total: int | None) -> None:
            if number > self._outdated:
                self._audience.take_rows(rows, total)

        def is_enough() -> bool:
            return number <= max(self._stopped, self._outdated)

        async def pause(seconds: float) -> None:
            if not is_enough():
                await self._pause(seconds)

        self.began_at = time.monotonic()
        result: Reading | ServiceError
        try:
            result = await read_lists(lists, hand_on, is_enough, pause)
        except ServiceError as error:
            result = error
        except Exception as error:  # a bug of ours: what is shown stays of use, in the middle of a fire most of all
            result = ReadingBugError(error)
        self.under_way = False
        self._cost = time.monotonic() - self.began_at
        if number <= self._outdated:
            self._again()
        elif isinstance(result, ServiceError):
            self._failures += 1
            if number > self._stopped:
                self._plan(result)
            self._audience.take_failure(result)
        elif result.stopped:
            self._audience.take_stopped(result)
        else:
            self._failures = 0
            self._audience.take_reading(result)
            self._plan(None)

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until the reading is not wanted any more."""
        is_over, goes_on_at = asyncio.Event(), self._clock() + seconds
        self._pauses[is_over] = goes_on_at
        timer = self._later(seconds, is_over.set)
        self._audience.take_pause(goes_on_at)
        try:
            await is_over.wait()
        finally:
            del self._pauses[is_over]
            timer.stop()

    def _end_pauses(self, due: float = inf) -> None:
        """End the pauses that should be over at some time (Unix seconds), or all."""
        for is_over, goes_on_at in self._pauses.items():
            if goes_on_at <= due:
                is_over.set()

    def _plan(self, error: ServiceError | None) -> None:
        """Set the time of the next reading, not before the service wants one; a refused token isn't tried again."""
        seconds = seconds_to_next(self._usual, busy=self._audience.is_busy, failures=self._failures, cost=self._cost)
        if seconds is not None and not isinstance(error, TokenRefusedError):
            wait = max(seconds, asked_wait(error))
            self.due_at = self._clock() + wait
            self._next = self._later(wait, self._again)

    def _again(self) -> None:
        if self._lists is not None and not self.under_way:
            self._begin(self._lists)


def asked_wait(error: ServiceError | None) -> float:
    """Return how many seconds the service asks to wait before the next reading; 0 where it names no time."""
    asked = error.retry_after if isinstance(error, TooManyRequestsError | ServerFailedError) else None
    return asked or 0.0


def seconds_to_next(usual: float, *, busy: bool, failures: int, cost: float = 0.0) -> float | None:
    """Return after how many seconds to read again; None for never by itself (`usual` is 0).

    `cost` is how many seconds a reading takes: a list of many pages is read less often.
    """
    if usual <= 0:
        return None
    if failures:
        return max(usual, min(SLOWEST, usual * 2.0 ** min(failures, _DOUBLINGS)))
    return min(max(QUICK, _SHARE * cost), usual) if busy else usual
