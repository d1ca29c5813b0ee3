"""How far a terminal has come with what was drawn: it says so itself, when it is asked behind a frame. Pure.

What this process has got rid of may lie in the buffers of an SSH connection for a minute.
So each frame puts the cursor to a column of its own and asks for its place: the answer
tells that this frame is on the screen, and all before it. How much may be under way
follows from how soon the answers come: little where they are slow. The line of the answer
tells nothing, as a terminal may be smaller than it says.

A terminal that doesn't answer any more is asked on, and nothing waits for it. One that has
never answered is asked some times in vain; but its first answer may take its time.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from threading import Condition
from typing import NamedTuple

_LEAST, _MOST = 1 << 10, 1 << 14  # bytes under way: half a second of a line of 2 kB a second, and of a good one
_SLOW = 0.25  # seconds: an answer that takes longer has waited behind what was drawn before
_ASKED_IN_VAIN = 3  # frames
_AGAIN = 10.0  # seconds after which one that was asked in vain is forgotten for another
_MOST_ASKED = 40  # answers under way, each with a column of its own
_FIRST = 16  # column: F3 with Shift and the like read as answers before it, and so do those about widths
_LOST = 2  # times in a row that no answer came, after which none is waited for
_LEAST_SPEED = 500  # bytes a second that a line takes
# Seconds in which an answer comes: here, over SSH, over SSH where none has come yet, and at most.
_SOON, _FROM_FAR, _LATE, _LATEST = 1.0, 3.0, 5.0, 10.0


class _Asked(NamedTuple):
    """The column of the cursor in a question (from 0), how much had been sent by then, and when that was."""

    column: int
    sent: int
    at: float


class Once:
    """Calls what it is given at its first call, whoever makes that."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._calls = [call]

    @property
    def is_done(self) -> bool:
        """Tell whether it was called."""
        return not self._calls

    def __call__(self) -> None:
        """Call it, unless that was done."""
        for call in [self._calls.pop()] if self._calls else []:
            call()


class Receipts:
    """Asks, and takes the answers, which may come in another thread; `clock` gives seconds."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._is_remote = bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
        self._changed = Condition()
        self._next = ("", 0)  # the question that is about to be sent, and its column
        self._is_asked_behind = True  # unless nothing is asked behind the last frame, as so much was asked in vain
        self._asked: deque[_Asked] = deque()
        self._first: _Asked | None = None
        self._sent = self._seen = self._waived = self._count = self._lost = 0
        self._quiet_since = clock()
        self._window = _LEAST
        self._slow = 0.0
        self._on_answer: list[Callable[[], object]] = []
        self._on_seen: list[tuple[int, Callable[[], object]]] = []
        self.has_answered = False
        self._can_answer = False  # True once it has, whether or not it still does

    # Asking

    def question(self, columns: int) -> str:
        """Return what asks behind a frame that is about to be sent; empty where no answer can be hoped for."""
        with self._changed:
            if columns < _FIRST + _MOST_ASKED:
                return ""
            if not self.has_answered:
                self._forget_old()
            self._is_asked_behind = len(self._asked) < self._most_asked
            if not self._is_asked_behind:
                return ""
            self._count += 1
            column = self._count % _MOST_ASKED + _FIRST
            question = f"\x1b[{column + 1}G\x1b[6n"
            self._next = question, column
        return question

    @property
    def _most_asked(self) -> int:
        return _MOST_ASKED if self._can_answer or self.hope else _ASKED_IN_VAIN

    def _forget_old(self) -> None:
        """Forget what was asked in vain long ago, for another question."""
        while self._asked and self._clock() > self._asked[0].at + _AGAIN:
            self._asked.popleft()

    def sent(self, data: str) -> None:
        """Count what is sent, and take note of the question in it."""
        with self._changed:
            self._sent += len(data)
            question, column = self._next
            if question and question in data:
                self._asked.append(_Asked(column, self._sent, self._clock()))
                self._first = self._first or self._asked[-1]
                self._next = ("", 0)

    def forget(self) -> None:
        """Expect no answer any more: what was on its way was thrown away, or read by somebody else."""
        with self._changed:
            self._clear()
            calls = self._take_on_answer()
        _call(calls)

    def give_up(self, *, is_stuck: bool) -> float:
        """Take an answer for lost, unless it may still come for so many seconds, which are returned; else 0.

        It may while others come, for as long as a slow line takes for what was sent before it, or
        while the terminal `is_stuck` and takes nothing. After the second one in a row that is
        lost, the terminal gives none any more.
        """
        with self._changed:
            if is_stuck:
                self._quiet_since = self._clock()
            if (left := self._lost_in) > 0:
                return left
            self._quiet_since = self._clock()
            self._lost += 1
            self._waived = self._sent
            calls = self._take_on_answer()
            if self._lost >= _LOST:
                self._clear()
                self.has_answered = False
                calls += [call for _, call in self._on_seen]
                self._on_seen = []
        _call(calls)
        return 0.0

    @property
    def _lost_in(self) -> float:
        """Return in how many seconds the next answer is lost."""
        if not self._asked:
            return self._quiet_since + _LATE - self._clock()
        oldest = self._asked[0]
        seconds = _LATE + (oldest.sent - self._seen) / _LEAST_SPEED
        return max(self._quiet_since, oldest.at) + seconds - self._clock()

    def _clear(self) -> None:
        self._asked.clear()
        self._seen = self._sent
        self._changed.notify_all()

    def _take_on_answer(self) -> list[Callable[[], object]]:
        calls, self._on_answer = self._on_answer, []
        return calls

    # Answers

    def take(self, column: int) -> bool:
        """Take the column of the cursor (from 0); tell whether that answers a question."""
        with self._changed:
            place = next((at for at, each in enumerate(self._asked) if each.column == column), None)
            if place is None:
                return False
            answered = [self._asked.popleft() for _ in range(place + 1)][-1]
            self._learn(self._clock() - answered.at)
            self._seen = max(self._seen, answered.sent)
            calls = self._take_on_answer()
            calls += [call for sent, call in self._on_seen if sent <= self._seen]
            self._on_seen = [(sent, call) for sent, call in self._on_seen if sent > self._seen]
            self._changed.notify_all()
        _call(calls)
        return True

    def _learn(self, seconds: float) -> None:
        """Let less be under way after an answer that was slow, and more after one that wasn't."""
        self.has_answered, self._can_answer, self._lost = True, True, 0
        self._quiet_since = self._clock()
        self._slow = max(seconds, self._slow / 2)
        self._window = max(_LEAST, self._window // 2) if seconds > _SLOW else min(_MOST, self._window * 2)

    # Waiting

    @property
    def is_full(self) -> bool:
        """Tell whether so much is under way that the next frame should wait."""
        with self._changed:
            if not (self.has_answered and self._asked):
                return False
            return self._sent - max(self._seen, self._waived) > self._window or len(self._asked) >= _MOST_ASKED

    def when_free(self, call: Callable[[], object]) -> None:
        """Call at the next answer; at once where no frame has to wait."""
        with self._changed:
            if self.is_full:
                self._on_answer.append(call)
                return
        call()

    def when_seen(self, call: Callable[[], object]) -> None:
        """Call once the last frame is on the screen; at once where nobody knows when that is."""
        with self._changed:
            if self._asked and (self.has_answered or self.hope):
                self._on_seen.append((self._asked[-1].sent if self._is_asked_behind else self._sent + 1, call))
                return
        call()

    @property
    def hope(self) -> float:
        """Return for how many seconds an answer may be hoped for from a terminal that has not given any yet."""
        if self.has_answered or self._first is None:
            return 0.0
        return max(0.0, self._first.at + _LATE + self._first.sent / _LEAST_SPEED - self._clock())

    @property
    def patience(self) -> float:
        """Return for how many seconds after a question an answer may come."""
        if self._is_remote and not self.has_answered:
            return _LATE
        return min(_LATEST, max(_FROM_FAR if self._is_remote else _SOON, 3 * self._slow))

    def wait(self) -> None:
        """Wait for the answers that are on their way: whoever reads the terminal next would take them for keys."""
        with self._changed:
            if self._asked:
                left = self._asked[-1].at + self.patience - self._clock()
                self._changed.wait_for(lambda: not self._asked, max(0.0, left))


def _call(calls: list[Callable[[], object]]) -> None:
    for call in calls:
        call()
