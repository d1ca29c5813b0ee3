"""Ask what of a backup is to be copied."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from textual import events
from textual.widget import Widget

from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.lists import PickList

CopyAnswer = Literal["id", "json", "command"]
_ANSWERS: tuple[CopyAnswer, ...] = ("id", "json", "command")


class CopyDialog(Dialog[CopyAnswer]):
    """Answers which form of a backup to copy; `command` is the command line that does the same as the screen."""

    AUTO_FOCUS = "PickList"

    IS_HARMLESS = True

    def __init__(self, backup: Backup, command: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(f"Copy backup {backup.id}", clock=clock)
        self._rows = (f"1  its id: {backup.id}", "2  the row as JSON", f"3  the command line: {command}")

    def compose_body(self) -> Iterable[Widget]:
        """Yield the forms."""
        yield PickList(self.gate, self._rows)

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that copies the picked form."""
        yield DialogButton(self.gate, "Copy", id="copy")

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say how a form is chosen."""
        return [("1 2 3", "copy that one"), ("↑ ↓ enter", "choose one, copy it")]

    def take_key(self, event: events.Key) -> bool:
        """Answer by number."""
        if event.key not in ("1", "2", "3"):
            return False
        self.confirm(event.time, lambda: self.answer(_ANSWERS[int(event.key) - 1]))
        return True

    def pick(self, pick_list: PickList) -> None:
        """Answer the picked form."""
        self.answer(_ANSWERS[pick_list.picked])

    def press(self, button: DialogButton) -> None:
        """Answer the picked form."""
        self.pick(self.query_one(PickList))
