"""Make everything that measures text measure as the terminal does: Rich, Textual by Rich, and the picture."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import groupby

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
_PICTURES = 0x1F000  # emoji begin here, but for some older signs


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
    parts = [part for start, end, cells in table.widths for part in _parts(range(start, end + 1), cells, widths)]
    parts += [(code, code, widths.thai_am) for code in _THAI_AM]
    parts.append((*_FLAGS, widths.flags))
    return table._replace(widths=sorted(parts))


def _parts(codes: range, cells: int, widths: Widths) -> Iterator[tuple[int, int, int]]:
    """Yield a range of code points that Rich takes for `cells` wide in parts of one width."""
    if cells and widths.wide == widths.emoji == cells:
        yield codes[0], codes[-1], cells
        return
    for width, group in groupby(codes, key=partial(_wide if cells else _narrow, widths)):
        part = list(group)
        yield part[0], part[-1], width


def _wide(widths: Widths, code: int) -> int:
    """Return the width of what Rich takes for two cells."""
    return widths.emoji if (code >= _PICTURES and code < 0x20000) or _is_sign(code) else widths.wide


def _is_sign(code: int) -> bool:
    return code < 0x2E80 and unicodedata.category(chr(code)) == "So"


def _narrow(widths: Widths, code: int) -> int:
    """Return the width of what Rich takes for no cell."""
    if code in _TONES:
        return widths.tones
    if any(code in codes for codes in _JAMO):
        return widths.jamo
    category = unicodedata.category(chr(code))
    if category == "Mc":
        return widths.spacing_marks
    return widths.marks if category in ("Mn", "Me") and code not in _SELECTORS else 0
