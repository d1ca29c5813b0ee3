"""Goals 6 to 8: filter, sort and memory of 100,000 backups on 2,000 servers."""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.goals.loading import has_rows
from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.processes import memory_mb
from tests.benchmarks.results import Result, middle
from tests.benchmarks.service import serving
from tests.benchmarks.terminal import Terminal

GOALS = (6, 7, 8)
_MANY, _SERVERS = 100_000, 2000
_TWO_FRAMES = 2 / 60
_MOST_MB = 130
_OURS_QUIET, _STOCK_QUIET = 0.3, 3.0  # a stock table is silent for seconds while it works
_LETTERS = "wg"  # found in one row of 28 and of 14; in turns, so that neither narrows the other
_DOWN, _PAGE_DOWN, _BACKSPACE = "\x1b[B", "\x1b[6~", "\x7f"
_SIZES = ((24, 80), (50, 200))


class Pair(NamedTuple):
    """The two programs with the same rows."""

    ours: Terminal
    stock: Terminal


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals; memory is looked at first, before filters and sorts have built anything."""
    with (
        serving(backups=_MANY, servers=_SERVERS) as served,
        bench.ours(served) as ours,
        bench.reference("stock", str(_MANY)) as stock,
    ):
        pair = Pair(ours, stock)
        ours.seen(is_loaded, "all rows")
        stock.seen(has_rows, "all rows")
        for each in pair:
            each.quiet(2.0)
        if 8 in goals:
            yield _memory_of_rows(bench, pair)
        if 7 in goals:
            yield from _sort(bench, pair)
        if 6 in goals:
            for rows, columns in _SIZES:
                yield from _filter(bench, pair, rows, columns)
        if 8 in goals:
            what = "the whole program with 100,000 rows" + (", filtered and sorted" if {6, 7} & goals else "")
            yield Result.bounded(8, what, memory_mb(ours.pid), _MOST_MB, "MB", f"stock: {memory_mb(stock.pid):,.0f} MB")


def _memory_of_rows(bench: Bench, pair: Pair) -> Result:
    """Return what the rows take: the programs with them, less the programs with hardly any."""
    with (
        serving(backups=1, servers=_SERVERS) as served,
        bench.ours(served) as ours,
        bench.reference("stock", "0") as stock,
    ):
        ours.seen(is_loaded, "one row")
        stock.shows("Description")
        for each in (ours, stock):
            each.quiet(2.0)
        ours_mb, stock_mb = (
            memory_mb(full.pid) - memory_mb(empty.pid) for full, empty in zip(pair, (ours, stock), strict=True)
        )
    return Result.compared(8, "memory of 100,000 rows", ours_mb, ("stock", stock_mb), 0.15, "MB")


def _sort(bench: Bench, pair: Pair) -> Iterator[Result]:
    """Yield how long it takes to sort by one column after the other, each for the first time, and to reverse."""
    times = in_turns(
        6,
        {
            "ours": lambda: pair.ours.press("s", quiet=_OURS_QUIET).seconds,
            "stock": lambda: pair.stock.press("s", quiet=_STOCK_QUIET).seconds,
        },
    )
    reference = ("stock", middle(times["stock"]))
    result = Result.compared(7, "sort 100,000 by another column", middle(times["ours"]), reference, 0.08, "s")
    yield result.noted(f"slowest {max(times['ours']) * 1000:.0f} ms")
    pair.ours.type("g" + _PAGE_DOWN * 40)  # far from both ends
    times = in_turns(
        bench.samples(30),
        {
            "reverse": lambda: pair.ours.press("S", quiet=_OURS_QUIET).seconds,
            "repaint": lambda: pair.ours.press(_PAGE_DOWN, quiet=_OURS_QUIET).seconds,
        },
    )
    reference = ("ours, a page down", middle(times["repaint"]))
    yield Result.compared(7, "reverse 100,000", middle(times["reverse"]), reference, 1.2, "s")


def _filter(bench: Bench, pair: Pair, rows: int, columns: int) -> Iterator[Result]:
    """Yield how long the first letter of a filter takes: the one for which all rows are searched."""
    pair.ours.resize(rows, columns)
    pair.stock.resize(rows, columns)
    pair.ours.type("g/")
    pair.stock.type("/")
    letters = {each: cycle(_LETTERS) for each in pair}

    def type_letter(program: Terminal, quiet: float) -> float:
        seconds = program.press(next(letters[program]), quiet=quiet).seconds
        program.press(_BACKSPACE, quiet=quiet)
        return seconds

    first = type_letter(pair.ours, _OURS_QUIET)
    times = in_turns(
        bench.samples(4),
        {"ours": lambda: type_letter(pair.ours, _OURS_QUIET), "stock": lambda: type_letter(pair.stock, _STOCK_QUIET)},
    )
    for each in pair:
        each.type("\r")
    ours, stock = middle(times["ours"]), middle(times["stock"])
    what = f"filter 100,000, {rows}×{columns}"
    yield Result.compared(6, what, ours, ("stock", stock), 0.05, "s")
    yield Result.bounded(6, f"{what}, in two frames", ours, _TWO_FRAMES, "s")
    if (rows, columns) == _SIZES[0]:
        yield Result.compared(6, "the first filter since the rows came", first, ("stock", stock), 0.05, "s")
