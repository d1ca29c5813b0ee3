"""Ask whether to leave while a change is under way."""

import time
from collections.abc import Callable, Iterable, Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.operations.operation import Operation
from vpsbackup_tui.ui.dialogs.activity import operation_text
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog


class QuitDialog(Dialog[bool]):
    """Answers True to leave at once; None is to stay. Who opened it answers True when nothing runs any more."""

    CANCEL = "Stay"

    def __init__(self, running: Sequence[Operation], *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("Quit", clock=clock)
        self._under_way = running

    def compose_body(self) -> Iterable[Widget]:
        """Yield what is under way."""
        count = len(self._under_way)
        head = Content("A change is under way:" if count == 1 else f"{count} changes are under way:")
        lines = [Content("  ") + operation_text(operation) for operation in self._under_way]
        yield Static(Content("\n").join([head, *lines]), markup=False)

    def compose_form(self) -> Iterable[Widget]:
        """Yield what leaving means; it never scrolls away."""
        yield Static(
            Content(
                "The program ends as soon as the outcome is known. Quitting before doesn't take it back: "
                "it may still be carried out, and the next start looks into it."
            ),
            markup=False,
        )

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that leaves at once."""
        yield DialogButton(self.gate, "Quit anyway", id="quit", dangerous=True)

    def press(self, button: DialogButton) -> None:
        """Leave at once."""
        self.answer(True)
