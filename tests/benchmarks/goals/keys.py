"""Goals 9 and 10: what a move of the cursor and a page cost, in time and in bytes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from typing import NamedTuple

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.goals.loading import has_rows
from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.ours.prepared import LOAD
from tests.benchmarks.results import Result, middle, nearly_worst
from tests.benchmarks.service import serving
from tests.benchmarks.terminal import Terminal

GOALS = (9, 10)
_UP, _DOWN, _PAGE_UP, _PAGE_DOWN = "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~"
_FRAME = 0.0167
_SIZES = ((24, 80), (50, 200))
_MOVES, _PAGES = 12, 12  # there and back: no move scrolls, no page comes to an end
_FRESH_PAGES = 15  # not even the large ones are at the end by then
_SETTLED = 0.03  # seconds, longer than any frame; what comes later, such as older ages, is not the key's doing
_STEPS = 20


class Programs(NamedTuple):
    """Ours with a thousand rows, a stock table with the same, and ours with a million."""

    ours: Terminal
    stock: Terminal
    million: Terminal


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals."""
    with ExitStack() as stack:
        served = stack.enter_context(serving(backups=1000, servers=12))
        ours = stack.enter_context(bench.ours(served))
        stock = stack.enter_context(bench.reference("stock", "1000"))
        ours.seen(is_loaded, "the rows")
        stock.seen(has_rows, "the rows")
        for each in (ours, stock):
            each.rest()
        if 10 in goals:
            yield from _bytes(ours, stock)
        if 9 in goals:
            million = stack.enter_context(bench.prepared(1_000_000, 2000))
            million.shows("q Quit")
            million.rest()
            million.press(LOAD, has_rows)
            for rows, columns in _SIZES:
                yield from _times(bench, Programs(ours, stock, million), rows, columns)


def _times(bench: Bench, programs: Programs, rows: int, columns: int) -> Iterator[Result]:
    for each in programs:
        each.resize(rows, columns)
    size = f"{rows}×{columns}"
    fresh = _there_and_back(_FRESH_PAGES, programs, _PAGE_DOWN, _PAGE_UP, _FRESH_PAGES)
    for each in programs:
        each.type(_PAGE_UP * _FRESH_PAGES)  # the stock table knows no key for its first row
    moves = _there_and_back(bench.samples(400), programs, _DOWN, _UP, _MOVES)
    pages = _there_and_back(bench.samples(100), programs, _PAGE_DOWN, _PAGE_UP, _PAGES)
    whats = (
        ("cursor move", moves, 0.75),
        ("page of rows not shown before", fresh, 0.2),
        ("page of rows shown before", pages, 0.2),
    )
    for what, times, limit in whats:
        stock = ("stock", middle(times["stock"]))
        yield Result.compared(9, f"{what}, {size}", middle(times["ours"]), stock, limit, "s")
    for what, times in (("cursor move", moves), ("page", pages)):
        thousand = ("ours at 1,000 rows", middle(times["ours"]))
        yield Result.compared(9, f"{what} at 1,000,000 rows, {size}", middle(times["million"]), thousand, 2, "s")
    ours, stock_worst = nearly_worst(moves["ours"]), nearly_worst(moves["stock"])
    result = Result.bounded(
        9, f"cursor move, {size}, 99 of 100", ours, _FRAME, "s", f"stock: {stock_worst * 1000:.1f} ms"
    )
    yield result.noted(f"{len(moves['ours'])} moves")


def _there_and_back(times: int, programs: Programs, there: str, back: str, steps: int) -> dict[str, list[float]]:
    """Return the seconds of each program for keys that go so many steps one way, then the other."""
    for each in programs:
        each.type("\x1b[H")  # home
    keys = {each: cycle([there] * steps + [back] * steps) for each in programs}

    def press(program: Terminal) -> Callable[[], float]:
        return lambda: program.press(next(keys[program]), quiet=_SETTLED).seconds

    return in_turns(times, {name: press(program) for name, program in programs._asdict().items()})


def _bytes(ours: Terminal, stock: Terminal) -> Iterator[Result]:
    """Yield the bytes of a move between rows in sight, and of one that scrolls by a row."""
    for each in (ours, stock):
        each.type("\x1b[H")
    for what, limit, best in (("a cursor move", 0.40, 0.25), ("a scroll by one row", 0.65, 0.20)):
        sizes = in_turns(_STEPS - 2, {name: _size(each) for name, each in (("ours", ours), ("stock", stock))})
        result = Result.compared(
            10, f"bytes of {what}, 24×80", middle(sizes["ours"]), ("stock", middle(sizes["stock"])), limit, "B"
        )
        stretch = middle(sizes["ours"]) <= best * middle(sizes["stock"])
        yield result.noted(f"the stretch of {best:g} × is {'met' if stretch else 'not met'}")
        for each in (ours, stock):
            each.type(_DOWN * 10)  # the next ones are at the bottom


def _size(program: Terminal) -> Callable[[], float]:
    return lambda: float(program.press(_DOWN).size)
