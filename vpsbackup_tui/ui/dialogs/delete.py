"""Ask whether a backup is to be deleted: for a key, or where the loss is heavy for the backup's id."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.fleet.models import MOST_OF_A_REASON, Backup
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Standpoint, backup_facts, moment_text
from vpsbackup_tui.ui.dialogs.fields import BoundedField, Field, FieldRow
from vpsbackup_tui.ui.dialogs.typed import TypedDialog

_WHY = "say why, for the history; enter leaves that field"
_IN_REASON = "enter leaves this field; it confirms nothing."


class DeleteAnswer(NamedTuple):
    """That the backup is to be deleted, and why, where the operator has said so."""

    reason: str = ""


class DeleteDialog(Dialog[DeleteAnswer]):
    """Shows what is lost with a backup, and asks why it is, if one likes to say; a subclass asks for what confirms it.

    `remaining` are the server's other completed backups, as far as they are listed. What
    is typed as the reason confirms nothing: enter leaves its field. `restore` tells of a
    restore that may read the backup.
    """

    def __init__(
        self,
        backup: Backup,
        standpoint: Standpoint,
        *,
        remaining: Sequence[Backup],
        restore: str = "",
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        super().__init__(f"Delete backup {backup.id}", clock=clock, **options)
        self._backup = backup
        self._standpoint = standpoint
        self._remaining = remaining
        self._restore = restore

    def compose_body(self) -> Iterable[Widget]:
        """Yield the record."""
        yield backup_facts(self._backup, self._standpoint)

    def compose_loss(self) -> Iterable[Widget]:
        """Yield what is lost, for the form, as what stands there never scrolls away."""
        if self._restore:
            yield Static(Content(self._restore), classes="loss", markup=False)
        yield Static(Content(self._loss()), classes="loss", markup=False)
        yield Static(Content(self._what_remains()), id="remains", markup=False)

    def reason_row(self, key: str) -> FieldRow:
        """Return the field of the reason, to which `key` leads."""
        label = Content.assemble("Why, optional (", (key, "bold"), ") ")
        return FieldRow(BoundedField(self.gate, "a reason", MOST_OF_A_REASON, id="reason"), label)

    def take_key(self, event: events.Key) -> bool:
        """Take as text what was on its way before the focus was in a field."""
        if isinstance(self.focused, Field) and event.character and event.is_printable:
            self.focused.insert_text_at_cursor(event.character)
            return True
        return False

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say in the field of the reason that keys are text there."""
        self.note(_IN_REASON if event.widget.id == "reason" else "")

    def on_input_changed(self, message: Field.Changed) -> None:
        """Let the reason confirm nothing, and go on saying so."""
        if message.input.id == "reason":
            message.stop()
            message.prevent_default()
            self.note(_IN_REASON)

    def enter(self, field: Field) -> None:
        """Leave the field of the reason."""
        if field.id == "reason":
            self.set_focus(self.query_one(self.AUTO_FOCUS))
        else:
            super().enter(field)

    def confirmed(self) -> DeleteAnswer:
        """Return that the backup is to be deleted, and why."""
        return DeleteAnswer(self.query_one("#reason", Field).value)

    def _loss(self) -> str:
        if self._backup.is_completed and not self._remaining:
            return "This is the server's last completed backup. A delete can't be undone."
        if self._backup.is_busy:
            return "The service still works on this backup. A delete can't be undone."
        return "A delete can't be undone."

    def _what_remains(self) -> str:
        """Return what there is to restore the server from afterwards."""
        count = len(self._remaining)
        if not count:
            return "No other completed backup of this server is sure to be left."
        newest = max(backup.created or 0.0 for backup in self._remaining)
        moment = moment_text(newest or None, self._standpoint.zone)
        noun = "completed backup" if count == 1 else "completed backups"
        return f"Left for this server: {count:,} {noun}, the newest of {moment}."


class KeyDeleteDialog(DeleteDialog):
    """Asks for `y`."""

    AUTO_FOCUS = "#cancel"

    def compose_form(self) -> Iterable[Widget]:
        """Yield what is lost, which key confirms it, and the field of the reason."""
        yield from self.compose_loss()
        yield Static(Content.assemble("Press ", ("y", "bold"), " to delete it, n or esc to keep it."), markup=False)
        yield self.reason_row("w")

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that deletes."""
        yield DialogButton(self.gate, "Delete", id="confirm", dangerous=True)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what confirms it, and where the reason goes."""
        return [("y", "delete it"), ("w", _WHY)]

    def take_key(self, event: events.Key) -> bool:
        """Confirm with `y`; go to the reason with `w`, at once, so that what follows is text."""
        if super().take_key(event):
            return True
        match event.key:
            case "w":
                self.set_focus(self.query_one("#reason"))
            case "y":
                self.confirm(event.time, lambda: self.answer(self.confirmed()))
            case _:
                return False
        return True

    def press(self, button: DialogButton) -> None:
        """Delete."""
        self.answer(self.confirmed())


class TypedDeleteDialog(DeleteDialog, TypedDialog[DeleteAnswer]):
    """Asks for the backup's id, as the loss is heavy."""

    AUTO_FOCUS = "#typed"

    def __init__(self, backup: Backup, *arguments: Any, **options: Any) -> None:
        expected = str(backup.id)
        prompt = Content.assemble("To delete it, type the backup's id: ", (expected, "bold"))
        super().__init__(backup, *arguments, verb="Delete", prompt=prompt, expected=expected, **options)

    def compose_form(self) -> Iterable[Widget]:
        """Yield what is lost, the field that confirms it, and that of the reason."""
        yield from self.compose_loss()
        yield from super().compose_form()
        yield self.reason_row("tab")

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what confirms it, and where the reason goes."""
        return [*super().explain(), ("tab", _WHY)]
