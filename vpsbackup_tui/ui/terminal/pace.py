"""Draws no faster than the terminal takes it: what a slow one has not seen yet is left out, but for the newest."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen


class Paced(ABC):
    """A driver that knows how far its terminal has come."""

    @property
    @abstractmethod
    def is_behind(self) -> bool:
        """Tell whether what was drawn waits for the terminal."""

    @abstractmethod
    def when_through(self, call: Callable[[], object]) -> None:
        """Call in the app, once the terminal has taken everything."""


class PacedApp(App[int]):
    """Draws the next frame when the terminal has taken the last, and then the newest only."""

    _is_held = False
    """Whether nothing is drawn until the terminal has taken what was."""

    def call_when_shown(self, call: Callable[[], object]) -> None:
        """Call once the terminal has taken what the screen shows now; at once where nobody knows."""
        driver = self._driver
        if not isinstance(driver, Paced):
            call()
        elif self._is_held:
            driver.when_through(lambda: self.call_after_refresh(self.call_when_shown, call))
        else:
            driver.when_through(call)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if isinstance(driver, Paced) and driver.is_behind and not self._batch_count:
            self._is_held = True
            self._begin_batch()
            driver.when_through(self._go_on)
        super()._display(screen, renderable)

    def _go_on(self) -> None:
        """Draw what has come meanwhile."""
        self._is_held = False
        self._end_batch()
        self.screen.refresh()
