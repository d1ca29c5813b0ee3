"""A restore with a way back: the safety backup first, completed, and only then the restore."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.conftest import CANARY, Clock
from tests.operations.bench import SERVER, restore_again
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.secret import Token
from vpsbackup_tui.store.journal import Journal

COPYING = "backing up the server's present state first"


class Stage:
    """An operator before one server, its newest completed backup, and time that passes while they wait."""

    def __init__(self, demo: DemoService, clock: Clock, journal: Path) -> None:
        self.demo = demo
        self.clock = clock
        self.journal = journal
        self.waits = 0
        self.meanwhile: Callable[[], Awaitable[object]] = self.nothing
        self.service = Service(demo.url, Token(CANARY))
        self.told: list[Operation] = []
        self.tell: Callable[[Operation], None] = self.told.append
        self.operations = self.instance()

    def instance(self, *, marks_creates: bool = False) -> Operations:
        return Operations(
            self.service,
            marks_creates=marks_creates,
            journal=lambda: Journal(self.journal),
            pause=self.pause,
            on_change=lambda operation: self.tell(operation),
        )

    async def nothing(self) -> None:
        """Let nothing happen while a restore waits."""

    async def pause(self, seconds: float) -> None:
        self.waits += 1
        self.clock.advance(seconds)
        await self.meanwhile()

    async def target(self) -> Backup:
        listing = await self.service.list_backups(server_id=SERVER.id)
        return next(backup for backup in listing.items if backup.is_completed)

    async def restore(self) -> Operation:
        return await self.operations.restore(await self.target(), safely=True)

    async def restore_until_it_waits(self) -> "asyncio.Future[Operation]":
        """Begin a safe restore whose copy is never completed, and return when that is waited for."""
        waiting = asyncio.Event()

        async def wait() -> None:
            waiting.set()
            await asyncio.Event().wait()

        self.meanwhile = wait
        restoring = asyncio.ensure_future(self.restore())
        await waiting.wait()
        return restoring

    @property
    def copy(self) -> int:
        """The id of the newest backup: the one that was made first."""
        return max(backup.id for backup in self.demo.service.backups(12345))

    @property
    def changes(self) -> list[str]:
        return [seen.path.rpartition("/v1")[2] for seen in self.demo.requests if seen.method != "GET"]


@pytest.fixture
async def stage(demo: DemoService, clock: Clock, tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(demo, clock, tmp_path / "journal.sqlite3")
    yield stage
    stage.operations.close()
    await stage.service.aclose()


async def test_the_server_is_backed_up_before_it_is_overwritten(stage: Stage) -> None:
    restore = await stage.restore()
    assert restore.outcome is Outcome.DONE
    assert restore.safety is not None
    assert (restore.safety.id, restore.safety.is_completed) == (stage.copy, True)
    assert restore.backup is not None
    made = next(each for each in stage.operations.recent if each.action is Action.CREATE)
    assert (made.outcome, made.part_of) == (Outcome.DONE, restore.id)
    assert made.description == f"Before restoring backup {restore.backup.id}"
    assert restore.record()["safety_backup"]["id"] == restore.safety.id
    assert stage.changes == ["/backups/", "/servers/12345/restore/"]
    assert stage.waits > 0


async def test_what_is_waited_for_is_told(stage: Stage) -> None:
    restore = await stage.restore()
    of_restore = [each for each in stage.told if each.id == restore.id]
    assert [each.message for each in of_restore][1:3] == [
        COPYING,
        f"waiting until backup {stage.copy} of its present state is completed",
    ]
    assert [each.safety and each.safety.is_busy for each in of_restore][:3] == [None, None, True]


async def test_a_restore_that_makes_a_backup_first_counts_as_waiting_until_it_is_sent(stage: Stage) -> None:
    steps: list[tuple[str, list[str]]] = []

    def tell(operation: Operation) -> None:
        if operation.action is Action.RESTORE:
            steps.append((operation.message, [each.id for each in stage.operations.waiting]))

    stage.tell = tell
    restore = await stage.restore()
    words, waiting = zip(*steps, strict=True)
    assert words[0].startswith("reading the list")
    assert words[1] == COPYING
    assert words[3].startswith("sent")
    assert list(waiting) == [[restore.id]] * 3 + [[]] * 2


async def test_the_copy_has_a_mark_where_creates_are_to_have_one(stage: Stage) -> None:
    stage.operations = stage.instance(marks_creates=True)
    ended = await stage.restore()
    assert ended.safety is not None
    assert re.fullmatch(r"Before restoring backup [0-9]+ \[vb-[0-9a-f]{8}\]", ended.safety.description)


async def test_the_safety_copy_can_be_restored_in_turn(stage: Stage) -> None:
    restore = await stage.restore()
    assert restore.safety is not None
    stage.clock.advance(100)
    undone = await stage.operations.restore(restore.safety)
    assert undone.outcome is Outcome.DONE


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_without_a_safety_backup_nothing_is_restored(stage: Stage, status: int) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/backups/", status=status, body={"detail": "No."}))
    restore = await stage.restore()
    assert (restore.outcome, restore.status) == (Outcome.REFUSED, status)
    words = "Nothing was restored: the safety backup was refused. web-server-01: "
    assert restore.message.startswith(words)
    assert restore.message.endswith(" Nothing was changed.")
    assert "“No.”" in restore.message or status == 401
    assert stage.changes == ["/backups/"]


async def test_a_restore_that_is_refused_after_its_copy_does_not_say_that_nothing_was_changed(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", status=400, body={"detail": "No."}))
    restore = await stage.restore()
    assert restore.outcome is Outcome.REFUSED
    assert "“No.” Nothing was restored. " in restore.message
    assert "Nothing was changed" not in restore.message
    kept = f" Backup {stage.copy} of web-server-01's present state is kept."
    assert restore.message.endswith(kept)


async def test_where_it_is_not_known_whether_there_is_a_safety_backup_nothing_is_restored(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/backups/", cut="before"))
    restore = await stage.restore()
    assert (restore.outcome, restore.safety) == (Outcome.NOT_SENT, None)
    assert restore.message.startswith("Nothing was restored: it is not known whether the safety backup is being made. ")
    assert stage.changes == ["/backups/"]


@pytest.mark.parametrize(("status", "words"), [("failed", "failed"), ("odd", "odd"), ("", "of unknown status")])
async def test_a_safety_backup_that_fails_stops_the_restore(stage: Stage, status: str, words: str) -> None:
    async def end_so() -> None:
        stage.demo.service.change_backup(stage.copy, status=status, ready=None)

    stage.meanwhile = end_so
    restore = await stage.restore()
    assert restore.outcome is Outcome.NOT_SENT
    assert restore.message == f"Nothing was restored: safety backup {stage.copy} is {words}."
    assert stage.changes == ["/backups/"]


async def test_a_safety_backup_that_goes_meanwhile_stops_the_restore(stage: Stage) -> None:
    made: list[int] = []

    async def delete() -> None:
        if not made:
            made.append(stage.copy)
            stage.demo.service.delete(stage.copy)

    stage.meanwhile = delete
    restore = await stage.restore()
    assert restore.message == f"Nothing was restored: safety backup {made[0]} is gone."
    assert stage.changes == ["/backups/"]


async def test_a_safety_backup_that_never_shows_up_is_not_called_gone(stage: Stage) -> None:
    stage.demo.service.lag.seconds = 10**6
    restore = await stage.restore()
    words = f"Nothing was restored: safety backup {stage.copy} has not shown up in the list so far."
    assert (restore.outcome, restore.message) == (Outcome.NOT_SENT, words)
    assert restore.safety is not None
    assert stage.changes == ["/backups/"]


@pytest.mark.parametrize(("status", "told"), [(401, 401), (403, 403), (200, None)])
async def test_a_safety_backup_that_can_not_be_looked_at_stops_the_restore(
    stage: Stage, status: int, told: int | None
) -> None:
    async def forbid() -> None:
        stage.demo.faults.add(Fault(method="GET", status=status, body={"detail": "No."}, times=None))

    stage.meanwhile = forbid
    restore = await stage.restore()
    assert restore.message.startswith(f"Nothing was restored: safety backup {stage.copy} can't be followed: ")
    assert restore.status == told
    assert restore.safety is not None
    assert restore.safety.id == stage.copy
    assert stage.changes == ["/backups/"]


async def test_a_wanted_backup_that_goes_meanwhile_is_not_restored_from(stage: Stage) -> None:
    backup = await stage.target()

    async def delete() -> None:
        if any(each.id == backup.id for each in stage.demo.service.backups(12345)):
            stage.demo.service.delete(int(str(backup.id)))

    stage.meanwhile = delete
    restore = await stage.restore()
    assert restore.outcome is Outcome.REFUSED
    assert restore.message == (
        f"Nothing was restored: backup {backup.id} is gone: the service no longer lists it."
        f" Backup {stage.copy} of web-server-01's present state is kept."
    )
    assert stage.changes == ["/backups/"]


async def test_no_copy_is_made_for_a_backup_that_can_not_be_restored_from(stage: Stage) -> None:
    backup = await stage.target()
    stage.demo.service.change_backup(int(str(backup.id)), status="failed")
    restore = await stage.operations.restore(backup, safely=True)
    assert restore.outcome is Outcome.REFUSED
    assert stage.changes == []


async def test_a_refusal_after_the_copy_says_that_it_is_kept(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", status=409, body={"detail": "Busy."}))
    restore = await stage.restore()
    assert restore.outcome is Outcome.REFUSED
    assert restore.message.endswith(
        f"“Busy.” Nothing was restored. Backup {stage.copy} of web-server-01's present state is kept."
    )


async def test_while_it_waits_no_other_instance_changes_the_server(stage: Stage) -> None:
    other = stage.instance()
    backup = await stage.target()
    refused: list[Operation] = []

    async def interfere() -> None:
        if not refused:
            refused.append(await other.restore(backup))
            refused.append(await restore_again(other, backup, safely=True))
            refused.append(await other.delete(backup))
            refused.append(await other.create(SERVER, "mine"))

    stage.meanwhile = interfere
    restore = await stage.operations.restore(backup, safely=True)
    other.close()
    words = "Nothing was sent: a restore on web-server-01 is still under way."
    assert [(each.outcome, each.message) for each in refused] == [(Outcome.REFUSED, words)] * 4
    assert restore.outcome is Outcome.DONE
    assert stage.changes == ["/backups/", "/servers/12345/restore/"]


async def test_a_restore_that_another_instance_took_for_left_behind_is_not_sent(stage: Stage) -> None:
    told: list[Operation] = []

    async def take_over() -> None:
        if not told:
            for lock in stage.journal.parent.glob("*.lock"):
                lock.unlink()
            other = stage.instance()
            told.extend(await other.resume())
            other.close()

    stage.meanwhile = take_over
    restore = await stage.restore()
    assert [each.outcome for each in told] == [Outcome.NOT_SENT]
    assert restore.outcome is Outcome.REFUSED
    assert restore.message.startswith("Nothing was restored, as it could not be journalled")
    assert "doesn't hold this change any more as it was begun" in restore.message
    assert stage.changes == ["/backups/"]


async def test_a_wait_that_can_not_be_journalled_goes_on_as_the_restore_itself_must_be(stage: Stage) -> None:
    Journal(stage.journal).close()
    with sqlite3.connect(stage.journal) as database:
        fails = "BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        database.execute(f"CREATE TRIGGER full BEFORE UPDATE ON changes WHEN NEW.entry LIKE '%waiting until%' {fails}")
    database.close()
    restore = await stage.restore()
    assert restore.outcome is Outcome.DONE
    assert stage.changes == ["/backups/", "/servers/12345/restore/"]


async def test_whoever_ends_the_program_while_it_waits_restores_nothing(stage: Stage) -> None:
    restoring = await stage.restore_until_it_waits()
    stage.operations.stop()
    await stage.operations.finish()
    restore = await restoring
    assert restore.outcome is Outcome.NOT_SENT
    assert restore.message == (
        f"Nothing was restored: the program was ended before safety backup {stage.copy} was completed."
        " That goes on, and it is kept."
    )
    assert restore.safety is not None
    assert restore.safety.id == stage.copy
    assert stage.changes == ["/backups/"]


async def test_a_program_that_is_killed_while_it_waits_has_restored_nothing(stage: Stage) -> None:
    restoring = await stage.restore_until_it_waits()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.wait([restoring])
    stage.operations.close()
    stage.operations = stage.instance()
    await stage.operations.resume()
    history = {each.action: each for each in await stage.operations.history()}
    ended = history[Action.RESTORE]
    assert (ended.outcome, ended.safety and ended.safety.id) == (Outcome.NOT_SENT, stage.copy)
    assert ended.message == (
        "Nothing was restored: the program was ended before that."
        f" Backup {stage.copy} of web-server-01's present state is being made, and is kept."
    )
    assert history[Action.CREATE].outcome is Outcome.DONE
    assert history[Action.CREATE].part_of == history[Action.RESTORE].id
    assert stage.changes == ["/backups/"]


async def test_an_unknown_restore_forbids_another_until_the_operator_has_looked(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    backup = await stage.target()
    assert (await stage.operations.restore(backup)).outcome is Outcome.UNKNOWN
    stage.clock.advance(100)
    assert (await stage.operations.restore(backup)).outcome is Outcome.REFUSED
    assert stage.demo.count("POST", "/restore/") == 1
    assert (await restore_again(stage.operations, backup)).outcome is Outcome.DONE
    assert stage.demo.count("POST", "/restore/") == 2


async def test_a_safe_restore_too_needs_to_know_that_the_operator_has_looked(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    backup = await stage.target()
    assert (await stage.operations.restore(backup)).outcome is Outcome.UNKNOWN
    stage.clock.advance(100)
    unasked = await stage.operations.restore(backup, safely=True)
    assert unasked.outcome is Outcome.REFUSED
    looked = await restore_again(stage.operations, backup, safely=True)
    assert looked.outcome is Outcome.DONE
    assert stage.changes == ["/servers/12345/restore/", "/backups/", "/servers/12345/restore/"]
