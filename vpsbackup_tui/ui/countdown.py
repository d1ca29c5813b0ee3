"""The time in which a change that was confirmed can be taken back."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any

from vpsbackup_tui.fleet.models import Id

_SECOND = 1.0


class Countdown:
    """Counts down once, or waits for something else, unless it is taken back."""

    def __init__(self, what: str, backup_id: Id | None = None) -> None:
        """Count down for a change in words, for the delete of the backup with this id, if it is one."""
        self.what = what
        self.backup_id = backup_id
        self._taken_back = asyncio.Event()

    def take_back(self) -> None:
        """End it: what it counts down to doesn't happen."""
        self._taken_back.set()

    async def run(self, seconds: float, tell: Callable[[int], None]) -> bool:
        """Wait, and tell each second how many whole ones are left; return whether it wasn't taken back."""
        left = seconds
        while left > 0:
            tell(math.ceil(left))
            step = left - math.ceil(left) + 1
            try:
                async with asyncio.timeout(step):
                    await self._taken_back.wait()
            except TimeoutError:
                left -= step
            else:
                return False
        return not self._taken_back.is_set()

    async def until(self, known: Coroutine[Any, Any, None], tell: Callable[[], object]) -> bool:
        """Wait for what must be known first, and tell each second that it isn't; return whether it wasn't taken back.

        Where it is, `known` is cancelled; what that raises before is raised.
        """
        waiting, taken_back = asyncio.ensure_future(known), asyncio.ensure_future(self._taken_back.wait())
        try:
            while not (waiting.done() or taken_back.done()):
                tell()
                await asyncio.wait([waiting, taken_back], timeout=_SECOND, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                waiting.result()
        finally:
            waiting.cancel()
            taken_back.cancel()
        return not self._taken_back.is_set()
