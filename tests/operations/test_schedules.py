"""Random schedules of faults against the real engine: no duplicate, no loss, no false word.

A failing seed is named, and is a schedule that can be run alone.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.operations.world import LONGEST_DELAY, NEVER, SERVER, World
from tests.scale import cases
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.journal import Journal

SCHEDULES = cases(20_000)
CHUNKS = 8
DESCRIPTION = "before the update"


class Schedule:
    """One confirmed change in a world of faults, with a second operator and perhaps a kill."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.world = World(self.random, fault_rate=self.random.choice([0.0, 0.3, 0.7]))
        self.journal_path = folder / f"{seed}.sqlite3"
        self.action = self.random.choice(list(Action))
        for _ in range(self.random.randint(1, 4)):
            self.world.add("nightly", kind="automatic")
        self.world.advance(100)
        self.target = self.random.choice(self.world.listed())
        self.killed = False
        self.world.may_miss_a_row = self.random.random() < 0.2
        self.changed = self.random.random() < 0.15
        if self.changed:
            self.world.replace(self.target.id, "failed")
        if self.random.random() < 0.2:
            self.world.at(self.world.now + self.random.uniform(0, 60), self._second_operator)

    def _second_operator(self) -> None:
        """Make the same change at the same time, without us knowing."""
        if self.action is Action.CREATE:
            self.world.add(DESCRIPTION)
        else:
            self.world.remove(self.target.id or 0)

    async def run(self) -> Operation | None:
        """Carry the change out, through a kill and a restart where the schedule has one."""
        journal = Journal(self.journal_path)
        try:
            engine = Operations(
                self.world, journal=lambda: journal, pause=self.world.pause, clock=lambda: self.world.now
            )
            work = asyncio.ensure_future(self._confirmed(engine))
            if self.random.random() < 0.3:
                await self._kill_after(self.random.randint(0, 40), engine, work)
            else:
                await work
                await self._look_again(engine)
        finally:
            journal.close()
        if self.killed or self.random.random() < 0.5:
            return await self._restart()
        return engine.recent[0]

    async def _look_again(self, engine: Operations) -> None:
        """Read on for a while, as a screen does."""
        for _ in range(self.random.choice([0, 0, 1, 3])):
            self.world.advance(self.random.uniform(1, 60))
            await engine.look_again()

    async def _confirmed(self, engine: Operations) -> Operation:
        if self.action is Action.CREATE:
            return await engine.create(Server(id=SERVER, name="web-server-01"), DESCRIPTION)
        if self.action is Action.DELETE:
            return await engine.delete(self.target, last_confirmed=True)
        return await engine.restore(self.target)

    async def _kill_after(self, steps: int, engine: Operations, work: "asyncio.Future[Operation]") -> None:
        """Let the change take some steps, then stop it where it stands."""
        for _ in range(steps):
            await asyncio.sleep(0)
        self.killed = not work.done()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.wait([work])

    async def _restart(self) -> Operation | None:
        """Start anew, look into what was left, and return what is known then of the change."""
        self.world.advance(self.random.choice([0, 5, 200]))
        journal = Journal(self.journal_path)
        try:
            engine = Operations(
                self.world, journal=lambda: journal, pause=self.world.pause, clock=lambda: self.world.now
            )
            await engine.resume()
            history = await engine.history()
        finally:
            journal.close()
        assert len(history) <= 1
        return history[0] if history else None

    def judge(self, ended: Operation | None) -> None:
        """Compare what was said with the truth."""
        requests = self.world.requests
        assert len(requests) <= 1, "sent more than once"
        if ended is None:
            assert self.killed, "forgotten"
            assert not requests, "sent and forgotten"
            return
        applied = bool(requests) and requests[0].applied is not NEVER
        assert ended.outcome is not Outcome.RUNNING, "left open"
        if ended.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
            assert not applied, f"said {ended.word}, and it was made"
        if requests and self.action is not Action.CREATE:
            assert requests[0].target == self.target.id, "wrong target"
            assert not self.changed, "sent, though the backup is not the one confirmed"
        if ended.outcome is Outcome.DONE:
            self._judge_done(applied)

    def _judge_done(self, applied: bool) -> None:
        if self.action is Action.RESTORE:
            assert applied, "said started, and it was not"
        if self.action is Action.DELETE:
            assert not self.world.is_alive(self.target.id), "said done, and it is there"
        if self.action is Action.CREATE:
            assert any(_is_wanted(life.backup) for life in self.world.lives), "said started, and there is none"


def _is_wanted(backup: Backup) -> bool:
    return backup.description == DESCRIPTION


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: a schedule kills the program, not the power."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_schedule_of_faults_makes_a_duplicate_or_a_false_word(chunk: int, quick_folder: Path) -> None:
    seen: Counter[tuple[Action, Outcome | None]] = Counter()
    with asyncio.Runner() as runner:
        for seed in SCHEDULES[chunk::CHUNKS]:
            schedule = Schedule(seed, quick_folder)
            ended = runner.run(schedule.run())
            schedule.world.advance(LONGEST_DELAY)
            try:
                schedule.judge(ended)
            except AssertionError as error:
                pytest.fail(f"seed {seed}, {schedule.action}: {error}; it said: {ended}")
            seen[schedule.action, None if ended is None else ended.outcome] += 1
            schedule.journal_path.unlink()
    if len(SCHEDULES) >= 1000:  # the schedules must reach every end, or they prove nothing
        outcomes = {Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN, None}
        assert {(action, outcome) for action in Action for outcome in outcomes} == set(seen)
