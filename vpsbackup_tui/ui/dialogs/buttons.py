"""Buttons of one row, which know how the operator came to them."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vpsbackup_tui.ui.dialogs.gate import Gate, Gated


class DialogButton(Gated, Widget, can_focus=True):
    """A button: enter presses it where it has the focus, a click too.

    A `dangerous` one obeys a click only where the keyboard has moved to it: the mouse
    alone never confirms a loss. A dead button (`disabled`) is drawn without brackets.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DialogButton {
        width: auto;
        height: 1;
        margin-right: 2;
        &:focus { text-style: bold reverse; }
        &:disabled { text-style: dim; }
        &.dangerous { color: $text-error; }
    }
    """

    class Pressed(Message):
        """The button was pressed; `key_at` is when the key was read, None for a click."""

        def __init__(self, button: "DialogButton", key_at: float | None) -> None:
            super().__init__()
            self.button = button
            self.key_at = key_at

    def __init__(self, gate: Gate, label: str, *, id: str, dangerous: bool = False, live: bool = True) -> None:
        super().__init__(id=id, disabled=not live)
        self.label = label
        self.dangerous = dangerous
        self.set_class(dangerous, "dangerous")
        self.gate = gate
        self._clicked = False
        self._reached = False

    def render(self) -> Content:
        """Return the label, in brackets while the button is live."""
        return Content(f"  {self.label}  " if self.disabled else f"[ {self.label} ]")

    def focus_on_click(self) -> bool:
        """Note that it is the mouse that moves here, unless the focus is here already."""
        self._clicked = not self.has_focus
        return super().focus_on_click()

    def on_focus(self) -> None:
        """Note whether the keyboard moved here."""
        self._reached = not self._clicked

    def on_blur(self) -> None:
        """Forget how the focus came here."""
        self._clicked = self._reached = False

    def on_key(self, event: events.Key) -> None:
        """Press the button with enter."""
        if event.key == "enter":
            event.stop()
            self.post_message(self.Pressed(self, event.time))

    def on_click(self, event: events.Click) -> None:
        """Press the button with the mouse, if it may."""
        event.stop()
        if self._reached or not self.dangerous:
            self.post_message(self.Pressed(self, None))
