"""How many pages of a list are asked for at once: few at first, more while the service keeps up. Pure."""

from math import inf
from typing import Final

AT_ONCE: Final = 6
"""Pages under way at first: as many as a browser asks one server for."""
MOST_AT_ONCE: Final = 8
"""Pages under way at most, in a long list: no limit of the service is known, so this stays with what is usual."""
_SLACK: Final = 0.05  # seconds: what takes so little longer than the quickest isn't slow


class Window:
    """Counts how many pages may be under way, by how long those took that came."""

    def __init__(self) -> None:
        """Begin with a few."""
        self.size = AT_ONCE
        self._quickest = inf
        self._in_time = 0

    def came(self, seconds: float) -> None:
        """Count a page: one more may be under way after a whole window in time, one less after a slow one."""
        self._quickest = min(self._quickest, seconds)
        if seconds > 2 * self._quickest + _SLACK:
            self.size, self._in_time = max(AT_ONCE, self.size - 1), 0
            return
        self._in_time += 1
        if self._in_time >= self.size:
            self.size, self._in_time = min(MOST_AT_ONCE, self.size + 1), 0
