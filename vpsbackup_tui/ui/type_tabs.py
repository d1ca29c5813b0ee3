"""The line above the table: whose backups these are, and of which type."""

from typing import NamedTuple

from textual.events import Click, Resize
from textual.message import Message

from vpsbackup_tui.fleet.index import Counts
from vpsbackup_tui.fleet.models import AUTOMATIC, MANUAL
from vpsbackup_tui.ui.cells import clip, width
from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run

TYPES: tuple[str | None, ...] = (None, MANUAL, AUTOMATIC)
"""The types that can be chosen, in their order on the line; None is all of them."""


class _Tab(NamedTuple):
    """Which cells of the line choose which type."""

    start: int
    end: int
    backup_type: str | None


class TypeTabs(Line):
    """Show the name of the chosen server and a tab for each type, with its count."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, backup_type: str | None) -> None:
            super().__init__()
            self.backup_type = backup_type

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tabs: list[_Tab] = []
        self._label = ""
        self._counts: Counts | None = None
        self._chosen: str | None = None

    def show(self, server_label: str, counts: Counts | None, chosen: str | None) -> None:
        """Show the counts of a server's backups (`""`: of all servers; None: not known), and which type is chosen."""
        self._label, self._counts, self._chosen = server_label or "all servers", counts, chosen
        self._write()

    def on_resize(self, _event: Resize) -> None:
        """Give the name the room that is left now."""
        self._write()

    def _write(self) -> None:
        names = ["All" if backup_type is None else backup_type.capitalize() for backup_type in TYPES]
        counts = [""] * len(names) if self._counts is None else [f"{count:,} " for count in self._counts]
        texts = [f" {name} {count}" for name, count in zip(names, counts, strict=True)]
        title, line = f" Backups · {self._label}", " ── "
        room = self.size.width - sum(map(len, texts)) - (len(texts) - 1)
        if room < width(title + line):  # the tabs are to act on: the name gives way
            title, line = clip(f" {self._label}", max(0, room - 1)), " "
        runs: list[Run] = [("title", title), ("quiet", line)]
        self._tabs = []
        start = width(title + line)
        for backup_type, text in zip(TYPES, texts, strict=True):
            if backup_type is not None:
                runs.append(("quiet", "│"))
                start += 1
            runs.append(("chosen" if backup_type == self._chosen else "", text))
            self._tabs.append(_Tab(start, start + len(text), backup_type))
            start += len(text)
        self.write(runs)

    def on_click(self, event: Click) -> None:
        """Choose the type whose tab was clicked."""
        place = event.get_content_offset(self)
        for start, end, backup_type in self._tabs:
            if place is not None and start <= place.x < end:
                self.post_message(self.Chosen(backup_type))
