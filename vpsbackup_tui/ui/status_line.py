"""The line below the panes: what is shown of how much, and what is about to happen."""

from vpsbackup_tui.fleet.formats import size_text
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run


class StatusLine(Line):
    """Show counts and the filter, and in front of them a message such as a countdown."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._facts: list[Run] = []
        self._said: tuple[str, str] = ("", "")

    def show(
        self, *, shown: int, total: int, size_mb: int = 0, running: int = 0, filter_text: str = "", note: str = ""
    ) -> None:
        """Show how many backups of how many are listed, their size in MB and how many are being worked on.

        `note` is something that the counts don't tell, such as that the service did not send all.
        """
        facts = [f"{shown:,} of {total:,} shown" if shown != total else f"{total:,} backup{'s' * (total != 1)}"]
        if size_mb:
            facts.append(size_text(size_mb))
        if running:
            facts.append(f"{running:,} running")
        self._facts = [("", " · ".join(facts))]
        if filter_text:
            self._facts += [("", " · filter "), ("title", clean(filter_text))]
        if note:
            self._facts += [("", " · "), ("notice", note)]
        self._write()

    def show_nothing(self) -> None:
        """Show no counts, as nothing is known yet."""
        self._facts = []
        self._write()

    @property
    def message(self) -> str:
        """Return the message that stands in front of everything else; empty where there is none."""
        return self._said[1]

    def say(self, message: str, *, alarm: bool = False) -> None:
        """Show a message in front of everything else; `""` takes it away."""
        self._said = ("alarm" if alarm else "notice", message)
        self._write()

    def _write(self) -> None:
        style, message = self._said
        said: list[Run] = [(style, message), ("quiet", "  │  " if self._facts else "")] if message else []
        self.write([("", " "), *said, *self._facts])
