"""The base of every dialog: how it looks, which input counts, and how it ends."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import HorizontalGroup, Vertical, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.ui import layout
from vpsbackup_tui.ui.actions import IN_DIALOGS, action_of
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.gate import Gate, Gated
from vpsbackup_tui.ui.dialogs.lists import PickList
from vpsbackup_tui.ui.keymap import binding_of
from vpsbackup_tui.ui.terminal.pace import PacedApp

Answer = TypeVar("Answer")

# Seconds. A new screen is laid out in several passes; each of them sent costs 5 kB.
_LAYING_OUT = 0.05
TOO_FAST = "That came in a burst of keys and doesn't count: press it again."
TOO_EARLY = "The terminal did not show yet what that confirms, so it doesn't count: press it again."


class Confirmation(NamedTuple):
    """What to do once a key has turned out to stand alone."""

    at: float
    act: Callable[[], None]


class Dialog(Gated, ModalScreen[Answer | None], Generic[Answer]):
    """Asks one thing and ends by `dismiss`, with the answer or with None for "cancelled".

    A subclass yields what is to be read in `compose_body`, what is to be filled in
    `compose_form` and the buttons after Cancel in `compose_buttons`; it obeys `press`
    and `enter`. The body scrolls where the screen is small; form and buttons stay.
    """

    AUTO_FOCUS = "Field, #cancel"
    # A delete goes on counting down behind a dialog, and must be in reach there; a field takes the key as text.
    BINDINGS: ClassVar[list[BindingType]] = [
        binding_of(action_id, f"app.{action_of(action_id).method}") for action_id in IN_DIALOGS
    ]
    CANCEL: ClassVar[str] = "Cancel"
    IS_HARMLESS: ClassVar[bool] = False
    """Whether nothing is lost by any answer to it: what is typed counts before it is seen, too."""
    HEARS_QUIT: ClassVar[bool] = False
    """Whether the key that quits is an answer to it."""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]  # noqa: RUF012
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: transparent;
        & #box {
            width: 76; max-width: 100%;
            height: auto; max-height: 100%;
            background: $background;
            border: round $foreground;
            border-title-style: bold;
            padding: 0 1;
        }
        & #body { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & #foot { dock: bottom; }
        &.-tall #foot { padding-top: 1; }
        &.-low PickList { max-height: 5; }
        & #note { min-height: 1; }
        & #buttons { height: 1; }
        & .loss { color: $text-error; text-style: bold; }
        & #too-small { display: none; }
        &.-too-small #box { display: none; }
        &.-too-small #too-small { display: block; width: 100%; height: 100%; background: $background; }
        &:ansi { background: transparent; }
        &:ansi #box { background: ansi_default; border: round ansi_default; }
        &:ansi .loss { color: ansi_red; }
    }
    """

    def __init__(self, heading: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.gate = Gate(clock, strict=not self.IS_HARMLESS)
        self.heading = heading
        self._pending: Confirmation | None = None
        self._answered = False
        self._left: Widget | None = None  # where the focus was when there was no room any more
        self._answer: Answer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the box: body above, form and buttons below."""
        with Vertical(id="box") as box:
            box.border_title = Content(self.heading)
            with VerticalScroll(id="body", can_focus=False):
                yield from self.compose_body()
            with VerticalGroup(id="foot"):
                yield from self.compose_form()
                yield Static(id="note", markup=False)
                with HorizontalGroup(id="buttons"):
                    yield DialogButton(self.gate, self.CANCEL, id="cancel")
                    yield from self.compose_buttons()
        yield Static(layout.TOO_SMALL, id="too-small", markup=False)

    def compose_body(self) -> Iterable[Widget]:
        """Yield what is to be read."""
        return ()

    def compose_form(self) -> Iterable[Widget]:
        """Yield what is to be filled."""
        return ()

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the buttons after Cancel."""
        return ()

    def press(self, button: DialogButton) -> None:
        """Do what a button other than Cancel says."""

    def enter(self, field: Field) -> None:
        """Do what enter in a field means."""

    def pick(self, pick_list: PickList) -> None:
        """Do what enter in a list means."""

    def take_key(self, event: events.Key) -> bool:
        """Obey a key that neither a field nor a button has taken; tell whether it meant something."""
        return False

    def explain(self) -> Sequence[tuple[str, str]]:
        """Return which keys do what in this dialog, beside those of every dialog."""
        return ()

    def answer(self, answer: Answer | None) -> None:
        """End the dialog, once; under another dialog, as soon as that one is closed."""
        if not self._answered:
            self._answered = True
            self._answer = answer
            self._leave()

    def _leave(self) -> None:
        # `dismiss` closes whichever screen is on top, be it this one or not; while the program ends there is none.
        if self.is_active:
            self.dismiss(self._answer)

    def note(self, text: str) -> None:
        """Show a sentence above the buttons."""
        self.query_one("#note", Static).update(Content(text))

    def confirm(self, key_at: float | None, act: Callable[[], None]) -> None:
        """Do `act` once it is sure that the key of this time is no part of a burst; at once for a click (None)."""
        if key_at is None:
            act()
        elif not self.gate.stands_alone(key_at):
            self.note(TOO_FAST)
        elif not self.gate.has_settled(key_at):
            self.note(TOO_EARLY)
        elif self._pending is None:
            self._pending = Confirmation(key_at, act)
            self.set_timer(self.gate.pace.quiet, self._settle)

    @property
    def is_ready(self) -> bool:
        """Tell whether input counts by now."""
        return self.gate.is_open

    @property
    def is_deciding(self) -> bool:
        """Tell whether a confirming key was pressed of which it isn't sure yet that it stands alone."""
        return self._pending is not None

    def _settle(self) -> None:
        """Act on the key that was weighed, unless others followed it."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        if not self.gate.stands_alone(pending.at):
            self.note(TOO_FAST)
        elif not self.gate.knew(pending.at):
            self.note(TOO_EARLY)
        else:
            pending.act()

    def on_screen_resume(self) -> None:
        """Take no input until what is on the screen has been there for a moment; leave if it was answered unseen."""
        if self._answered:
            self._leave()
            return
        self.gate.shut()
        self.app.delay_update(_LAYING_OUT)
        self.set_timer(_LAYING_OUT, lambda: self.call_after_refresh(self._wait_to_be_seen))

    def _wait_to_be_seen(self) -> None:
        self._when_seen(self.gate.painted)

    def _when_seen(self, call: Callable[[], None]) -> None:
        """Call once the terminal shows what was drawn, which on a slow one is later than it was drawn."""
        if isinstance(self.app, PacedApp):
            self.app.call_when_shown(call)
        else:
            call()

    def on_pick_list_picked(self, message: PickList.Picked) -> None:
        """Let nothing be confirmed by a key that came before the row that is picked now was on the screen."""
        self.call_after_refresh(self._when_seen, lambda: self.gate.shown(message.change))

    def on_resize(self) -> None:
        """Show only what size is needed where there is too little, and take no key that can't be seen to act."""
        too_small = layout.is_too_small(self.size)
        if too_small and not self.has_class("-too-small"):
            self._left = self.focused
            self.set_focus(None)
        elif not too_small and self.has_class("-too-small") and self._left is not None:
            self.call_after_refresh(self.set_focus, self._left)
        self.set_class(too_small, "-too-small")

    def on_key(self, event: events.Key) -> None:
        """Obey the keys that every dialog has, then those of this one."""
        if self.has_class("-too-small") and event.key != "escape":
            event.stop()
        elif event.character and event.is_printable and (field := self._field_to_come) is not None:
            event.stop()
            field.insert_text_at_cursor(event.character)
        elif event.key == "escape" or (event.key == "n" and not isinstance(self.focused, Field)):
            event.stop()
            self.answer(None)
        elif self.take_key(event) or self._move(event.key):
            event.stop()

    @property
    def _field_to_come(self) -> Field | None:
        """Return the field that takes a text which was typed before it had the focus; None where none does."""
        if not self.IS_HARMLESS:
            return None
        if self.focused is None:
            return next(iter(self.query(Field)), None)
        return self.focused if isinstance(self.focused, Field) else None

    def on_dialog_button_pressed(self, message: DialogButton.Pressed) -> None:
        """Cancel, unless the key is still that which opened the dialog; or let the dialog do what the button says."""
        message.stop()
        if message.button.id == "cancel":
            if message.key_at is None or self.gate.has_settled(message.key_at):
                self.answer(None)
        else:
            self.confirm(message.key_at, lambda: self.press(message.button))

    def on_field_entered(self, message: Field.Entered) -> None:
        """Let the dialog do what enter in the field means."""
        message.stop()
        self.confirm(message.at, lambda: self.enter(message.field))

    def on_pick_list_entered(self, message: PickList.Entered) -> None:
        """Let the dialog do what enter in the list means."""
        message.stop()
        self.confirm(message.at, lambda: self.pick(message.pick_list))

    def on_field_declined(self, message: Field.Declined) -> None:
        """Say why text was not taken."""
        message.stop()
        self.note(message.reason)

    def _move(self, key: str) -> bool:
        """Scroll the body, or move along the buttons."""
        body = self.query_one("#body", VerticalScroll)
        match key:
            case "up" | "k":
                body.scroll_up(animate=False)
            case "down" | "j":
                body.scroll_down(animate=False)
            case "pageup" | "ctrl+u":
                body.scroll_page_up(animate=False)
            case "pagedown" | "ctrl+d":
                body.scroll_page_down(animate=False)
            case "home" | "g":
                body.scroll_home(animate=False)
            case "end" | "G":
                body.scroll_end(animate=False)
            case "left" | "h":
                self.focus_previous()
            case "right" | "l":
                self.focus_next()
            case _:
                return False
        return True
