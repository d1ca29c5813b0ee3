"""Which input counts: nothing that was typed ahead, and no burst ever confirms."""

import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import events
from textual.message_pump import MessagePump


class Pace(NamedTuple):
    """The times, in seconds, by which a person is told from a machine gun.

    Where something can be lost, input is dropped until `settle` after the first paint, and
    after the last key that came too early: what is typed ahead is dropped whole, not but for
    its end. Everywhere a confirming key counts from then on only, as what was typed without a
    pause since the dialog came may be meant for another window, and with `quiet` before and
    after it. Keys closer together than `burst` are a paste from a terminal that doesn't mark
    pastes.
    """

    settle: float = 0.3
    quiet: float = 0.05
    burst: float = 0.01


class Gate:
    """Lets input in once the dialog has been on the screen long enough, and knows how keys followed each other.

    A gate that is not `strict` lets every key in, as no answer to its dialog loses anything:
    only what confirms must wait. Escape comes through every gate, however fast it is pressed.
    Times are those of the events themselves, in seconds of a monotonic clock: they say when a
    key was read, however late it is handled.
    """

    pace: ClassVar[Pace] = Pace()

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, strict: bool = True) -> None:
        self._clock = clock
        self._is_strict = strict
        self._painted: float | None = None
        self._early = float("-inf")
        self._changes = 0
        self._current: float | None = float("-inf")
        self._last = float("-inf")
        self.gap = float("inf")
        """Seconds between the last key and the one before it."""

    def painted(self) -> None:
        """Note that the dialog is on the screen now."""
        self._painted = self._clock()

    def shut(self) -> None:
        """Let nothing in until the dialog is painted again."""
        self._painted = None

    @property
    def is_painted(self) -> bool:
        """Tell whether the dialog is on the screen."""
        return self._painted is not None

    @property
    def is_open(self) -> bool:
        """Tell whether input that comes now counts."""
        return self._painted is not None and self._clock() >= self._opens

    def admits(self, event: events.Event) -> bool:
        """Tell whether an event may be handled: input that came too early may not; keys and pastes are noted.

        The same event may be asked about twice, in a widget and in the dialog around it.
        """
        is_typed = isinstance(event, events.Key | events.Paste)
        if is_typed:
            self._note(event.time)
        elif not isinstance(event, events.MouseEvent):
            return True
        if isinstance(event, events.Key) and event.key == "escape":
            return True
        has_settled = self.has_settled(event.time)
        if is_typed and not has_settled:
            self._early = event.time
        return has_settled or (is_typed and not self._is_strict)

    def has_settled(self, at: float) -> bool:
        """Tell whether the dialog had been on the screen long enough by then, without a key that came too early."""
        return at >= self._opens

    @property
    def _opens(self) -> float:
        """When input begins to count, as far as is known."""
        return float("inf") if self._painted is None else max(self._painted, self._early) + self.pace.settle

    def changed(self) -> int:
        """Note that a key would confirm something else from now on; return the number of this change."""
        self._changes += 1
        self._current = None
        return self._changes

    def shown(self, change: int) -> None:
        """Note that a change is on the screen now, unless another one has followed it."""
        if change == self._changes:
            self._current = self._clock()

    def knew(self, at: float) -> bool:
        """Tell whether what a key of this time confirms was on the screen by then."""
        return self._current is not None and at >= self._current

    def stands_alone(self, at: float) -> bool:
        """Tell whether the key of this time is the last one, and came apart from the one before it."""
        return at == self._last and self.gap >= self.pace.quiet

    def _note(self, at: float) -> None:
        if at != self._last:
            self.gap = at - self._last
            self._last = at


class Gated(MessagePump):
    """What takes no input that its `gate` doesn't admit; name it before the kind of widget or screen it is."""

    gate: Gate

    async def on_event(self, event: events.Event) -> None:
        """Drop input that came before the dialog was there to be read."""
        if self.gate.admits(event):
            await super().on_event(event)
        else:
            event.stop()
