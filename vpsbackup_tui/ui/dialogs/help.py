"""Show which keys do what."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from textual import events
from textual.content import Content
from textual.widget import Widget

from vpsbackup_tui.ui.actions import HelpEntry
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.indented import Indented

_KEYS_WIDTH = 16


_EVERYWHERE = (
    ("esc", "close it; n does too, where no text is typed"),
    ("tab ← →", "to the next field or button, or back"),
    ("enter", "press the button that has the focus"),
    ("↑ ↓ pgup pgdn", "read on above, where not all of it is seen"),
)


def help_of(dialog: Dialog[Any]) -> list[HelpEntry]:
    """Return what there is to know of a dialog: its own keys, then those of every dialog."""
    own = [HelpEntry(dialog.heading, keys, words) for keys, words in dialog.explain()]
    return own + [HelpEntry("In every dialog", keys, words) for keys, words in _EVERYWHERE]


class HelpDialog(Dialog[None]):
    """Shows the entries under their headings, in the order given."""

    CANCEL = "Close"

    IS_HARMLESS = True

    def __init__(self, entries: Sequence[HelpEntry], *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("Help", clock=clock)
        self._entries = entries

    def compose_body(self) -> Iterable[Widget]:
        """Yield the groups."""
        for group, entries in groupby(self._entries, key=lambda entry: entry.group):
            lines = [Content.styled(group, "bold underline")]
            lines += [Content(f"{entry.keys:<{_KEYS_WIDTH}} {entry.words}") for entry in entries]
            yield Indented(Content("\n").join(lines), hang=_KEYS_WIDTH + 1)

    def take_key(self, event: events.Key) -> bool:
        """Close with the keys that opened it, too."""
        if event.key not in ("question_mark", "f1", "q"):
            return False
        self.answer(None)
        return True
