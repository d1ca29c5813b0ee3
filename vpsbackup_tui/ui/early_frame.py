"""The first frame before Textual is there, drawn as Textual draws it a moment later.

It shows the rows last seen, or where there are none an honest empty frame.

What is drawn is a picture like any other (`ui/picture`): the screen goes on from it, and
its own first frame sends only the cells that differ, which should be none. Where anything
is out of the ordinary nothing is drawn, and the skeleton stands until Textual is there.
Nothing here imports Textual.
"""

import locale
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from vpsbackup_tui.fleet.glance import MOST_LINES, Glance
from vpsbackup_tui.fleet.index import Query
from vpsbackup_tui.kept_lists import KeptGlance
from vpsbackup_tui.session import Session
from vpsbackup_tui.start import skeleton
from vpsbackup_tui.ui import layout
from vpsbackup_tui.ui.actions import CHANGES, fitting, hints_of, keys_to_name
from vpsbackup_tui.ui.picture.cells import spread
from vpsbackup_tui.ui.picture.looks import Look, look_of
from vpsbackup_tui.ui.picture.pen import erases
from vpsbackup_tui.ui.picture.picture import Picture, Piece, Size
from vpsbackup_tui.ui.runs import Run, bar_cell, merged, message_run, row_runs, spread_over
from vpsbackup_tui.ui.table.backup_columns import Times, backup_runs, head_text, lay_out, widths_of
from vpsbackup_tui.ui.widths.remembered import known_of
from vpsbackup_tui.ui.widths.tables import lay_out_by
from vpsbackup_tui.ui.words import (
    LOOKING_FOR_TOKEN,
    Freshness,
    Whose,
    all_servers_runs,
    facts_line,
    server_runs,
    tab_line,
    top_line,
    whose_of,
)

_EDGE = "▕"  # Textual's `vkey` at the right of the sidebar
# The colours of Textual's dark theme, as it sends them: of the palette, and exactly.
_COLOURS = {
    "front": ("38;5;253", "38;2;224;224;224"),
    "quiet": ("38;5;247", "38;2;160;160;160"),
    "edge": ("38;5;245", "38;2;141;141;141"),
    "good": ("38;5;115", "38;2;138;212;161"),
    "busy": ("38;5;222", "38;2;255;196;115"),
    "bad": ("38;5;174", "38;2;209;126;146"),
}
_GROUND = ("48;5;233", "48;2;18;18;18")
_STYLES = {
    "": ("", "front"),
    "title": ("1;", "front"),
    "head": ("1;", "front"),
    "chosen": ("1;7;", "front"),
    "cursor": ("7;", "front"),
    "cursor-blurred": ("1;", "front"),
    "quiet": ("", "quiet"),
    "good": ("", "good"),
    "busy": ("", "busy"),
    "bad": ("1;", "bad"),
    "notice": ("1;", "busy"),
    "edge": ("", "edge"),
}
"""The marks and the colour of each style that the first frame has."""
Looks = Mapping[str, Look]


def draw(session: Session, environ: Mapping[str, str], encoding: str, *, demo: bool = False) -> Picture | None:
    """Draw the first frame over the skeleton, in the encoding of the screen, and return what the terminal shows now.

    None is returned where nothing was drawn.
    """
    looks = looks_of(environ)
    if not skeleton.is_standing() or looks is None:
        return None
    try:
        size = Size(*skeleton.terminal_size())
    except OSError:  # it has gone, which reading will tell
        return None
    if layout.is_too_small(size) or size.height > MOST_LINES:
        return None
    kept = None if session.kept_lists is None else session.kept_lists.glance()
    if kept is not None and not kept.glance.backups:
        return None
    lay_out_by(known_of(session.settings.state_dir, environ, locale.getpreferredencoding(False)).widths)
    picture = Picture(erases=erases(environ.get("TERM", "")))
    pieces = frame(session.settings.keymap, whose_of(session, demo=demo), kept, size, time.time(), looks)
    drawn = picture.changes(size, pieces)
    return picture if skeleton.draw_over(drawn, encoding) else None


def looks_of(environ: Mapping[str, str]) -> Looks | None:
    """Return how each style looks on a terminal; None where Textual will use other colours than these."""
    depth = 0 if {"NO_COLOR", "TEXTUAL_COLOR_SYSTEM"} & environ.keys() else skeleton.colour_bits(environ)
    if not depth:
        return None
    exactly = depth > 8
    return {
        name: look_of(f"{marks}{_COLOURS[colour][exactly]};{_GROUND[exactly]}")
        for name, (marks, colour) in _STYLES.items()
    }


def frame(
    keymap: Mapping[str, str], whose: Whose, kept: KeptGlance | None, size: Size, now: float, looks: Looks
) -> Iterator[Piece]:
    """Yield the first frame of an account, with the rows last seen if any, at a size that is large enough."""
    columns, rows = size
    glance, query = kept.glance if kept else None, Query()
    beside, high = layout.sidebar(columns), rows - 3

    def line(x: int, y: int, runs: Sequence[Run]) -> Piece:
        return Piece(x, y, *spread((text, looks[name]) for name, text in merged(runs)))

    top = top_line(whose, Freshness(seen_at=kept.as_of if kept else None), now, columns)
    yield line(0, 0, spread_over(*top, columns))
    if beside:
        for y, runs in enumerate(_servers(glance, beside - 1, high), start=1):
            yield line(0, y, [*runs, ("edge", _EDGE)])
    tabs, _ = tab_line("", glance.counts if glance else None, query.backup_type, columns - beside)
    yield line(beside, 1, spread_over(tabs, (), columns - beside))
    for y, runs in enumerate(_backups(glance, query, columns - beside, high - 1, now), start=2):
        yield line(beside, y, runs)
    yield line(0, rows - 2, spread_over([("", " "), *(_facts(glance) if glance else ())], (), columns))
    named = keys_to_name(keymap)
    cannot_run = CHANGES if glance else {*CHANGES, "move.open"}
    left, right = (hints_of(each, lambda action_id: action_id not in cannot_run) for each in named)
    yield line(0, rows - 1, spread_over(*fitting(left, right, columns), columns))


def _servers(glance: Glance | None, cells: int, high: int) -> Iterator[list[Run]]:
    """Yield the lines of the sidebar; all servers are chosen."""
    count = 1 + (glance.server_count if glance else 0)
    first = all_servers_runs(glance.counts.all if glance and glance.servers else None, cells - 2)
    for index, runs in enumerate(islice(chain([first], _named_servers(glance, cells)), high)):
        yield row_runs(runs, bar_cell(index, 0, high, count), "" if index else "cursor-blurred")
    for _ in range(count, high):
        yield [("", " " * cells)]


def _named_servers(glance: Glance | None, cells: int) -> Iterator[list[Run]]:
    """Yield what the sidebar tells of each server."""
    if glance is not None:
        for server, backups in zip(glance.servers, glance.backups_of, strict=True):
            yield server_runs(server, backups, cells - 2, listed=glance.servers_listed)


def _backups(glance: Glance | None, query: Query, cells: int, high: int, now: float) -> Iterator[list[Run]]:
    """Yield the lines of the table; the cursor is on the first backup."""
    times = Times.AGE
    slots = lay_out(cells - 2, widths_of(glance.sample if glance else ()), times=times, show_server=True)
    yield [("head", " " + head_text(slots, cells - 1, query.sort, descending=query.descending, times=times))]
    high -= 1
    if glance is None:
        yield from ([message_run(*LOOKING_FOR_TOKEN, line, cells, high)] for line in range(high))
        return
    for index, backup in enumerate(islice(glance.backups, high)):
        runs = backup_runs(backup, slots, cells - 2, now=now, times=times, marks={})
        yield row_runs(runs, bar_cell(index, 0, high, glance.counts.all), "" if index else "cursor")
    for _ in range(glance.counts.all, high):
        yield [("", " " * cells)]


def _facts(glance: Glance) -> list[Run]:
    """Return what is shown of how much."""
    shown = glance.counts.all
    total = shown if glance.total is None else glance.total
    return facts_line(shown=shown, total=total, size_mb=glance.size_mb, running=glance.running)
