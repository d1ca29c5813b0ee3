"""The command: measure all goals, and other programs where they are installed, or some goals; print the table."""

import argparse
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks import table
from tests.benchmarks.bench import Bench
from tests.benchmarks.goals import GROUPS, Group
from tests.benchmarks.peers import compare
from tests.benchmarks.results import Result


def main() -> int:
    """Measure what is asked for; only a whole run is written to the file."""
    arguments = _arguments()
    wanted = set(arguments.goal or range(1, 18))
    results: list[Result] = []
    with Bench(quick=arguments.quick) as bench:
        for group in GROUPS:
            for result in _results(group, bench, wanted & set(group.GOALS)):
                results.append(result)
                _tell(result)
        peers = [] if arguments.goal else list(compare(bench))
    results.sort(key=lambda result: result.goal)
    print("\n".join(["", *table.heading(), *table.lines(results), *peers]))
    if not arguments.goal and not arguments.quick:
        table.write(results, peers)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--goal", type=int, action="append", metavar="N", help="only this goal; may be repeated")
    parser.add_argument("--quick", action="store_true", help="fewer samples: for a look, not for a verdict")
    return parser.parse_args()


def _results(group: Group, bench: Bench, goals: set[int]) -> Iterator[Result]:
    """Yield what a group measures; where that breaks off, say so for the goals that are left."""
    if not goals:
        return
    left = set(goals)
    try:
        for result in group.measure(bench, goals):
            left.discard(result.goal)
            yield result
    except (OSError, ValueError, subprocess.SubprocessError) as error:  # TimeoutError is an OSError
        print(error, file=sys.stderr)
        for goal in sorted(left):
            yield Result.unmeasured(goal, "", str(error).partition(";")[0])


def _tell(result: Result) -> None:
    """Say on standard error what has just been measured: a whole run takes a while."""
    words = (f"{result.goal:2}", result.what, result.ours, result.reference, result.ratio, result.limit, result.note)
    print("  ".join(words), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
