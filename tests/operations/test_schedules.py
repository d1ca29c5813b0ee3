"""Random schedules of faults against the real engine: no duplicate, no loss, no false word.

A failing seed is named, and is a schedule that can be run alone.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.operations.schedule import DESCRIPTION, Schedule, ends
from tests.operations.world import NEVER, SERVER, Chance, World
from tests.scale import cases
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.journal import Journal

MANY = 2500
"""Schedules that together reach every end a change can have."""
SCHEDULES = cases(MANY)
PAIRS = cases(1_000)
CHUNKS = max(1, len(SCHEDULES) // MANY)


def drawn(seed: int, folder: Path) -> Schedule:
    """Return a schedule at random, with a second operator, another token, perhaps a kill."""
    random = Random(seed)
    world = World(random, Chance(random, random.choice([0.0, 0.3, 0.7])))
    world.is_odd = random.random() < 0.2
    for _ in range(random.randint(1, 4)):
        world.add("nightly", kind="automatic")
    world.advance(100)
    action = random.choice(list(Action))
    schedule = Schedule(
        world,
        folder / f"{seed}.sqlite3",
        action,
        safely=action is Action.RESTORE and random.random() < 0.4,
        kill_after=random.randint(0, 40) if random.random() < 0.3 else None,
        looks=[random.uniform(1, 60) for _ in range(random.choice([0, 0, 1, 3]))],
        restarts=random.random() < 0.5,
        idle=random.choice([0, 5, 200]),
        changed=random.random() < 0.15,
        token_after=random.randint(0, 60) if random.random() < 0.3 else None,
        stranger=random.random() < 0.5,
    )
    if random.random() < 0.2:
        world.at(world.now + random.uniform(0, 60), schedule.second_operator)
    return schedule


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_schedule_of_faults_makes_a_duplicate_or_a_false_word(chunk: int, quick_folder: Path) -> None:
    seen = set(ends((f"seed {seed}", drawn(seed, quick_folder)) for seed in SCHEDULES[chunk::CHUNKS]))
    if len(SCHEDULES) >= MANY:  # else they prove nothing
        outcomes = {Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN, None}
        assert {(action, outcome) for action in Action for outcome in outcomes} == seen


class TwoCreates:
    """Two creates of the same, by two instances with one journal, one after the other or at the same time."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.world = World(self.random, Chance(self.random, self.random.choice([0.2, 0.4])))
        self.journal_path = folder / f"{seed}-two.sqlite3"
        self.journals: list[Journal] = []

    async def run(self) -> list[Operation]:
        """Carry both out, look into them as screens do, and return what is known then."""
        try:
            first, second = self._instance(), self._instance()
            if self.random.random() < 0.1:
                await asyncio.gather(self._create(first), self._create(second))
            else:
                await self._create(first)
                self.world.advance(self.random.uniform(0, 300))
                await self._create(second)
            for _ in range(self.random.randint(0, 6)):
                self.world.advance(self.random.uniform(1, 60))
                await self.random.choice([first, second]).look_again()
            if self.random.random() < 0.5:
                self.journals[0].close()
                await (third := self._instance()).resume()
                return await third.history()
            return await second.history()
        finally:
            for journal in self.journals:
                with suppress(OSError):
                    journal.close()

    def _instance(self) -> Operations:
        journal = Journal(self.journal_path)
        self.journals.append(journal)
        return self.world.operations(journal)

    async def _create(self, engine: Operations) -> None:
        await engine.create(Server(id=SERVER, name="web-server-01"), DESCRIPTION)

    def judge(self, known: list[Operation]) -> set[Outcome]:
        """See that no backup counts twice, and none that was not made; return how the creates ended."""
        done = [operation for operation in known if operation.outcome is Outcome.DONE]
        claimed = [operation.backup.id for operation in done if operation.backup is not None]
        assert len(claimed) == len(done) == len(set(claimed)), f"claimed twice: {claimed}"
        applied = [request for request in self.world.requests if request.applied is not NEVER]
        assert len(done) <= len(applied), f"{len(done)} done, and {len(applied)} made"
        in_order = sorted(known, key=lambda operation: operation.at)
        if len(self.world.requests) == len(in_order):
            for operation, request in zip(in_order, self.world.requests, strict=True):
                assert operation not in done or request in applied, "took what the other one has made"
        return {operation.outcome for operation in known}


@pytest.mark.timeout(600)
def test_no_schedule_of_two_creates_takes_one_backup_for_both(quick_folder: Path) -> None:
    seen = set().union(*ends((f"seed {seed}", TwoCreates(seed, quick_folder)) for seed in PAIRS))
    assert {Outcome.DONE, Outcome.UNKNOWN} <= seen
