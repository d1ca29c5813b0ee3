"""The way to a terminal that may be slow, stand still or go away: nobody who writes waits for it."""

import os
import select
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import TextIO

from vpsbackup_tui.ui.terminal.anew import open_anew

_MOST_HELD = 1 << 18
"""Bytes that are kept for a terminal that doesn't take them; more is worth less than drawing anew."""
_AT_ONCE = 512  # bytes, that a terminal which takes some takes at once


class TerminalOutput:
    """Looks like a text file to a driver; what the terminal doesn't take at once a thread hands on.

    Where too much is held back all of it is dropped, and `on_gap` is called once the
    terminal takes text again; `on_lost` is called when it has gone. Both are called from
    the thread, which ends with the process: where the terminal can't be opened anew, a write to one
    that stands still can't be ended otherwise. A bug ends the thread, too; then `drain` hands on what is left.
    """

    def __init__(self, file: TextIO, *, on_gap: Callable[[], object], on_lost: Callable[[], object]) -> None:
        own = open_anew(file.fileno(), os.O_WRONLY)
        self._descriptor = file.fileno() if own is None else own
        self._never_waits = own is not None
        self._encoding = file.encoding
        self._on_gap = on_gap
        self._on_lost = on_lost
        self._on_through: list[Callable[[], object]] = []
        self._pieces: deque[bytes] = deque()
        self._begun = b""
        self._changed = Condition()
        self._has_gap = self._is_lost = self._has_failed = False
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
        data = text.encode(self._encoding, "replace")
        with self._changed:
            if self._never_waits and not (self._is_lost or self._pieces or self._begun):
                self._begun = self._write_some(data)
            elif not self._is_lost:
                self._hold(data)
            if not self._is_through():
                self._wake_thread()
        return len(text)

    def _write_some(self, data: bytes) -> bytes:
        """Write what the terminal takes at once, and return the rest; what is wrong the thread will find."""
        with suppress(OSError):
            return data[os.write(self._descriptor, data) :]
        return data

    def _hold(self, data: bytes) -> None:
        """Keep data for the thread, in place of all that it has not begun where that has become too much."""
        if sum(map(len, self._pieces)) > _MOST_HELD:
            self._pieces.clear()
            self._has_gap = True
        self._pieces.append(data)

    def _wake_thread(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._hand_on, daemon=True, name="terminal-output")
            self._thread.start()
        self._changed.notify_all()

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
            self._changed.wait_for(lambda: self._has_failed or self._is_through(), seconds)
            return self._write_rest(seconds) if self._has_failed else self._is_through()

    def _write_rest(self, seconds: float) -> bool:
        """Write what a thread that has failed has left, as far as the terminal takes it; tell whether that is all."""
        latest = monotonic() + seconds
        rest = self._begun + b"".join(self._pieces)
        with suppress(OSError):
            while rest and select.select([], [self._descriptor], [], max(0.0, latest - monotonic()))[1]:
                rest = rest[os.write(self._descriptor, rest[:_AT_ONCE]) :]
        self._begun = rest
        self._pieces.clear()
        return not rest

    def _is_through(self) -> bool:
        return self._is_lost or not (self._pieces or self._begun)

    def _hand_on(self) -> None:
        """Write whatever comes; a bug is left to `threading.excepthook`, which ends the program."""
        try:
            while not self._is_lost:
                self._hand_on_next()
        finally:
            with self._changed:
                self._has_failed = not self._is_lost
                self._changed.notify_all()

    def _hand_on_next(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._pieces)
            if not self._begun:
                self._begun = b"".join(self._pieces)
                self._pieces.clear()
        try:
            self._write_begun()
        except OSError:
            self._is_lost = True
        with self._changed:
            calls = self._take_calls()
            self._changed.notify_all()
        for call in calls:
            call()

    def _take_calls(self) -> list[Callable[[], object]]:
        """Return what is to be called after a write."""
        if self._is_lost:
            return [self._on_lost]
        calls: list[Callable[[], object]] = []
        if self._has_gap:
            calls.append(self._on_gap)
            self._has_gap = False
        if self._is_through():
            calls += self._on_through
            self._on_through = []
        return calls

    def _write_begun(self) -> None:
        """Write all of it; who shares the terminal may have set it not to wait."""
        while self._begun:
            try:
                self._begun = self._begun[os.write(self._descriptor, self._begun) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
