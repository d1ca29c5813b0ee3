"""The field in which a filter is typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from vpsbackup_tui.secret import holds_used_token
from vpsbackup_tui.text import clean


class FilterField(Input):
    """A one-line field that says when the operator is done with it."""

    DEFAULT_CSS = """
    FilterField { height: 1; border: none; padding: 0 1; background: $surface; display: none; }
    FilterField:focus { border: none; }
    FilterField.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Clear", show=False),
        Binding("enter,down", "leave", "Done", show=False),
    ]

    class Left(Message):
        """The operator goes on with what the filter found, or has given it up."""

        def __init__(self, *, given_up: bool) -> None:
            super().__init__()
            self.given_up = given_up

    class Declined(Message):
        """Text was not taken into the field; `reason` says why."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder="filter: words that must all occur", id=id)
        self.cursor_blink = False

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the value; of what is pasted, nothing hidden or commanding gets in, and not the token."""
        if text and holds_used_token(self.value[:start] + text + self.value[end:]):
            self.post_message(self.Declined("Not taken: it holds the token in use, and others can see it."))
        else:
            super().replace(clean(text), start, end)

    def action_give_up(self) -> None:
        """Clear the filter."""
        self.post_message(self.Left(given_up=True))

    def action_leave(self) -> None:
        """Keep the filter."""
        self.post_message(self.Left(given_up=False))
