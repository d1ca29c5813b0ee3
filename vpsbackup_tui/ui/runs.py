"""Runs of text in one style each, of which every line of the panes is made. Pure."""

from collections.abc import Sequence
from textwrap import wrap

from vpsbackup_tui.ui.cells import clip, fit, width

Run = tuple[str, str]
"""The name of a style (`""` is plain) and a text that is shown as it is."""
_THUMB = "▐"


def merged(runs: Sequence[Run]) -> list[Run]:
    """Join neighbours of one style: each run costs a style code on the wire."""
    kept: list[Run] = []
    for name, text in runs:
        if kept and kept[-1][0] == name:
            kept[-1] = (name, kept[-1][1] + text)
        elif text:
            kept.append((name, text))
    return kept


def cells_of(runs: Sequence[Run]) -> int:
    """Return how many cells runs take."""
    return sum(width(text) for _, text in runs)


def row_runs(runs: Sequence[Run], bar: str, cursor: str = "") -> list[Run]:
    """Return a row with its cell of the scroll bar; `cursor` is the style of one under the cursor, marked so too."""
    if cursor:
        runs = [(cursor, "›" + "".join(text for _, text in runs))]
    else:
        runs = [(runs[0][0], " " + runs[0][1]), *runs[1:]]
    return [*runs, ("", bar)]


def spread_over(left: Sequence[Run], right: Sequence[Run], cells: int) -> list[Run]:
    """Return a line of `cells` cells: what stands at its right edge has precedence over what stands at the left."""
    right = clipped(right, cells)
    taken = cells_of(right)
    left = clipped(left, cells - taken - (1 if right else 0))
    gap = cells - taken - cells_of(left)
    return [run for run in (*left, ("", " " * gap), *right) if run[1]]


def clipped(runs: Sequence[Run], cells: int) -> list[Run]:
    """Return the runs as far as they fit; the one that is cut ends in an ellipsis."""
    kept: list[Run] = []
    for name, text in runs:
        taken = width(text)
        if taken > cells:
            kept.append((name, clip(text, max(0, cells))))
            break
        kept.append((name, text))
        cells -= taken
    return kept


def message_run(title: str, hint: str, line: int, cells: int, high: int) -> Run:
    """Return one line of a message that stands in the middle of a pane `high` lines high."""
    room = max(8, cells - 4)
    lines = [("title", text) for text in wrap(title, room)]
    lines += [("quiet", text) for part in hint.splitlines() for text in wrap(part, room) or [""]]
    at = line - max(0, (high - len(lines)) // 3)
    name, text = lines[at] if 0 <= at < len(lines) else ("", "")
    return name, fit(" " * max(0, (cells - width(text)) // 2) + text, cells)


def is_thumb(line: int, top: int, high: int, count: int) -> bool:
    """Tell whether a scroll bar's thumb covers a line, where `high` of `count` rows are in sight from `top` on."""
    if count <= high:
        return False
    length = max(1, high * high // count)
    start = top * (high - length) // (count - high)
    return start <= line < start + length


def bar_cell(line: int, top: int, high: int, count: int) -> str:
    """Return the scroll bar's cell of a line."""
    return _THUMB if is_thumb(line, top, high, count) else " "
