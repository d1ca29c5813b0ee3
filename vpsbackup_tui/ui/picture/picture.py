"""What the terminal shows, cell by cell, and what to send for another picture. Pure."""

import re
from collections.abc import Iterable
from itertools import repeat
from operator import is_not, ne
from typing import NamedTuple, cast

from vpsbackup_tui.ui.picture.cells import Atom, Cell, Row, atoms, cut, most_cells
from vpsbackup_tui.ui.picture.pen import ERASING_PAYS, Pen

_JUMP = 4  # bytes that a jump over a few cells takes
_RUN = re.compile(rb"\x01+")


class Size(NamedTuple):
    """Columns and rows of a screen."""

    width: int
    height: int


class Piece(NamedTuple):
    """Cells that a line should show from a column on; `even` where each letter is one cell in every terminal."""

    x: int
    y: int
    cells: list[Cell]
    even: bool


class Picture:
    """Knows what the terminal shows, as long as all that draws there comes from here."""

    def __init__(self, *, erases: bool) -> None:
        """Begin with nothing known; `erases` tells whether the terminal erases to a coloured ground."""
        self._erases = erases
        self.size = Size(0, 0)
        self._rows: list[Row] = []
        self._atoms: dict[int, list[Atom]] = {}  # of the lines where a letter isn't always a cell

    def forget(self) -> None:
        """Know nothing: the next pieces are sent whole."""
        self.size = Size(0, 0)

    def forget_uneven(self) -> None:
        """Know nothing of the lines where a letter isn't always a cell: letters count otherwise from now on."""
        for y in self._atoms:
            self._rows[y] = [None] * self.size.width
        self._atoms.clear()

    def line_anew(self, y: int) -> str:
        """Return what draws a line again on which somebody has written; nothing where it isn't known throughout."""
        row, even = self._rows[y], y not in self._atoms
        if None in row:
            return ""
        self._rows[y] = [None] * self.size.width
        self._atoms.pop(y, None)
        pen = Pen(self.size.width, erases=self._erases)
        self._send(pen, y, row, even=even)
        return pen.lift()

    def changes(self, size: Size, pieces: Iterable[Piece]) -> str:
        """Return what makes the terminal show these pieces too; it is plain before and after."""
        if size != self.size:
            self.size = size
            self._rows = [[None] * size.width for _ in range(size.height)]
            self._atoms.clear()
        pen = Pen(size.width, erases=self._erases)
        for y, (row, even) in sorted(self._put_together(pieces).items()):
            self._send(pen, y, row, even=even)
        return pen.lift()

    def _put_together(self, pieces: Iterable[Piece]) -> dict[int, tuple[Row, bool]]:
        """Return each line that the pieces touch as it should be, and whether it is even throughout."""
        wanted: dict[int, tuple[Row, bool]] = {}
        width, height = self.size
        for x, y, cells, even in pieces:
            if y >= height or x >= width or not cells:
                continue
            row, all_even = wanted[y] if y in wanted else (self._rows[y].copy(), y not in self._atoms)
            if not all_even:
                cut(row, x)
                cut(row, x + len(cells))
            row[x : x + len(cells)] = cells
            del row[width:]
            wanted[y] = row, all_even and even
        return wanted

    def _send(self, pen: Pen, y: int, row: Row, *, even: bool) -> None:
        old = self._rows[y]
        if row == old:
            return
        found: list[Atom] = []
        if even:
            changed = bytearray(map(is_not, old, row))  # there is one cell of each letter in each look
        else:
            changed = bytearray(map(ne, old, row))
            found = atoms(row)
            _keep_together(changed, row, self._atoms.pop(y, []), found)
        if found:
            self._atoms[y] = found
        _reach_edge(changed, row, pen)
        for start, end in _runs(changed, row, found):
            _write(pen, y, row, start, end, found)
        self._rows[y] = row


def _keep_together(changed: bytearray, row: Row, old: list[Atom], new: list[Atom]) -> None:
    """Mark what has to be sent with what has changed: the rest of an atom, and what it may have covered."""
    kept = set(old) & set(new)
    for atom in sorted({*old, *new}):
        start, end, uncertain = atom
        if atom in kept and not any(changed[start:end]):
            continue
        if uncertain and atom in new:
            end = start + max(end - start, most_cells("".join(cell[0] for cell in row[start:end] if cell)))
            end = min(end, len(row))
        changed[start:end] = b"\1" * (end - start)
    for place, cell in enumerate(row):
        if cell is None:
            changed[place] = 0


def _reach_edge(changed: bytearray, row: Row, pen: Pen) -> None:
    """Mark the blanks up to the edge where some of them have changed and erasing all is shorter."""
    last = row[-1]
    if last is None or last[0] != " " or row[changed.rfind(1)] is not last or not pen.can_erase(last[1]):
        return
    start = bytearray(map(is_not, row, repeat(last))).rfind(1) + 1
    if changed.count(1, start) >= ERASING_PAYS:
        start = changed.find(1, start)
        changed[start:] = b"\1" * (len(row) - start)


def _runs(changed: bytearray, row: Row, found: list[Atom]) -> list[tuple[int, int]]:
    """Return from where to where to write: the few cells between two changes, too, where jumping is no shorter."""
    runs: list[tuple[int, int]] = []
    last = 0
    for start, end in map(re.Match.span, _RUN.finditer(changed)):
        in_atom = found and any(atom.start < start and atom.end > last for atom in found)
        if 0 < last >= start - _JUMP and not in_atom and _goes_on(row[last - 1], row[last:start]):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
        last = end
    return runs


def _goes_on(before: Cell | None, gap: Row) -> bool:
    """Tell whether the cells of a gap can be written in the look of the cell before, a byte each."""
    if before is None:
        return False
    look = before[1]
    for cell in gap:
        if cell is None or (cell[1] is not look and (cell[0] != " " or cell[1].blank is not look.blank)):
            return False
    return "".join([cell[0] for cell in gap if cell]).isascii()


def _write(pen: Pen, y: int, row: Row, start: int, end: int, found: list[Atom]) -> None:
    """Write known cells, those of uncertain width apart."""
    for atom in found:
        if atom.uncertain and start <= atom.start and atom.end <= end:
            pen.write(start, y, cast(list[Cell], row[start : atom.start]))
            pen.write_uncertain(atom.start, y, cast(list[Cell], row[atom.start : atom.end]))
            start = atom.end
    pen.write(start, y, cast(list[Cell], row[start:end]))
