"""A terminal that tells where its cursor is when it is asked, and what becomes of the answers."""

from collections.abc import Callable
from threading import Event
from time import monotonic


class _Question:
    """A question on one line of the screen, and the columns that were answered so far."""

    def __init__(self, line: int, answers: int, take: Callable[[list[int]], object]) -> None:
        self.line = line
        self.answers = answers
        self.take = take
        self.columns: list[int] = []
        self.asked_at = monotonic()
        self.is_answered = Event()


class Asking:
    """Something on a terminal that asks it for the place of the cursor."""

    _question: _Question | None = None

    def write(self, data: str) -> None:
        """Write to the terminal."""
        raise NotImplementedError

    def ask(self, question: str, *, line: int, answers: int, take: Callable[[list[int]], object]) -> None:
        """Send what asks on a line (from 0) so many times; `take` gets the columns, in another thread, or never."""
        self._question = _Question(line, answers, take)
        self.write(question)

    def wait_for_answers(self, patience: float) -> None:
        """Wait for what was asked less than `patience` seconds ago: the shell would read it; expect nothing more."""
        question = self._question
        if question is not None:
            question.is_answered.wait(max(0.0, question.asked_at + patience - monotonic()))
        self._question = None

    def expect_no_answer(self) -> None:
        """Let nobody wait for an answer any more."""
        if (question := self._question) is not None:
            question.is_answered.set()

    def take_report(self, column: int, line: int) -> None:
        """Take where the cursor is (from 0) if that was asked; F3 with Shift reads like a report of the first line."""
        question = self._question
        if question is None or line != question.line:
            return
        question.columns.append(column)
        if len(question.columns) == question.answers:
            self._question = None
            question.is_answered.set()
            question.take(question.columns)
