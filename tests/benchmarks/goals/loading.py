"""Goal 5, and a part of goal 8: decoded backups into the table, painted, and what that takes of memory."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.ours.prepared import CLEAR, LOAD
from tests.benchmarks.processes import memory_mb
from tests.benchmarks.results import Result, middle
from tests.benchmarks.terminal import Terminal

GOALS = (5, 8)
_MANY, _SERVERS = 100_000, 2000
_QUIET = 0.4


def has_rows(text: str) -> bool:
    """Tell whether rows are on the screen."""
    return "● completed" in text


def has_no_rows(text: str) -> bool:
    """Tell whether none is."""
    return not has_rows(text)


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals."""
    if 5 in goals:
        yield from _paint(bench)
    if 8 in goals:
        yield _memory_of_table(bench)


def _paint(bench: Bench) -> Iterator[Result]:
    """Yield how long 100,000 and 1,000,000 backups take beside a stock table's 1,000."""
    with ExitStack() as stack:
        stock = stack.enter_context(bench.reference("stock", "1000", "later", columns=100))
        many = stack.enter_context(bench.prepared(_MANY, _SERVERS, columns=100))
        million = stack.enter_context(bench.prepared(10 * _MANY, _SERVERS, columns=100))
        stock.shows("Description")
        for ours in (many, million):
            ours.shows("q Quit")
        for each in (stock, many, million):
            each.rest()
        times = in_turns(
            bench.samples(10),
            {
                "stock": lambda: _load(stock, "l", "c"),
                "many": lambda: _load(many, LOAD, CLEAR),
                "million": lambda: _load(million, LOAD, CLEAR),
            },
        )
    reference = ("stock, 1,000 rows", middle(times["stock"]))
    yield Result.compared(5, "100,000 decoded backups painted", middle(times["many"]), reference, 0.25, "s")
    yield Result.compared(5, "1,000,000 decoded backups painted", middle(times["million"]), reference, 5, "s")


def _memory_of_table(bench: Bench) -> Result:
    """Return what showing rows takes, where they are there already: decoded here, as finished texts there."""
    with (
        bench.reference("stock", str(_MANY), "later", columns=100) as stock,
        bench.prepared(_MANY, _SERVERS, columns=100) as ours,
    ):
        stock.shows("Description")
        ours.shows("q Quit")
        taken = []
        for program, key in ((ours, LOAD), (stock, "l")):
            program.rest()
            before = memory_mb(program.pid)
            program.press(key, has_rows, quiet=_QUIET)
            program.rest()
            taken.append(memory_mb(program.pid) - before)
    return Result.compared(8, "what the table takes for 100,000 rows", taken[0], ("stock", taken[1]), 0.15, "MB")


def _load(program: Terminal, load: str, clear: str) -> float:
    """Return how long it takes until the rows are painted, and take them away again."""
    seconds = program.press(load, has_rows, quiet=_QUIET).seconds
    program.press(clear, has_no_rows, quiet=_QUIET)
    return seconds
