"""Every fault at every request of a change, every two of them, and a kill at every step: no duplicate, no false word.

What chance may not bring together in `test_schedules.py` is gone through in order here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, product
from pathlib import Path
from random import Random

import pytest

from tests.operations.schedule import Schedule, ends
from tests.operations.world import CHANGE_TROUBLES, LIST_TROUBLES, Trouble, World
from tests.scale import EXHAUSTIVE
from vpsbackup_tui.operations.operation import Action, Outcome

CHANGES = [(Action.CREATE, False), (Action.DELETE, False), (Action.RESTORE, False), (Action.RESTORE, True)]
"""What is changed, and whether a backup of the server's present state is made before."""
REQUESTS = 6
"""How many of a change's first requests meet faults: with a look after the last one that changes something."""
FAULTS = range(len(CHANGE_TROUBLES))


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
    for number in range(most + 1):
        for requests in combinations(range(REQUESTS), number):
            for faults in product(FAULTS, repeat=number):
                yield dict(zip(requests, faults, strict=True))


def planned(faults: Mapping[int, int], change: tuple[Action, bool], folder: Path, kill: int | None = None) -> Schedule:
    """Return the schedule of a change that meets these faults."""
    world = World(Random(repr(faults)), Plan(faults))
    for _ in range(2):
        world.add("nightly", kind="automatic")
    world.advance(100)
    action, safely = change
    return Schedule(world, folder / "journal.sqlite3", action, safely=safely, kill_after=kill)


def killed(
    faults: Mapping[int, int], change: tuple[Action, bool], folder: Path, every: int
) -> Iterator[tuple[str, Schedule]]:
    """Yield schedules with a kill after so many steps of the event loop more each, until the change is done before."""
    for kill in count(step=every):
        schedule = planned(faults, change, folder, kill)
        yield f"{faults}, killed after {kill}", schedule
        if not schedule.killed:
            return


def outcomes(schedules: Iterable[tuple[str, Schedule]]) -> set[Outcome | None]:
    """Run schedules, judge them, and return the ways in which the changes ended."""
    return {outcome for _, outcome in ends(schedules)}


def test_every_kind_of_request_can_meet_every_fault() -> None:
    assert len(LIST_TROUBLES) <= len(FAULTS)
    assert len(CHANGE_TROUBLES) == len(FAULTS)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_no_two_faults_make_a_duplicate_or_a_false_word(change: tuple[Action, bool], quick_folder: Path) -> None:
    seen = outcomes((str(faults), planned(faults, change, quick_folder)) for faults in plans(2))
    assert {Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN} == seen


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_no_kill_after_a_fault_makes_a_duplicate_or_a_false_word(
    change: tuple[Action, bool], quick_folder: Path
) -> None:
    seen = outcomes(
        each
        for faults in plans(1)
        for each in killed(faults, change, quick_folder, every=1 if EXHAUSTIVE or not faults else 4)
    )
    assert {Outcome.DONE, Outcome.NOT_SENT, Outcome.UNKNOWN, None} <= seen
