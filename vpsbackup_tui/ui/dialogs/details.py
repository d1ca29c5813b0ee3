"""Show all that is known of one backup."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from textual import events
from textual.content import Content
from textual.widget import Widget

from vpsbackup_tui.fleet.formats import NOTHING, expiry_text, size_text
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import (
    Facts,
    Standpoint,
    account_text,
    age_phrase,
    moment_text,
    warnings,
)

DetailsAnswer = Literal["copy", "restore", "delete"]


class DetailsDialog(Dialog[DetailsAnswer]):
    """Shows every field of a backup; answers what is to be done with it next, where `can_change` allows it.

    `seen_at` is when it was last seen (Unix seconds), where that was in an earlier run of this program.
    """

    CANCEL = "Close"

    def __init__(
        self,
        backup: Backup,
        standpoint: Standpoint,
        *,
        can_change: bool = True,
        seen_at: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"Backup {NOTHING if backup.id is None else backup.id}", clock=clock)
        self._backup = backup
        self._standpoint = standpoint
        self._seen_at = seen_at
        self._next: dict[str, DetailsAnswer] = {"y": "copy"}
        if can_change and backup.is_completed and backup.server_id is not None:
            self._next["R"] = "restore"
        if can_change and backup.id is not None and not backup.unreadable:
            self._next["D"] = "delete"

    def compose_body(self) -> Iterable[Widget]:
        """Yield every field."""
        yield Facts(self._rows(), [*self._how_old(), *warnings(self._backup, self._backup.server_name)])

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield a button for each thing that can be done next."""
        for key, answer in self._next.items():
            yield DialogButton(self.gate, f"{answer.capitalize()} {key}", id=answer)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what can be done next."""
        return [(key, f"{answer} it; that asks first") for key, answer in self._next.items()]

    def take_key(self, event: events.Key) -> bool:
        """Answer what is to be done next; it asks for itself before it does anything."""
        answer = self._next.get(event.key)
        if answer is not None:
            self.confirm(event.time, lambda: self.answer(answer))
        return answer is not None

    def press(self, button: DialogButton) -> None:
        """Answer what the button says."""
        for answer in self._next.values():
            if answer == button.id:
                self.answer(answer)

    def _how_old(self) -> list[Content]:
        """Return how old the record is, where the service hasn't told it in this run."""
        if self._seen_at is None:
            return []
        when, ago = moment_text(self._seen_at, self._standpoint.zone), age_phrase(self._seen_at, self._standpoint.now)
        return [Content(f"! As last seen {when} · {ago}.")]

    def _rows(self) -> list[tuple[str, str]]:
        """Return every field; times in words, exactly, and as the service sent them."""
        backup, now = self._backup, self._standpoint.now
        size = size_text(backup.size_mb)
        return [
            ("Account", account_text(self._standpoint)),
            ("Backup", NOTHING if backup.id is None else str(backup.id)),
            ("Server", backup.server_name or "(no name)"),
            ("Server id", NOTHING if backup.server_id is None else str(backup.server_id)),
            ("Type", backup.type or NOTHING),
            ("Status", backup.status or NOTHING),
            ("Size", size if size.endswith((NOTHING, " MB")) else f"{size} ({backup.size_mb:,} MB)"),
            ("Created", self._moment(backup.created, age_phrase(backup.created, now), backup.created_at)),
            ("Expires", self._moment(backup.expires, expiry_text(backup.expires, now), backup.expires_at)),
            ("Description", backup.description or NOTHING),
        ]

    def _moment(self, moment: float | None, words: str, sent: str | None) -> str:
        """Return a time exactly, in words, and in the service's own words."""
        as_sent = "" if sent is None else f"sent as {sent}"
        if moment is None:
            return f"can't be read; {as_sent}" if as_sent else words
        return " · ".join(part for part in (moment_text(moment, self._standpoint.zone), words, as_sent) if part)
