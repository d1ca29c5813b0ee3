"""The frame of the screen: its panes, whose account they show, and how it speaks."""

import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from vpsbackup_tui.session import Session
from vpsbackup_tui.ui.backup_columns import Times
from vpsbackup_tui.ui.backup_table import BackupTable
from vpsbackup_tui.ui.dialogs.facts import Standpoint
from vpsbackup_tui.ui.filter_field import FilterField
from vpsbackup_tui.ui.header_line import HeaderLine
from vpsbackup_tui.ui.key_line import KeyLine
from vpsbackup_tui.ui.server_list import ServerList
from vpsbackup_tui.ui.status_line import StatusLine
from vpsbackup_tui.ui.type_tabs import TypeTabs

SMALLEST = (60, 15)
"""The columns and rows below which the screen only says what it needs."""
_TICK = 5.0  # seconds between two looks at the ages
_LAYING_OUT = 0.03  # seconds: a new screen is laid out in several passes; each of them sent costs 5 kB
_SAID = 20.0  # seconds that a message stays which asks for nothing


Report = Callable[[Exception], Path | None]
"""Writes down a bug without anybody's data, and returns where; None where it can't. It may wait for the disk."""


def unreported(error: Exception) -> Path | None:
    """Write nothing down."""
    return None


class FrameScreen(Screen[None]):
    """Lays out the panes of one account and knows nothing of what they show."""

    AUTO_FOCUS = "BackupTable"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (110, "-wide")]  # noqa: RUF012 - Textual's own way
    DEFAULT_CSS = """
    FrameScreen {
        layers: below above;
        & #panes { height: 1fr; }
        & #servers { width: 22; border-right: vkey $foreground-muted; }
        &.-wide #servers { width: 32; }
        &.-narrow #servers { display: none; }
        &.-narrow.-choosing #servers { display: block; width: 1fr; border-right: none; }
        &.-narrow.-choosing #right { display: none; }
        & #too-small { layer: above; display: none; width: 100%; height: 100%; background: $background; }
        &.-too-small #too-small { display: block; }
        &:ansi #too-small { background: ansi_default; }
    }
    """

    def __init__(
        self,
        session: Session,
        *,
        demo: bool = False,
        clock: Callable[[], float] = time.time,
        report: Report = unreported,
    ) -> None:
        """Lay out an account; `report` is for bugs that don't end the program."""
        super().__init__()
        self.report = report
        self.session = session
        self.clock = clock
        self.times = Times.AGE
        self._demo = demo
        self._forget: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes between the header and the keys."""
        now = self.clock()
        yield HeaderLine(now=now, id="header")
        with Horizontal(id="panes"):
            yield ServerList(id="servers")
            with Vertical(id="right"):
                yield TypeTabs(id="tabs")
                yield BackupTable(now=now, id="backups")
        yield FilterField(id="filter")
        yield StatusLine(id="status")
        yield KeyLine(id="keys")
        yield Static(f"The terminal is too small: {SMALLEST[0]}×{SMALLEST[1]} is needed.", id="too-small", markup=False)

    def on_mount(self) -> None:
        """Show whose account this is, and start the clock."""
        self.app.delay_update(_LAYING_OUT)
        self.identify()
        self.set_interval(_TICK, self.tick)

    def on_resize(self) -> None:
        """Say what size is needed where there is too little."""
        self.set_class(self.is_too_small, "-too-small")

    # Widgets

    @property
    def table(self) -> BackupTable:
        """Return the table of backups."""
        return self.query_one("#backups", BackupTable)

    @property
    def servers(self) -> ServerList:
        """Return the sidebar."""
        return self.query_one("#servers", ServerList)

    @property
    def header(self) -> HeaderLine:
        """Return the top line."""
        return self.query_one("#header", HeaderLine)

    @property
    def status(self) -> StatusLine:
        """Return the line below the panes."""
        return self.query_one("#status", StatusLine)

    @property
    def filter_field(self) -> FilterField:
        """Return the field of the filter."""
        return self.query_one("#filter", FilterField)

    # Where we are

    @property
    def host(self) -> str:
        """Return the host of the service, with its port where it has its own."""
        return urlsplit(self.session.settings.base_url).netloc

    @property
    def standpoint(self) -> Standpoint:
        """Return what every dialog says of the account and the time."""
        zone = None if self.times is Times.LOCAL else UTC
        return Standpoint(self.session.settings.account, self.host, self.clock(), zone)

    @property
    def is_too_small(self) -> bool:
        """Tell whether there is no room to see what one does."""
        return self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1]

    # Speaking

    def identify(self, email: str = "") -> None:
        """Show whose account this is."""
        settings = self.session.settings
        badges = {
            "READ-ONLY": bool(self.session.why_read_only),
            "DEMO": self._demo,
            "NO JOURNAL": not self._demo and not self.session.keeps_journal,
        }
        shown = [badge for badge, on in badges.items() if on]
        self.header.identify(account=settings.account, email=email, host=self.host, badges=shown)

    def say(self, message: str, *, alarm: bool = False) -> None:
        """Say something in the status line; unless it is an `alarm`, it goes after a while."""
        if self._forget is not None:
            self._forget.stop()
        self.status.say(message, alarm=alarm)
        self._forget = None if alarm or not message else self.set_timer(_SAID, lambda: self.status.say(""))

    def tick(self) -> None:
        """Let the ages grow."""
        now = self.clock()
        self.header.tick(now)
        self.table.tick(now)
