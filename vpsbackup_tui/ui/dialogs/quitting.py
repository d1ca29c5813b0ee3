"""Ask whether to leave while a change is under way."""

import time
from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.operations.operation import Operation
from vpsbackup_tui.ui.dialogs.activity import operation_text
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog

_SECOND = 1.0


class QuitDialog(Dialog[bool]):
    """Answers True to leave at once; None is to stay. Who opened it answers True when nothing runs any more.

    It leaves by itself after `seconds`, with what is under way left as it is; they don't
    pass while a restore `waits` for the backup before it, as to leave would be not to
    begin it. Where all is `unsent`, leaving sends nothing. `journalled` tells whether the next start will know of it.
    """

    CANCEL = "Stay"
    HEARS_QUIT = True

    def __init__(
        self,
        running: Sequence[Operation],
        *,
        seconds: int,
        waits: Callable[[], bool] = bool,
        unsent: Callable[[], bool] = bool,
        journalled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("Quit", clock=clock)
        self._under_way = running
        self._seconds = seconds
        self._waits = waits
        self._unsent = unsent
        self._journalled = journalled

    def compose_body(self) -> Iterable[Widget]:
        """Yield what is under way."""
        count = len(self._under_way)
        head = Content("A change is under way:" if count == 1 else f"{count} changes are under way:")
        lines = [Content("  ") + operation_text(operation) for operation in self._under_way]
        yield Static(Content("\n").join([head, *lines]), markup=False)

    def compose_form(self) -> Iterable[Widget]:
        """Yield how long it takes and what leaving means; it never scrolls away."""
        yield Static(self._wait(), id="wait", markup=False)

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that leaves at once."""
        yield DialogButton(self.gate, "Quit anyway", id="quit", dangerous=True)

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what leaves at once."""
        return [("ctrl+q", "leave at once"), ("tab enter", "leave at once, too")]

    def on_mount(self) -> None:
        """Count down."""
        self.set_interval(_SECOND, self.count_down)

    def count_down(self) -> None:
        """Show that a second has passed; leave after the last one."""
        if not self._waits():
            self._seconds = max(0, self._seconds - 1)
        self.query_one("#wait", Static).update(self._wait())
        if not self._seconds:
            self.answer(True)

    def take_key(self, event: events.Key) -> bool:
        """Leave at once where the operator says for a second time that they want to."""
        if event.key != "ctrl+q":
            return False
        self.confirm(event.time, lambda: self.answer(True))
        return True

    def press(self, button: DialogButton) -> None:
        """Leave at once."""
        self.answer(True)

    def _wait(self) -> Content:
        """Return when the program ends by itself, and what it means to leave before."""
        after = "the next start looks into it" if self._journalled else "without a journal nothing will tell"
        if self._waits():
            return Content(
                "The program ends as soon as the outcome is known. A restore waits for its backup first.\n"
                f"Quitting before begins no restore that waits; what is sent may still be carried out, and {after}."
            )
        means = f"doesn't take it back: it may still be carried out, and {after}"
        return Content.assemble(
            "The program ends as soon as the outcome is known, in ",
            (f"{self._seconds} s", "bold"),
            f" at the latest.\nQuitting before {'sends nothing' if self._unsent() else means}.",
        )
