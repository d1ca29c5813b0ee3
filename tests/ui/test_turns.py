"""Who has the status line: an end that nobody should miss is in sight for as long as it takes to read it."""

from collections.abc import Callable
from functools import partial

import pytest

from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.ui.turns import TO_READ, Turns


def ended(name: str, outcome: Outcome, number: str = "") -> Operation:
    return Operation(id=number or name, action=Action.RESTORE, server_id=1, at=0.0, outcome=outcome, message=name)


UNKNOWN, REFUSED = ended("unknown", Outcome.UNKNOWN), ended("refused", Outcome.REFUSED)
DONE, OTHER = ended("done", Outcome.DONE), ended("other", Outcome.DONE)


class Line:
    """A status line with its turns, on a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.turns = Turns(lambda operation: self.said.append(operation.message), self._later, lambda: self.now)

    def _later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, callback))

    def say(self, words: str) -> Callable[[], None]:
        return partial(self.said.append, words)

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and each timer come when it is due."""
        end = self.now + seconds
        while self.timers and min(due for due, _ in self.timers) <= end:
            due = min(self.timers, key=lambda timer: timer[0])
            self.timers.remove(due)
            self.now = max(self.now, due[0])
            due[1]()
        self.now = end


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_reply_comes_at_once_after_what_is_done_and_waits_behind_what_is_not(line: Line) -> None:
    line.turns.end(DONE)
    line.turns.reply(line.say("reply"))
    assert line.said == ["done", "reply"]
    line.turns.end(REFUSED)
    for word in ("first", "second"):
        line.turns.reply(line.say(word))
    line.pass_by(TO_READ - 0.1)
    assert line.said[2:] == ["refused"]
    line.pass_by(0.1)
    assert line.said[2:] == ["refused", "second"]
    line.turns.reply(line.say("third"))
    assert line.said[-1] == "third"


def test_an_end_waits_behind_one_that_is_not_done_and_takes_the_place_of_one_that_is(line: Line) -> None:
    line.turns.end(DONE)
    line.turns.end(UNKNOWN)
    line.turns.end(OTHER)
    assert line.said == ["done", "unknown"]
    assert line.turns.untold == [UNKNOWN, OTHER]
    line.pass_by(TO_READ)
    assert line.said == ["done", "unknown", "other"]
    assert line.turns.untold == []


def test_what_nobody_waits_for_comes_behind_every_end_one_after_the_other(line: Line) -> None:
    line.turns.end(DONE)
    line.turns.end_in_turn(UNKNOWN)
    line.turns.in_turn(line.say("news"))
    line.turns.end_in_turn(REFUSED)
    assert line.turns.untold == [UNKNOWN, REFUSED]
    for told in (["done"], ["done", "unknown"], ["done", "unknown", "news"], ["done", "unknown", "news", "refused"]):
        assert line.said == told
        line.pass_by(TO_READ)
    assert line.turns.untold == []
    for word in ("more", "and more"):
        line.turns.in_turn(line.say(word))
    assert line.said[-1] == "more"
    line.turns.reply(line.say("reply"))
    assert line.said[-1] == "reply"
    line.pass_by(TO_READ)
    assert line.said[-1] == "and more"


def test_a_reply_that_waits_comes_before_the_next_end_and_is_read_before_that(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.end(UNKNOWN)
    line.turns.reply(line.say("reply"))
    line.pass_by(2 * TO_READ - 0.1)
    assert line.said == ["refused", "reply"]
    line.pass_by(0.1)
    assert line.said == ["refused", "reply", "unknown"]


def test_what_is_not_so_any_more_is_not_said(line: Line) -> None:
    line.turns.cover()
    line.turns.end(REFUSED)
    line.turns.reply(line.say("taken back"), about=5, lasting=True)
    line.turns.reply(line.say("reply"), about="history")
    line.turns.forget(6)
    assert line.turns.holds_words
    for about in ("history", 5):
        line.turns.forget(about)
    assert not line.turns.holds_words
    line.turns.uncover()
    line.pass_by(2 * TO_READ)
    assert line.said == ["refused"]


def test_what_is_not_so_any_more_keeps_the_line_no_longer(line: Line) -> None:
    line.turns.cover()
    line.turns.reply(line.say("taken back"), about=5, lasting=True)
    line.turns.uncover()
    line.turns.forget(5)
    line.turns.reply(line.say("counts down"), about=6)
    assert line.said == ["taken back", "taken back", "counts down"]


def test_how_far_a_change_has_come_is_not_said_once_it_has_ended(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.reply(line.say("sent"), about=OTHER.id)
    line.turns.end(OTHER)
    line.pass_by(2 * TO_READ)
    assert line.said == ["refused", "other"]


@pytest.mark.parametrize("seen", [0.0, TO_READ - 0.1])
def test_what_a_dialog_covers_before_it_could_be_read_has_its_time_after_that(line: Line, seen: float) -> None:
    line.turns.end(UNKNOWN)
    line.pass_by(seen)
    line.turns.cover()
    line.turns.reply(line.say("reply"))
    line.turns.end(REFUSED)
    line.pass_by(10 * TO_READ)
    assert line.said == ["unknown"]
    assert line.turns.untold == [UNKNOWN, REFUSED]
    line.turns.uncover()
    line.pass_by(TO_READ - 0.1)
    assert line.said == ["unknown"]
    assert line.turns.untold == [UNKNOWN, REFUSED]
    line.pass_by(0.1)
    assert line.said == ["unknown", "reply"]
    line.pass_by(TO_READ)
    assert line.said == ["unknown", "reply", "refused"]
    line.pass_by(TO_READ)
    assert line.turns.untold == []


def test_what_ends_below_a_dialog_is_told_until_that_is_closed_and_news_wait(line: Line) -> None:
    line.turns.cover()
    line.turns.end(DONE)
    assert line.turns.untold == [DONE]
    line.turns.end(UNKNOWN)
    line.turns.in_turn(line.say("news"))
    line.pass_by(10 * TO_READ)
    assert line.said == ["done", "unknown"]
    assert line.turns.untold == [UNKNOWN, DONE]
    line.turns.uncover()
    line.turns.reply(line.say("reply"))
    for _ in range(3):
        line.pass_by(TO_READ)
    assert line.said == ["done", "unknown", "reply", "done", "news"]
    assert line.turns.untold == []


def test_what_is_done_below_a_dialog_is_in_sight_before_the_answer_to_that(line: Line) -> None:
    line.turns.cover()
    line.turns.end(DONE)
    line.turns.uncover()
    line.turns.reply(line.say("no backup was made"))
    assert line.said == ["done", "done"]
    assert line.turns.untold == [DONE]
    line.pass_by(TO_READ)
    assert line.said[2:] == ["no backup was made"]
    assert line.turns.untold == []


def test_an_answer_that_must_be_seen_gives_way_to_no_other(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.reply(line.say("taken back"), lasting=True)
    line.turns.reply(line.say("other times"))
    line.pass_by(3 * TO_READ)
    assert line.said == ["refused", "other times", "taken back"]


def test_how_far_something_has_come_takes_the_place_of_nothing_that_is_to_be_read(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.reply(line.say("taken back"))
    line.turns.step(line.say("sent"), about=1)
    line.turns.step(line.say("waiting"), about=1)
    line.turns.step(line.say("2 s"), about=2)
    line.pass_by(TO_READ)
    assert line.said == ["refused", "taken back"]
    line.turns.step(line.say("1 s"), about=2)
    line.pass_by(TO_READ)
    assert line.said == ["refused", "taken back", "1 s"]
    line.turns.step(line.say("answered"), about=1)
    assert line.said[3:] == ["answered"]


def test_how_far_something_has_come_is_said_at_once_where_the_line_is_about_that(line: Line) -> None:
    line.turns.reply(line.say("3 s"), about=1)
    line.turns.step(line.say("2 s"), about=1)
    assert line.said == ["3 s", "2 s"]
    line.turns.end(REFUSED)
    line.turns.reply(line.say("3 s"), about=2)
    line.turns.step(line.say("2 s"), about=2)
    line.pass_by(TO_READ)
    assert line.said[2:] == ["refused", "2 s"]


def test_how_far_something_has_come_is_not_said_once_that_is_over(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.step(line.say("1 s"), about=1)
    assert line.turns.holds_words
    line.turns.forget(1)
    assert not line.turns.holds_words
    line.pass_by(TO_READ)
    assert line.said == ["refused"]


def test_an_answer_that_is_not_so_any_more_when_its_turn_comes_is_left_out(line: Line) -> None:
    is_so = True
    line.turns.end(REFUSED)
    line.turns.end(UNKNOWN)
    line.turns.reply(line.say("too late"), still=lambda: is_so)
    is_so = False
    line.pass_by(TO_READ)
    assert line.said == ["refused", "unknown"]


def test_what_was_read_before_a_dialog_covered_it_is_told(line: Line) -> None:
    line.turns.end(UNKNOWN)
    line.pass_by(TO_READ)
    line.turns.cover()
    assert line.turns.untold == []
    line.turns.reply(line.say("reply"))
    assert line.said == ["unknown", "reply"]


def test_an_answer_that_must_be_seen_is_given_again_once_no_dialog_covers_it(line: Line) -> None:
    line.turns.reply(line.say("taken back"), lasting=True)
    line.turns.cover()
    line.turns.reply(line.say("taken back"), lasting=True)
    line.turns.reply(line.say("reply"))
    line.turns.uncover()
    line.turns.reply(line.say("nothing was deleted"))
    assert line.said == ["taken back", "taken back", "reply", "taken back"]
    assert line.turns.untold == []
    line.pass_by(TO_READ)
    assert line.said[-1] == "nothing was deleted"


@pytest.mark.parametrize("covered", [True, False])
def test_of_a_change_only_what_is_known_by_now_is_told(line: Line, covered: bool) -> None:
    if covered:
        line.turns.cover()
    line.turns.end(UNKNOWN)
    line.turns.end(REFUSED)
    line.turns.end_in_turn(ended("done", Outcome.DONE, "refused"))
    line.turns.end(ended("known", Outcome.DONE, "unknown"))
    assert line.said == ["unknown", "known"]
    assert [each.message for each in line.turns.untold] == (["done", "known"] if covered else ["done"])
    line.turns.uncover()
    line.pass_by(2 * TO_READ)
    assert line.said == ["unknown", "known", "done", *(["known"] if covered else [])]


def test_one_timer_runs_however_much_waits_and_none_below_a_dialog(line: Line) -> None:
    line.turns.end(UNKNOWN)
    for _ in range(10):
        line.turns.reply(line.say("reply"))
        line.turns.in_turn(line.say("news"))
    assert len(line.timers) == 1
    line.turns.cover()
    line.pass_by(TO_READ)
    line.turns.reply(line.say("reply"))
    assert line.timers == []
    line.turns.uncover()
    assert len(line.timers) == 1
