"""A terminal says itself how far it has come, and what is under way is bounded by how soon it does."""

import re
from threading import Thread

import pytest

from vpsbackup_tui.ui.terminal.receipts import Once, Receipts

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
_PLACE = re.compile(r"\x1b\[(\d+)G\x1b\[6n")


class Line:
    """A terminal of 80×24 at the end of a line, which answers when it is told to."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        self.now = 100.0
        self.receipts = Receipts(environ or {}, lambda: self.now)
        self.questions: list[int] = []
        self.called: list[str] = []

    def draw(self, size: int = 100) -> bool:
        """Send a frame; tell whether it was asked about."""
        question = self.receipts.question(80)
        self.receipts.sent("\x1b[?2026h")
        self.receipts.sent("x" * size + question)
        if question:
            place = _PLACE.fullmatch(question)
            assert place is not None
            self.questions.append(int(place[1]) - 1)
        return bool(question)

    def answer(self, seconds: float = 0.0) -> None:
        """Answer the oldest question, some seconds later."""
        self.now += seconds
        assert self.receipts.take(self.questions.pop(0))

    def known(self) -> "Line":
        """Let the terminal have answered once, after a while."""
        self.draw()
        self.answer(1)
        return self

    def give_up(self, *, is_stuck: bool = False) -> float:
        return self.receipts.give_up(is_stuck=is_stuck)

    def lose(self) -> None:
        """Let so much time go by that an answer must be lost."""
        self.now += self.give_up()
        assert self.give_up() == 0

    def when_seen(self) -> None:
        self.receipts.when_seen(lambda: self.called.append("seen"))


def test_what_is_under_way_is_bounded_once_the_terminal_has_answered() -> None:
    line = Line()
    line.draw(10**6)
    assert not line.receipts.is_full, "nobody knows of one that never answers"
    line.answer(1)
    assert not line.receipts.is_full
    line.draw(1000)
    assert not line.receipts.is_full
    line.draw(1000)
    assert line.receipts.is_full
    line.answer(1)
    assert not line.receipts.is_full


def test_a_frame_that_is_larger_than_what_may_be_under_way_waits_for_nothing_but_those_before_it() -> None:
    line = Line().known()
    for _ in range(3):
        assert not line.receipts.is_full
        line.draw(50_000)
        assert line.receipts.is_full
        line.answer(1)


def test_more_may_be_under_way_to_a_terminal_that_answers_soon() -> None:
    line = Line().known()
    for _ in range(8):
        line.draw()
        line.answer(0.1)
    line.draw(15_000)
    assert not line.receipts.is_full
    line.draw(15_000)
    assert line.receipts.is_full
    for _ in range(2):
        line.answer(0.3)
    line.draw(5_000)
    assert line.receipts.is_full, "it got slow"


def test_each_question_has_a_place_of_its_own_and_an_answer_stands_for_all_before_it() -> None:
    line = Line().known()
    while line.draw(1):
        assert len(line.questions) <= 40
    assert len(set(line.questions)) == len(line.questions) == 40
    assert line.receipts.is_full
    line.questions = line.questions[-1:]
    line.answer()
    assert not line.receipts.is_full
    assert line.draw()


def test_a_place_that_nobody_asked_for_answers_nothing() -> None:
    line = Line().known()
    line.draw(2000)
    (column,) = line.questions
    for other in (*range(16), column + 1, column - 1, 80):
        assert not line.receipts.take(other)
    assert line.receipts.is_full


def test_where_there_is_no_room_nothing_is_asked() -> None:
    assert not Line().known().receipts.question(55)
    assert Line().known().receipts.question(60)


def test_a_terminal_that_never_answers_is_asked_three_times_once_there_is_no_hope() -> None:
    line = Line()
    line.draw()
    line.now += 9
    line.questions.clear()
    assert [line.draw() for _ in range(5)] == [True, True, False, False, False]
    line.questions = line.questions[-1:]
    line.answer()
    assert line.draw()


def test_a_question_that_was_not_sent_is_not_expected_to_be_answered() -> None:
    line = Line().known()
    line.receipts.question(80)
    line.receipts.sent("x" * 5000)
    assert not line.receipts.is_full


def test_what_is_seen_is_told_when_the_last_frame_is_on_the_screen() -> None:
    line = Line().known()
    line.draw()
    line.draw()
    line.receipts.sent("\a")
    line.when_seen()
    line.answer()
    assert line.called == []
    line.answer()
    assert line.called == ["seen"]
    line.when_seen()
    assert line.called == ["seen", "seen"], "nothing is under way"


@pytest.mark.parametrize("environ", [{}, SSH])
def test_a_first_answer_is_hoped_for_for_as_long_as_a_slow_line_takes(environ: dict[str, str]) -> None:
    line = Line(environ)
    assert not line.receipts.hope
    line.draw(1000)
    line.draw(5000)
    line.when_seen()
    assert line.called == []
    assert line.receipts.hope == pytest.approx(5 + 1000 / 500, abs=0.1)
    line.now += 7.1
    assert not line.receipts.hope
    line.when_seen()
    assert line.called == ["seen"]
    line.answer()
    line.answer()
    assert line.called == ["seen", "seen"]


def test_every_frame_is_asked_about_while_a_first_answer_is_hoped_for() -> None:
    line = Line()
    assert all(line.draw() for _ in range(6))
    line.when_seen()
    for _ in range(5):
        line.answer()
    assert line.called == []
    line.answer()
    assert line.called == ["seen"]


def test_a_frame_that_was_not_asked_about_is_seen_with_the_next_one_that_was() -> None:
    line = Line()
    while line.draw():
        pass
    line.when_seen()
    line.questions = line.questions[-1:]
    line.answer()
    assert line.called == []
    line.draw()
    line.answer()
    assert line.called == ["seen"]


@pytest.mark.parametrize("environ", [{}, SSH])
def test_a_terminal_that_has_not_answered_is_asked_again_after_a_while(environ: dict[str, str]) -> None:
    line = Line(environ)
    line.now += 60
    while line.draw():
        pass
    line.now += 10.1
    assert line.draw()
    assert not line.receipts.hope, "and nothing waits for that"
    line.questions = line.questions[-1:]
    line.answer()
    line.draw(5000)
    assert line.receipts.is_full


def test_a_terminal_that_answers_no_more_is_still_asked_and_waited_for_once_it_does() -> None:
    line = Line().known()
    line.draw()
    line.lose()
    line.lose()
    line.questions.clear()
    for _ in range(5):
        assert line.draw(5000)
        assert not line.receipts.is_full
    line.when_seen()
    assert line.called == ["seen"]
    line.answer()
    assert line.receipts.is_full
    line.when_seen()
    assert line.called == ["seen"]


def test_a_terminal_that_answers_no_more_is_waited_for_no_more() -> None:
    line = Line().known()
    line.draw(5000)
    line.when_seen()
    line.receipts.when_free(lambda: line.called.append("free"))
    line.lose()
    assert not line.receipts.is_full
    assert line.called == ["free"]
    line.called.clear()
    line.draw(5000)
    assert line.receipts.is_full, "only one answer may have been lost, or be late"
    line.lose()
    assert line.called == ["seen"]
    line.draw(5000)
    assert not line.receipts.is_full
    line.questions = line.questions[-1:]
    line.answer()
    line.draw(50_000)
    assert line.receipts.is_full, "it does again"


def test_a_late_answer_to_an_older_frame_shows_nothing_newer() -> None:
    line = Line().known()
    line.draw()
    line.draw()
    line.when_seen()
    line.lose()
    line.answer()
    assert line.called == []
    line.answer()
    assert line.called == ["seen"]


def test_a_line_that_is_slow_is_not_lost() -> None:
    line = Line().known()
    for _ in range(4):
        line.draw()
    line.when_seen()
    for _ in range(3):
        line.now += 4.9
        assert line.give_up()
        line.answer()
        assert line.give_up() == pytest.approx(5, abs=0.3)
    assert line.called == []


@pytest.mark.parametrize("size", [500, 5000])
def test_an_answer_may_take_as_long_as_a_slow_line_takes_for_what_is_under_way(size: int) -> None:
    line = Line().known()
    line.draw(size)
    line.draw(10_000)
    line.now += 5 + size / 500
    assert 0 < line.give_up() < 0.1, "the terminal's own sequences are under way, too"
    line.now += 0.1
    assert line.give_up() == 0


def test_while_a_terminal_takes_nothing_no_answer_is_late() -> None:
    line = Line().known()
    line.draw()
    line.now += 60
    assert line.give_up(is_stuck=True) > 5
    assert line.give_up() > 5
    line.now += 6
    assert line.give_up() == 0


def test_what_waits_for_room_is_called_at_the_next_answer_or_at_once() -> None:
    line = Line().known()
    line.receipts.when_free(lambda: line.called.append("at once"))
    assert line.called == ["at once"]
    line.draw(5000)
    line.receipts.when_free(lambda: line.called.append("later"))
    assert line.called == ["at once"]
    line.answer()
    assert line.called == ["at once", "later"]


def test_after_a_stop_no_answer_is_expected() -> None:
    line = Line().known()
    line.draw(5000)
    line.when_seen()
    line.receipts.when_free(lambda: line.called.append("free"))
    line.receipts.forget()
    assert not line.receipts.is_full
    assert line.called == ["free"]
    line.receipts.wait()
    line.questions.clear()
    line.draw()
    line.answer()
    assert line.called == ["free", "seen"]


def test_an_end_waits_for_the_answers_that_are_on_their_way() -> None:
    Line().receipts.wait()
    line = Line().known()
    line.draw()
    waiting = Thread(target=line.receipts.wait)
    waiting.start()
    line.answer()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


@pytest.mark.parametrize(
    ("environ", "slowest", "patience"), [({}, 0.0, 1), (SSH, 0.0, 5), (SSH, 0.1, 3), ({}, 2.0, 6), (SSH, 9.0, 10)]
)
def test_an_end_waits_no_longer_than_an_answer_may_take(
    environ: dict[str, str], slowest: float, patience: float
) -> None:
    line = Line(environ)
    if slowest:
        line.draw()
        line.answer(slowest)
    line.draw()
    line.now += patience
    line.receipts.wait()


def test_an_end_waits_less_once_a_line_has_got_quick_again() -> None:
    line = Line().known()
    line.draw()
    line.answer(3)
    assert line.receipts.patience == 9
    for seconds in (4.5, 2.25, 1.125, 1):
        line.draw()
        line.answer(0.01)
        assert line.receipts.patience == seconds


def test_what_is_called_once_is_called_once() -> None:
    called: list[str] = []
    once = Once(lambda: called.append("x"))
    assert not once.is_done
    once()
    once()
    assert called == ["x"]
    assert once.is_done
