"""A confirmation as heavy as the loss: the operator types what it is about to happen to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.fields import ConfirmingField, Field, FieldRow

Answer = TypeVar("Answer")


class TypedDialog(Dialog[Answer], Generic[Answer]):
    """Answers what `confirmed` returns once exactly `expected` was typed; its button is dead until then."""

    def __init__(self, heading: str, *, verb: str, prompt: Content, expected: str, clock: Callable[[], float]) -> None:
        super().__init__(heading, clock=clock)
        self._verb = verb
        self._prompt = prompt
        self._expected = expected

    def compose_form(self) -> Iterable[Widget]:
        """Yield the field and what to type in it."""
        yield Static(self._prompt, id="prompt", markup=False)
        yield FieldRow(ConfirmingField(self.gate, id="typed"))

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that needs the typed text."""
        yield DialogButton(self.gate, self._verb, id="confirm", dangerous=True, live=False)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what confirms it."""
        return [(f"{self._expected} enter", f"{self._verb.lower()}, once it is typed exactly; pasted text isn't taken")]

    def is_confirmed_by(self, typed: str) -> bool:
        """Tell whether this text is the confirmation."""
        return typed == self._expected

    def on_input_changed(self, message: Field.Changed) -> None:
        """Make the button live or dead."""
        message.stop()
        self.query_one("#confirm", DialogButton).disabled = not self.is_confirmed_by(message.value)
        if message.value:
            self.note("")

    def confirmed(self) -> Answer:
        """Return the answer that the typed text confirms."""
        raise NotImplementedError

    def enter(self, field: Field) -> None:
        """Confirm with the right text, or say what is missing."""
        if self.is_confirmed_by(field.value):
            self.answer(self.confirmed())
        else:
            self.note("Not that yet: nothing is done." if field.value else "Type it first: nothing is done.")

    def press(self, button: DialogButton) -> None:
        """Confirm with the button, if the right text is there."""
        self.enter(self.query_one("#typed", ConfirmingField))
