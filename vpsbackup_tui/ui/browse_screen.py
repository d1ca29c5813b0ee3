"""The screen on which everything is seen: servers, backups, filter, sort, and how fresh it all is."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import ClassVar
from urllib.parse import urlsplit

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from vpsbackup_tui.api.errors import NotSentError, ServiceError, TokenRefusedError
from vpsbackup_tui.fleet.index import Column, Fleet, Query
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.session import Session
from vpsbackup_tui.ui.actions import KEY_LINE, KEY_LINE_END, action_of, bindings, shown_keys
from vpsbackup_tui.ui.backup_columns import Times
from vpsbackup_tui.ui.backup_table import BackupTable
from vpsbackup_tui.ui.dialogs.facts import Standpoint
from vpsbackup_tui.ui.filter_field import FilterField
from vpsbackup_tui.ui.header_line import HeaderLine
from vpsbackup_tui.ui.key_line import KeyHint, KeyLine
from vpsbackup_tui.ui.reading import Reading, Settled, is_busy, next_reading, read_lists, settled_between
from vpsbackup_tui.ui.server_list import ServerList
from vpsbackup_tui.ui.status_line import StatusLine
from vpsbackup_tui.ui.type_tabs import TYPES, TypeTabs

SMALLEST = (60, 15)
"""The columns and rows below which the screen only says what it needs."""
_TICK = 5.0  # seconds between two looks at the ages
_PARTLY = 0.25  # seconds between two paintings of rows that still come in
_TIMES = (Times.AGE, Times.LOCAL, Times.UTC)


class BrowseScreen(Screen[None]):
    """Shows one account; what is shown is `fleet` through `query`, and nothing else."""

    AUTO_FOCUS = "BackupTable"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (110, "-wide")]  # noqa: RUF012 - Textual's own way
    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    DEFAULT_CSS = """
    BrowseScreen {
        layers: below above;
        & #panes { height: 1fr; }
        & #servers { width: 24; border-right: vkey $foreground-muted; }
        &.-wide #servers { width: 32; }
        &.-narrow #servers { display: none; }
        &.-narrow.-choosing #servers { display: block; width: 1fr; border-right: none; }
        &.-narrow.-choosing #right { display: none; }
        & #too-small { layer: above; display: none; width: 100%; height: 100%; background: $background; }
        &.-too-small #too-small { display: block; }
        &:ansi #too-small { background: ansi_default; }
    }
    """

    def __init__(self, session: Session, *, demo: bool = False, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.session = session
        self.fleet = Fleet()
        self.query_shown = Query()
        self._demo = demo
        self._clock = clock
        self._times = Times.AGE
        self._note = ""
        self._as_of: float | None = None
        self._failures = 0
        self._error: ServiceError | None = None
        self._reading = False
        self._read_again = False
        self._next: Timer | None = None
        self._painted_at = 0.0

    def compose(self) -> ComposeResult:
        """Lay out the panes between the header and the keys."""
        now = self._clock()
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
        """Show an honest empty frame, and start the clock."""
        self.identify()
        self.show_fleet()
        self.set_interval(_TICK, self._tick)

    def on_resize(self) -> None:
        """Say what size is needed where there is too little."""
        self.set_class(self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1], "-too-small")

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

    @property
    def is_settled(self) -> bool:
        """Tell whether a reading has ended, well or not, and none is under way."""
        return not self._reading and (self._as_of is not None or self._error is not None)

    @property
    def standpoint(self) -> Standpoint:
        """Return what every dialog says of the account and the time."""
        zone = None if self._times is Times.LOCAL else UTC
        return Standpoint(self.session.settings.account, self._host, self._clock(), zone)

    @property
    def _host(self) -> str:
        return urlsplit(self.session.settings.base_url).netloc

    # Showing

    def identify(self, email: str = "") -> None:
        """Show whose account this is."""
        settings = self.session.settings
        self.header.identify(
            account=settings.account, email=email, host=self._host, read_only=settings.read_only, demo=self._demo
        )

    def show_fleet(self, *, by_user: bool = False) -> None:
        """Show `fleet` through `query_shown`; `by_user` tells that the operator asked for another view."""
        fleet, query = self.fleet, self.query_shown
        view = fleet.select(query)
        server = fleet.server(query.server_id)
        self.servers.show(fleet)
        label = server.label if server else ""
        self.query_one("#tabs", TypeTabs).show(label, fleet.counts(query.server_id, query.text), query.backup_type)
        self.table.show(
            fleet,
            view,
            sort=query.sort,
            descending=query.descending,
            show_server=query.server_id is None,
            by_user=by_user,
        )
        if not view:
            self.table.show_message(*self._why_empty(label))
        self.status.show(
            shown=len(view),
            total=fleet.total if fleet.total is not None else len(fleet.backups),
            size_mb=fleet.total_size(view),
            running=fleet.busy_count(view),
            filter_text=query.text,
            note=self._note,
        )
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys, those dimmed that can't do anything now."""
        self.query_one("#keys", KeyLine).show(self._hints(KEY_LINE), self._hints(KEY_LINE_END))

    def why_not(self, action_id: str) -> str:
        """Return why an action can't run now; empty where it can."""
        if action_id == "move.open" and self.table.cursor_backup is None:
            return "No backup is selected."
        return ""

    def look_for(self, **changes: object) -> None:
        """Show what another query finds."""
        self.query_shown = replace(self.query_shown, **changes)
        self.show_fleet(by_user=True)

    def _hints(self, action_ids: Sequence[str]) -> list[KeyHint]:
        keymap = self.session.settings.keymap
        actions = [action_of(action_id) for action_id in action_ids]
        return [
            KeyHint(keys.split()[0], action.label, not self.why_not(action.id))
            for action in actions
            if (keys := shown_keys(action, keymap))
        ]

    def _why_empty(self, label: str) -> tuple[str, str]:
        """Return why there is nothing to see, and what to do next."""
        query = self.query_shown
        if self._error is not None and not self.fleet.backups:
            return "The backups can't be shown.", f"{self._error.message}\nr tries again."
        if self._as_of is None:
            return "Reading the backups …", "Nothing is known yet."
        if query.text:
            return "Nothing matches the filter.", "esc clears it."
        whose = label or "this account"
        kind = f"{query.backup_type} " if query.backup_type else ""
        return f"There is no {kind}backup of {whose}.", "n makes one." if not kind else "[ and ] choose another type."

    def _tick(self) -> None:
        """Let the ages grow."""
        now = self._clock()
        self.header.tick(now)
        self.table.tick(now)

    # Reading

    def action_refresh_lists(self) -> None:
        """Read everything again, now; at most one reading is under way."""
        if not self.session.connected:
            return
        if self._reading:
            self._read_again = True
            return
        self._reading = True
        self.run_worker(self._read(), group="reading")

    async def _read(self) -> None:
        """Read the lists, show them, and set the time of the next reading."""
        if self._next is not None:
            self._next.stop()
        if self._as_of is None:
            self.header.show_loading()
        try:
            reading = await read_lists(self.session.service, self._show_partly)
        except ServiceError as error:
            self._fail(error)
        else:
            self._succeed(reading)
        self._reading = False
        if self._read_again:
            self._read_again = False
            self.action_refresh_lists()
        elif not isinstance(self._error, TokenRefusedError):
            self._plan_next()

    def _show_partly(self, rows: Sequence[Backup], total: int | None) -> None:
        """Show rows that have come so far, where there are no older ones to keep meanwhile."""
        now = time.monotonic()
        if self._as_of is not None or now - self._painted_at < _PARTLY:
            return
        self._painted_at = now
        self.header.show_loading(len(rows), total)
        self.fleet = Fleet(tuple(rows), total=total)
        self.show_fleet()

    def _succeed(self, reading: Reading) -> None:
        before, self.fleet = self.fleet, reading.fleet
        first = self._as_of is None
        self._as_of, self._failures, self._error, self._note = self._clock(), 0, None, reading.note
        self.header.tick(self._as_of)
        self.header.show_fresh(self._as_of)
        self.table.tick(self._as_of)
        self.show_fleet()
        if not first:
            self.tell_settled(settled_between(before, self.fleet))

    def _fail(self, error: ServiceError) -> None:
        """Keep what is shown, marked as stale, and say why."""
        now = self._clock()
        self._failures += 1
        self._error = error
        self.header.tick(now)
        self.header.show_stale(self._as_of, now, _in_a_word(error))
        if self._failures == 1 or not self.fleet.backups:
            self.status.say(error.message, alarm=True)
        self.show_fleet()
        if isinstance(error, TokenRefusedError):
            self.token_refused(error)

    def _plan_next(self) -> None:
        busy = is_busy(self.fleet) or (self.session.connected and bool(self.session.operations.running))
        seconds = next_reading(self.session.settings.refresh_seconds, busy=busy, failures=self._failures)
        if seconds is not None:
            self._next = self.set_timer(seconds, self.action_refresh_lists)

    def tell_settled(self, settled: Sequence[Settled]) -> None:
        """Tell what has come to its end, by a notice and the bell."""
        if settled:
            self.status.say("; ".join(each.words for each in settled), alarm=not all(each.good for each in settled))
            self.ring()

    def ring(self) -> None:
        """Sound the bell, unless the operator wants none."""
        if self.session.settings.bell:
            self.app.bell()

    def token_refused(self, error: TokenRefusedError) -> None:
        """React to a token that is refused."""

    # Keys and messages

    def action_switch_pane(self) -> None:
        """Go to the other side."""
        if self.servers.has_focus:
            self.action_focus_backups()
        else:
            self.action_focus_servers()

    def action_focus_servers(self) -> None:
        """Go to the sidebar, which takes the place of the table where there is no room for both."""
        self.add_class("-choosing")
        self.servers.focus()

    def action_focus_backups(self) -> None:
        """Go to the table."""
        self.remove_class("-choosing")
        self.table.focus()

    def action_filter(self) -> None:
        """Open the field of the filter."""
        self.filter_field.add_class("-open")
        self.filter_field.focus()

    def action_back(self) -> None:
        """Clear the filter, then go to all servers."""
        if self.query_shown.text:
            self._close_filter(text="")
        else:
            self.action_all_servers()

    def action_all_servers(self) -> None:
        """Show the backups of all servers."""
        self.servers.choose(None)

    def action_change_type(self, step: int) -> None:
        """Show the next type of backups."""
        place = TYPES.index(self.query_shown.backup_type) + step
        self.look_for(backup_type=TYPES[place % len(TYPES)])

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        columns = list(Column)
        place = columns.index(self.query_shown.sort) + 1
        self._sort_by(columns[place % len(columns)])

    def action_reverse_sort(self) -> None:
        """Sort the other way round."""
        self.look_for(descending=not self.query_shown.descending)

    def action_change_times(self) -> None:
        """Show times in another way."""
        self._times = _TIMES[(_TIMES.index(self._times) + 1) % len(_TIMES)]
        self.table.set_times(self._times)

    def on_input_changed(self, message: FilterField.Changed) -> None:
        """Filter as it is typed."""
        message.stop()
        if message.value != self.query_shown.text:
            self.look_for(text=message.value)

    def on_filter_field_left(self, message: FilterField.Left) -> None:
        """Go back to the table, with or without the filter."""
        message.stop()
        self._close_filter(text="" if message.given_up else self.query_shown.text)

    def on_server_list_chosen(self, message: ServerList.Chosen) -> None:
        """Show the backups of one server, or of all."""
        message.stop()
        if message.server_id != self.query_shown.server_id:
            self.look_for(server_id=message.server_id)

    def on_server_list_entered(self, message: ServerList.Entered) -> None:
        """Go from the server to its backups."""
        message.stop()
        self.action_focus_backups()

    def on_type_tabs_chosen(self, message: TypeTabs.Chosen) -> None:
        """Show one type of backups."""
        message.stop()
        self.look_for(backup_type=message.backup_type)

    def on_backup_table_sort_asked(self, message: BackupTable.SortAsked) -> None:
        """Sort by the column that was clicked; the other way round where it is sorted by that already."""
        message.stop()
        if message.column is self.query_shown.sort:
            self.action_reverse_sort()
        else:
            self._sort_by(message.column)

    def on_backup_table_highlighted(self, message: BackupTable.Highlighted) -> None:
        """Show which keys can do something with the backup under the cursor."""
        message.stop()
        self.show_keys()

    def _sort_by(self, column: Column) -> None:
        """Sort by a column, in the direction in which it is mostly wanted."""
        newest_first = column in (Column.CREATED, Column.SIZE, Column.ID)
        self.look_for(sort=column, descending=newest_first)

    def _close_filter(self, *, text: str) -> None:
        """Leave the field of the filter, which is seen only while there is one to type."""
        self.filter_field.value = text
        self.filter_field.remove_class("-open")
        self.action_focus_backups()
        if text != self.query_shown.text:
            self.look_for(text=text)


def _in_a_word(error: ServiceError) -> str:
    """Return what is wrong, in a word or two for the header."""
    if isinstance(error, TokenRefusedError):
        return "token refused"
    return "offline" if isinstance(error, NotSentError) else ""
