"""A line of text in several styles, repainted only when it reads otherwise."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.runs import Run, clipped


class Line(Widget):
    """Show runs of text from the left, and others at the right edge that have precedence."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--title",
        "line--quiet",
        "line--notice",
        "line--alarm",
        "line--chosen",
    }

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Line {
        height: 1;
        & > .line--title { text-style: bold; }
        & > .line--quiet { color: $text-muted; }
        & > .line--notice { color: $text-warning; text-style: bold; }
        & > .line--alarm { color: $text-error; text-style: bold; }
        & > .line--chosen { text-style: bold reverse; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._left: list[Run] = []
        self._right: list[Run] = []

    def write(self, left: Sequence[Run], right: Sequence[Run] = ()) -> None:
        """Show these runs; nothing is repainted where they are the ones that are shown."""
        if (list(left), list(right)) != (self._left, self._right):
            self._left, self._right = list(left), list(right)
            self.refresh()

    @property
    def text(self) -> str:
        """Return what the line reads, right side last, however much of it there is room for."""
        return "".join(text for _, text in self._left) + "".join(text for _, text in self._right)

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        cells = self.size.width
        if y:
            return Strip.blank(cells, self.rich_style)
        right = clipped(self._right, cells)
        taken = sum(width(text) for _, text in right)
        left = clipped(self._left, cells - taken - (1 if right else 0))
        gap = cells - taken - sum(width(text) for _, text in left)
        runs = [*left, ("", " " * gap), *right]
        return Strip([self._segment(name, text) for name, text in runs if text], cells)

    def _segment(self, name: str, text: str) -> Segment:
        return Segment(text, self.get_component_rich_style(f"line--{name}") if name else self.rich_style)
