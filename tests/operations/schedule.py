"""One confirmed change in a world of faults, up to what is known of it at last, and the judge of that."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import pytest

from tests.operations.world import LONGEST_DELAY, NEVER, SERVER, Request, World
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.journal import Journal

DESCRIPTION = "before the update"

_P = ParamSpec("_P")
_T = TypeVar("_T")
_End = TypeVar("_End", covariant=True)


class Judged(Protocol[_End]):
    """What `ends` runs: something that is known at last of what happened, the judge of that, and its journal."""

    @property
    def journal_path(self) -> Path: ...

    async def run(self) -> list[Operation]: ...

    def judge(self, known: list[Operation]) -> _End: ...


def forget_journal(path: Path) -> None:
    """Take away a journal and all that tells of it, so that the next one is the first there."""
    path.unlink()
    path.with_suffix(".opening").unlink()


def ends(schedules: Iterable[tuple[str, Judged[_End]]]) -> Iterator[_End]:
    """Run schedules and yield how each ended; fail the test at the first false word, with the schedule's name."""
    with asyncio.Runner(loop_factory=_loop) as runner:
        for name, schedule in schedules:
            known = runner.run(schedule.run())
            try:
                yield schedule.judge(known)
            except AssertionError as error:
                pytest.fail(f"{name}: {error}; it said: {known}")
            forget_journal(schedule.journal_path)


def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_AtOnce())
    return loop


class _AtOnce(ThreadPoolExecutor):
    """Does at once what is for a thread, so that a schedule takes the same steps each time that it is run."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass
class Schedule:
    """One confirmed change in a world that has backups, and what befalls the program meanwhile.

    It is killed after `kill_after` steps of the event loop, if not done by then. After the
    change it looks again, `looks` virtual seconds after each other, as a screen does; then,
    where it was killed or `restarts`, it starts anew after `idle` virtual seconds. After
    `token_after` steps another token comes, perhaps that of a `stranger`.
    """

    world: World
    journal_path: Path
    action: Action
    safely: bool = False
    kill_after: int | None = None
    looks: Sequence[float] = ()
    restarts: bool = False
    idle: float = 0.0
    changed: bool = False
    """Whether the backup is another one by now than the one that was confirmed."""
    token_after: int | None = None
    stranger: bool = False
    killed: bool = False

    def __post_init__(self) -> None:
        self.target = self.world.random.choice(self.world.listed())
        if self.changed:
            self.world.replace(self.target.id, "failed")

    def second_operator(self) -> None:
        """Make the same change at the same time, without us knowing."""
        if self.action is Action.CREATE:
            self.world.add(DESCRIPTION)
        else:
            self.world.remove(self.target.id or 0)

    async def run(self) -> list[Operation]:
        """Carry the change out, through a kill and a restart where there is one; return what is known then."""
        journal = Journal(self.journal_path)
        try:
            engine = self._engine(journal)
            work = asyncio.ensure_future(self._confirmed(engine))
            coming = asyncio.ensure_future(self._another_token(engine))
            if self.kill_after is not None:
                await self._kill_after(self.kill_after, work)
            else:
                await work
                for seconds in self.looks:
                    self.world.advance(seconds)
                    await engine.look_again()
            coming.cancel()
        finally:
            journal.close()
        return await self._restart() if self.killed or self.restarts else engine.recent

    def _engine(self, journal: Journal) -> Operations:
        return self.world.operations(
            journal, lambda: Actor(email="dev@example.com" if self.world.is_foreign else "ops@example.com")
        )

    async def _another_token(self, engine: Operations) -> None:
        """Let another token come after some steps, if one does."""
        if self.token_after is not None:
            for _ in range(self.token_after):
                await asyncio.sleep(0)
            self.world.is_foreign = self.stranger
            engine.another_token()

    async def _confirmed(self, engine: Operations) -> Operation:
        if self.action is Action.CREATE:
            return await engine.create(Server(id=SERVER, name="web-server-01"), DESCRIPTION)
        if self.action is Action.DELETE:
            return await engine.delete(self.target, last_confirmed=True)
        return await engine.restore(self.target, safely=self.safely)

    async def _kill_after(self, steps: int, work: "asyncio.Future[Operation]") -> None:
        """Let the change take some steps, then stop it where it stands."""
        for _ in range(steps):
            await asyncio.sleep(0)
        self.killed = not work.done()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.wait([work])

    async def _restart(self) -> list[Operation]:
        """Start anew, look into what was left, and return what is known then."""
        self.world.advance(self.idle)
        journal = Journal(self.journal_path)
        try:
            engine = self._engine(journal)
            await engine.resume()
            return await engine.history()
        finally:
            journal.close()

    def judge(self, known: list[Operation]) -> tuple[Action, Outcome | None]:
        """Compare what was said with the truth of the end; return what was changed, and how that ended, if it began."""
        self.world.advance(LONGEST_DELAY)
        sent = Counter(request.action for request in self.world.requests)
        assert all(count <= 1 for count in sent.values()), "sent more than once"
        assert not self.world.was_misused, "sent with another account's token"
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
        return self.action, ended[self.action].outcome if self.action in ended else None

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
