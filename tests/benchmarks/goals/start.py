"""Goals 1 to 4: what is seen how soon after the start, at which cost."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.benchmarks.bench import Bench, in_turns
from tests.benchmarks.results import Result, middle
from tests.benchmarks.service import Served, serving
from tests.benchmarks.terminal import Look, Terminal

GOALS = (1, 2, 3, 4)
LATE = ("httpx", "httpcore", "keyring", "importlib.metadata", "tomlkit", "humanize")
"""Modules that nothing needs before the first frame."""

_IMPORTED = re.compile(r"^import time:[ \d|]+\| *(\S+)$", re.MULTILINE)
_MOST_BYTES = 15_000


def is_useful(text: str) -> bool:
    """Tell whether the screen shows the sidebar, the table with rows or a word why it has none, and the keys."""
    has_frame = all(each in text for each in ("All serv", "Status", "q Quit"))
    return has_frame and any(each in text for each in ("● completed", "Reading the backups", "Looking for the token"))


def is_loaded(text: str) -> bool:
    """Tell whether the screen shows what the service has just answered."""
    return "as of" in text and "● completed" in text and "loading" not in text


def has_something(text: str) -> bool:
    """Tell whether anything at all is on the screen."""
    return bool(text.strip())


def measure(bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield the results of these goals; starts find the rows last seen, but where that is said."""
    with serving() as served:
        _warm_up(bench, served)
        if 1 in goals:
            yield _first_frame(bench, served)
            yield _first_frame(bench, served, "the same where nothing was seen before", forget=True)
            yield _first_frame_of_many(bench)
        if 2 in goals:
            yield _something(bench, served)
        if 3 in goals:
            yield _modules(bench, served)
        if 4 in goals:
            yield _bytes(bench, served)


def _warm_up(bench: Bench, served: Served) -> None:
    """Compile all modules, read them from the disk, and see the rows once."""
    _see_rows(bench, served)
    for reference in (bench.reference("bare"), bench.reference("stock", "10")):
        with reference as program:
            program.seen(has_something, "something")
            program.wait_for_end("q")


def _see_rows(bench: Bench, served: Served) -> None:
    """Read the lists, and have them kept for the next start."""
    with bench.ours(served, columns=100) as ours:
        ours.seen(is_loaded, "the list")
        ours.quiet(1.0)
        ours.wait_for_end("q")


def _until(start: Callable[[], Terminal], look: Look, what: str) -> Callable[[], float]:
    """Return a measure of the seconds from a program's start to a screen."""

    def seconds() -> float:
        with start() as program:
            return program.seen(look, what) - program.started

    return seconds


def _first_frame(
    bench: Bench, served: Served, what: str = "first useful frame, 24×100", *, forget: bool = False
) -> Result:
    def start_ours() -> Terminal:
        if forget:
            bench.forget()
        return bench.ours(served, columns=100)

    times = in_turns(
        bench.samples(20),
        {
            "ours": _until(start_ours, is_useful, "the first useful frame"),
            "bare": _until(lambda: bench.reference("bare", columns=100), has_something, "the line"),
        },
    )
    _see_rows(bench, served)
    bare = middle(times["bare"])
    return Result.compared(1, what, middle(times["ours"]), ("bare Textual", bare), 1.25, "s")


def _first_frame_of_many(bench: Bench) -> Result:
    """Return how soon the top of a long list last seen is there."""
    with serving(backups=100_000, servers=2000) as served:
        _see_rows(bench, served)
        return _first_frame(bench, served, "the same with 100,000 backups last seen")


def _something(bench: Bench, served: Served) -> Result:
    def run_nothing() -> float:
        with bench.python("pass") as python:
            return python.wait_for_end() - python.started

    times = in_turns(
        bench.samples(20),
        {
            "ours": _until(lambda: bench.ours(served, columns=100), has_something, "anything"),
            "pass": run_nothing,
        },
    )
    reference = ("python -c pass", middle(times["pass"]))
    return Result.compared(2, "anything on the screen", middle(times["ours"]), reference, 2, "s")


def _modules(bench: Bench, served: Served) -> Result:
    """Return which of the modules that should come later were there when the first frame came."""
    with bench.ours(served, columns=100, python=("-X", "importtime")) as ours:
        at = ours.seen(is_useful, "the first useful frame")
        ours.shows("as of")
        imported = _IMPORTED.findall(b"".join(piece.data for piece in ours.said if piece.at <= at).decode())
    early = [name for name in LATE if any((each + ".").startswith(name + ".") for each in imported)]
    result = Result.bounded(3, "late modules at the first frame", len(early), 0, f"of {len(LATE)}")
    msgspec = "with" if "msgspec" in imported else "without"
    return result.noted(f"{', '.join(early) or 'none'}; {len(imported)} modules, {msgspec} msgspec")


def _bytes(bench: Bench, served: Served) -> Result:
    ours = _bytes_of(bench.ours(served, columns=100), is_loaded)
    stock = _bytes_of(bench.reference("stock", "369", columns=100), has_something)
    result = Result.bounded(4, "bytes until the list is there, 24×100", ours, _MOST_BYTES, "B", f"stock: {stock:,} B")
    return result.noted(f"{ours / stock:.2f} × stock")


def _bytes_of(start: AbstractContextManager[Terminal], look: Look) -> int:
    """Return how many bytes a program sends until it is quiet."""
    with start as program:
        program.seen(look, "the first frame")
        program.quiet(1.0)
        return program.total
