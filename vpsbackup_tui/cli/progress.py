"""Show on standard error that long work goes on, where a person looks at it."""

import asyncio
import os
import shutil
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from vpsbackup_tui.cli.output import is_terminal, mutter
from vpsbackup_tui.cli.table import cut
from vpsbackup_tui.fleet.formats import span_text

_CLEAR_LINE = "\r\033[K"
_PAUSE = 0.5
"""Seconds before the first line, so that quick work shows nothing, and between two lines."""


class Progress:
    """An async context manager that keeps one line of progress: `words` (clean, may be changed) and the time gone."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.is_shown = is_terminal(sys.stderr) and os.environ.get("TERM", "dumb") != "dumb"
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self.is_shown:
            self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _tick(self) -> None:
        start = time.monotonic()
        drawn = False
        try:
            while True:
                await asyncio.sleep(_PAUSE)
                mutter(_CLEAR_LINE + self._line(time.monotonic() - start))
                drawn = True
        finally:
            if drawn:
                mutter(_CLEAR_LINE)

    def _line(self, seconds: float) -> str:
        """Return the line, cut to the terminal: one that wrapped could not be taken back."""
        gone = f" · {span_text(seconds)}"
        return cut(self.words, max(1, shutil.get_terminal_size().columns - 1 - len(gone))) + gone
