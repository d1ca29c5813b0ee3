"""The table of backups, the heart of the screen."""

from collections.abc import Mapping, Sequence

from textual.message import Message

from vpsbackup_tui.fleet.index import Column, Fleet
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.ui.runs import Run
from vpsbackup_tui.ui.table.backup_columns import (
    Slot,
    Times,
    Widths,
    backup_runs,
    column_at,
    head_text,
    lay_out,
    widths_of,
)
from vpsbackup_tui.ui.table.rows import RowList


class BackupTable(RowList):
    """Show a view of a fleet, one backup a line, and say which one the cursor is on.

    The cursor belongs to a backup and not to a place: it stays on its backup whatever
    is shown next, and on nothing when that backup is gone. Only while `stays_at_top`,
    which ends with the first move, it is on whatever comes first.
    """

    HEAD = 1

    class Highlighted(Message):
        """The cursor is on another backup, or on none."""

        def __init__(self, backup: Backup | None) -> None:
            super().__init__()
            self.backup = backup

    class SortAsked(Message):
        """The title of a column was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    class Opened(Message):
        """A backup was opened, by `enter` or a double click."""

        def __init__(self, backup: Backup) -> None:
            super().__init__()
            self.backup = backup

    def __init__(self, *, now: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._fleet = Fleet()
        self._view: Sequence[int] = ()
        self._sort = Column.CREATED
        self._descending = True
        self._show_server = True
        self._times = Times.AGE
        self._now = now
        self._marks: Mapping[Id, str] = {}
        self._widths = Widths()
        self._slots: list[Slot] = []
        self._kept: Backup | None = None  # whom the cursor belongs to, in view or not
        self._told: Backup | None = None
        self.stays_at_top = False

    @property
    def cursor_backup(self) -> Backup | None:
        """Return the backup under the cursor; None where nothing is selected."""
        return None if self.cursor is None else self._fleet.backups[self._view[self.cursor]]

    @property
    def columns(self) -> list[Column]:
        """Return the columns that there is room for, from left to right."""
        return [slot.column for slot in self._slots]

    def show(
        self,
        fleet: Fleet,
        view: Sequence[int],
        *,
        sort: Column = Column.CREATED,
        descending: bool = True,
        show_server: bool = True,
        by_user: bool = False,
    ) -> None:
        """Show the backups of `fleet` that `view` lists, in its order.

        `by_user` tells that the user asked for another view: where the backup under the
        cursor isn't part of it, the first one is selected. Without it nothing is.
        """
        first_load = not self._view and self._kept is None
        old_fleet, old_view, old_cursor = self._fleet, self._view, self._cursor
        self._fleet, self._view = fleet, view
        self._sort, self._descending, self._show_server = sort, descending, show_server
        self._message = None
        if fleet is not old_fleet:
            self._widths = widths_of(fleet.sample())
            self.forget_strips()
        self._fit_columns()
        if self.stays_at_top:
            index = 0 if view else None
        elif old_cursor is None or fleet is not old_fleet:
            index = self._find_kept(old_cursor)
        else:
            index = _index_of(view, old_view[old_cursor], old_cursor)
        if index is None and view and (first_load or by_user):
            index = 0
        self.place_cursor(index, still=not by_user)
        self.cursor_moved()

    def set_times(self, times: Times) -> None:
        """Show times as ages or exactly."""
        if times is not self._times:
            self._times = times
            self.forget_strips()
            self._fit_columns()
            self.repaint_changed()

    def set_marks(self, marks: Mapping[Id, str]) -> None:
        """Show words in place of the status of some backups: what this program is doing with them."""
        if marks != self._marks:
            self._marks = dict(marks)
            self.forget_strips()
            self.repaint_changed()

    def tick(self, now: float) -> None:
        """Show ages as seen from `now` (Unix seconds); repaints only the lines that read otherwise."""
        self._now = now
        self.forget_strips()
        self.repaint_changed()

    def move_to(self, index: int) -> None:
        """Put the cursor on a backup, to which it belongs from now on."""
        self.stays_at_top = self.stays_at_top and not self.row_count
        super().move_to(index)

    def action_open(self) -> None:
        """Open the backup under the cursor."""
        if (backup := self.cursor_backup) is not None:
            self.post_message(self.Opened(backup))

    def head_clicked(self, x: int) -> None:
        """Ask to sort by the column that was clicked."""
        if (column := column_at(self._slots, x - 1)) is not None:
            self.post_message(self.SortAsked(column))

    @property
    def row_count(self) -> int:
        """Return how many backups are shown."""
        return len(self._view)

    def row_key(self, index: int) -> int:
        """Return the backup's index in the fleet: it keeps its strip wherever it is sorted to."""
        return self._view[index]

    def paint_row(self, index: int, cells: int) -> list[Run]:
        """Return one backup as runs of (style, text)."""
        backup = self._fleet.backups[self._view[index]]
        return backup_runs(backup, self._slots, cells, now=self._now, times=self._times, marks=self._marks)

    def paint_head(self, cells: int) -> str:
        """Return the titles of the columns."""
        titles = head_text(self._slots, cells - 1, self._sort, descending=self._descending, times=self._times)
        return " " + titles

    def cursor_moved(self) -> None:
        """Post which backup the cursor is on, if that is news."""
        backup = self.cursor_backup
        if backup is not None:
            self._kept = backup
        if backup != self._told:
            self._told = backup
            self.screen.post_message(self.Highlighted(backup))  # at once, not by way of all that is around the table

    def show_message(self, title: str, hint: str = "") -> None:
        """Show a message in place of the backups; none is selected meanwhile."""
        super().show_message(title, hint)
        self.cursor_moved()

    def clear_message(self) -> None:
        """Show the backups again."""
        super().clear_message()
        self.cursor_moved()

    def measure_anew(self) -> None:
        """Measure the texts of the columns, too."""
        self._widths = widths_of(self._fleet.sample())
        super().measure_anew()

    def width_changed(self) -> None:
        """Lay the columns out anew."""
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Lay out the columns for what is shown; strips made for another layout are dropped."""
        if not self.size.width:  # hidden: there is no width to do it for until it is painted again
            self._cells = 0
            return
        cells = self.size.width - 2  # the cursor's mark before them, the scroll bar after
        slots = lay_out(cells, self._widths, times=self._times, show_server=self._show_server)
        if slots != self._slots:
            self._slots = slots
            self.forget_strips()

    def _find_kept(self, near: int | None) -> int | None:
        """Return where the backup is now that the cursor belongs to; it is looked for at `near` first."""
        if self._kept is None or (row := self._fleet.row_of(self._kept)) is None:
            return None
        return _index_of(self._view, row, near or 0)


def _index_of(view: Sequence[int], row: int, before: int) -> int | None:
    """Return where a row is; it is looked for first where it was `before`, and where it is in the reverse order."""
    for index in (before, len(view) - 1 - before):
        if 0 <= index < len(view) and view[index] == row:
            return index
    try:
        return view.index(row)
    except ValueError:
        return None
