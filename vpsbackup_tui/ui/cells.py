"""How many terminal cells text takes, and text made to take exactly so many."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import rich.cells
from rich._unicode_data import load as load_cell_table
from rich.cells import CellTable, cell_len, set_cell_size

ELLIPSIS = "…"


def count_spacing_marks(cells: int) -> None:
    """Take each spacing mark as 0 or 1 cells wide, here and in everything that Rich measures.

    Spacing marks (category Mc) are vowel signs of Tamil, Hindi, Malayalam, Burmese and
    other scripts. The C library, tmux, xterm and VTE give each a cell of its own; Rich
    gives it none, and rows with such names tear. No number is right for every terminal.
    """
    rich.cells.load_cell_table = _table_with_marks if cells else load_cell_table  # type: ignore[attr-defined]
    rich.cells.get_character_cell_size.cache_clear()
    rich.cells.cached_cell_len.cache_clear()


@lru_cache(maxsize=4)
def _table_with_marks(unicode_version: str = "auto") -> CellTable:
    table = load_cell_table(unicode_version)
    # What a table doesn't name is one cell wide.
    widths = [part for start, end, cells in table.widths for part in _without_marks(start, end, cells)]
    return table._replace(widths=widths)


def _without_marks(start: int, end: int, cells: int) -> Iterator[tuple[int, int, int]]:
    """Yield the parts of a range of code points that are no spacing marks."""
    if cells == 0:
        for code in range(start, end + 1):
            if unicodedata.category(chr(code)) == "Mc":
                if start < code:
                    yield start, code - 1, cells
                start = code + 1
    if start <= end:
        yield start, end, cells


def width(text: str) -> int:
    """Return how many cells `text` takes on the terminal."""
    return len(text) if text.isascii() else cell_len(text)


def clip(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells; a cut is shown by an ellipsis."""
    taken = width(text)
    if taken <= cells:
        return text
    if cells <= 1:
        return ELLIPSIS[:cells]
    return (text[: cells - 1] if taken == len(text) else set_cell_size(text, cells - 1)) + ELLIPSIS


def clip_middle(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells, cut in the middle: of names, it is often the end that differs."""
    if width(text) <= cells or cells < 3:
        return clip(text, cells)
    end = text[-((cells - 1) // 2) :]
    while width(end) > (cells - 1) // 2 or (end and unicodedata.category(end[0]).startswith("M")):
        end = end[1:]  # no mark without the letter that it belongs to
    return clip(text, cells - width(end)) + end


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return `text` in exactly `cells` cells, padded on the right (or left) or clipped."""
    text = clip(text, cells)
    padding = " " * (cells - width(text))
    return padding + text if right else text + padding
