"""Text whose lines keep their indent where they are wrapped."""

from textual.content import Content
from textual.widget import Widget


class Indented(Widget):
    """Lines of text; where one is wrapped, what follows stands `hang` cells further in than the line begins."""

    DEFAULT_CSS = "Indented { height: auto; }"

    def __init__(self, text: Content, *, hang: int = 0) -> None:
        super().__init__()
        self._text = text
        self._hang = hang

    def update(self, text: Content) -> None:
        """Show another text."""
        self._text = text
        self.refresh(layout=True)

    def render(self) -> Content:
        """Return the text in lines that fit."""
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many lines that takes."""
        return len(self._lines(width))

    def _lines(self, wide: int) -> list[Content]:
        lines = []
        for line in self._text.split(allow_blank=True):
            start = len(line.plain) - len(line.plain.lstrip(" ")) + self._hang
            first, *more = line[start:].wrap(max(1, wide - start)) or [Content("")]
            lines += [line[:start] + first, *(part.pad_left(start) for part in more)]
        return lines
