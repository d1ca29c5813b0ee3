"""Who has the status line, and for how long: what is said of changes, one after the other.

A reply to a key comes at once, and so does the end of a change that the operator waits for. An end keeps the line for
some seconds against what nobody has asked for. One that is not *done* keeps it against replies, too, of which only the
last is held back, and against another end; its seconds begin anew once no dialog covers the line.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from vpsbackup_tui.operations.operation import Operation, Outcome

TO_READ = 3.0
"""How many seconds an end has the line."""
Later = Callable[[float, Callable[[], None]], object]
"""Does something once, in so many seconds."""


class _Turn(NamedTuple):
    """What to say once the line is free, and of which change that tells the end, if of any."""

    say: Callable[[], object]
    operation: Operation | None = None


class Turns:
    """Lets one thing after the other have the line."""

    def __init__(
        self, say_end: Callable[[Operation], object], later: Later, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Say how a change has ended by `say_end`; `clock` tells seconds that nobody sets."""
        self._say_end = say_end
        self._later = later
        self._clock = clock
        self._told: Operation | None = None  # the end that has the line, or had it last
        self._until = -math.inf  # then the line is free; without an end while a dialog covers what nobody should miss
        self._is_covered = False
        self._waiting: deque[_Turn] = deque()
        self._reply: Callable[[], object] | None = None
        self._comes_back = False

    @property
    def untold(self) -> list[Operation]:
        """Return the changes whose end nobody has seen for long: a dialog covers it, or it waits for its turn."""
        covered = [self._told] if self._told is not None and self._until == math.inf else []
        return [*covered, *(turn.operation for turn in self._waiting if turn.operation is not None)]

    def reply(self, say: Callable[[], object]) -> None:
        """Answer a key."""
        if self._is_being_read:
            self._reply = say
            self._come_back()
        else:
            self._reply = None
            say()

    def end(self, operation: Operation) -> None:
        """Tell how a change has ended that the operator waits for."""
        if self._is_being_read:
            self.end_in_turn(operation)
        else:
            self._tell(operation)

    def end_in_turn(self, operation: Operation) -> None:
        """Tell how a change has ended that was begun earlier."""
        self._queue(_Turn(lambda: self._tell(operation), operation))

    def in_turn(self, say: Callable[[], object]) -> None:
        """Say what nobody has asked for."""
        self._queue(_Turn(say))

    def cover(self) -> None:
        """Take it that a dialog covers the line from now on."""
        self._is_covered = True
        if self._is_being_read:
            self._until = math.inf

    def uncover(self) -> None:
        """Take it that the line is in sight again."""
        self._is_covered = False
        if self._until == math.inf:
            self._until = self._clock() + TO_READ
            self._come_back()

    def _tell(self, operation: Operation) -> None:
        self._reply = None
        self._told, self._until = operation, self._clock() + TO_READ
        if self._is_covered and self._is_being_read:
            self._until = math.inf
        self._say_end(operation)

    def _queue(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        self._go_on()

    @property
    def _is_being_read(self) -> bool:
        """Tell whether an end has the line that nobody should miss."""
        return self._told is not None and self._told.outcome is not Outcome.DONE and self._clock() < self._until

    def _go_on(self) -> None:
        """Say all that may be said now, and come back for the rest."""
        if self._reply is not None and not self._is_being_read:
            self.reply(self._reply)
        while self._waiting and self._clock() >= self._until:
            self._waiting.popleft().say()
        if self._waiting or self._reply is not None:
            self._come_back()

    def _come_back(self) -> None:
        """Go on when the line is free; while a dialog covers what nobody should miss, its end is waited for."""
        if not self._comes_back and self._until < math.inf:
            self._comes_back = True
            self._later(max(0.0, self._until - self._clock()), self._is_back)

    def _is_back(self) -> None:
        self._comes_back = False
        self._go_on()
