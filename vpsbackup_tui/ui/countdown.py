"""The seconds in which a delete can be taken back."""

import asyncio
import math
from collections.abc import Callable

from vpsbackup_tui.fleet.models import Id


class Countdown:
    """Counts down once, unless it is taken back."""

    def __init__(self, backup_id: Id | None) -> None:
        """Count down for the backup with this id."""
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
