"""Random schedules of faults against the real engine: no duplicate, no loss, no false word.

A failing seed is named, and is a schedule that can be run alone.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.operations.world import LONGEST_DELAY, NEVER, SERVER, Request, World
from tests.scale import cases
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.journal import Journal

SCHEDULES = cases(20_000)
PAIRS = cases(1_000)
CHUNKS = 8
DESCRIPTION = "before the update"


class Schedule:
    """One confirmed change in a world of faults, with a second operator and perhaps a kill."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.world = World(self.random, fault_rate=self.random.choice([0.0, 0.3, 0.7]))
        self.journal_path = folder / f"{seed}.sqlite3"
        self.action = self.random.choice(list(Action))
        self.safely = self.action is Action.RESTORE and self.random.random() < 0.4
        self.world.is_odd = self.random.random() < 0.2
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

    async def run(self) -> list[Operation]:
        """Carry the change out, through a kill and a restart where the schedule has one; return what is known then."""
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
        return engine.recent

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
        return await engine.restore(self.target, safely=self.safely)

    async def _kill_after(self, steps: int, engine: Operations, work: "asyncio.Future[Operation]") -> None:
        """Let the change take some steps, then stop it where it stands."""
        for _ in range(steps):
            await asyncio.sleep(0)
        self.killed = not work.done()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.wait([work])

    async def _restart(self) -> list[Operation]:
        """Start anew, look into what was left, and return what is known then."""
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
        return history

    def judge(self, known: list[Operation]) -> Operation | None:
        """Compare what was said with the truth; return how the change ended."""
        sent = Counter(request.action for request in self.world.requests)
        assert all(count <= 1 for count in sent.values()), "sent more than once"
        ended = {operation.action: operation for operation in known}
        assert len(ended) == len(known), "remembered twice"
        assert self.action in ended or self.killed, "forgotten"
        for action in Action:
            requests = [request for request in self.world.requests if request.action == action]
            self._judge(ended.get(action), requests)
        if self.safely:
            self._judge_copy(ended.get(Action.RESTORE), ended.get(Action.CREATE))
        else:
            assert set(ended) <= {self.action}, "did something else"
        return ended.get(self.action)

    def _judge_copy(self, restore: Operation | None, copy: Operation | None) -> None:
        """See that a server was restored only after a copy of it was made, and was completed."""
        asked = [request for request in self.world.requests if request.action == "restore"]
        if copy is not None:
            assert restore is not None, "copied for nothing"
            assert copy.part_of == restore.id, "another's copy"
        for request in asked:
            assert restore is not None, "sent and forgotten"
            assert restore.safety is not None, "restored without a copy"
            assert restore.safety.id in request.completed, "restored before the copy was completed"

    def _judge(self, ended: Operation | None, requests: list[Request]) -> None:
        """Compare what was said of one kind of change with the truth."""
        if ended is None:
            assert not requests, "sent and forgotten"
            return
        applied = bool(requests) and requests[0].applied is not NEVER
        assert ended.outcome is not Outcome.RUNNING, "left open"
        if ended.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
            assert not applied, f"said {ended.word}, and it was made"
        if requests and ended.action is not Action.CREATE:
            assert requests[0].target == self.target.id, "wrong target"
            assert not self.changed, "sent, though the backup is not the one confirmed"
        if ended.outcome is Outcome.DONE:
            self._judge_done(ended, applied)

    def _judge_done(self, ended: Operation, applied: bool) -> None:
        if ended.action is Action.RESTORE:
            assert applied, "said started, and it was not"
        if ended.action is Action.DELETE:
            assert not self.world.is_alive(self.target.id), "said done, and it is there"
        if ended.action is Action.CREATE:
            made = [life.backup for life in self.world.lives if life.backup.description == ended.description]
            assert made, "said started, and there is none"
            assert ended.backup is not None, "said started, and not what"
            assert ended.backup.id in {each.id for each in made}, "took another for what was made"
            assert applied or "could also be somebody else's" in ended.message, "claimed what somebody else has made"


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
            known = runner.run(schedule.run())
            schedule.world.advance(LONGEST_DELAY)
            try:
                ended = schedule.judge(known)
            except AssertionError as error:
                pytest.fail(f"seed {seed}, {schedule.action}: {error}; it said: {known}")
            seen[schedule.action, None if ended is None else ended.outcome] += 1
            schedule.journal_path.unlink()
    if len(SCHEDULES) >= 1000:  # the schedules must reach every end, or they prove nothing
        outcomes = {Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN, None}
        assert {(action, outcome) for action in Action for outcome in outcomes} == set(seen)


class TwoCreates:
    """Two creates of the same, by two instances with one journal, one after the other or at the same time."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.world = World(self.random, fault_rate=self.random.choice([0.2, 0.4]))
        self.path = folder / f"{seed}-two.sqlite3"
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
        journal = Journal(self.path)
        self.journals.append(journal)
        return Operations(self.world, journal=lambda: journal, pause=self.world.pause, clock=lambda: self.world.now)

    async def _create(self, engine: Operations) -> None:
        await engine.create(Server(id=SERVER, name="web-server-01"), DESCRIPTION)

    def judge(self, known: list[Operation]) -> Counter[Outcome]:
        """See that no backup counts twice, and none that was not made."""
        done = [operation for operation in known if operation.outcome is Outcome.DONE]
        claimed = [operation.backup.id for operation in done if operation.backup is not None]
        assert len(claimed) == len(done) == len(set(claimed)), f"claimed twice: {claimed}"
        applied = [request for request in self.world.requests if request.applied is not NEVER]
        assert len(done) <= len(applied), f"{len(done)} done, and {len(applied)} made"
        in_order = sorted(known, key=lambda operation: operation.at)
        if len(self.world.requests) == len(in_order):
            for operation, request in zip(in_order, self.world.requests, strict=True):
                assert operation not in done or request in applied, "took what the other one has made"
        return Counter(operation.outcome for operation in known)


@pytest.mark.timeout(600)
def test_no_schedule_of_two_creates_takes_one_backup_for_both(quick_folder: Path) -> None:
    seen: Counter[Outcome] = Counter()
    with asyncio.Runner() as runner:
        for seed in PAIRS:
            schedule = TwoCreates(seed, quick_folder)
            known = runner.run(schedule.run())
            try:
                seen += schedule.judge(known)
            except AssertionError as error:
                pytest.fail(f"seed {seed}: {error}; it said: {known}")
            schedule.path.unlink()
    assert {Outcome.DONE, Outcome.UNKNOWN} <= set(seen)
