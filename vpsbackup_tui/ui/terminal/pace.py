"""The pace of both ways: what is drawn waits for the terminal, and a key for the one before it.

**What is drawn** comes no faster than the terminal draws it: what a slow one has not seen yet is left out,
but for the newest.

**Keys** have their turns: each one goes to what the one before it has opened, or gone back to.
Textual hands a key at once to what has the focus. Of keys that come together, as from a slow line or a
quick hand, the second one would still go to the table though the first has opened the filter: `/new`
would filter nothing and make a new backup. So a key that finds something on the way of the last one,
from the focus up to the app, waits until it has gone that way behind it, and that twice: the
second time for what the last key itself has sent that way. Where nothing is on the way, as with
nearly every key, it is handed on at once.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer

from vpsbackup_tui.ui.terminal.receipts import Once
from vpsbackup_tui.ui.terminal.stock import find_changes

_LONGEST_HELD = 5.0  # seconds after which a look is had whether an answer may still come
_LONGEST = 0.5  # seconds after which a key waits no longer: the one that quits must always come through


class Paced(ABC):
    """A driver that knows how far its terminal has come."""

    @property
    @abstractmethod
    def is_behind(self) -> bool:
        """Tell whether what was drawn waits for the terminal."""

    @abstractmethod
    def when_free(self, call: Callable[[], object]) -> None:
        """Call in the app, once more of it is through."""

    @abstractmethod
    def when_seen(self, call: Callable[[], object]) -> None:
        """Call in the app, once everything is on the screen."""

    @abstractmethod
    def question(self, columns: int) -> str:
        """Return what is to be sent behind a frame, so that this is known."""

    @abstractmethod
    def give_up(self) -> float:
        """Wait no longer for what the terminal tells, unless it may still come for so many seconds, else 0."""


class PacedApp(App[int]):
    """Draws the next frame when the terminal has come far enough with the last, and then the newest only."""

    _is_held = False
    """Whether nothing is drawn until the terminal has come further."""
    _no_longer: Timer | None = None

    def behind_frame(self) -> str:
        """Return what is to be sent behind a frame."""
        driver = self._driver
        return driver.question(self.size.width) if isinstance(driver, Paced) else ""

    def call_when_shown(self, call: Callable[[], object]) -> None:
        """Call once the terminal shows what the screen shows now; at once where nobody knows."""
        driver = self._driver
        if not isinstance(driver, Paced):
            call()
        elif self._is_held:
            driver.when_free(lambda: self.call_after_refresh(self.call_when_shown, call))
        else:
            call_once = Once(call)
            driver.when_seen(call_once)
            self._see_to(call_once, driver)

    def _see_to(self, call: Once, driver: Paced, seconds: float = _LONGEST_HELD) -> None:
        """Let nothing wait for ever for a terminal that answers no more."""

        def look() -> None:
            if not call.is_done:
                self._see_to(call, driver, driver.give_up() or _LONGEST_HELD)

        if not call.is_done:
            self.set_timer(seconds, look)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if isinstance(driver, Paced) and not self._batch_count and driver.is_behind:
            self._is_held = True
            self._begin_batch()
            self._no_longer = self.set_timer(_LONGEST_HELD, self._draw_anyway)
            driver.when_free(self._go_on)
        super()._display(screen, renderable)

    def _go_on(self) -> None:
        """Draw what has come meanwhile."""
        if not self._is_held:
            return
        if self._no_longer is not None:
            self._no_longer.stop()
        self._is_held = False
        self._end_batch()
        self.screen.refresh()

    def _draw_anyway(self) -> None:
        """Draw though nothing was heard, as an answer may be lost."""
        driver = self._driver
        if not (self._is_held and isinstance(driver, Paced)):
            return
        if seconds := driver.give_up():
            self._no_longer = self.set_timer(seconds, self._draw_anyway)
        else:
            self._go_on()


class TurnTakingApp(App[int]):
    """Hands on a key when the one before it has done what it does."""

    _way: Sequence[MessagePump] = ()
    """What the last key goes through."""
    _waits_since: float | None = None
    """When something was sent behind the last key (by the monotonic clock), while that is on its way."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # as they came
        self._waiting: deque[Key | Paste] = deque()

    async def on_event(self, event: Event) -> None:
        """Take what is typed, in turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._waiting.append(event)
        if self._waits_since is not None:
            if monotonic() > self._waits_since + _LONGEST:
                await self._hand_on()
        elif any(pump.message_queue_size for pump in self._way):
            self._wait()
        else:
            await self._hand_on()

    async def _hand_on(self) -> None:
        """Hand on the next key, if there is one."""
        self._waits_since = None
        if self._waiting:
            self._way = (self.focused or self.screen).ancestors_with_self
            event = self._waiting.popleft()
            if not (isinstance(event, Key) and await self._has_acted(event)):
                await super().on_event(event)
        if self._waiting:
            self._wait()

    async def _has_acted(self, event: Key) -> bool:
        """Do what a key is bound to, where nothing on its way up to the app listens to keys; tell whether that was.

        Textual sends it all that way first, from one queue to the next: half the time of a move of the cursor.
        """
        is_heard = not getattr(self.focused, "HEARS_NO_KEYS", False)
        if is_heard or not self.app_focus or find_changes():
            return False
        return await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)

    def _wait(self) -> None:
        """Let the next key have its turn when the last one has done what it does."""
        self._waits_since = monotonic()
        self._follow([*self._way, *self._way])

    def _follow(self, way: Sequence[MessagePump]) -> None:
        """Go on behind a key, past what has gone meanwhile, and hand on the next one at the end."""
        for place, pump in enumerate(way, start=1):
            if pump.call_later(self._follow, way[place:]):
                return
        self.call_later(self._hand_on)
