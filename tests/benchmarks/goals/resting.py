"""Goals 12 and 15: what the program costs while nobody does anything."""

import time
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.goals.start import has_something, is_loaded
from tests.benchmarks.processes import memory_mb, wake_ups
from tests.benchmarks.results import Result
from tests.benchmarks.service import serving
from tests.benchmarks.terminal import PATIENCE, Terminal

GOALS = (12, 15)
_WHILE_IT_TICKS = 20.0
_AT_REST = 20.0
_HOUR = 3600.0
_MINUTE = 62.0
"""Seconds after which ages are minutes: between two of them nothing on the screen changes."""


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals; the token comes from a keyring."""
    with (
        serving() as served,
        bench.ours(served, from_keyring=True, columns=100) as ours,
        bench.reference("bare", columns=100) as bare,
    ):
        ours.seen(is_loaded, "the list")
        loaded = time.perf_counter()
        bare.seen(has_something, "the line")
        for each in (ours, bare):
            each.rest()
        if 15 in goals:
            reference = ("bare Textual", memory_mb(bare.pid))
            yield Result.compared(15, "memory, list loaded", memory_mb(ours.pid), reference, 1.7, "MB")
        if 12 in goals:
            ticking = ours.listen(_WHILE_IT_TICKS) / _WHILE_IT_TICKS
            yield Result.bounded(12, "bytes a second while ages tick", ticking, 200, "B/s")
            yield from _at_rest(ours, bare, loaded)


def _at_rest(ours: Terminal, bare: Terminal, loaded: float) -> Iterator[Result]:
    """Yield what is sent, and how often the processes wake up, between two changes of an age."""
    ours.listen(loaded + _MINUTE - time.perf_counter())
    ours.listen(_wait_for_hour(_MINUTE + _AT_REST))
    deadline = time.perf_counter() + PATIENCE
    while not ours.listen(1.0) and time.perf_counter() < deadline:
        pass
    ours.quiet(1.5)
    before = [wake_ups(each.pid) for each in (ours, bare)]
    sent = ours.listen(_AT_REST) / _AT_REST
    mine, least = ((wake_ups(each.pid) - was) / _AT_REST for each, was in zip((ours, bare), before, strict=True))
    yield Result.bounded(12, "bytes a second when nothing happens", sent, 0, "B/s")
    yield Result.compared(12, "wake-ups a second when nothing happens", mine, ("bare Textual", least), 0.2, "/s")


def _wait_for_hour(seconds: float) -> float:
    """Return how long to wait so that no full hour, at which the backups' ages change, falls into so many seconds."""
    left = _HOUR - time.time() % _HOUR
    return left + 1.0 if left < seconds else 0.0
