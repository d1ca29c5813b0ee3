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
_QUIET = 0.3
_LETTERS = "wg"  # found in one row of 28 and of 14; in turns, so that neither narrows the other
_PAGE_DOWN, _BACKSPACE, _ERASE = "\x1b[6~", "\x7f", "\x15"
_SIZES = ((24, 80), (50, 200))


class Pair(NamedTuple):
    """The two programs with the same rows."""

    ours: Terminal
    stock: Terminal


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals; memory is looked at first, before sorts have built anything."""
    with (
        serving(backups=_MANY, servers=_SERVERS) as served,
        bench.ours(served) as ours,
        bench.reference("stock", str(_MANY)) as stock,
    ):
        pair = Pair(ours, stock)
        ours.seen(is_loaded, "all rows")
        stock.seen(has_rows, "all rows")
        for each in pair:
            each.rest()
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
            each.rest()
        ours_mb, stock_mb = (
            memory_mb(full.pid) - memory_mb(empty.pid) for full, empty in zip(pair, (ours, stock), strict=True)
        )
    return Result.compared(8, "memory of 100,000 rows and all that they hold", ours_mb, ("stock", stock_mb), 0.15, "MB")


def _sort(bench: Bench, pair: Pair) -> Iterator[Result]:
    """Yield how long it takes to sort by one column after the other, each for the first time, and to reverse."""
    times = in_turns(
        6,
        {
            "ours": lambda: pair.ours.press("s", quiet=_QUIET).seconds,
            "stock": lambda: pair.stock.press("s", quiet=_QUIET).seconds,
        },
    )
    reference = ("stock", middle(times["stock"]))
    result = Result.compared(7, "sort 100,000 by another column", middle(times["ours"]), reference, 0.08, "s")
    yield result.noted(f"slowest {max(times['ours']) * 1000:.0f} ms")
    pair.ours.type("g" + _PAGE_DOWN * 40)  # far from both ends
    times = in_turns(
        bench.samples(30),
        {
            "reverse": lambda: pair.ours.press("S", quiet=_QUIET).seconds,
            "repaint": lambda: pair.ours.press(_PAGE_DOWN, quiet=_QUIET).seconds,
        },
    )
    reference = ("ours, a page down", middle(times["repaint"]))
    yield Result.compared(7, "reverse 100,000", middle(times["reverse"]), reference, 1.2, "s")


def _filter(bench: Bench, pair: Pair, rows: int, columns: int) -> Iterator[Result]:
    """Yield how long the first letter of a filter takes: the one for which all rows are searched."""
    pair.ours.resize(rows, columns)
    pair.stock.resize(rows, columns)
    letters = {each: cycle(_LETTERS) for each in pair}
    pair.ours.type("g")
    first = pair.ours.press("/" + next(letters[pair.ours]), quiet=_QUIET).seconds
    pair.ours.press(_BACKSPACE, quiet=_QUIET)
    pair.stock.type("/")

    def ours() -> float:
        seconds = pair.ours.press(next(letters[pair.ours]), quiet=_QUIET).seconds
        pair.ours.press(_BACKSPACE, quiet=_QUIET)
        return seconds

    def stock() -> float:
        pair.stock.type(_ERASE + next(letters[pair.stock]))
        return pair.stock.press("\r", quiet=_QUIET).seconds

    times = in_turns(bench.samples(6), {"ours": ours, "stock": stock})
    pair.ours.type("\r")
    typical, reference = middle(times["ours"]), ("stock", middle(times["stock"]))
    what = f"filter 100,000, {rows}×{columns}"
    yield Result.compared(6, what, typical, reference, 0.05, "s")
    yield Result.bounded(6, f"{what}, in two frames", typical, _TWO_FRAMES, "s")
    if (rows, columns) == _SIZES[0]:
        yield Result.compared(6, "the first filter since the rows came, with its /", first, reference, 0.05, "s")
        yield Result.bounded(
            6, "the first filter since the rows came, with its /, in two frames", first, _TWO_FRAMES, "s"
        )
