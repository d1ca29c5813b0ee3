"""Goal 5: decoded backups into the table, painted."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.ours.prepared import CLEAR, LOAD
from tests.benchmarks.results import Result, middle
from tests.benchmarks.terminal import Terminal

GOALS = (5,)
_QUIET = 0.4


def has_rows(text: str) -> bool:
    """Tell whether rows are on the screen."""
    return "● completed" in text


def has_no_rows(text: str) -> bool:
    """Tell whether none is."""
    return not has_rows(text)


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results: 100,000 and 1,000,000 backups beside a stock table's 1,000."""
    with ExitStack() as stack:
        stock = stack.enter_context(bench.reference("stock", "1000", "later", columns=100))
        many = stack.enter_context(bench.prepared(100_000, 2000, columns=100))
        million = stack.enter_context(bench.prepared(1_000_000, 2000, columns=100))
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


def _load(program: Terminal, load: str, clear: str) -> float:
    """Return how long it takes until the rows are painted, and take them away again."""
    seconds = program.press(load, has_rows, quiet=_QUIET).seconds
    program.press(clear, has_no_rows, quiet=_QUIET)
    return seconds
