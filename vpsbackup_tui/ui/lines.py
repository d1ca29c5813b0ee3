"""The four lines around the table, each repainted only when it reads otherwise."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual.events import Click, Resize
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from vpsbackup_tui.fleet.index import Counts
from vpsbackup_tui.ui.actions import KeyHint, fitting
from vpsbackup_tui.ui.runs import Run, spread_over
from vpsbackup_tui.ui.words import Freshness, Tab, Whose, tab_line, top_line


class Line(Widget):
    """Show runs of text from the left, and others at the right edge that have precedence."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--title",
        "line--quiet",
        "line--notice",
        "line--alarm",
        "line--chosen",
    }

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Line {
        height: 1;
        & > .line--title { text-style: bold; }
        & > .line--quiet { color: $text-muted; }
        & > .line--notice { color: $text-warning; text-style: bold; }
        & > .line--alarm { color: $text-error; text-style: bold; }
        & > .line--chosen { text-style: bold reverse; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: tuple[Sequence[Run], Sequence[Run]] = ((), ())

    def runs(self, cells: int) -> tuple[Sequence[Run], Sequence[Run]]:
        """Return what to show in so many cells: from the left, and at the right edge."""
        raise NotImplementedError

    def read_otherwise(self) -> None:
        """Show what there is now; nothing is repainted where that is what is shown."""
        runs = self.runs(self.size.width)
        if runs != self._shown:
            self._shown = runs
            self.refresh()

    @property
    def text(self) -> str:
        """Return what the line reads, right side last, however much of it there is room for."""
        return "".join(text for side in self._shown for _, text in side)

    def render_line(self, y: int) -> Strip:
        """Paint the line, for the width that it has by now: the first frame comes before any word of that."""
        cells = self.size.width
        if y:
            return Strip.blank(cells, self.rich_style)
        self._shown = self.runs(cells)
        return Strip([self._segment(*run) for run in spread_over(*self._shown, cells)], cells)

    def on_resize(self, _event: Resize) -> None:
        """Say as much as there is room for now."""
        self.read_otherwise()

    def _segment(self, name: str, text: str) -> Segment:
        return Segment(text, self.get_component_rich_style(f"line--{name}") if name else self.rich_style)


class HeaderLine(Line):
    """Show the account at the left and how fresh everything is at the right."""

    def __init__(self, *, now: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now = now
        self._whose: Whose | None = None
        self._fresh = Freshness()

    def identify(self, whose: Whose) -> None:
        """Show whose account this is."""
        self._whose = whose
        self.read_otherwise()

    def show_loading(
        self, done: int = 0, total: int | None = None, *, hint: str = "", goes_on_at: float | None = None
    ) -> None:
        """Tell that rows are coming, how many there are so far, and what can be done about it.

        `goes_on_at` is when (Unix seconds), where the service wants no more to be asked for before.
        """
        self._change(loading=(done, total, hint), again_at=goes_on_at)

    def show_last_seen(self, as_of: float | None) -> None:
        """Tell that what is shown was read by an earlier run at `as_of` (Unix seconds), or (None) that it wasn't."""
        self._change(seen_at=as_of)

    def show_fresh(self, as_of: float) -> None:
        """Tell that what is shown was read at `as_of` (Unix seconds)."""
        self._change(as_of=as_of, seen_at=None, failed_at=None, offline="", loading=None, is_stopped=False)

    def show_stopped(self, as_of: float | None) -> None:
        """Tell that what is shown is of `as_of` (None: of an earlier run), as reading was stopped."""
        self._change(as_of=as_of, failed_at=None, loading=None, is_stopped=True)

    def show_stale(
        self, as_of: float | None, failed_at: float, why: str = "", *, again_at: float | None = None
    ) -> None:
        """Tell that what is shown is of `as_of` (None: there is nothing to show), as reading again failed.

        `why` is a word or two: `offline`, `token refused`; `again_at` is when it is tried
        again, where the service wants that no sooner.
        """
        self._change(as_of=as_of, failed_at=failed_at, offline=why, loading=None, again_at=again_at)

    def tick(self, now: float) -> None:
        """Show ages as seen from `now` (Unix seconds)."""
        self._now = now
        self.read_otherwise()

    def _change(self, **news: Any) -> None:
        self._fresh = self._fresh._replace(**news)
        self.read_otherwise()

    def runs(self, cells: int) -> tuple[Sequence[Run], Sequence[Run]]:
        """Return the account, and how fresh everything is."""
        return top_line(self._whose, self._fresh, self._now, cells)


class TypeTabs(Line):
    """Show the name of the chosen server and a tab for each type, with its count."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, backup_type: str | None) -> None:
            super().__init__()
            self.backup_type = backup_type

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tabs: list[Tab] = []
        self._label = ""
        self._counts: Counts | None = None
        self._chosen: str | None = None

    def show(self, server_label: str, counts: Counts | None, chosen: str | None) -> None:
        """Show the counts of a server's backups (`""`: of all servers; None: not known), and which type is chosen."""
        self._label, self._counts, self._chosen = server_label, counts, chosen
        self.read_otherwise()

    def runs(self, cells: int) -> tuple[Sequence[Run], Sequence[Run]]:
        """Return the name and the tabs."""
        runs, self._tabs = tab_line(self._label, self._counts, self._chosen, cells)
        return runs, ()

    def on_click(self, event: Click) -> None:
        """Choose the type whose tab was clicked."""
        place = event.get_content_offset(self)
        for start, end, backup_type in self._tabs:
            if place is not None and start <= place.x < end:
                self.post_message(self.Chosen(backup_type))


class StatusLine(Line):
    """Show counts and the filter, in front of them a message such as a countdown, and how many changes run."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._facts: list[Run] = []
        self._said: tuple[str, str] = ("", "")
        self._counts = ""

    def count(self, under_way: int, unsent: int) -> None:
        """Show at the right edge, whatever the message is, how many changes are under way, or not sent yet."""
        counts = [f"{unsent} not sent yet"] if unsent else []
        counts += [f"{under_way} under way"] if under_way else []
        self._counts = f" {', '.join(counts)} " if counts else ""
        self.read_otherwise()

    def show(self, facts: Sequence[Run]) -> None:
        """Show counts, or nothing where nothing is known yet."""
        self._facts = list(facts)
        self.read_otherwise()

    @property
    def message(self) -> str:
        """Return the message that stands in front of everything else; empty where there is none."""
        return self._said[1]

    def say(self, message: str, *, alarm: bool = False) -> None:
        """Show a message in front of everything else; `""` takes it away."""
        self._said = ("alarm" if alarm else "notice", message)
        self.read_otherwise()

    def runs(self, cells: int) -> tuple[Sequence[Run], Sequence[Run]]:
        """Return the message and the counts."""
        style, message = self._said
        said: list[Run] = [(style, message), ("quiet", "  │  " if self._facts else "")] if message else []
        counts: list[Run] = [("notice", self._counts)] if self._counts else []
        return [("", " "), *said, *self._facts], counts


class KeyLine(Line):
    """Show the keys that matter, dimmed where they can't do anything now: as many from the left as fit whole."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: Sequence[KeyHint] = ()
        self._end: Sequence[KeyHint] = ()

    def show(self, hints: Sequence[KeyHint], end: Sequence[KeyHint]) -> None:
        """Show these hints, and those that must be there at the right."""
        if (hints, end) != (self._hints, self._end):
            self._hints, self._end = hints, end
            self.read_otherwise()

    def runs(self, cells: int) -> tuple[Sequence[Run], Sequence[Run]]:
        """Return as many hints as fit, and the end."""
        return fitting(self._hints, self._end, cells)
