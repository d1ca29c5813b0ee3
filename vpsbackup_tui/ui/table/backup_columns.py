"""Which columns of the backup table fit a width, and what one backup reads like in them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from typing import NamedTuple

from vpsbackup_tui.fleet.formats import age_text, exact_text, expiry_text, size_text
from vpsbackup_tui.fleet.index import Column
from vpsbackup_tui.fleet.models import AUTOMATIC, Backup, Id
from vpsbackup_tui.ui.cells import clip, clip_middle, fit, width
from vpsbackup_tui.ui.runs import Run

SOON_SECONDS = 3 * 86400
"""A backup that expires sooner than this is marked."""

_AGE, _AGE_LEAST = 9, 8  # `Created ▼` and `just now`
_EXPIRY_LEAST = 7  # `in 30 d`, `expired`
_EXACT = 16
_BOTH = _AGE + 1 + _EXACT
_STATUS = 13  # `○ in progress`
_SERVER_LEAST, _SERVER_MOST = 10, 28
_DESCRIPTION_LEAST, _DESCRIBED_BRIEFLY, _DESCRIBED_WELL = 6, 10, 20
_SHORT_TYPES = {AUTOMATIC: "auto"}

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
    """Where a column is: its first cell, how many it takes, and how many stay free after it."""

    column: Column
    x: int
    cells: int
    gap: int


class Widths(NamedTuple):
    """How many cells the columns want whose texts the service makes up."""

    id: int = 3
    type: int = 6
    short_type: int = 6
    status: int = _STATUS
    size: int = 6
    server: int = _SERVER_LEAST


def widths_of(sample: Sequence[Backup]) -> Widths:
    """Return the widths that a sample of the backups wants."""
    least = Widths()
    return Widths(
        id=_between(least.id, 12, (width(str(b.id)) for b in sample if b.id is not None)),
        type=_between(least.type, 12, (width(b.type) for b in sample)),
        short_type=_between(least.short_type, 8, (width(_SHORT_TYPES.get(b.type, b.type)) for b in sample)),
        status=_between(least.status, 18, (width(b.status) + 2 for b in sample)),
        size=_between(least.size, 12, (len(size_text(b.size_mb)) for b in sample)),
        server=_between(least.server, _SERVER_MOST, (width(b.server_name) for b in sample)),
    )


def _between(least: int, most: int, wanted: Iterable[int]) -> int:
    return min(most, max(least, max(wanted, default=0)))


def lay_out(cells: int, widths: Widths, *, times: Times, show_server: bool) -> list[Slot]:
    """Return the columns that fit `cells` cells, from left to right.

    They come as narrow as they can be read, so that as many as possible fit. What is
    left over makes them roomier; a description gives up some of its room for that.
    """
    least = _least(widths, times)
    taken: dict[Column, int] = {}
    left = cells + 1
    for column in _OF_ALL_SERVERS if show_server else _OF_ONE_SERVER:
        if column is Column.EXPIRES and Column.SERVER in taken:  # of names, it is often the end that differs
            more = min(left, widths.server - taken[Column.SERVER])
            taken[Column.SERVER] += more
            left -= more
        if least[column] < left:
            taken[column] = least[column]
            left -= least[column] + 1
    described = left > _DESCRIPTION_LEAST
    if described:
        taken[Column.DESCRIPTION] = 0
    wide_gaps = min(len(taken) - 1, left - (_DESCRIBED_BRIEFLY + 1) * described)
    left -= max(0, wide_gaps)
    for column, roomy, kept in _roomier(widths, times):
        more = roomy - taken.get(column, roomy)
        if 0 < more <= left - (kept + 1) * described:
            taken[column] = roomy
            left -= more
    if described:
        taken[Column.DESCRIPTION] = left - 1
    return _placed(taken, wide_gaps)


def _least(widths: Widths, times: Times) -> dict[Column, int]:
    """Return how many cells each column but the description takes at least."""
    return {
        Column.ID: widths.id,
        Column.TYPE: widths.short_type,
        Column.STATUS: widths.status,
        Column.SIZE: widths.size,
        Column.CREATED: _AGE_LEAST if times is Times.AGE else _EXACT,
        Column.EXPIRES: _EXPIRY_LEAST if times is Times.AGE else _EXACT,
        Column.SERVER: _SERVER_LEAST,
    }


def _roomier(widths: Widths, times: Times) -> list[tuple[Column, int, int]]:
    """Return, most wanted first: a column, a better width for it, and what a description keeps at least."""
    roomier = [
        (Column.CREATED, _BOTH, _DESCRIBED_BRIEFLY),
        (Column.TYPE, widths.type, _DESCRIBED_BRIEFLY),
        (Column.STATUS, _STATUS, _DESCRIBED_WELL),
        (Column.CREATED, _AGE, _DESCRIBED_WELL),
        (Column.EXPIRES, _AGE, _DESCRIBED_WELL),
    ]
    return roomier if times is Times.AGE else roomier[1:3]


def _placed(taken: Mapping[Column, int], wide_gaps: int) -> list[Slot]:
    """Return the columns at their places; the first of the wide gaps is after the size, which ends flush right."""
    columns = [column for column in Column if column in taken]
    wide = sorted(columns[:-1], key=lambda column: column is not Column.SIZE)[: max(0, wide_gaps)]
    slots: list[Slot] = []
    x = 0
    for column in columns:
        gap = 0 if column is columns[-1] else 1 + (column in wide)
        slots.append(Slot(column, x, taken[column], gap))
        x += taken[column] + gap
    return slots


_TITLES = {column: column.value.capitalize() for column in Column} | {Column.ID: "ID"}


def head_text(slots: Sequence[Slot], cells: int, sort: Column, *, descending: bool, times: Times) -> str:
    """Return the titles of the columns, with an arrow at the one that is sorted by."""
    parts = []
    for column, _, room, gap in slots:
        title = _TITLES[column]
        if times is not Times.AGE and column in (Column.CREATED, Column.EXPIRES):
            title += " UTC" if times is Times.UTC else " local"
        arrow = "" if column is not sort else "▼" if descending else "▲"
        if column is Column.CREATED and room == _BOTH:
            title = fit(_with_arrow(title, arrow, _AGE), _AGE + 1) + "UTC"
        else:
            title = _with_arrow(title, arrow, room)
        parts.append(fit(title, room, right=column is Column.SIZE) + " " * gap)
    return fit("".join(parts), cells)


def _with_arrow(title: str, arrow: str, room: int) -> str:
    """Return a title with an arrow, for which the title's end gives way."""
    if not arrow:
        return title
    return f"{title} {arrow}" if len(title) + 2 <= room else title[: room - 1] + arrow


def column_at(slots: Sequence[Slot], x: int) -> Column | None:
    """Return the column whose title is at cell `x`; the gap after it counts as its own."""
    for column, start, room, gap in slots:
        if start <= x < start + room + gap:
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
    for column, _, room, gap in slots:
        style, text = _cell(backup, column, room, now, times, marks)
        runs.append((style, fit(text, room, right=column is Column.SIZE)))
        # A coloured run may end with its word: what follows is plain already.
        runs.append((style if style == "quiet" else "", " " * gap))
        left -= room + gap
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
            return "", backup.type if width(backup.type) <= room else _SHORT_TYPES.get(backup.type, backup.type)
        case Column.STATUS:
            return _status(backup, marks)
        case Column.SIZE:
            return "", size_text(backup.size_mb)
        case Column.CREATED:
            return "", _created(backup.created, room, now, times)
        case Column.EXPIRES:
            return _expires(backup.expires, room, now, times)
        case Column.SERVER:
            named = backup.server_name or ("" if backup.server_id is None else f"#{backup.server_id}")
            return "", clip_middle(named, room)
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


def _expires(expires: float | None, room: int, now: float, times: Times) -> Run:
    style = "busy" if expires is not None and expires - now < SOON_SECONDS else ""
    if times is Times.AGE or expires is None:
        text = expiry_text(expires, now)
        return style, text if width(text) <= room else text.removeprefix("in ")
    return style, exact_text(expires, UTC if times is Times.UTC else None)
