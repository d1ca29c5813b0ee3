"""The time in which changes that were confirmed can be taken back."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from vpsbackup_tui.fleet.models import Id

_SECOND = 1.0
_STANDSTILL = 1.0  # seconds by which no wait is late where the program runs


class Countdown:
    """Counts down once, or waits for something else, unless it is taken back."""

    def __init__(self, what: str, backup_id: Id | None = None) -> None:
        """Count down for a change in words, for the delete of the backup with this id, if it is one."""
        self.what = what
        self.backup_id = backup_id
        self.is_told = False
        """Whether the operator was told that it can be taken back."""
        self._taken_back = asyncio.Event()

    def take_back(self) -> None:
        """End it: what it counts down to doesn't happen."""
        self._taken_back.set()

    async def run(self, seconds: float, tell: Callable[[int], None]) -> bool:
        """Wait, and tell each second how many whole ones are left; return whether it wasn't taken back.

        It begins anew where time has passed in which nobody could do that, as while the program was stopped.
        """
        clock, left = asyncio.get_running_loop().time, seconds
        while left > 0:
            tell(math.ceil(left))
            step, before = left - (math.ceil(left) - 1), clock()
            try:
                async with asyncio.timeout(step):
                    await self._taken_back.wait()
            except TimeoutError:
                left = left - step if clock() - before < step + _STANDSTILL else seconds
            else:
                return False
        return not self._taken_back.is_set()

    async def until(self, learn: Callable[[], Coroutine[Any, Any, None]], tell: Callable[[], object]) -> bool:
        """Wait for what must be known first, and tell each second that it isn't; return whether it wasn't taken back.

        Where it is, `learn` is cancelled; what that raises before is raised. It begins anew where time
        has passed in which nobody could take it back: what was learned before that may not be so any more.
        """
        clock, taken_back = asyncio.get_running_loop().time, asyncio.ensure_future(self._taken_back.wait())
        waiting = asyncio.ensure_future(learn())
        try:
            while not (waiting.done() or taken_back.done()):
                tell()
                before = clock()
                await asyncio.wait([waiting, taken_back], timeout=_SECOND, return_when=asyncio.FIRST_COMPLETED)
                if clock() - before > _SECOND + _STANDSTILL:
                    waiting.cancel()
                    waiting = asyncio.ensure_future(learn())
            if waiting.done():
                waiting.result()
        finally:
            waiting.cancel()
            taken_back.cancel()
        return not self._taken_back.is_set()


class Countdowns:
    """All that counts down, or waits, at the moment; the one that began last is the next to be taken back."""

    def __init__(self, changed: Callable[[], object]) -> None:
        """Begin with none; `changed` is told each time that there are more, or fewer."""
        self._changed = changed
        self._running: list[Countdown] = []

    def __len__(self) -> int:
        return len(self._running)

    @property
    def backup_ids(self) -> set[Id | None]:
        """Return the ids of the backups that are about to be deleted."""
        return {countdown.backup_id for countdown in self._running if countdown.backup_id is not None}

    @contextmanager
    def begin(self, what: str, backup_id: Id | None = None) -> Iterator[Countdown]:
        """Let a change be taken back; `what` it is, in words."""
        countdown = Countdown(what, backup_id)
        self._running.append(countdown)
        self._changed()
        try:
            yield countdown
        finally:
            if countdown in self._running:
                self._running.remove(countdown)
                self._changed()

    def is_next(self, countdown: Countdown) -> bool:
        """Tell whether this is the one that would be taken back now."""
        return self._running[-1:] == [countdown]

    def take_back(self) -> None:
        """Take back the one that began last."""
        self._running.pop().take_back()
        self._changed()

    def take_back_all(self) -> list[str]:
        """Take back all, and return in words what they were."""
        taken_back, self._running = self._running, []
        for countdown in taken_back:
            countdown.take_back()
        self._changed()
        return [countdown.what for countdown in taken_back]
