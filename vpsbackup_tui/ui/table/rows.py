"""A list of rows that formats only what it paints; the table and the sidebar are made of it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from vpsbackup_tui.ui.keymap import binding_of
from vpsbackup_tui.ui.picture.stock import choose_painting
from vpsbackup_tui.ui.runs import Run, bar_cell, merged, message_run, row_runs

_MOST_KEPT = 1024  # strips of 2 kB: several screens of rows
_WHEEL = 3  # rows


def _blocks(lines: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield lines as blocks of those that follow each other: the first line of each, and how many they are."""
    for _, block in groupby(enumerate(sorted(lines)), lambda place: place[1] - place[0]):
        ys = [y for _, y in block]
        yield ys[0], len(ys)


class RowList(Widget, can_focus=True):
    """Show rows one line each and move a cursor over them, at the same cost for ten rows and a million.

    A subclass says how many rows there are, paints one, and is told when the cursor
    moves. Nothing is kept of a row but the strip last painted of it. The list scrolls
    by itself and draws its own bar: Textual's would lay out the screen for each change
    of length and send a style code for each cell of the bar.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding_of("move.down", "move(1)"),
        binding_of("move.up", "move(-1)"),
        binding_of("move.first", "move_to_first"),
        binding_of("move.last", "move_to_last"),
        binding_of("move.page-down", "move_pages(1)"),
        binding_of("move.page-up", "move_pages(-1)"),
        binding_of("move.half-down", "move_pages(0.5)"),
        binding_of("move.half-up", "move_pages(-0.5)"),
        binding_of("move.open", "open"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--head",
        "rows--cursor",
        "rows--cursor-blurred",
        "rows--quiet",
        "rows--good",
        "rows--busy",
        "rows--bad",
        "rows--title",
    }

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow: hidden hidden;
        & > .rows--head { text-style: bold; }
        & > .rows--cursor { text-style: reverse; }
        & > .rows--cursor-blurred { text-style: bold; }
        & > .rows--quiet { color: $text-muted; }
        & > .rows--good { color: $text-success; }
        & > .rows--busy { color: $text-warning; }
        & > .rows--bad { color: $text-error; text-style: bold; }
        & > .rows--title { text-style: bold; }
    }
    """

    ALLOW_SELECT = False

    HEARS_NO_KEYS = True
    """That no key does anything but what it is bound to, neither here nor in what is around (`ui/terminal/pace.py`)."""

    HEAD = 0
    """How many lines at the top stay where they are."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._cursor: int | None = None
        self._left_at = 0  # where the cursor was when its row went
        self._top = 0  # the first row in sight
        self._cells = 0  # the width that strips are made for
        self._message: tuple[str, str] | None = None
        self._strips: dict[tuple[int, str, str], Strip] = {}
        self._painted: dict[int, Strip] = {}
        self._palette: dict[str, Style] = {}

    # What a subclass says of its rows

    @property
    def row_count(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError

    def paint_row(self, index: int, cells: int) -> list[Run]:
        """Return a row as runs of (style, text) that take `cells` cells together."""
        raise NotImplementedError

    def paint_head(self, cells: int) -> str:
        """Return the line above the rows, in `cells` cells."""
        return " " * cells

    def cursor_moved(self) -> None:
        """Tell the outside where the cursor is now."""

    def width_changed(self) -> None:
        """Lay out anew for another width."""

    def action_open(self) -> None:
        """Open what is under the cursor."""

    # The cursor

    @property
    def cursor(self) -> int | None:
        """Return the row under the cursor; None where nothing is selected."""
        return None if self._message else self._cursor

    @property
    def rows_high(self) -> int:
        """Return how many rows can be seen at once."""
        return max(1, self.size.height - self.HEAD)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row (the nearest one there is) and bring it into view."""
        if not self.row_count or self._message:
            return
        old, new = self._cursor, min(max(index, 0), self.row_count - 1)
        self._cursor = self._left_at = new
        if self._bring_into_view(new):
            self.repaint_changed()
        elif old != new:
            self._refresh_rows([new] if old is None else [old, new])
        self.cursor_moved()
        choose_painting()(self)

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows; from nowhere it goes where it last was."""
        if self._cursor is None:
            self.move_to(self._left_at if rows > 0 else self._left_at - 1)
        else:
            self.move_to(self._cursor + rows)

    def action_move_pages(self, pages: float) -> None:
        """Move the cursor by some screens of rows."""
        start = self._left_at if self._cursor is None else self._cursor
        self.move_to(start + int(pages * self.rows_high))

    def action_move_to_first(self) -> None:
        """Move the cursor to the first row."""
        self.move_to(0)

    def action_move_to_last(self) -> None:
        """Move the cursor to the last row."""
        self.move_to(self.row_count - 1)

    def place_cursor(self, index: int | None, *, still: bool = False) -> None:
        """Set the cursor after the rows have changed, and repaint the lines that read otherwise now.

        `still` tells that nobody asked for other rows: then the cursor stays on its line of the screen, or out
        of sight. Only where the first row is in sight it makes room for what comes before it.
        """
        old, self._cursor = self._cursor, index
        if index is not None:
            self._left_at = index
        self._left_at = min(self._left_at, max(0, self.row_count - 1))
        high = self.rows_high
        is_away = still and old is not None and not self._top <= old < self._top + high
        if still and old is not None and index is not None and (self._top or old < high <= index):
            self._top += index - old
        self._bring_into_view(None if is_away else index)
        self.repaint_changed()

    def _bring_into_view(self, index: int | None) -> bool:
        """Scroll as little as needed to have a row in sight; tell whether that moved anything."""
        top = self._top
        if index is not None:
            top = max(min(top, index), index - self.rows_high + 1)
        old, self._top = self._top, max(0, min(top, self.row_count - self.rows_high))
        return old != self._top

    def scroll_rows(self, rows: int) -> None:
        """Scroll by some rows; the cursor stays on its row."""
        self._top += rows
        self._bring_into_view(None)
        self.repaint_changed()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_rows(_WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_rows(-_WHEEL)

    # Messages in place of rows

    def show_message(self, title: str, hint: str = "") -> None:
        """Show a message in place of the rows; both texts are shown as they are, `hint` may have lines."""
        if self._message != (title, hint):
            self._message = (title, hint)
            self.repaint_changed()

    def clear_message(self) -> None:
        """Show the rows again."""
        if self._message is not None:
            self._message = None
            self.repaint_changed()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return lines, painted where they weren't or are to be painted again.

        That is what Textual does with `render_line`, less all that it looks for around a line: where there is no
        border there is nothing to add, and most of the time of a page is spent on finding that.
        """
        if self.gutter.totals != (0, 0):
            return super().render_lines(crop)
        painted = self._painted
        strips = [painted[y] if y in painted else self.render_line(y) for y in crop.line_range]
        if filters := self.get_line_filters():
            ground = self.background_colors[1]
            for each in filters:
                strips = [strip.apply_filter(each, ground) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Paint one line of the widget."""
        strip = self._painted[y] = self._line(y, self.size)
        return strip

    def refresh(self, *regions: Region, **options: bool) -> Self:
        """Paint lines again, all of them where none is named."""
        if not regions:
            self._painted.clear()
        return super().refresh(*regions, **options)

    def repaint_changed(self) -> None:
        """Paint the lines again that read otherwise than what was painted last; often that is none."""
        size, painted = self.size, self._painted
        lines = {y: self._line(y, size) for y in range(size.height)}
        changed = {y: line for y, line in lines.items() if painted.get(y) != line}
        self._refresh_lines(changed)
        painted |= changed

    def forget_strips(self) -> None:
        """Drop what was made of rows, because it may read otherwise now."""
        self._strips.clear()

    def measure_anew(self) -> None:
        """Lay out and make every strip again: letters take other widths than they did."""
        self._cells = 0

    def style_of(self, name: str) -> Style:
        """Return the style of a run of text; `""` is that of plain text."""
        style = self._palette.get(name)
        if style is None:
            style = self.get_component_rich_style(f"rows--{name}") if name else self.rich_style
            self._palette[name] = style
        return style

    def notify_style_update(self) -> None:
        """Make the strips again after a change of theme or focus."""
        super().notify_style_update()
        self._palette.clear()
        self.forget_strips()

    def on_resize(self, _event: Resize) -> None:
        """Keep the cursor in sight."""
        if self._bring_into_view(self._cursor):
            self.repaint_changed()

    def _refresh_rows(self, rows: list[int]) -> None:
        self._refresh_lines([row - self._top + self.HEAD for row in rows])

    def _refresh_lines(self, lines: Iterable[int]) -> None:
        size = self.size
        seen = [y for y in lines if 0 <= y < size.height]
        for y in seen:
            self._painted.pop(y, None)
        if seen:
            self.refresh(*(Region(0, y, size.width, high) for y, high in _blocks(seen)))

    def _line(self, y: int, size: Size) -> Strip:
        """Return a line as it should be."""
        cells, high = size.width, max(1, size.height - self.HEAD)
        if cells != self._cells:
            self._cells = cells
            self.forget_strips()
            self.width_changed()
        if y < self.HEAD:
            return self._strip([("head", self.paint_head(cells))], cells)
        line = y - self.HEAD
        if self._message:
            return self._strip([message_run(*self._message, line, cells, high)], cells)
        index = line + self._top
        if index >= self.row_count:
            return Strip.blank(cells, self.style_of(""))
        return self._row(index, cells, bar_cell(line, self._top, high, self.row_count))

    def _row(self, index: int, cells: int, bar: str) -> Strip:
        """Return a row with its cell of the scroll bar."""
        cursor = "" if index != self._cursor else "cursor" if self.has_focus else "cursor-blurred"
        key = (self.row_key(index), cursor, bar)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= _MOST_KEPT:
                self._strips.clear()
            strip = self._strips[key] = self._strip(row_runs(self.paint_row(index, cells - 2), bar, cursor), cells)
        return strip

    def row_key(self, index: int) -> int:
        """Return a number that stands for what a row shows, whatever its place."""
        return index

    def _strip(self, runs: list[Run], cells: int) -> Strip:
        return Strip([Segment(text, self.style_of(name)) for name, text in merged(runs)], cells)

    # The mouse

    def on_click(self, event: Click) -> None:
        """Select the row that was clicked; a double click opens it."""
        place = event.get_content_offset(self)
        if place is None or self._message:
            return
        if place.y < self.HEAD:
            self.head_clicked(place.x)
            return
        index = place.y - self.HEAD + self._top
        if index < self.row_count:
            self.move_to(index)
            if event.chain == 2:
                self.action_open()

    def head_clicked(self, x: int) -> None:
        """Act on a click in the lines above the rows."""
