"""Fields to type in: one row, no blinking, and nothing in them that could act on the terminal."""

from textual import events
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from vpsbackup_tui.secret import holds_token, holds_used_token
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.dialogs.gate import Gate, Gated

_MOST = 1_000
_MOST_OF_A_TOKEN = 8_192
# So many keys in one burst are a paste, though the terminal didn't mark it as one.
_PASTED_RUN = 4


class Field(Gated, Input):
    """A field for plain text; what holds hidden or control characters is declined, with the reason."""

    DEFAULT_CSS = """
    Field {
        background: $surface;
        &:focus { background-tint: transparent; }
        & > .input--cursor, &:ansi > .input--cursor {
            background: $surface;
            color: $foreground;
            text-style: reverse;
        }
    }
    """

    class Entered(Message):
        """The enter key was pressed in the field, at a time of the monotonic clock."""

        def __init__(self, field: "Field", at: float) -> None:
            super().__init__()
            self.field = field
            self.at = at

    class Declined(Message):
        """Text was not taken into the field; `reason` says why."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, gate: Gate, *, placeholder: str = "", hidden: bool = False, id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, password=hidden, select_on_focus=False, compact=True, id=id)
        self.gate = gate
        # A blinking cursor costs 2 kB a second over SSH.
        self.set_reactive(Input.cursor_blink, False)

    def on_key(self, event: events.Key) -> None:
        """Say that enter was pressed; the binding of `Input` would also obey one that was typed ahead.

        What else scrolls a dialog empties a field, as it does in a shell.
        """
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Entered(self, event.time))
        elif event.key == "ctrl+u":
            event.stop()
            event.prevent_default()
            self.action_delete_left_all()

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text whole, without the line ends around it, in place of what is selected."""
        event.stop()
        event.prevent_default()
        self.replace(event.text.strip("\r\n"), *self.selection)

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the value, unless the new text couldn't be shown as it is."""
        start, end = sorted((max(0, start), min(len(self.value), end)))
        value = self.value[:start] + text + self.value[end:]
        if text and (reason := self.fault(value)):
            self.post_message(self.Declined(reason))
        else:
            super().replace(text, start, end)

    def fault(self, value: str) -> str:
        """Return why the field can't hold `value`; empty where it can."""
        if len(value) > _MOST:
            return f"Not taken: that is over {_MOST:,} characters."
        if clean(value, len(value) + 1) != value:
            return "Not taken: it holds hidden or control characters."
        if holds_used_token(value) and not self.password:
            return "Not taken: it holds the token in use, and others can see it."
        return ""


class BoundedField(Field):
    """A field for `what` (such as "a description"), which has at most `most` characters."""

    def __init__(self, gate: Gate, what: str, most: int, *, id: str | None = None) -> None:
        super().__init__(gate, id=id)
        self._what = what
        self._most = most

    def fault(self, value: str) -> str:
        """Return why the field can't hold `value`; empty where it can."""
        if len(value) > self._most:
            return f"Not taken: {self._what} has at most {self._most} characters."
        if holds_token(value):
            return f"Not taken: {self._what} must not hold a token; others can read it."
        return super().fault(value)


class FieldRow(HorizontalGroup):
    """A field behind a sign, so that it is seen without colour, and behind its `label` where it has one."""

    DEFAULT_CSS = """
    FieldRow { height: 1; }
    FieldRow > Static { width: auto; padding-right: 1; }
    FieldRow > Field { width: 1fr; }
    """

    def __init__(self, field: Field, label: Content | None = None) -> None:
        super().__init__(Static((label or Content()) + Content("›"), markup=False), field)


class ConfirmingField(Field):
    """A field whose text is the confirmation itself: it is typed, never pasted."""

    _run = 0

    def on_key(self, event: events.Key) -> None:
        """Decline keys that come in a burst: a paste that the terminal didn't mark."""
        if not event.is_printable:
            return
        self._run = self._run + 1 if self.gate.gap < self.gate.pace.burst else 1
        if self._run >= _PASTED_RUN:
            event.stop()
            event.prevent_default()
            self.value = ""
            self._decline_paste()

    def on_paste(self, event: events.Paste) -> None:
        """Decline a paste."""
        event.stop()
        event.prevent_default()
        self._decline_paste()

    def action_paste(self) -> None:
        """Decline a paste from the clipboard."""
        self._decline_paste()

    def _decline_paste(self) -> None:
        self.post_message(self.Declined("Pasted text isn't taken here: type it."))


class SecretField(Field):
    """A field for a token: it shows dots, gives nothing to the clipboard, and is emptied on leaving."""

    ALLOW_SELECT = False

    def __init__(self, gate: Gate, *, id: str | None = None) -> None:
        super().__init__(gate, hidden=True, id=id)

    def fault(self, value: str) -> str:
        """Return why the field can't hold `value`; what a token looks like is `Token`'s to say."""
        return "Not taken: that is too long to be a token." if len(value) > _MOST_OF_A_TOKEN else ""

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""

    def on_unmount(self) -> None:
        """Forget the token."""
        self.value = ""
