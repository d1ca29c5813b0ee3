"""A line of text as cells: which letters take two of them, and on which terminals don't agree. Pure."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import rich.cells

from vpsbackup_tui.ui.picture.looks import Look

Cell = tuple[str, Look]
"""What is written in a cell, and how; the text of a wide letter's second cell is empty."""
Row = list[Cell | None]
"""Cells of a line; None where nobody knows."""

# Letters, lines and signs that take one cell in every terminal.
_EVEN = frozenset(
    chr(code)
    for start, end in (
        (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2010, 0x2027), (0x2030, 0x205E),
        (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2500, 0x25FC), (0x2713, 0x2713), (0x2800, 0x28FF),
    )
    for code in range(start, end + 1)
)  # fmt: skip
_EMOJI = "\ufe0f"  # makes a picture of the sign before, which some terminals then give two cells
_AGREED_WIDE = (0x3000, 0xFFE6)  # Chinese, Japanese, Korean: wide letters there are wide everywhere
_is_even = _EVEN.issuperset


class Atom(NamedTuple):
    """Cells that are only right together: one wide letter, or a run whose width is uncertain."""

    start: int
    end: int
    uncertain: bool


def spread(runs: Iterable[tuple[str, Look]]) -> tuple[list[Cell], bool]:
    """Return runs of text as cells, and whether each letter is a cell of its own in every terminal."""
    cells: list[Cell] = []
    even = True
    for text, look in runs:
        if _is_even(text):
            cells += map(look.cells.__getitem__, text)
        else:
            even = False
            _spread_uneven(cells, text, look)
    return cells, even


def _spread_uneven(cells: list[Cell], text: str, look: Look) -> None:
    for unit, width in _units(text):
        if unit in _EVEN:
            cells.append(look.cells[unit])
        elif width:
            cells += [(unit, look), *[("", look)] * (width - 1)]
        elif unit:
            _add_to_last(cells, unit)


@lru_cache(maxsize=1024)
def _units(text: str) -> list[tuple[str, int]]:
    """Return what of a text belongs together, each with the cells that it takes; nothing that controls a terminal."""
    units = [(text[start:end], width) for start, end, width in rich.cells.split_graphemes(text)[0]]
    return [(_without_controls(unit), width) for unit, width in units]


def _without_controls(unit: str) -> str:
    return unit if unit in _EVEN else "".join(char for char in unit if unicodedata.category(char) != "Cc")


def _add_to_last(cells: list[Cell], mark: str) -> None:
    """Add a mark to the letter before, as the terminal does."""
    for place in range(len(cells) - 1, -1, -1):
        text, look = cells[place]
        if text:
            cells[place] = (text + mark, look)
            return


@lru_cache(maxsize=4096)
def _is_agreed(unit: str) -> bool:
    """Tell whether an uneven letter is wide in every terminal."""
    low, high = _AGREED_WIDE
    is_wide = len(unit) == 1 and low <= ord(unit) <= high and rich.cells.cell_len(unit) == 2
    return is_wide and not _is_mark(unit)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def most_cells(text: str) -> int:
    """Return how many cells a terminal may at most give a text."""
    return sum(map(_most, text))


@lru_cache(maxsize=4096)
def _most(char: str) -> int:
    category = unicodedata.category(char)
    if char in _EVEN or category == "Mc" or char == _EMOJI:
        return 1
    return rich.cells.cell_len(char) if category[0] in "LMNP" else 2


def measure_anew() -> None:
    """Forget how wide letters were: they are measured otherwise from now on."""
    _units.cache_clear()
    _is_agreed.cache_clear()
    _most.cache_clear()


def cut(row: Row, place: int) -> None:
    """Make a wide letter blank that reaches across a place, as it is about to lose one half: so do terminals."""
    start = end = place
    while 0 < start < len(row) and _is_rest(row[start]):
        start -= 1
    while end < len(row) and _is_rest(row[end]):
        end += 1
    row[start:end] = [cell and cell[1].cells[" "] for cell in row[start:end]]


def _is_rest(cell: Cell | None) -> bool:
    return cell is not None and not cell[0]


def atoms(row: Row) -> list[Atom]:
    """Return what in a line is only right together, from the left."""
    found: list[Atom] = []
    for place, text in [(place, cell[0]) for place, cell in enumerate(row) if cell and cell[0] not in _EVEN]:
        follows = bool(found) and found[-1].end == place
        if text and _is_agreed(text):
            found.append(Atom(place, place + 1, uncertain=False))
        elif follows and (not text or found[-1].uncertain):
            found[-1] = found[-1]._replace(end=place + 1)
        elif text:
            start = place
            if place and row[place - 1] and _is_mark(text[0]):  # it belongs to the letter before
                start = found.pop().start if follows else place - 1
            found.append(Atom(start, place + 1, uncertain=True))
    return found
