"""What is written reaches a terminal in order, however slow that is, and nobody who writes waits for it."""

import os
import pty
import threading
import tty
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from vpsbackup_tui.ui.terminal.output import TerminalOutput

PATIENCE = 20.0
MORE_THAN_IT_TAKES = "x" * (1 << 17)
MORE_THAN_IS_KEPT = "x" * (1 << 19)


class Line(NamedTuple):
    """An output whose other end is read only when a test says so, with what it called."""

    output: TerminalOutput
    reading: int
    writing: int
    through: threading.Event
    gap: threading.Event
    lost: threading.Event

    def take(self, size: int) -> bytes:
        """Take so many bytes off the line."""
        taken = b""
        while len(taken) < size:
            taken += os.read(self.reading, size - len(taken))
        return taken


def terminal() -> tuple[int, int]:
    """Return a terminal that hands on what is written as it is: where it is read, and where it is written."""
    reading, writing = pty.openpty()
    tty.setraw(writing)
    return reading, writing


@pytest.fixture(params=[os.pipe, terminal])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    reading, writing = request.param()
    gap, lost = threading.Event(), threading.Event()
    with os.fdopen(writing, "w", encoding="utf-8") as file, os.fdopen(reading, "rb") as end:
        output = TerminalOutput(file, on_gap=gap.set, on_lost=lost.set)
        yield Line(output, end.fileno(), writing, threading.Event(), gap, lost)
        os.set_blocking(end.fileno(), False)
        while not output.drain(0):  # the thread lets go of the line
            try:
                os.read(end.fileno(), 1 << 16)
            except BlockingIOError:
                output.drain(0.01)


def test_it_is_through_at_once_before_anything_is_written(line: Line) -> None:
    line.output.when_through(line.through.set)
    assert line.through.is_set()


def test_it_is_through_when_the_last_byte_is_taken_and_not_before(line: Line) -> None:
    line.output.write(MORE_THAN_IT_TAKES)
    line.output.when_through(line.through.set)
    line.output.write("the end")
    line.take(10)
    assert not line.through.is_set()
    assert line.take(len(MORE_THAN_IT_TAKES) - 10 + len("the end")).endswith(b"xthe end")
    assert line.through.wait(PATIENCE)
    assert not line.output.is_behind


@pytest.mark.parametrize("line", [os.pipe], indirect=True)  # a terminal has room again when nobody has read
def test_it_is_behind_while_what_was_written_has_no_room(line: Line) -> None:
    line.output.write(MORE_THAN_IT_TAKES)
    line.take(10)
    assert line.output.is_behind
    line.take(len(MORE_THAN_IT_TAKES) - 10)
    assert line.output.drain(PATIENCE)
    assert not line.output.is_behind


def test_what_is_too_much_to_keep_is_dropped_whole_and_told(line: Line) -> None:
    line.output.write(MORE_THAN_IS_KEPT)
    line.take(1)  # so that it is being written
    line.output.write(MORE_THAN_IS_KEPT)
    line.output.write("what comes last")
    assert line.take(len(MORE_THAN_IS_KEPT) - 1 + len("what comes last")).endswith(b"xwhat comes last")
    assert line.gap.wait(PATIENCE)


@pytest.mark.parametrize("line", [terminal], indirect=True)
def test_what_a_terminal_takes_is_there_before_anything_else_happens_and_needs_no_thread(line: Line) -> None:
    before = threading.active_count()
    line.output.write("a move of the cursor")
    assert os.read(line.reading, 100) == b"a move of the cursor"
    assert threading.active_count() == before


@pytest.mark.parametrize("line", [terminal], indirect=True)
def test_who_else_has_the_terminal_open_finds_that_it_waits_as_before(line: Line) -> None:
    line.output.write("a text")
    assert os.get_blocking(line.writing)


def test_what_comes_while_something_waits_waits_behind_it(line: Line) -> None:
    line.output.write(MORE_THAN_IT_TAKES)
    for number in range(10):
        line.output.write(str(number))
        line.take(10)
    assert line.take(len(MORE_THAN_IT_TAKES) - 90).endswith(b"x0123456789")


def test_a_line_that_breaks_is_told_and_waited_for_no_more(line: Line) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), line.reading)
    line.output.write(MORE_THAN_IT_TAKES)
    assert line.lost.wait(PATIENCE)
    assert line.output.drain(PATIENCE)


def _fail(*_: object) -> int:
    raise ValueError("a bug")


@pytest.fixture
def stray(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Tell that a thread has ended with an error."""
    heard = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: heard.set())
    return heard


def test_a_bug_in_the_thread_is_heard_of_and_what_it_left_is_written_by_who_drains(
    line: Line, stray: threading.Event
) -> None:
    line.output.write(MORE_THAN_IT_TAKES)
    line.output.when_through(_fail)
    line.take(len(MORE_THAN_IT_TAKES))
    assert stray.wait(PATIENCE)
    line.output.write("the last ")
    line.output.write("words")
    assert line.output.drain(PATIENCE)
    assert line.take(len("the last words")) == b"the last words"
    assert line.output.drain(0)


@pytest.mark.parametrize("line", [os.pipe], indirect=True)
def test_nothing_is_lost_where_the_writing_itself_fails(
    line: Line, stray: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as failing:
        failing.setattr(os, "write", _fail)
        line.output.write("what was begun, ")
        assert stray.wait(PATIENCE)
    line.output.write("the last words")
    assert line.output.drain(PATIENCE)
    assert line.take(len("what was begun, the last words")) == b"what was begun, the last words"


@pytest.mark.parametrize("line", [os.pipe], indirect=True)
def test_who_drains_waits_no_longer_for_a_line_that_stands_still_after_a_bug(
    line: Line, stray: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as failing:
        failing.setattr(os, "write", _fail)
        line.output.write(MORE_THAN_IT_TAKES)
        assert stray.wait(PATIENCE)
    assert not line.output.drain(0)
