"""The way to a terminal that may be slow, stand still or go away: nobody who writes waits for it."""

import os
import select
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import TextIO

_MOST_HELD = 1 << 18
"""Bytes that are kept for a terminal that doesn't take them; more is worth less than drawing anew."""


class TerminalOutput:
    """Looks like a text file to a driver; a thread of its own hands on what is written.

    Where too much is held back all of it is dropped, and `on_gap` is called once the
    terminal takes text again; `on_lost` is called when it has gone. Both are called from
    the thread, which ends with the process: a write to a terminal that stands still
    can't be ended otherwise.
    """

    def __init__(self, file: TextIO, *, on_gap: Callable[[], object], on_lost: Callable[[], object]) -> None:
        self._descriptor = file.fileno()
        self._encoding = file.encoding
        self._on_gap = on_gap
        self._on_lost = on_lost
        self._on_through: list[Callable[[], object]] = []
        self._pieces: deque[bytes] = deque()
        self._changed = Condition()
        self._is_writing = self._has_gap = self._is_lost = False
        self._thread: Thread | None = None

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Tell that this is a terminal."""
        return True

    def flush(self) -> None:
        """Do nothing: all that is written is on its way."""

    def write(self, text: str) -> int:
        """Take text and return at once."""
        with self._changed:
            if self._thread is None:
                self._thread = Thread(target=self._hand_on, daemon=True, name="terminal-output")
                self._thread.start()
            if sum(map(len, self._pieces)) > _MOST_HELD:
                self._pieces.clear()
                self._has_gap = True
            if not self._is_lost:
                self._pieces.append(text.encode(self._encoding, "replace"))
            self._changed.notify_all()
        return len(text)

    @property
    def is_behind(self) -> bool:
        """Tell whether some of what was written waits for the terminal, not only for the thread."""
        with self._changed:
            is_through = self._is_through()
        return not is_through and not select.select([], [self._descriptor], [], 0)[1]

    def when_through(self, call: Callable[[], object]) -> None:
        """Call once the terminal has taken everything: at once, or later from the thread, unless it goes before."""
        with self._changed:
            if not self._is_through():
                self._on_through.append(call)
                return
        call()

    def drain(self, seconds: float) -> bool:
        """Wait until the terminal has taken everything, or some seconds have gone; tell whether it has."""
        with self._changed:
            return self._changed.wait_for(self._is_through, seconds)

    def _is_through(self) -> bool:
        return self._is_lost or not (self._pieces or self._is_writing)

    def _hand_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces)
                data = b"".join(self._pieces)
                self._pieces.clear()
                self._is_writing = True
            try:
                self._write_all(data)
            except OSError:
                self._is_lost = True
            with self._changed:
                self._is_writing = False
                calls = self._take_calls()
                self._changed.notify_all()
            for call in calls:
                call()
            if self._is_lost:
                return

    def _take_calls(self) -> list[Callable[[], object]]:
        """Return what is to be called after a write."""
        if self._is_lost:
            return [self._on_lost]
        calls: list[Callable[[], object]] = []
        if self._has_gap:
            calls.append(self._on_gap)
            self._has_gap = False
        if not self._pieces:
            calls += self._on_through
            self._on_through = []
        return calls

    def _write_all(self, data: bytes) -> None:
        """Write all of it; who shares the terminal may have set it not to wait."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
