"""A list to pick from that draws only the rows in sight, so that thousands cost nothing."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vpsbackup_tui.ui.dialogs.gate import Gate, Gated

_PAGE = 5


class PickList(Gated, Widget, can_focus=True):
    """Rows of text with one picked; `rows` are shown as they are, never as markup."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PickList {
        height: auto;
        min-height: 1;
        max-height: 6;
    }
    """

    class Picked(Message):
        """Another row is picked now; `change` is the number of the change by which the gate knows that."""

        def __init__(self, pick_list: "PickList", change: int) -> None:
            super().__init__()
            self.pick_list = pick_list
            self.change = change

    class Entered(Message):
        """The enter key was pressed in the list, at a time of the monotonic clock."""

        def __init__(self, pick_list: "PickList", at: float) -> None:
            super().__init__()
            self.pick_list = pick_list
            self.at = at

    def __init__(self, gate: Gate, rows: Sequence[str], *, picked: int = 0, id: str | None = None) -> None:
        super().__init__(id=id)
        self.gate = gate
        self._rows = rows
        self._top = 0
        self.picked = picked
        """The index of the picked row; meaningless where there are no rows."""

    def show(self, rows: Sequence[str]) -> None:
        """Show other rows, the first of them picked."""
        self._rows = rows
        self._top = 0
        self._pick(0)
        self.refresh(layout=True)

    def move(self, key: str) -> bool:
        """Obey a key that moves in a list; tell whether it is one."""
        steps = {"up": -1, "down": 1, "pageup": -_PAGE, "pagedown": _PAGE, "home": -len(self._rows)}
        step = len(self._rows) if key == "end" else steps.get(key)
        if step is not None:
            self._pick(self.picked + step)
        return step is not None

    def render(self) -> Content:
        """Return the rows in sight; where those aren't all of them, the picked one tells its place."""
        height = max(1, self.size.height)
        self._top = max(min(self._top, self.picked), self.picked - height + 1)
        rows = range(self._top, min(self._top + height, len(self._rows)))
        return Content("\n").join([self._line(index, is_part=len(rows) < len(self._rows)) for index in rows])

    def _line(self, index: int, *, is_part: bool) -> Content:
        """Return a row; the picked one is marked by a sign, and reversed while the list has the focus."""
        wide = self.size.width
        if index != self.picked:
            return Content(f"  {self._rows[index]}").truncate(wide, ellipsis=True)
        place = f" {index + 1:,} of {len(self._rows):,}" if is_part else ""
        row = Content(f"› {self._rows[index]}").truncate(wide - len(place), ellipsis=True, pad=bool(place))
        return (row + place).stylize("bold reverse" if self.has_focus else "bold")

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return a row for each, as far as the style lets it grow."""
        return max(1, len(self._rows))

    def on_key(self, event: events.Key) -> None:
        """Move, or say that enter was pressed."""
        if event.key == "enter":
            event.stop()
            self.post_message(self.Entered(self, event.time))
        elif self.move({"j": "down", "k": "up", "g": "home", "G": "end"}.get(event.key, event.key)):
            event.stop()

    def on_click(self, event: events.Click) -> None:
        """Move to the row under the mouse."""
        event.stop()
        if self._top + event.y < len(self._rows):
            self._pick(self._top + event.y)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down a row."""
        event.stop()
        self.move("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up a row."""
        event.stop()
        self.move("up")

    def on_focus(self) -> None:
        """Show that the keys work here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys work elsewhere."""
        self.refresh()

    def _pick(self, row: int) -> None:
        self.picked = max(0, min(row, len(self._rows) - 1))
        self.refresh()
        self.post_message(self.Picked(self, self.gate.changed()))
