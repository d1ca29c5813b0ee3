"""The screen on which everything is looked at: servers, backups, filter, type and order."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from msgspec.structs import replace
from textual.binding import BindingType

from vpsbackup_tui.fleet.index import Column, Fleet, Query
from vpsbackup_tui.text import as_word
from vpsbackup_tui.ui.actions import NamedKeys, hints_of, keys_to_name
from vpsbackup_tui.ui.filter_field import FilterField
from vpsbackup_tui.ui.frame_screen import FrameScreen
from vpsbackup_tui.ui.keymap import bindings
from vpsbackup_tui.ui.lines import KeyLine, TypeTabs
from vpsbackup_tui.ui.picture.stock import choose_painting
from vpsbackup_tui.ui.table.backup_columns import Times
from vpsbackup_tui.ui.table.backup_table import BackupTable
from vpsbackup_tui.ui.table.server_list import ServerList
from vpsbackup_tui.ui.words import TYPES, facts_of

_TIMES = {Times.AGE: "age", Times.LOCAL: "exact, in the local zone", Times.UTC: "exact, in UTC"}


class BrowseScreen(FrameScreen):
    """Shows one account; what is shown is `fleet` through `query_shown`, and nothing else."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fleet = Fleet()
        self.query_shown = Query()

    def on_mount(self) -> None:
        """Show what is known by now: the rows last seen, or an honest empty frame."""
        self.show_fleet()

    # Showing

    def show_fleet(self, *, by_user: bool = False) -> None:
        """Show `fleet` through `query_shown`; `by_user` tells that the operator asked for another view."""
        fleet, query = self.fleet, self.query_shown
        self.servers.show(fleet)
        view = self._show_rows(by_user=by_user)
        server = fleet.server(query.server_id)
        counts = fleet.counts(query.server_id, query.text) if self.knows_lists else None
        self.query_one("#tabs", TypeTabs).show(server.label if server else "", counts, query.backup_type)
        facts = facts_of(fleet, view, filter_text=query.text, note=self.what_is_missing()) if self.knows_lists else ()
        self.status.show(facts)
        self.show_keys()

    def _show_rows(self, *, by_user: bool) -> Sequence[int]:
        """Show the rows that the query finds, in its order, or why there are none; return them."""
        fleet, query = self.fleet, self.query_shown
        view = fleet.select(query)
        self.table.show(
            fleet,
            view,
            sort=query.sort,
            descending=query.descending,
            show_server=query.server_id is None,
            by_user=by_user,
        )
        if not view:
            server = fleet.server(query.server_id)
            self.table.show_message(*self.why_empty(server.word if server else "this account"))
        return view

    def paint_at_once(self) -> None:
        """Paint all that reads otherwise now in one frame, in the turn of what has changed it."""
        choose_painting()(*self.walk_children())

    def shape_changed(self) -> None:
        """Show which keys can do something in this shape."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys, those dimmed that can't do anything now, and say no more of one why it couldn't."""
        self.say_what_is_so()
        left, right = (hints_of(named, lambda each: not self.why_not(each)) for named in self._named_keys)
        self.query_one("#keys", KeyLine).show(left, right)

    def look_for(self, **changes: object) -> None:
        """Show what another query finds."""
        self.query_shown = replace(self.query_shown, **changes)
        self.show_fleet(by_user=True)
        self.paint_at_once()

    # What other screens know better

    @property
    def knows_lists(self) -> bool:
        """Tell whether anything is known, so that none means none."""
        return True

    def why_not(self, action_id: str) -> str:
        """Return why an action can't run now; empty where it can."""
        if action_id == "move.open" and self.table.cursor_backup is None and not self.servers.has_focus:
            return "No backup is selected."
        return ""

    def why_empty(self, whose: str) -> tuple[str, str]:
        """Return why there is nothing to see, and what to do next."""
        query, key = self.query_shown, self.key_of
        if query.text:
            way_out = "esc" if self.filter_field.has_class("-open") else key("back")
            return "Nothing matches the filter.", f"{way_out} clears it."
        if query.backup_type:
            none = f"There is no {as_word(query.backup_type)} backup of {whose}."
            return none, f"{key('type.previous')} and {key('type.next')} choose another type."
        return f"There is no backup of {whose}.", f"{key('backup.create')} makes one."

    def what_is_missing(self) -> str:
        """Return what the lists don't show, in words; empty where they show everything."""
        return ""

    # Keys

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
        self.show_keys()

    def action_focus_backups(self) -> None:
        """Go to the table."""
        self.remove_class("-choosing")
        self.table.focus()
        self.show_keys()

    def action_filter(self) -> None:
        """Open the field of the filter."""
        self.remove_class("-choosing")
        self.filter_field.add_class("-open")
        self.filter_field.focus()
        self.call_after_refresh(lambda: self.fleet.search)  # of rows that still come it is made now: no letter waits

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
        """Sort by the next column that is seen."""
        columns = self.table.columns or [self.query_shown.sort]
        place = columns.index(self.query_shown.sort) + 1 if self.query_shown.sort in columns else 0
        self._sort_by(columns[place % len(columns)])

    def action_reverse_sort(self) -> None:
        """Sort the other way round."""
        self._show_sorted(descending=not self.query_shown.descending)

    def action_change_times(self) -> None:
        """Show times in another way."""
        order = list(_TIMES)
        self.times = order[(order.index(self.times) + 1) % len(order)]
        self.table.set_times(self.times)
        self.say(f"Times: {_TIMES[self.times]}.")

    # What the panes say

    def on_input_changed(self, message: FilterField.Changed) -> None:
        """Filter as it is typed."""
        message.stop()
        if message.value != self.query_shown.text:
            self.look_for(text=message.value)

    def on_filter_field_left(self, message: FilterField.Left) -> None:
        """Go back to the table, with or without the filter."""
        message.stop()
        self._close_filter(text="" if message.given_up else self.query_shown.text)

    def on_filter_field_declined(self, message: FilterField.Declined) -> None:
        """Say why something was not taken into the filter."""
        message.stop()
        self.say(message.reason, alarm=True)

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

    # ----

    @cached_property
    def _named_keys(self) -> tuple[list[NamedKeys], list[NamedKeys]]:
        return keys_to_name(self.session.settings.keymap)

    def _sort_by(self, column: Column) -> None:
        """Sort by a column, in the direction in which it is mostly wanted."""
        self._show_sorted(sort=column, descending=column.is_largest_first)

    def _show_sorted(self, **order: object) -> None:
        """Show the same rows in another order: nothing else on the screen reads otherwise then."""
        self.query_shown = replace(self.query_shown, **order)
        self._show_rows(by_user=True)
        self.paint_at_once()

    def _close_filter(self, *, text: str) -> None:
        """Leave the field of the filter, which is seen only while there is one to type."""
        self.filter_field.value = text
        self.filter_field.remove_class("-open")
        self.action_focus_backups()
        if text != self.query_shown.text:
            self.look_for(text=text)
        else:
            self.show_fleet()
