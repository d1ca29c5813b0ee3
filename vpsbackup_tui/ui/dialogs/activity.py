"""Show what was done: running, finished, unknown."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget

from vpsbackup_tui.fleet.formats import age_phrase
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.ui.actions import action_of, keys_of, shown_keys
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Standpoint, moment_text, short_name
from vpsbackup_tui.ui.dialogs.indented import Indented

_MARKS = {
    Outcome.RUNNING: "…",
    Outcome.DONE: "✓",
    Outcome.REFUSED: "×",
    Outcome.NOT_SENT: "–",
    Outcome.UNKNOWN: "?",
}
_MEANINGS = {
    Outcome.RUNNING: "running: the outcome is being worked out",
    Outcome.DONE: "done, or started: the service has taken it on",
    Outcome.REFUSED: "refused: certainly nothing was changed",
    Outcome.NOT_SENT: "not sent: certainly nothing was changed",
    Outcome.UNKNOWN: "not known: it may have been done; later lists can settle a create or a delete",
}
_NONE = "No change is known."  # a journal that was lost may have held one
_MOST_SHOWN = 100
_OPENED_BY = action_of("activity")


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


def entry_text(operation: Operation, standpoint: Standpoint) -> Content:
    """Return one change: its outcome, what it was, when, by whom, with which other account, how it ended, and why."""
    head = Content.assemble((f"{_MARKS[operation.outcome]} {operation.word}", "bold"), ": ")
    when = f"{moment_text(operation.at, standpoint.zone)} · {age_phrase(operation.at, standpoint.now)}"
    by = f"by {operation.who.words}" if operation.who and operation.who.words else ""
    account = operation.who.account if operation.who else ""
    other = f"account {account}" if account and account != standpoint.account else ""
    how = " · ".join(filter(None, (when, by, other, operation.words)))
    why = f"\n  Why: {operation.reason}" if operation.reason else ""
    return head + operation_text(operation) + Content(f"\n  {how}{why}")


def unread_text(why: str) -> Content:
    """Return that the history can't be read, and why, above what is known without it."""
    head = Content.assemble(("! The history can't be read.", "bold"))
    rest = "What was done before this program began isn't shown. Once that is mended, open this list again."
    return head + Content(f"\n  {why}\n  {rest}\n")


class ActivityDialog(Dialog[None]):
    """Shows the changes given, newest first as they come; `show` brings them up to date.

    The key that opened it by the `keymap` closes it. `unread` says why the history can't be
    read, in clean words; the changes are then those since the program began.
    """

    CANCEL = "Close"

    IS_HARMLESS = True

    def __init__(
        self,
        operations: Sequence[Operation],
        standpoint: Standpoint,
        *,
        keymap: Mapping[str, str] = {},
        unread: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("What was done", clock=clock)
        self._operations = operations
        self._standpoint = standpoint
        self._keymap = keymap
        self._unread = unread

    def show(self, operations: Sequence[Operation], unread: str = "") -> None:
        """Show other changes, or the same ones as they are now."""
        self._operations, self._unread = operations, unread
        for entries in self.query(Indented):
            entries.update(self._text())

    def compose_body(self) -> Iterable[Widget]:
        """Yield the changes."""
        yield Indented(self._text())

    def _text(self) -> Content:
        lines = [unread_text(self._unread)] if self._unread else []
        if not self._operations:
            since = "Since this program began, nothing was changed, and nothing was tried."
            lines.append(Content(since if self._unread else _NONE))
        newest, older = self._operations[:_MOST_SHOWN], self._operations[_MOST_SHOWN:]
        shown = [*newest, *(each for each in older if each.is_open)]
        lines += [entry_text(operation, self._standpoint) for operation in shown]
        if older:
            lines.append(Content(f"The newest {_MOST_SHOWN} are shown, and what is open; `history` lists all."))
        return Content("\n").join(lines)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what the marks mean."""
        keys = f"{shown_keys(_OPENED_BY, self._keymap)} q".lstrip()
        return [(_MARKS[outcome], words) for outcome, words in _MEANINGS.items()] + [(keys, "close it")]

    def take_key(self, event: events.Key) -> bool:
        """Close with the key that opened it, too."""
        if event.key not in (*keys_of(_OPENED_BY, self._keymap), "q"):
            return False
        self.answer(None)
        return True
