"""A terminal that can go away while the program runs."""

import os
from collections.abc import Callable
from threading import Lock
from typing import Any


class Losable:
    """Something on a terminal, which tells once that this has gone."""

    on_terminal_lost: Callable[[], object] | None = None
    """Called once, from another thread, when the terminal has gone."""
    is_lost = False
    """Whether the terminal has gone."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._losing = Lock()
        self._on_terminal = [descriptor for descriptor in (0, 1, 2) if os.isatty(descriptor)]

    def lose_terminal(self) -> None:
        """Tell that the terminal has gone, unless that has been told."""
        with self._losing:
            if self.is_lost:
                return
            self.is_lost = True
        if self.on_terminal_lost is not None:
            self.on_terminal_lost()

    def fall_silent(self) -> None:
        """Send to nowhere what is said later: a terminal that has gone or stands still makes it an error or a wait."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in self._on_terminal:
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
