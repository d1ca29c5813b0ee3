"""Writes cells: where to go, how to look, what to erase, in as few bytes as it can. Pure."""

from functools import cache
from itertools import groupby
from operator import itemgetter

from vpsbackup_tui.ui.picture.cells import Cell
from vpsbackup_tui.ui.picture.looks import PLAIN, Look, change

_LONG_BLANK = 12  # cells: erasing them and going on behind them takes up to ten bytes
ERASING_PAYS = 4
"""So many blanks at the end of a line are erased, not written."""
# TERM begins so where the terminal erases to the colour of the ground.
_ERASING = frozenset({"xterm", "tmux", "linux", "rxvt", "alacritty", "foot", "konsole", "vte", "gnome", "putty"})
_LONG = " " * _LONG_BLANK
_look, _text = itemgetter(1), itemgetter(0)


def erases(term: str) -> bool:
    """Tell whether a terminal of this name erases to the colour of the ground."""
    return term.partition("-")[0] in _ERASING


class Pen:
    """Collects what makes a terminal show some cells; it begins plain, and nobody knows where."""

    def __init__(self, width: int, *, erases: bool) -> None:
        """Write lines of `width` cells; `erases` tells whether the terminal erases to a coloured ground."""
        self._width = width
        self._erases = erases
        self._out: list[str] = []
        self._look = PLAIN
        self._x: int | None = None
        self._y: int | None = None

    def lift(self) -> str:
        """Return everything since the beginning; the terminal is plain after it."""
        self._take(PLAIN)
        return "".join(self._out)

    def write(self, x: int, y: int, cells: list[Cell]) -> None:
        """Write known cells from a place on."""
        text = "".join(map(_text, cells))
        look = _look_of_all(cells, text)
        if look and x + len(cells) < self._width and _LONG not in text:
            self._put(x, y, text, len(cells), look)
            return
        groups = [(look, list(map(_text, group))) for look, group in groupby(cells, key=_look)]
        for index, (look, texts) in enumerate(groups):
            count, text = len(texts), "".join(texts)
            if look.blank is look and text.isspace():
                look = self._look_for_blanks(look, groups[index + 1][0] if index + 1 < len(groups) else look)
                if self._is_better_erased(x, count, look):
                    self._erase(x, y, count, look)
                    x += count
                    continue
            self._put(x, y, text, count, look)
            x += count

    def _put(self, x: int, y: int, text: str, cells: int, look: Look) -> None:
        self._move(x, y)
        self._take(look)
        self._out.append(text)
        x += cells
        self._x = x if x < self._width else None  # what a terminal does at its edge is its own

    def write_uncertain(self, x: int, y: int, cells: list[Cell]) -> None:
        """Write letters of uncertain width over blanks, and go on by place whatever the terminal does with them."""
        look = cells[0][1]
        self.write(x, y, [look.cells[" "]] * len(cells))
        groups = [(look, "".join(map(_text, group))) for look, group in groupby(cells, key=_look)]
        self._move(x, y)
        for look, text in groups:
            self._take(look)
            self._out.append(text)
        self._x = None

    def can_erase(self, look: Look) -> bool:
        """Tell whether the terminal erases to blanks of this look."""
        return not look.blank.marks and (self._erases or not look.back)

    # Text and blanks

    def _look_for_blanks(self, look: Look, following: Look) -> Look:
        """Return the look to write blanks in: the one there is, or the one that comes, where that can't be seen."""
        if self._look.blank is look.blank:
            return self._look
        return following if following.blank is look.blank else look

    def _is_better_erased(self, x: int, cells: int, look: Look) -> bool:
        if not self.can_erase(look):
            return False
        return cells >= (ERASING_PAYS if x + cells == self._width else _LONG_BLANK) and (
            x + cells == self._width or self._erases
        )

    def _erase(self, x: int, y: int, cells: int, look: Look) -> None:
        self._move(x, y)
        self._take(look)
        self._out.append("\x1b[K" if x + cells == self._width else f"\x1b[{cells}X")

    def _take(self, look: Look) -> None:
        if look is not self._look:
            self._out.append(change(self._look, look))
            self._look = look

    # Where

    def _move(self, x: int, y: int) -> None:
        if (x, y) != (self._x, self._y):
            self._out.append(self._shortest_move(x, y))
            self._x, self._y = x, y

    def _shortest_move(self, x: int, y: int) -> str:
        if y == self._y and self._x is not None and x > self._x:
            return _by("C", x - self._x)
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if y == self._y:
            ways.append(f"\x1b[{x + 1}G" if x else "\r")
            if self._x is not None:
                ways.append(_by("D", self._x - x))
        elif self._y is not None and y > self._y:
            if y == self._y + 1:
                ways.append("\r\n" + (_by("C", x) if x else ""))
            if self._x == x:
                ways.append(_by("B", y - self._y))
        return min(ways, key=len)


def _look_of_all(cells: list[Cell], text: str) -> Look | None:
    """Return the look in which all cells can be written, None where there is none or there are only blanks."""
    looks = set(map(_look, cells))
    if len(looks) > 1:
        looks = {look for letter, look in cells if letter != " "}
        if len(looks) == 1 and len({look.blank for _, look in cells}) > 1:
            return None
    return looks.pop() if len(looks) == 1 and not text.isspace() else None


@cache
def _by(direction: str, steps: int) -> str:
    return f"\x1b[{steps if steps > 1 else ''}{direction}"
