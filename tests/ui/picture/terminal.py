"""A terminal for pictures: letters as wide as it likes, marks where terminals put them, halves of letters gone."""

import unicodedata
from collections.abc import Callable

import pyte
from pyte.screens import Char
from rich.cells import get_character_cell_size

_SEEN_ON_BLANK = ("underscore", "strikethrough", "reverse")


class Terminal(pyte.Screen):
    """A screen that is fed with bytes; `width_of` says how many cells it gives a character."""

    def __init__(self, columns: int, rows: int, width_of: Callable[[str], int] = get_character_cell_size) -> None:
        super().__init__(columns, rows)
        self._width_of = width_of
        self._stream = pyte.Stream(self)
        self.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        """Take what a program wrote."""
        self._stream.feed(text)

    def draw(self, data: str) -> None:
        """Draw characters as real terminals do."""
        for char in data:
            cells = self._width_of(char)
            if cells:
                self._draw_letter(char, cells)
            else:
                self._draw_mark(char)

    def _draw_letter(self, char: str, cells: int) -> None:
        x, line = min(self.cursor.x, self.columns - cells), self.buffer[self.cursor.y]
        for place in range(x, x + cells):
            self._break(place)
        line[x] = self.cursor.attrs._replace(data=char)
        for place in range(x + 1, x + cells):
            line[place] = self.cursor.attrs._replace(data="")
        self.cursor.x = x + cells

    def erase_characters(self, count: int | None = None) -> None:
        """Blank some cells, and with them the other halves of wide letters, as xterm and its kin do."""
        start = self.cursor.x
        self._break(start)
        self._break(min(start + (count or 1), self.columns) - 1)
        super().erase_characters(count)

    def _break(self, x: int) -> None:
        """Blank the other half of a wide letter."""
        line = self.buffer[self.cursor.y]
        if line[x].data == "" and x:
            line[x - 1] = line[x - 1]._replace(data=" ")
        if x + 1 < self.columns and line[x + 1].data == "":
            line[x + 1] = line[x + 1]._replace(data=" ")

    def _draw_mark(self, char: str) -> None:
        line, x = self.buffer[self.cursor.y], self.cursor.x - 1
        while x > 0 and line[x].data == "":
            x -= 1
        if x >= 0:
            line[x] = line[x]._replace(data=line[x].data + char)

    def shown(self) -> list[list[Char]]:
        """Return every cell, without what can't be seen of blanks, and without marks that stand on no letter.

        Textual cuts such marks off their letters where a dialog covers these; the picture leaves them out.
        """
        return [[_seen(self.buffer[y][x]) for x in range(self.columns)] for y in range(self.lines)]


def _seen(char: Char) -> Char:
    if len(char.data) > 1 and unicodedata.category(char.data[0])[0] not in "LM":
        char = char._replace(data=char.data[0])
    if char.data != " " or any(getattr(char, mark) for mark in _SEEN_ON_BLANK):
        return char
    return Char(" ", bg=char.bg)
