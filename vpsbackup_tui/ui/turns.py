"""Who has the status line, and for how long: what is said of changes, one after the other.

A reply to a key comes at once, and so does the end of a change that the operator waits for. Both keep the line for
some seconds against what nobody has asked for, and such news keep it against other news. An end that is not *done*
keeps it against replies, too, of which only the last is held back, and against another end. How far something has
come is the least of all: it takes the place of nothing that is still to be read, unless that is about the same.
What a dialog covers doesn't count as seen: an end has its seconds again once that is closed, and news wait until then.
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
    """What to say once the line is free, if it is `still` so, what that is about, and whose end it is, if any change's.

    Replies wait for what is `kept`.
    """

    say: Say
    about: object = None
    end: Operation | None = None
    kept: bool = False
    still: Callable[[], bool] = lambda: True


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
        self._step: _Turn | None = None
        self._comes_back = False

    @property
    def untold(self) -> list[Operation]:
        """Return the changes whose end nobody may have read: it stands there for a moment only, or waits its turn."""
        read = [self._has_line] if self._has_line is not None and self._is_being_read else []
        return [turn.end for turn in (*read, *self._waiting) if turn.end is not None]

    @property
    def holds_words(self) -> bool:
        """Tell whether the answer to a key has to wait, or how far something has come."""
        return self._reply is not None or self._step is not None

    def reply(
        self, say: Say, *, about: object = None, lasting: bool = False, still: Callable[[], bool] = lambda: True
    ) -> None:
        """Answer a key; what is `lasting` gives way to no other reply, and is said once more where a dialog covers it.

        Where it has to wait it is said only if it is `still` so then.
        """
        turn = _Turn(say, about, kept=lasting, still=still)
        if self._is_being_read and lasting:
            self._wait(turn)
        elif self._is_being_read:
            self._reply = turn
            self._come_back()
        else:
            if self._is_covered and lasting:
                self._waiting.append(turn)
            self._take(turn._replace(kept=False))

    def step(self, say: Say, *, about: object) -> None:
        """Say how far something has come, behind what is still to be read; of several such words only the last."""
        if self._reply is not None and self._reply.about == about:
            self._reply = _Turn(say, about)
        elif self._reply is None and not self._is_being_read and (self._is_idle or self._line_is_about(about)):
            self._step = None
            say()
        else:
            self._step = _Turn(say, about)
            self._come_back()

    def forget(self, about: object) -> None:
        """Say no more what is to be said about something: it isn't so any more."""
        if self._line_is_about(about):
            self._has_line, self._is_kept, self._until = None, False, self._clock()
        self._waiting = deque(turn for turn in self._waiting if turn.about != about)
        if self._reply is not None and self._reply.about == about:
            self._reply = None
        if self._step is not None and self._step.about == about:
            self._step = None

    def end(self, operation: Operation) -> None:
        """Tell how a change has ended that the operator waits for; once more, where a dialog covers it."""
        self.forget(operation.id)  # more is known of it by now
        turn = self._turn_of(operation)
        if self._is_being_read:
            self._wait(turn._replace(kept=turn.kept or self._is_covered))
            return
        if self._is_covered and not turn.kept:
            self._waiting.append(turn._replace(kept=True))
        self._take(turn)

    def end_in_turn(self, operation: Operation) -> None:
        """Tell how a change has ended that was begun earlier."""
        self.forget(operation.id)  # more is known of it by now
        self._wait(self._turn_of(operation))

    def in_turn(self, say: Say, *, still: Callable[[], bool] = lambda: True) -> None:
        """Say what nobody has asked for, if it is `still` so when its turn has come."""
        self._wait(_Turn(say, still=still))

    def cover(self) -> None:
        """Take it that a dialog covers the line from now on."""
        self._is_kept = self._is_being_read
        self._is_covered = True

    def uncover(self) -> None:
        """Take it that the line is in sight again."""
        if self._is_covered:
            self._until = self._clock() + (TO_READ if self._is_being_read else 0.0)
        self._is_covered = False
        self._go_on()

    @property
    def _is_being_read(self) -> bool:
        """Tell whether something has the line that nobody should miss."""
        return self._is_kept and (self._is_covered or self._clock() < self._until)

    def _line_is_about(self, about: object) -> bool:
        return self._has_line is not None and self._has_line.about == about

    @property
    def _is_idle(self) -> bool:
        """Tell whether what has the line has had its time."""
        return self._is_covered or self._clock() >= self._until

    @property
    def _is_free(self) -> bool:
        return not self._is_covered and self._is_idle

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
        while self._is_free and (turn := self._next()) is not None:
            if turn.still():
                self._take(turn)
        if self._is_free and self._step is not None:
            step, self._step = self._step, None
            step.say()
        if self._waiting or self._reply is not None or self._step is not None:
            self._come_back()

    def _next(self) -> _Turn | None:
        """Take what is to be said next out of what waits."""
        turn, self._reply = self._reply, None
        return turn or (self._waiting.popleft() if self._waiting else None)

    def _come_back(self) -> None:
        """Go on when the line is free; where a dialog covers it, its end is waited for."""
        if not self._comes_back and not self._is_covered:
            self._comes_back = True
            self._later(max(0.0, self._until - self._clock()), self._is_back)

    def _is_back(self) -> None:
        self._comes_back = False
        self._go_on()
