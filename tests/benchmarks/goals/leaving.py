"""Goals 13 and 14: how soon escape closes a dialog, and quitting gives the shell back."""

import time
from collections.abc import Iterator

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.goals.loading import has_rows
from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.results import Result, middle
from tests.benchmarks.service import Served, serving
from tests.benchmarks.terminal import Terminal

GOALS = (13, 14)
_ROWS = "369"  # as many as the embedded service has
_OURS, _STOCK = "[ C", "A stock dialog"


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals."""
    with serving() as served:
        if 13 in goals:
            yield _escape(bench, served)
        if 14 in goals:
            yield _quit(bench, served)


def _escape(bench: Bench, served: Served) -> Result:
    with bench.ours(served) as ours, bench.reference("stock", _ROWS) as stock:
        ours.seen(is_loaded, "the list")
        stock.seen(has_rows, "the list")
        times = in_turns(
            bench.samples(20),
            {"ours": lambda: _close(ours, "\r", _OURS), "stock": lambda: _close(stock, "d", _STOCK)},
        )
    return Result.compared(
        13, "escape closes a dialog", middle(times["ours"]), ("stock", middle(times["stock"])), 0.4, "s"
    )


def _close(program: Terminal, key: str, title: str) -> float:
    """Open a dialog with a key and return how long escape takes to close it."""
    program.press(key, lambda text: title in text)
    return program.press("\x1b", lambda text: title not in text).seconds


def _quit(bench: Bench, served: Served) -> Result:
    def ours() -> float:
        with bench.ours(served) as program:
            program.seen(is_loaded, "the list")
            return _end(program)

    def stock() -> float:
        with bench.reference("stock", _ROWS) as program:
            program.seen(has_rows, "the list")
            return _end(program)

    times = in_turns(bench.samples(15), {"ours": ours, "stock": stock})
    return Result.compared(14, "quit to the shell", middle(times["ours"]), ("stock", middle(times["stock"])), 0.6, "s")


def _end(program: Terminal) -> float:
    """Return how long a quiet program takes to end."""
    program.quiet(0.5)
    start = time.perf_counter()
    return program.wait_for_end("q") - start
