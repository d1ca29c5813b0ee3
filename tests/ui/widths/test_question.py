"""What is asked of a terminal, and what is made of whatever it answers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.picture.terminal import Terminal
from vpsbackup_tui.ui.widths.kinds import SAMPLES, Widths
from vpsbackup_tui.ui.widths.question import ANSWERS, ROOM, question, read_answers
from vpsbackup_tui.ui.widths.remembered import are_sound

TMUX = [2, 2, 1, 2, 2, 2, 4, 2]
"""What tmux 3.3 answers."""


def test_answers_are_cells_of_one_letter() -> None:
    assert tuple(SAMPLES) == Widths._fields
    assert read_answers(TMUX) == Widths()
    assert read_answers([2, 2, 1, 1, 1, 2, 2, 4]) == Widths(spacing_marks=0, thai_am=0, tones=0, flags=2)


def test_a_letter_is_measured_behind_another_by_what_that_one_takes() -> None:
    assert read_answers([1, 1, 1, 1, 2, 1, 2, 2]) == Widths(wide=1, emoji=1, spacing_marks=0, tones=1)


def test_an_answer_that_no_letter_can_take_counts_as_none() -> None:
    assert read_answers([0, 0, 0, 9, 9, 9, 9, 3]) == Widths()


@pytest.mark.parametrize(
    "columns", [[], TMUX[:-1], [*TMUX, 1], [*TMUX[:-1], ROOM], [*TMUX[:-1], -1], [10**12] * ANSWERS]
)
def test_answers_that_cant_be_meant_are_no_answers(columns: list[int]) -> None:
    assert read_answers(columns) is None


@given(st.lists(st.integers(-1, ROOM), min_size=ANSWERS, max_size=ANSWERS))
def test_whatever_is_answered_can_be_laid_out_by(columns: list[int]) -> None:
    widths = read_answers(columns)
    assert widths is None or are_sound(widths)


def test_the_question_leaves_the_screen_and_the_cursor_as_they_were() -> None:
    terminal = Terminal(20, 3)
    terminal.feed("first\r\nsecond\r\nlast\x1b[2;4H")
    before, asked = terminal.shown(), list[str]()
    terminal.write_process_input = asked.append  # type: ignore[method-assign, assignment]
    terminal.feed(question(2, "\x1b[3Hlast" + " " * 16))
    assert terminal.shown() == before
    assert (terminal.cursor.y, terminal.cursor.x) == (1, 3)
    assert len(asked) == ANSWERS
    assert all(re.fullmatch(r"\x1b\[3;\d+R", answer) for answer in asked)
