"""Who has the status line: an end that nobody should miss is in sight for as long as it takes to read it."""

from collections.abc import Callable
from functools import partial

import pytest

from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.ui.turns import TO_READ, Turns


def ended(name: str, outcome: Outcome) -> Operation:
    return Operation(id=name, action=Action.RESTORE, server_id=1, at=0.0, outcome=outcome, message=name)


UNKNOWN, REFUSED = ended("unknown", Outcome.UNKNOWN), ended("refused", Outcome.REFUSED)
DONE = ended("done", Outcome.DONE)


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
    line.turns.end(DONE)
    assert line.said == ["done", "unknown"]
    assert line.turns.untold == [DONE]
    line.pass_by(TO_READ)
    assert line.said == ["done", "unknown", "done"]
    assert line.turns.untold == []


def test_what_nobody_waits_for_comes_behind_every_end_one_after_the_other(line: Line) -> None:
    line.turns.end(DONE)
    line.turns.end_in_turn(UNKNOWN)
    line.turns.in_turn(line.say("news"))
    line.turns.end_in_turn(REFUSED)
    assert line.turns.untold == [UNKNOWN, REFUSED]
    for told in (["done"], ["done", "unknown"], ["done", "unknown", "news", "refused"]):
        assert line.said == told
        line.pass_by(TO_READ)
    line.turns.in_turn(line.say("more"))
    assert line.said[-1] == "more"


def test_a_reply_that_waits_comes_before_the_next_end(line: Line) -> None:
    line.turns.end(REFUSED)
    line.turns.end(UNKNOWN)
    line.turns.reply(line.say("reply"))
    line.pass_by(10 * TO_READ)
    assert line.said == ["refused", "reply", "unknown"]


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
    assert line.turns.untold == [REFUSED]
    line.pass_by(TO_READ - 0.1)
    assert line.said == ["unknown"]
    line.pass_by(0.1)
    assert line.said == ["unknown", "reply", "refused"]
    assert line.turns.untold == []


def test_what_ends_below_a_dialog_is_not_told_before_that_is_closed(line: Line) -> None:
    line.turns.cover()
    line.turns.end(DONE)
    assert line.turns.untold == []
    line.turns.end(UNKNOWN)
    assert line.turns.untold == [UNKNOWN]
    line.turns.uncover()
    assert line.turns.untold == []
    line.turns.reply(line.say("reply"))
    line.pass_by(TO_READ)
    assert line.said == ["done", "unknown", "reply"]


def test_what_was_read_before_a_dialog_covered_it_is_told(line: Line) -> None:
    line.turns.end(UNKNOWN)
    line.pass_by(TO_READ)
    line.turns.cover()
    assert line.turns.untold == []
    line.turns.reply(line.say("reply"))
    assert line.said == ["unknown", "reply"]


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
