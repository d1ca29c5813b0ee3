"""Goals 11, 16 and 17: decoding, the command line, and a long list from a slow service."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.goals.loading import has_rows
from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.ours.rows import make_bodies, make_fleet
from tests.benchmarks.results import Result, middle
from tests.benchmarks.service import serving
from tests.benchmarks.terminal import Terminal
from vpsbackup_tui.api.decode import decode_backups
from vpsbackup_tui.demo.records import ServerRecord

GOALS = (11, 16, 17)
_EARLY = 0.5
"""Which part of the time of the whole list the first rows may take: half would be late already."""


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals."""
    if 11 in goals:
        servers = make_fleet(2000)
        yield _decode(bench, "decode 100,000 backups", [server for server in servers if server.name.isascii()])
        yield _decode(bench, "the same with a Tamil name in each page", servers)
    if 16 in goals:
        yield _list(bench)
    if 17 in goals:
        yield from _pages(bench)


def _decode(bench: Bench, what: str, servers: Sequence[ServerRecord]) -> Result:
    bodies = make_bodies(100_000, servers)

    def taking(decode: Callable[[bytes], object]) -> Callable[[], float]:
        def seconds() -> float:
            start = time.perf_counter()
            kept = [decode(body) for body in bodies]
            return time.perf_counter() - start if kept else 0.0

        return seconds

    times = in_turns(bench.samples(10), {"ours": taking(decode_backups), "json": taking(json.loads)})
    reference = ("json.loads", middle(times["json"]))
    return Result.compared(11, what, middle(times["ours"]), reference, 0.4, "s")


def _list(bench: Bench) -> Result:
    with serving(backups=100) as served:
        times = in_turns(
            bench.samples(20),
            {
                "ours": lambda: _whole_run(bench.ours(served, "list", "--json")),
                "httpx": lambda: _whole_run(bench.reference("ten_lines", served=served)),
            },
        )
    reference = ("ten lines with httpx", middle(times["httpx"]))
    return Result.compared(16, "list --json of 100 backups", middle(times["ours"]), reference, 2, "s")


def _whole_run(start: AbstractContextManager[Terminal]) -> float:
    """Return how long a program runs."""
    with start as program:
        return program.wait_for_end() - program.started


def _pages(bench: Bench) -> Iterator[Result]:
    """Yield how long 100 pages take on the screen, from the start on, and how soon the first rows are there."""
    first_rows: list[float] = []
    with serving(backups=10_000, latency=0.05) as served:

        def on_the_screen() -> float:
            bench.forget()
            with bench.ours(served, columns=100) as program:
                first_rows.append(program.seen(has_rows, "rows") - program.started)
                return program.seen(is_loaded, "all rows") - program.started

        times = in_turns(
            bench.samples(5),
            {
                "ours": on_the_screen,
                "one by one": lambda: _whole_run(bench.reference("one_by_one", served=served)),
            },
        )
    ours = middle(times["ours"])
    reference = ("one after the other", middle(times["one by one"]))
    yield Result.compared(17, "10,000 backups in pages of 100, 50 ms each", ours, reference, 0.25, "s")
    yield Result.compared(17, "the first rows of them", middle(first_rows), ("all of them", ours), _EARLY, "s")
