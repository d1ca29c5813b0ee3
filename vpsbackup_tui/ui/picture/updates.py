"""What Textual's compositor wants to send, as pieces of a picture; the one place that knows its updates."""

import re
from collections.abc import Iterator
from typing import Any, cast

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from vpsbackup_tui.ui.picture.cells import Cell, spread
from vpsbackup_tui.ui.picture.looks import PLAIN, Look, look_of
from vpsbackup_tui.ui.picture.picture import Picture, Piece, Size

_Known = LayoutUpdate | ChopsUpdate
_MOST_STYLES = 1024  # a style of a text that can be selected is another in each line
_MOST_PIECES = 1024  # as many as a list keeps strips, of up to 2 kB
_CODES = re.compile(r"\x1b\[([0-9;]*)mx")


class ChangesOnly:
    """Puts in the place of an update one that sends only the cells that the terminal doesn't show yet."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._looks: dict[Style | None, Look] = {}
        self._pieces: dict[int, tuple[Strip, list[Cell]]] = {}  # by the identity of the strip, which is kept for that

    def __call__(self, renderable: RenderableType | None) -> RenderableType | None:
        """Return what to send; the picture is taken for void where something unknown is drawn."""
        if isinstance(renderable, _Known):
            return cast(RenderableType, _ChangedCells(renderable, self))  # displayed as an update
        if renderable is not None:
            self.picture.forget()
        return renderable

    def draws_nothing(self, renderable: RenderableType | None, app: App[Any]) -> bool:
        """Tell whether what is about to be written changes no cell."""
        return isinstance(renderable, _ChangedCells) and not renderable.render_segments(app.console)

    def ask_behind(self, renderable: RenderableType, question: str) -> None:
        """Send a question behind what is about to be written."""
        if isinstance(renderable, _ChangedCells):
            renderable.question = question

    def changes(self, update: _Known, console: Console) -> str:
        """Return what makes the terminal show an update."""
        placed = _layout(update) if isinstance(update, LayoutUpdate) else _chops(update)
        return self.picture.changes(_size(update), (self._piece(x, y, strip, console) for x, y, strip in placed))

    def _piece(self, x: int, y: int, strip: Strip, console: Console) -> Piece:
        """Return a strip as a piece; what is even is the same the next time that it is drawn."""
        known = self._pieces.get(id(strip))
        if known is not None:
            return Piece(x, y, known[1], even=True)
        cells, even = spread([(segment.text, self._look(segment.style, console)) for segment in strip])
        if even:
            if len(self._pieces) >= _MOST_PIECES:
                self._pieces.clear()
            self._pieces[id(strip)] = strip, cells
        return Piece(x, y, cells, even)

    def _look(self, style: Style | None, console: Console) -> Look:
        """Return the look of a style as Textual would send it, without a link."""
        look = self._looks.get(style)
        if look is None:
            if len(self._looks) >= _MOST_STYLES:
                self._looks.clear()
            codes = _CODES.search(Strip([Segment("x", style)]).render(console))
            look = self._looks[style] = look_of(codes[1]) if codes else PLAIN
        return look


class _ChangedCells(CompositorUpdate):
    """What of an update differs from the picture, worked out once, and only when it is about to be written."""

    def __init__(self, update: _Known, filter_: ChangesOnly) -> None:
        self._update = update
        self._filter = filter_
        self._changes: str | None = None
        self.question = ""

    def render_segments(self, console: Console) -> str:
        """Return the difference."""
        if self._changes is None:
            self._changes = self._filter.changes(self._update, console)
        return self._changes + self.question


def _size(update: _Known) -> Size:
    if isinstance(update, LayoutUpdate):
        return Size(*update.region.bottom_right)
    return Size(update.chop_ends[0][-1], len(update.chops))


def _layout(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Yield the strips of a whole screen, each with its place."""
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield x, y, strip
            x += strip.cell_length


def _chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Yield the strips of some parts of the screen, each with its place, cut where Textual cuts them."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                yield x, y, strip if end <= right else strip.crop(0, right - x)


def try_updates() -> Iterator[str]:
    """Yield in what the updates of the compositor read otherwise than they should."""
    strip = Strip([Segment("ab"), Segment("cd", Style(bold=True))], 4)
    if [(x, y, part.text) for x, y, part in _layout(LayoutUpdate([[strip, strip]], Region(0, 1, 8, 1)))] != [
        (0, 1, "abcd"),
        (4, 1, "abcd"),
    ]:
        yield "LayoutUpdate holds something else"
    chops = ChopsUpdate([{0: strip, 4: strip, 8: None}], [(0, 4, 7)], [[4, 8, 12]])
    if _size(chops) != (12, 1) or [(x, y, part.text) for x, y, part in _chops(chops)] != [(4, 0, "abc")]:
        yield "ChopsUpdate holds something else"
    if not _CODES.search(Strip([Segment("x", Style(bold=True))]).render(Console())):
        yield "Strip.render writes styles in another way"
