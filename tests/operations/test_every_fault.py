"""Every fault at every request of a change, every two of them, and a kill at every step: no duplicate, no false word.

What chance may not bring together in `test_schedules.py` is gone through in order here.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest

from tests.operations.schedule import Schedule
from tests.operations.world import CHANGE_TROUBLES, LIST_TROUBLES, LONGEST_DELAY, Trouble, World
from tests.scale import EXHAUSTIVE
from vpsbackup_tui.operations.operation import Action, Outcome

CHANGES = [(Action.CREATE, False), (Action.DELETE, False), (Action.RESTORE, False), (Action.RESTORE, True)]
"""What is changed, and whether a backup of the server's present state is made before."""
REQUESTS = 6
"""How many of a change's first requests meet faults: with a look after the last one that changes something."""
FAULTS = range(len(CHANGE_TROUBLES))
STEPS = range(40)
"""After how many steps of the event loop a kill falls; the last ones find most changes done."""


@dataclass
class Plan:
    """Troubles by the number of the request that they befall, of those that such a request can be in."""

    faults: Mapping[int, int]
    requests: int = 0

    def __call__(self, troubles: Sequence[Trouble]) -> Trouble | None:
        """Return the trouble of the next request."""
        fault = self.faults.get(self.requests)
        self.requests += 1
        return None if fault is None or fault >= len(troubles) else troubles[fault]


def plans(most: int) -> Iterator[dict[int, int]]:
    """Yield every choice of up to so many faults."""
    for count in range(most + 1):
        for requests in combinations(range(REQUESTS), count):
            for faults in product(FAULTS, repeat=count):
                yield dict(zip(requests, faults, strict=True))


def planned(faults: Mapping[int, int], change: tuple[Action, bool], folder: Path, kill: int | None = None) -> Schedule:
    """Return the schedule of a change that meets these faults."""
    world = World(Random(repr(faults)), Plan(faults))
    for _ in range(2):
        world.add("nightly", kind="automatic")
    world.advance(100)
    action, safely = change
    return Schedule(world, folder / "journal.sqlite3", action, safely=safely, kill_after=kill)


def outcomes(schedules: Iterator[tuple[str, Schedule]]) -> Counter[Outcome | None]:
    """Run schedules, judge them, and count how the changes ended; fail with what belongs to the first false word."""
    seen: Counter[Outcome | None] = Counter()
    with asyncio.Runner() as runner:
        for name, schedule in schedules:
            known = runner.run(schedule.run())
            schedule.world.advance(LONGEST_DELAY)
            try:
                ended = schedule.judge(known)
            except AssertionError as error:
                pytest.fail(f"{name}: {error}; it said: {known}")
            seen[ended.outcome if ended else None] += 1
            schedule.journal_path.unlink()
    return seen


def test_every_kind_of_request_can_meet_every_fault() -> None:
    assert len(LIST_TROUBLES) <= len(FAULTS)
    assert len(CHANGE_TROUBLES) == len(FAULTS)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_no_two_faults_make_a_duplicate_or_a_false_word(change: tuple[Action, bool], quick_folder: Path) -> None:
    seen = outcomes((str(faults), planned(faults, change, quick_folder)) for faults in plans(2))
    assert {Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN} == set(seen)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_no_kill_after_a_fault_makes_a_duplicate_or_a_false_word(
    change: tuple[Action, bool], quick_folder: Path
) -> None:
    seen = outcomes(
        (f"{faults}, killed after {kill}", planned(faults, change, quick_folder, kill))
        for faults in plans(1)
        for kill in STEPS[:: 1 if EXHAUSTIVE or not faults else 4]
    )
    assert {Outcome.DONE, Outcome.NOT_SENT, Outcome.UNKNOWN, None} <= set(seen)
