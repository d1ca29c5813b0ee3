"""Lay out a table for people: aligned whatever the letters, and never wider than the terminal."""

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from vpsbackup_tui.cli.output import is_terminal, painted

_GAP = "  "
_LEAST = 8
# Vowels and finals that join the letter before them.
_JOINING_HANGUL = range(0x1160, 0x1200)


class Column(NamedTuple):
    """One column: its cells are clean text; `paint` holds a colour a cell.

    Where the table is too wide, columns leave from the highest `leaves` on, and the one
    that `shrinks` is cut first; 0 never leaves.
    """

    head: str
    cells: Sequence[str]
    right: bool = False
    leaves: int = 0
    shrinks: bool = False
    paint: Sequence[str] = ()


def width_of(text: str) -> int:
    """Return how many cells of a terminal a clean text takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.east_asian_width(char) in ("W", "F"):
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me") or ord(char) in _JOINING_HANGUL else 1


def table_lines(columns: Sequence[Column], *, colour: bool = False, width: int | None = None) -> list[str]:
    """Return the lines of a table, its head first; fitted into `width` cells if given."""
    widths = {column.head: max(map(width_of, (column.head, *column.cells))) for column in columns}
    if width is not None:
        columns = _fit(columns, widths, width)
    lines = [_line([_cell(c.head, c, widths[c.head], "head", colour) for c in columns])]
    for row in range(len(columns[0].cells)):
        lines.append(
            _line([_cell(c.cells[row], c, widths[c.head], c.paint[row] if c.paint else "", colour) for c in columns])
        )
    return lines


def terminal_width() -> int | None:
    """Return how many cells wide standard output is; None where it is no terminal and nothing is cut."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def _fit(columns: Sequence[Column], widths: dict[str, int], width: int) -> Sequence[Column]:
    """Return the columns that fit, after shrinking `widths` of the one that may shrink."""
    kept = list(columns)
    while (excess := _width_of_all(kept, widths) - width) > 0:
        leavers = [column for column in kept if column.leaves]
        # One that may leave is cut before the others do; one that stays is cut when none is left to go.
        if _shrink(leavers or kept, widths, excess) or not leavers:
            break
        kept.remove(max(leavers, key=lambda column: column.leaves))
    return kept


def _width_of_all(columns: Sequence[Column], widths: dict[str, int]) -> int:
    return sum(widths[column.head] + len(_GAP) for column in columns) - len(_GAP)


def _shrink(columns: Sequence[Column], widths: dict[str, int], excess: int) -> bool:
    """Take `excess` from the one of `columns` that may be cut so far, and tell whether there is one."""
    for column in columns:
        if column.shrinks and widths[column.head] - excess >= max(_LEAST, width_of(column.head)):
            widths[column.head] -= excess
            return True
    return False


def _cell(text: str, column: Column, width: int, paint: str, colour: bool) -> str:
    text = cut(text, width)
    space = " " * (width - width_of(text))
    shown = painted(text, paint, on=colour)
    return space + shown if column.right else shown + space


def cut(text: str, width: int) -> str:
    """Return a text cut to a width, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += _char_width(char)
        if used > width - 1:
            break
        kept += char
    return kept + "…"


def _line(cells: list[str]) -> str:
    return _GAP.join(cells).rstrip()
