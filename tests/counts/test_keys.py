"""How many bytes a key costs at 24×80, where a stock table sends 889 for a move and 8,400 for a scroll."""

import re

import pytest

from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.terminal import Terminal
from tests.counts.conftest import Start

MOVE, SCROLL = int(0.40 * 889), int(0.65 * 8400)
MOVES = 10
_CURSOR = re.compile(r"▕›\s*(\d+)")


@pytest.fixture
def program(start: Start) -> Terminal:
    """The program with its list, at rest."""
    program = start()
    program.seen(is_loaded, "the list")
    program.rest()
    return program


def test_a_move_of_the_cursor_sends_few_bytes(program: Terminal) -> None:
    assert bytes_of_a_move(program) <= MOVE


def test_a_scroll_by_one_row_sends_little_more_than_the_rows(program: Terminal) -> None:
    program.type("j" * 25)  # at the bottom of what is in sight
    top = first_row(program)
    sent = bytes_of_a_move(program)
    assert first_row(program) != top
    assert sent <= SCROLL


def bytes_of_a_move(program: Terminal) -> float:
    """Move down row by row, each time until the cursor is seen there, and return the mean of the bytes."""
    before = program.total
    for _ in range(MOVES):
        here = cursor(program.text)
        program.press("j", lambda text, here=here: cursor(text) not in (here, ""))  # type: ignore[misc]
    return (program.total - before) / MOVES


def cursor(text: str) -> str:
    """Return the id of the backup under the cursor; empty where none is seen."""
    found = _CURSOR.search(text)
    return found[1] if found else ""


def first_row(program: Terminal) -> str:
    """Return the topmost row of the table."""
    return program.text.splitlines()[3][22:]
