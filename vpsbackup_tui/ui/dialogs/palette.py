"""Find an action by its name."""

import time
from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual.widget import Widget

from vpsbackup_tui.ui.actions import HelpEntry
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.fields import Field, FieldRow
from vpsbackup_tui.ui.dialogs.lists import PickList


class PaletteDialog(Dialog[int]):
    """Narrows the entries as a name is typed; answers the index of the one that was picked."""

    IS_HARMLESS = True

    def __init__(self, entries: Sequence[HelpEntry], *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("Actions", clock=clock)
        self._entries = entries
        self._matching = list(range(len(entries)))

    def compose_body(self) -> Iterable[Widget]:
        """Yield the field and the actions that match it."""
        yield FieldRow(Field(self.gate, placeholder="what to do", id="name"))
        yield PickList(self.gate, self._rows())

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that runs the picked action."""
        yield DialogButton(self.gate, "Run", id="run")

    def on_input_changed(self, message: Field.Changed) -> None:
        """Narrow the list, by words and by the name that an action has in the configuration."""
        message.stop()
        words = message.value.casefold().split()
        self._matching = [
            index
            for index, entry in enumerate(self._entries)
            if all(word in f"{entry.group} {entry.words} {entry.name}".casefold() for word in words)
        ]
        self.query_one(PickList).show(self._rows())

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say how an action is found."""
        return [
            ("letters ↑ ↓", "narrow the actions and choose one"),
            ("enter", "run it; what loses data asks first"),
        ]

    def take_key(self, event: events.Key) -> bool:
        """Let the arrows move in the list while the name is typed."""
        return isinstance(self.focused, Field) and self.query_one(PickList).move(event.key)

    def enter(self, field: Field) -> None:
        """Run the picked action."""
        self._run_picked()

    def pick(self, pick_list: PickList) -> None:
        """Run the picked action."""
        self._run_picked()

    def press(self, button: DialogButton) -> None:
        """Run the picked action."""
        self._run_picked()

    def _run_picked(self) -> None:
        if self._matching:
            self.answer(self._matching[self.query_one(PickList).picked])
        else:
            self.note("No action has such a name.")

    def _rows(self) -> list[str]:
        return [f"{self._entries[index].keys:<16} {self._entries[index].words}" for index in self._matching]
