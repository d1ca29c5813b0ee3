"""Show what was done: running, finished, unknown."""

import time
from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Standpoint, age_phrase, moment_text, short_name

_MARKS = {
    Outcome.RUNNING: "…",
    Outcome.DONE: "✓",
    Outcome.REFUSED: "×",
    Outcome.NOT_SENT: "–",
    Outcome.UNKNOWN: "?",
}
_MOST_SHOWN = 100


def operation_text(operation: Operation) -> Content:
    """Return what was asked for, of what: `delete backup 501 of web-server-01`."""
    name = (short_name(operation.server_label), "bold")
    backup_id = str(operation.backup.id) if operation.backup else ""
    match operation.action:
        case Action.CREATE:
            made = f" (backup {backup_id})" if backup_id else ""
            return Content.assemble("create a backup of ", name, made)
        case Action.DELETE:
            return Content.assemble(f"delete backup {backup_id} of ", name)
        case Action.RESTORE:
            return Content.assemble("restore ", name, f" from backup {backup_id}")


class Entry(VerticalGroup):
    """One change: its outcome, what it was, when, and why it ended so."""

    DEFAULT_CSS = """
    Entry > .why { padding-left: 2; }
    """

    def __init__(self, operation: Operation, standpoint: Standpoint) -> None:
        head = Content.assemble((f"{_MARKS[operation.outcome]} {operation.word}", "bold"), ": ")
        when = f"{moment_text(operation.at, standpoint.zone)} · {age_phrase(operation.at, standpoint.now)}"
        why = f"{when} · {operation.message}" if operation.message else when
        super().__init__(
            Static(head + operation_text(operation), markup=False),
            Static(Content(why), classes="why", markup=False),
        )


class ActivityDialog(Dialog[None]):
    """Shows the changes given, newest first as they come; `show` brings them up to date."""

    CANCEL = "Close"

    def __init__(
        self,
        operations: Sequence[Operation],
        standpoint: Standpoint,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("What was done", clock=clock)
        self._operations = operations
        self._standpoint = standpoint

    async def show(self, operations: Sequence[Operation]) -> None:
        """Show other changes, or the same ones as they are now."""
        self._operations = operations
        body = self.query_one("#body")
        await body.remove_children()
        await body.mount_all(self.compose_body())

    def compose_body(self) -> Iterable[Widget]:
        """Yield the changes."""
        for operation in self._operations[:_MOST_SHOWN]:
            yield Entry(operation, self._standpoint)
        if not self._operations:
            yield Static(Content("Nothing was changed, and nothing was tried."), markup=False)
        elif len(self._operations) > _MOST_SHOWN:
            yield Static(Content(f"The newest {_MOST_SHOWN} are shown; `history` lists all."), markup=False)

    def take_key(self, event: events.Key) -> bool:
        """Close with the key that opened it, too."""
        if event.key not in ("at", "q"):
            return False
        self.answer(None)
        return True
