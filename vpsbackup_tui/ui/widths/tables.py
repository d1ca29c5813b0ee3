"""Make everything that measures text measure as the terminal does: Rich, Textual by Rich, and the picture."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

import rich.cells
from rich._unicode_data import load as load_cell_table
from rich.cells import CellTable

from vpsbackup_tui.ui.picture import cells as picture_cells
from vpsbackup_tui.ui.widths.kinds import Widths

_SELECTORS = range(0xFE00, 0xFE10)  # marks that choose a form of the letter before
_JAMO = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))  # vowels and ends of Korean syllables
_TONES = range(0x1F3FB, 0x1F400)  # colours of skin
_FLAGS = (0x1F1E6, 0x1F1FF)  # letters that are flags in pairs
_THAI_AM = (0x0E33, 0x0EB3)
_CHINESE = 0x2E80  # before it, wide signs are older emoji
_PICTURES, _MORE_CHINESE = 0x1F000, 0x20000  # the other emoji, up to there
_TAGS = 0xE0000  # selectors, too


def lay_out_by(widths: Widths) -> None:
    """Lay out all text by these widths from now on; what is laid out already stays as it is."""
    rich.cells.load_cell_table = partial(_table, widths)  # type: ignore[attr-defined, assignment]
    rich.cells.get_character_cell_size.cache_clear()
    rich.cells.cached_cell_len.cache_clear()
    picture_cells.measure_anew()


@lru_cache(maxsize=4)
def _table(widths: Widths, unicode_version: str = "auto") -> CellTable:
    """Return Rich's table with other widths; what a table doesn't name is one cell wide."""
    table = load_cell_table(unicode_version)
    marks = {"Mc": widths.spacing_marks, "Mn": widths.marks, "Me": widths.marks}
    parts: list[tuple[int, int, int]] = []
    for start, end, cells in table.widths:
        width = _wide(start, widths) if cells else _narrow(start, widths)
        if width is not None:
            parts.append((start, end, width))
        elif cells:
            parts += _by_category(start, end, {"So": widths.emoji}, widths.wide)
        else:
            parts += _by_category(start, end, marks, 0)
    parts += [(code, code, widths.thai_am) for code in _THAI_AM]
    parts.append((*_FLAGS, widths.flags))
    return table._replace(widths=sorted(parts))


def _wide(start: int, widths: Widths) -> int | None:
    """Return the width of a range that Rich takes for two cells; None where it depends on the category."""
    if _PICTURES <= start < _MORE_CHINESE:
        return widths.emoji
    return widths.wide if start >= _CHINESE or widths.wide == widths.emoji else None


def _narrow(start: int, widths: Widths) -> int | None:
    """Return the width of a range that Rich takes for no cell; None where it depends on the category."""
    if start in _TONES:
        return widths.tones
    if any(start in codes for codes in _JAMO):
        return widths.jamo
    return 0 if start in _SELECTORS or start >= _TAGS else None


def _by_category(start: int, end: int, widths: Mapping[str, int], usual: int) -> Iterator[tuple[int, int, int]]:
    """Yield a range of code points in parts of one width."""
    last, part = start, widths.get(unicodedata.category(chr(start)), usual)
    for code in range(start, end + 1):
        width = widths.get(unicodedata.category(chr(code)), usual)
        if width != part:
            yield last, code - 1, part
            last, part = code, width
    yield last, end, part
