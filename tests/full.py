"""Everything the tests can do, at the figures of a release: resumable, and summed up in counts.

    .venv/bin/python -m tests.full              all of it; stop it with Ctrl-C, and go on with the same command
    .venv/bin/python -m tests.full M2 M8        only these methods
    .venv/bin/python -m tests.full --push       the figures that belong to a push and are too long for the quick suite
    .venv/bin/python -m tests.full --summary    what has run so far

The work is cut into stretches, each a run of pytest on its own cases. What has run is
kept in a file, for one commit: another commit begins anew unless `--keep` is given; the
summary then names each commit, and how much ran at it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".full-run.json"
_TOLD = 4000  # characters of what a run that failed has said; all of it is in a file
_COUNTS = re.compile(r"(\d+) (passed|failed|error)")


class Method(NamedTuple):
    """One way of testing: `push` and `full` count its cases, `stretch` how many one run of pytest takes.

    A method without `stretch` is exhaustive, or repeats: `full` then counts its runs.
    """

    name: str
    what: str
    tests: tuple[str, ...]
    full: int
    stretch: int = 0
    push: int = 0
    environment: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()


METHODS = (
    Method(
        "M1",
        "runs of all property tests with 5,000 examples each",
        ("tests",),
        1,
        options=("-m", "hypothesis", "--hypothesis-profile=full", "--timeout=3600"),
    ),
    Method(
        "M2a",
        "schedules of faults",
        ("tests/operations/test_schedules.py",),
        1_000_000,
        20_000,
        20_000,
        options=("-k", "schedule_of_faults"),
    ),
    Method(
        "M2b",
        "schedules of two creates of the same",
        ("tests/operations/test_schedules.py",),
        50_000,
        5_000,
        options=("-k", "two_creates"),
    ),
    Method(
        "M2c",
        "runs of every two faults of a change, and of every fault before a kill at every step",
        ("tests/operations/test_every_fault.py",),
        1,
        environment=(("VPSBACKUP_EXHAUSTIVE", "1"),),
    ),
    Method("M3a", "storms of faults over sockets", ("tests/wire/test_storms.py",), 20_000, 500, 500),
    Method(
        "M3b",
        "runs that cut every exchange at every byte",
        ("tests/wire/test_cuts.py", "tests/wire/test_lists.py"),
        1,
        environment=(("VPSBACKUP_EXHAUSTIVE", "1"),),
    ),
    Method("M4", "mutants of the service's answers", ("tests/wire/test_payloads.py",), 500_000, 50_000),
    Method(
        "M4b",
        "strings made to act on a terminal or to hide",
        ("tests/test_text.py",),
        1_000_000,
        100_000,
        1_000_000,
        options=("-k", "made_to_act_or_hide"),
    ),
    Method("M5", "fleets of 500 hostile strings", ("tests/terminal/test_hostile_fleet.py",), 100, 5, 4),
    Method("M6", "random walks of 50 steps", ("tests/ui/test_story_wandering.py",), 3_000, 50, 100),
    Method("M7", "runs of every state of a real keyring", ("tests/keyring",), 20),
    Method("M8a", "kills in the middle of a change", ("tests/process/test_kills.py",), 1_000, 25, 60),
    Method(
        "M8b",
        "runs of 200 bursts of random bytes",
        ("tests/process/test_hardship.py",),
        200,
        10,
        10,
        options=("-k", "no_bytes_from_a_keyboard"),
    ),
    Method("M8c", "blows to the screen around a change", ("tests/process/test_screen_kills.py",), 400, 10, 20),
    Method(
        "M10",
        "runs of every place where a bug is planted that holds the token",
        ("tests/crashes",),
        1,
        push=1,
        environment=(("VPSBACKUP_EXHAUSTIVE", "1"),),
    ),
    Method("M9", "refreshes in one session, some in trouble", ("tests/ui/test_soak.py",), 30_000, 3_000, 300),
)


class Stretch(NamedTuple):
    """One run of pytest: `size` cases of a method from `first` on."""

    method: Method
    first: int
    size: int

    @property
    def key(self) -> str:
        """Return what this stretch is called in the kept file."""
        return f"{self.method.name}:{self.first}+{self.size}"

    def run(self) -> dict[str, float]:
        """Run it and return how many tests passed and failed, and how long that took in seconds."""
        own = {"VPSBACKUP_FIRST": str(self.first), "VPSBACKUP_CASES": str(self.size)} if self.method.stretch else {}
        with tempfile.TemporaryDirectory(prefix="full-run-") as folder:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/tests"]
            began = time.monotonic()
            done = subprocess.run(
                [*command, *self.method.options, *self.method.tests],
                cwd=ROOT,
                env=os.environ | own | dict(self.method.environment),
                capture_output=True,
                text=True,
            )
            seconds = time.monotonic() - began
        counts = {word: int(number) for number, word in _COUNTS.findall(done.stdout.rpartition("\n=")[2])}
        counts = counts or {word: int(number) for number, word in _COUNTS.findall(done.stdout[-300:])}
        failed = counts.get("failed", 0) + counts.get("error", 0)
        if done.returncode:
            failed = max(failed, 1)
            said = done.stdout + done.stderr
            (ROOT / f".full-run-{self.method.name}-{self.first}.log").write_text(said)
            print(f"{self.key}:\n{said[-_TOLD:]}", flush=True)
        return {"passed": counts.get("passed", 0), "failed": failed, "seconds": seconds}


def stretches(method: Method, cases: int) -> list[Stretch]:
    """Cut the cases of a method into stretches."""
    step = method.stretch or 1
    return [Stretch(method, first, min(step, cases - first)) for first in range(0, cases, step)]


def in_turns(lists: Sequence[Sequence[Stretch]]) -> Iterator[Stretch]:
    """Yield a stretch of each method in turn, so that a run that is stopped has seen something of all of them."""
    return (each for each in chain.from_iterable(zip_longest(*lists)) if each is not None)


class Book:
    """What has run, and at which commit; kept after each stretch."""

    def __init__(self, path: Path | None, commit: str, *, keep: bool = False) -> None:
        self._path = path
        kept = json.loads(path.read_text("utf-8")) if path and path.exists() else {}
        if kept.get("commit") != commit and not keep:
            kept = {}
        self.commit = commit
        first: str = kept.get("commit", commit)
        self.done: dict[str, dict[str, Any]] = {
            key: {"commit": first, **result} for key, result in kept.get("done", {}).items()
        }

    def enter(self, stretch: Stretch, result: dict[str, float]) -> None:
        """Write down how a stretch ended."""
        self.done[stretch.key] = {"commit": self.commit, **result}
        if self._path is not None:
            self._path.write_text(json.dumps({"commit": self.commit, "done": self.done}, indent=1), "utf-8")

    def summary(self, chosen: Sequence[tuple[Method, int]]) -> str:
        """Return a table of what was asked for, what has run and what has failed."""
        lines = [
            "| | what | asked for | ran | tests failed | hours | at |",
            "|---|---|--:|--:|--:|--:|---|",
        ]
        for method, cases in chosen:
            ran = [each for each in stretches(method, cases) if each.key in self.done]
            results = [self.done[each.key] for each in ran]
            failed, seconds = sum(each["failed"] for each in results), sum(each["seconds"] for each in results)
            lines.append(
                f"| {method.name} | {method.what} | {cases:,} | {sum(each.size for each in ran):,}"
                f" | {failed:,.0f} | {seconds / 3600:.2f} | {', '.join(_counted(ran, self.done))} |"
            )
        return "\n".join(lines)


def _counted(ran: Sequence[Stretch], done: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield each commit with how many cases ran at it, the first one first."""
    sizes: Counter[str] = Counter()
    for stretch in ran:
        sizes[done[stretch.key]["commit"]] += stretch.size
    for commit, size in sizes.items():
        yield commit[:12] if len(sizes) == 1 else f"{commit[:12]}: {size:,}"


def main() -> int:
    """Run what is asked for and is not done yet; return 1 where anything has failed or is left to do."""
    parser = argparse.ArgumentParser(prog="python -m tests.full", description=__doc__.partition("\n")[0])
    parser.add_argument("methods", nargs="*", metavar="METHOD", help="such as M2; all of them unless named")
    parser.add_argument("--push", action="store_true", help="the figures of a push, from the beginning")
    parser.add_argument("--summary", action="store_true", help="run nothing, print what has run")
    parser.add_argument("--keep", action="store_true", help="count what ran at another commit, too")
    parser.add_argument("--jobs", type=int, default=1, help="how many stretches run at once")
    asked = parser.parse_args()
    chosen = [
        (method, method.push if asked.push else method.full)
        for method in METHODS
        if (not asked.methods or any(method.name.startswith(name) for name in asked.methods))
        and (method.push or not asked.push)
    ]
    book = Book(None if asked.push else KEPT, _commit(), keep=asked.keep or asked.summary)
    if not asked.summary:
        todo = [each for each in in_turns([stretches(*each) for each in chosen]) if each.key not in book.done]
        _run_all(todo, book, asked.jobs)
    print(book.summary(chosen))
    whole = all(each.key in book.done for method, cases in chosen for each in stretches(method, cases))
    return 0 if whole and not any(each["failed"] for each in book.done.values()) else 1


def _run_all(todo: Sequence[Stretch], book: Book, jobs: int) -> None:
    """Run stretches, some at once, and say how each has ended; Ctrl-C ends it after those that run."""
    with ThreadPoolExecutor(jobs) as pool:
        running = [(stretch, pool.submit(stretch.run)) for stretch in todo]
        try:
            for stretch, result in running:
                book.enter(stretch, result.result())
                word = "FAILED" if book.done[stretch.key]["failed"] else "ok"
                print(f"{time.strftime('%H:%M:%S')} {stretch.key} {word}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)


def _commit() -> str:
    """Return the commit; empty where this is no checkout."""
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
