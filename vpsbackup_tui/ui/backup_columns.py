"""Which columns of the backup table fit a width, and what one backup reads like in them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from typing import NamedTuple

from vpsbackup_tui.fleet.formats import age_text, exact_text, expiry_text, size_text
from vpsbackup_tui.fleet.index import Column
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.ui.cells import clip, fit, width
from vpsbackup_tui.ui.runs import Run

SOON_SECONDS = 3 * 86400
"""A backup that expires sooner than this is marked."""

_GAP = 2
_AGE = 9  # `just now`, `in 59 min`, and the title with its arrow
_EXACT = 16
_BOTH = _AGE + 1 + _EXACT
_SERVER_LEAST, _SERVER_MOST = 12, 28
_DESCRIPTION_LEAST = 10
_SAMPLE = 256

# From the last to leave to the first; a column that doesn't fit gives its room to the next.
_OF_ONE_SERVER = (Column.ID, Column.STATUS, Column.CREATED, Column.TYPE, Column.SIZE, Column.EXPIRES)
_OF_ALL_SERVERS = (
    Column.ID,
    Column.STATUS,
    Column.SERVER,
    Column.CREATED,
    Column.SIZE,
    Column.TYPE,
    Column.EXPIRES,
)


class Times(StrEnum):
    """How the columns of times read: age beside exact, or only exact in one of two zones."""

    AGE = "age"
    LOCAL = "local"
    UTC = "utc"


class Slot(NamedTuple):
    """Where a column is: its first cell and how many it takes."""

    column: Column
    x: int
    cells: int


class Widths(NamedTuple):
    """How many cells the columns want whose texts the service makes up."""

    id: int = 4
    type: int = 9
    status: int = 13
    size: int = 7
    server: int = _SERVER_LEAST


def widths_of(backups: Sequence[Backup]) -> Widths:
    """Return the widths that a bounded sample of the backups wants, spread over all of them."""
    sample = backups[:: max(1, len(backups) // _SAMPLE)]
    return Widths(
        id=_between(4, 12, (width(str(b.id)) for b in sample if b.id is not None)),
        type=_between(9, 12, (width(b.type) for b in sample)),
        status=_between(13, 18, (width(b.status) + 2 for b in sample)),
        size=_between(7, 12, (len(size_text(b.size_mb)) for b in sample)),
        server=_between(_SERVER_LEAST, _SERVER_MOST, (width(b.server_name) for b in sample)),
    )


def _between(least: int, most: int, wanted: Iterable[int]) -> int:
    return min(most, max(least, max(wanted, default=0)))


def lay_out(cells: int, widths: Widths, *, times: Times, show_server: bool) -> list[Slot]:
    """Return the columns that fit `cells` cells, from left to right."""
    wanted = _wanted(widths, times)
    taken: dict[Column, int] = {}
    left = cells + _GAP
    for column in _OF_ALL_SERVERS if show_server else _OF_ONE_SERVER:
        if wanted[column] + _GAP <= left:
            taken[column] = wanted[column]
            left -= wanted[column] + _GAP
    if Column.SERVER in taken:
        spare = min(left, widths.server - taken[Column.SERVER])
        taken[Column.SERVER] += spare
        left -= spare
    if times is Times.AGE and Column.CREATED in taken and left >= _BOTH - _AGE:
        taken[Column.CREATED] = _BOTH
        left -= _BOTH - _AGE
    if left >= _DESCRIPTION_LEAST + _GAP:
        taken[Column.DESCRIPTION] = left - _GAP
    return _placed(taken)


def _wanted(widths: Widths, times: Times) -> dict[Column, int]:
    """Return how many cells each column but the description takes at least."""
    time_cells = _AGE if times is Times.AGE else _EXACT
    return {
        Column.ID: widths.id,
        Column.TYPE: widths.type,
        Column.STATUS: widths.status,
        Column.SIZE: widths.size,
        Column.CREATED: time_cells,
        Column.EXPIRES: time_cells,
        Column.SERVER: _SERVER_LEAST,
    }


def _placed(taken: Mapping[Column, int]) -> list[Slot]:
    slots: list[Slot] = []
    x = 0
    for column in Column:
        if column in taken:
            slots.append(Slot(column, x, taken[column]))
            x += taken[column] + _GAP
    return slots


_TITLES = {column: column.value.capitalize() for column in Column} | {Column.ID: "ID"}


def head_text(slots: Sequence[Slot], cells: int, sort: Column, *, descending: bool, times: Times) -> str:
    """Return the titles of the columns, with an arrow at the one that is sorted by."""
    parts = []
    for column, _, room in slots:
        title = _TITLES[column]
        if times is not Times.AGE and column in (Column.CREATED, Column.EXPIRES):
            title += " UTC" if times is Times.UTC else " local"
        if column is sort:
            title += " ▼" if descending else " ▲"
        if column is Column.CREATED and room == _BOTH:
            title = fit(title, _AGE + 1) + "UTC"
        parts.append(fit(title, room, right=column is Column.SIZE))
    return fit((" " * _GAP).join(parts), cells)


def column_at(slots: Sequence[Slot], x: int) -> Column | None:
    """Return the column whose title is at cell `x`; the gap after it counts as its own."""
    for column, start, room in slots:
        if start <= x < start + room + _GAP:
            return column
    return None


def backup_runs(
    backup: Backup, slots: Sequence[Slot], cells: int, *, now: float, times: Times, marks: Mapping[Id, str]
) -> list[Run]:
    """Return a backup as runs of (style, text) that take `cells` cells together."""
    if backup.unreadable:
        return _unreadable_runs(backup, cells)
    runs: list[Run] = []
    left = cells
    for column, _, room in slots:
        style, text = _cell(backup, column, room, now, times, marks)
        runs.append((style, fit(text, room, right=column is Column.SIZE)))
        left -= room
        if left > 0:
            gap = min(_GAP, left)
            # A coloured run may end with its word: what follows is plain already.
            runs.append((style if style == "quiet" else "", " " * gap))
            left -= gap
    runs.append(("", " " * left))
    return runs


def _unreadable_runs(backup: Backup, cells: int) -> list[Run]:
    named = "" if backup.id is None else f" (#{backup.id})"
    return [("quiet", fit(f"unreadable backup{named}", cells))]


def _cell(backup: Backup, column: Column, room: int, now: float, times: Times, marks: Mapping[Id, str]) -> Run:
    """Return the style and the text of one cell."""
    match column:
        case Column.ID:
            return "quiet", "?" if backup.id is None else str(backup.id)
        case Column.TYPE:
            return "", backup.type
        case Column.STATUS:
            return _status(backup, marks)
        case Column.SIZE:
            return "", size_text(backup.size_mb)
        case Column.CREATED:
            return "", _created(backup.created, room, now, times)
        case Column.EXPIRES:
            return _expires(backup.expires, now, times)
        case Column.SERVER:
            return "", backup.server_name or ("" if backup.server_id is None else f"#{backup.server_id}")
        case Column.DESCRIPTION:
            return "", clip(backup.description, room)


def _status(backup: Backup, marks: Mapping[Id, str]) -> Run:
    """Return the status as a mark and a word; what this program is doing with the backup goes before."""
    if marks and backup.id is not None and (mark := marks.get(backup.id)):
        return "busy", "» " + mark
    word = backup.status.replace("_", " ") or "unknown"
    if backup.is_completed:
        return "good", "● " + word
    if backup.is_busy:
        return "busy", "○ " + word
    if backup.is_failed:
        return "bad", "× " + word
    return "busy", "▲ " + word


def _created(created: float | None, room: int, now: float, times: Times) -> str:
    if times is not Times.AGE:
        return exact_text(created, UTC if times is Times.UTC else None)
    age = age_text(created, now)
    return f"{age:<{_AGE + 1}}{exact_text(created)}" if room == _BOTH else age


def _expires(expires: float | None, now: float, times: Times) -> Run:
    style = "busy" if expires is not None and expires - now < SOON_SECONDS else ""
    if times is Times.AGE or expires is None:
        return style, expiry_text(expires, now)
    return style, exact_text(expires, UTC if times is Times.UTC else None)
