"""Show all that is known of one backup."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from textual import events
from textual.content import Content
from textual.widget import Widget

from vpsbackup_tui.fleet.formats import NOTHING, age_phrase, expiry_text, size_text
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.ui.actions import action_of, first_key, keys_of
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import (
    Facts,
    Standpoint,
    account_text,
    moment_text,
    warnings,
)

DetailsAnswer = Literal["copy", "restore", "delete"]
_ACTIONS: dict[DetailsAnswer, str] = {"copy": "copy", "restore": "backup.restore", "delete": "backup.delete"}


class DetailsDialog(Dialog[DetailsAnswer]):
    """Shows every field of a backup; answers what is to be done with it next.

    `forbidden` tells of an action of the screen why it can't be done. Each has the keys that
    it has on the screen, by the `keymap`. `seen_at` is when the backup was last seen (Unix
    seconds), where that was in an earlier run of this program.
    """

    CANCEL = "Close"

    IS_HARMLESS = True

    def __init__(
        self,
        backup: Backup,
        standpoint: Standpoint,
        *,
        forbidden: Mapping[str, str] = {},
        keymap: Mapping[str, str] = {},
        seen_at: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"Backup {NOTHING if backup.id is None else backup.id}", clock=clock)
        self._backup = backup
        self._standpoint = standpoint
        self._seen_at = seen_at
        self._keymap = keymap
        self._forbidden = forbidden
        self._next = [answer for answer, action in _ACTIONS.items() if action not in forbidden]

    def compose_body(self) -> Iterable[Widget]:
        """Yield every field."""
        yield Facts(self._rows(), [*self._how_old(), *warnings(self._backup, self._backup.server_name)])

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield a button for each thing that can be done next."""
        for answer in self._next:
            label = f"{answer.capitalize()} {first_key(_ACTIONS[answer], self._keymap)}"
            yield DialogButton(self.gate, label.rstrip(), id=answer)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what can be done next."""
        keys = [(first_key(_ACTIONS[answer], self._keymap), answer) for answer in self._next]
        return [(key, f"{answer} it; that asks first") for key, answer in keys if key]

    def take_key(self, event: events.Key) -> bool:
        """Answer what is to be done next, which asks for itself before it does anything, or say why it can't be."""
        for answer in self._next:
            if event.key in keys_of(action_of(_ACTIONS[answer]), self._keymap):
                self.confirm(event.time, partial(self.answer, answer))
                return True
        for action, why in self._forbidden.items():
            if event.key in keys_of(action_of(action), self._keymap):
                self.note(why)
                return True
        return False

    def press(self, button: DialogButton) -> None:
        """Answer what the button says."""
        for answer in self._next:
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
