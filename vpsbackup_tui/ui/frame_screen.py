"""The frame of the screen: its panes, whose account they show, and how it speaks."""

import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize, ScreenResume
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from vpsbackup_tui.session import Session
from vpsbackup_tui.ui.actions import told_key
from vpsbackup_tui.ui.dialogs.facts import Standpoint
from vpsbackup_tui.ui.filter_field import FilterField
from vpsbackup_tui.ui.layout import SIDEBAR, TOO_SMALL, WIDE_SIDEBAR, is_narrow, is_too_small, is_wide
from vpsbackup_tui.ui.lines import HeaderLine, KeyLine, StatusLine, TypeTabs
from vpsbackup_tui.ui.picture.stock import choose_compositor
from vpsbackup_tui.ui.table.backup_columns import Times
from vpsbackup_tui.ui.table.backup_table import BackupTable
from vpsbackup_tui.ui.table.server_list import ServerList
from vpsbackup_tui.ui.words import host_of, whose_of

_TICK = 5.0  # seconds between two looks at the ages
_SAID = 20.0  # seconds that a message stays which asks for nothing


Report = Callable[[Exception], Path | None]
"""Writes down a bug without anybody's data, and returns where; None where it can't. It may wait for the disk."""


def unreported(error: Exception) -> Path | None:
    """Write nothing down."""
    return None


class FrameScreen(Screen[None]):
    """Lays out the panes of one account and knows nothing of what they show.

    Each class that stands on this one adds what happens when the screen is mounted, resumed or
    left: Textual calls the handlers of all of them, that of the last class first.
    """

    AUTO_FOCUS = "BackupTable"
    DEFAULT_CSS = """
    FrameScreen {
        layers: below above;
        & #panes { height: 1fr; }
        & #servers { width: <sidebar>; border-right: vkey $foreground-muted; }
        &.-wide #servers { width: <wide>; }
        &.-narrow #servers { display: none; }
        &.-narrow.-choosing #servers { display: block; width: 1fr; border-right: none; }
        &.-narrow.-choosing #right { display: none; }
        & #too-small { layer: above; display: none; width: 100%; height: 100%; background: $background; }
        &.-too-small #too-small { display: block; }
        &:ansi #too-small { background: ansi_default; }
    }
    """.replace("<sidebar>", str(SIDEBAR)).replace("<wide>", str(WIDE_SIDEBAR))

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
        self._compositor = choose_compositor()
        self.report = report
        self.session = session
        self.clock = clock
        self.times = Times.AGE
        self._demo = demo
        self._forget: Timer | None = None
        self._is_still_so: Callable[[], bool] = lambda: True
        self._is_new = True

    def compose(self) -> ComposeResult:
        """Lay out the panes between the header and the keys, in the shape of the terminal from the first frame on."""
        self._take_shape(self.app.size, update=False)
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
        yield Static(TOO_SMALL, id="too-small", markup=False)

    def on_mount(self) -> None:
        """Show whose account this is, and start the clock."""
        self.identify()
        self.set_interval(_TICK, self.tick)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Keep Textual from finding out all styles a second time where each part has just got its own."""
        event.refresh_styles = event.refresh_styles and not self._is_new
        self._is_new = False

    def on_resize(self, event: Resize) -> None:
        """Take another shape, or say what size is needed where there is too little."""
        self._take_shape(event.size)
        self._say_too_small()
        self.shape_changed()

    def shape_changed(self) -> None:
        """Show what reads otherwise in another shape."""

    def _take_shape(self, size: Size, *, update: bool = True) -> None:
        """Choose the layout for a size; without `update` it is for parts that are still to come."""
        shape = {
            "-narrow": is_narrow(size.width),
            "-wide": is_wide(size.width),
            "-too-small": is_too_small(size),
        }
        self.update_classes(shape, update=update, animate=False)

    # Widgets

    @property
    def table(self) -> BackupTable:
        """Return the table of backups."""
        return self.query_one("#backups", BackupTable)

    @property
    def shows_backups(self) -> bool:
        """Tell whether the table can be seen: on a narrow screen the servers may stand in its place."""
        return not (self.has_class("-narrow") and self.has_class("-choosing"))

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
        return host_of(self.session.settings.base_url)

    @property
    def standpoint(self) -> Standpoint:
        """Return what every dialog says of the account and the time."""
        zone = None if self.times is Times.LOCAL else UTC
        return Standpoint(self.session.settings.account, self.host, self.clock(), zone)

    @property
    def is_too_small(self) -> bool:
        """Tell whether there is no room to see what one does."""
        return is_too_small(self.size)

    # Speaking

    def key_of(self, action_id: str) -> str:
        """Return what to call an action's key in a sentence, as it is mapped."""
        return told_key(action_id, self.session.settings.keymap)

    def identify(self, email: str = "") -> None:
        """Show whose account this is."""
        self.header.identify(whose_of(self.session, email=email, demo=self._demo))

    def say(self, message: str, *, alarm: bool = False, still: Callable[[], bool] = lambda: True) -> None:
        """Say something in the status line; unless it is an `alarm`, it goes after a while.

        It is said only as long as it is `still` so.
        """
        self._is_still_so = still
        if self._forget is not None:
            self._forget.stop()
        self.status.say(message, alarm=alarm)
        self._forget = None if alarm or not message else self.set_timer(_SAID, lambda: self.status.say(""))
        self._say_too_small()

    def say_what_is_so(self) -> None:
        """Say no more what was said and isn't so any longer."""
        if self.status.message and not self._is_still_so():
            self.say("")

    def _say_too_small(self) -> None:
        """Say, where there is no room for more, that there is none, and what the status line would say."""
        if self.is_too_small:
            words = "\n".join(filter(None, (TOO_SMALL, self.status.message)))
            self.query_one("#too-small", Static).update(Content(words))

    def tick(self) -> None:
        """Let the ages grow."""
        now = self.clock()
        self.header.tick(now)
        self.table.tick(now)
