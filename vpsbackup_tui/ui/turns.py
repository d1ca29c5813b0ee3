"""Who has the status line, and for how long: what is said of changes, one after the other.

A reply to a key comes at once, and so does the end of a change that the operator waits for. An end keeps the line for
some seconds against what nobody has asked for, and such news keep it against other news. An end that is not *done*
keeps it against replies, too, of which only the last is held back, and against another end. What a dialog covers
doesn't count as seen: such an end has its seconds again once that is closed, and news wait until then.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from vpsbackup_tui.operations.operation import Operation, Outcome

TO_READ = 3.0
"""How many seconds an end, or what nobody has asked for, has the line."""
Later = Callable[[float, Callable[[], None]], object]
"""Does something once, in so many seconds."""
Say = Callable[[], object]


class _Turn(NamedTuple):
    """What to say once the line is free, what that is about, and whose end it is, if any change's.

    Replies wait for what is `kept`.
    """

    say: Say
    about: object = None
    end: Operation | None = None
    kept: bool = False


class Turns:
    """Lets one thing after the other have the line."""

    def __init__(
        self, say_end: Callable[[Operation], object], later: Later, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Say how a change has ended by `say_end`; `clock` tells seconds that nobody sets."""
        self._say_end = say_end
        self._later = later
        self._clock = clock
        self._has_line: _Turn | None = None
        self._is_kept = False  # from replies, too
        self._until = float("-inf")
        self._is_covered = False
        self._waiting: deque[_Turn] = deque()
        self._reply: _Turn | None = None
        self._comes_back = False

    @property
    def untold(self) -> list[Operation]:
        """Return the changes whose end nobody may have read: it stands there for a moment only, or waits its turn."""
        read = [self._has_line] if self._has_line is not None and self._is_being_read else []
        return [turn.end for turn in (*read, *self._waiting) if turn.end is not None]

    @property
    def holds_reply(self) -> bool:
        """Tell whether the answer to a key has to wait."""
        return self._reply is not None

    def reply(self, say: Say, *, about: object = None, lasting: bool = False) -> None:
        """Answer a key; what is `lasting` is said once more, to be read, where a dialog covers it."""
        if lasting and self._is_covered:
            self._waiting.append(_Turn(say, about, kept=True))
        if self._is_being_read:
            self._reply = _Turn(say, about)
            self._come_back()
        else:
            self._reply = None
            say()

    def forget(self, about: object) -> None:
        """Say no more what is to be said about something: it isn't so any more."""
        if self._has_line is not None and self._has_line.about == about:
            self._has_line, self._is_kept, self._until = None, False, self._clock()
        self._waiting = deque(turn for turn in self._waiting if turn.about != about)
        if self._reply is not None and self._reply.about == about:
            self._reply = None

    def end(self, operation: Operation) -> None:
        """Tell how a change has ended that the operator waits for."""
        self.forget(operation.id)  # more is known of it by now
        if self._is_being_read:
            self._wait(self._turn_of(operation))
        else:
            self._take(self._turn_of(operation))

    def end_in_turn(self, operation: Operation) -> None:
        """Tell how a change has ended that was begun earlier."""
        self.forget(operation.id)  # more is known of it by now
        self._wait(self._turn_of(operation))

    def in_turn(self, say: Say) -> None:
        """Say what nobody has asked for."""
        self._wait(_Turn(say))

    def cover(self) -> None:
        """Take it that a dialog covers the line from now on."""
        self._is_kept = self._is_being_read
        self._is_covered = True

    def uncover(self) -> None:
        """Take it that the line is in sight again."""
        if self._is_covered and self._is_being_read:
            self._until = self._clock() + TO_READ
        self._is_covered = False
        self._go_on()

    @property
    def _is_being_read(self) -> bool:
        """Tell whether something has the line that nobody should miss."""
        return self._is_kept and (self._is_covered or self._clock() < self._until)

    @property
    def _is_free(self) -> bool:
        return not self._is_covered and self._clock() >= self._until

    def _turn_of(self, operation: Operation) -> _Turn:
        is_missed = operation.outcome is not Outcome.DONE
        return _Turn(lambda: self._say_end(operation), operation.id, operation, kept=is_missed)

    def _wait(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        self._go_on()

    def _take(self, turn: _Turn) -> None:
        """Give the line to something, long enough to be read."""
        self._reply, self._has_line, self._is_kept = None, turn, turn.kept
        self._until = self._clock() + TO_READ
        turn.say()

    def _go_on(self) -> None:
        """Say what may be said now, and come back for the rest."""
        while self._is_free and (self._reply is not None or self._waiting):
            self._take(self._reply if self._reply is not None else self._waiting.popleft())
        if self._waiting or self._reply is not None:
            self._come_back()

    def _come_back(self) -> None:
        """Go on when the line is free; where a dialog covers it, its end is waited for."""
        if not self._comes_back and not self._is_covered:
            self._comes_back = True
            self._later(max(0.0, self._until - self._clock()), self._is_back)

    def _is_back(self) -> None:
        self._comes_back = False
        self._go_on()
