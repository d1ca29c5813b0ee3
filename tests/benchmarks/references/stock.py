"""The same list with Textual's own means: a DataTable, an Input for the filter, a modal dialog, the stock driver.

`stock.py 1000` opens with so many rows; `stock.py 1000 later` waits for `l` to load them, and `c` clears them.
"""

import sys
import time
from random import Random
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label

from vpsbackup_tui.demo.fleet import make_servers
from vpsbackup_tui.demo.many import Many
from vpsbackup_tui.fleet.formats import age_text, expiry_text, size_text

TITLES = ("ID", "Type", "Status", "Size", "Created", "Expires", "Server", "Description")


def make_rows(count: int) -> list[tuple[str, ...]]:
    """Return the rows of the embedded service with so many backups, as texts."""
    now = time.time()
    servers = make_servers(2000, Random(1))
    many = Many(servers, count, now)
    names = {server.id: server.name for server in servers}
    backups = (many[backup_id] for backup_id in many.ids)
    return [
        (
            str(b.id),
            b.type,
            f"● {b.status}",
            size_text(b.size_mb),
            age_text(b.created, now),
            expiry_text(b.expires, now),
            names[int(b.server_id)],
            b.description,
        )
        for b in backups
    ]


class Question(ModalScreen[None]):
    """A small dialog that escape closes."""

    BINDINGS = [("escape", "dismiss", "Close")]  # noqa: RUF012 - Textual's own way

    def compose(self) -> ComposeResult:
        """Yield some lines."""
        with Vertical():
            yield Label("A stock dialog")
            yield Label("escape closes it")


class Stock(App[None]):
    """Shows the rows, filters and sorts them."""

    BINDINGS = [  # noqa: RUF012 - Textual's own way
        ("l", "load", "Load"),
        ("c", "clear", "Clear"),
        ("slash", "filter", "Filter"),
        ("s", "sort", "Sort"),
        ("d", "ask", "Dialog"),
        ("q", "quit", "Quit"),
    ]

    def __init__(self, rows: list[tuple[str, ...]], *, later: bool) -> None:
        super().__init__()
        self._rows = rows
        self._later = later
        self._haystacks = ["\n".join(row[:3] + row[6:]).casefold() for row in rows]  # no sizes, no times
        self._sorted_by = TITLES.index("Created")

    def compose(self) -> ComposeResult:
        """Yield the table above the field of the filter."""
        yield DataTable(cursor_type="row")
        field = Input()
        field.cursor_blink = False  # a program that blinks is never quiet
        yield field

    def on_mount(self) -> None:
        """Show the columns, and the rows unless they are to come later."""
        for title in TITLES:
            self.table.add_column(title, key=title)
        if not self._later:
            self.table.add_rows(self._rows)
        self.table.focus()

    @property
    def table(self) -> DataTable[str]:
        """Return the table."""
        return self.query_one(DataTable)

    def action_load(self) -> None:
        """Put the rows into the table."""
        self.table.add_rows(self._rows)

    def action_clear(self) -> None:
        """Empty the table."""
        self.table.clear()

    def action_filter(self) -> None:
        """Go to the field of the filter."""
        self.query_one(Input).focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Show only the rows that hold what is typed; on enter, as each letter that is taken back costs seconds."""
        self.table.clear()
        wanted = message.value.casefold()
        rows = [row for row, haystack in zip(self._rows, self._haystacks, strict=True) if wanted in haystack]
        self.table.add_rows(rows)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sorted_by = (self._sorted_by + 1) % len(TITLES)
        self.table.sort(TITLES[self._sorted_by])

    async def action_ask(self) -> None:
        """Open the dialog."""
        await self.push_screen(Question())


def main(words: list[str]) -> Any:
    """Run the app with the number of rows asked for."""
    return Stock(make_rows(int(words[0])), later="later" in words).run()


if __name__ == "__main__":
    main(sys.argv[1:])
