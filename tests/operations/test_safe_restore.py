"""A restore with a way back: the safety backup first, completed, and only then the restore."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import CANARY, Clock
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.operations.safe_restore import NoWayBackError, SafeRestore, safe_restore, way_back
from vpsbackup_tui.secret import Token

SERVER = Server(id=12345, name="web-server-01")


class Stage:
    """An operator before one server, its newest completed backup, and time that passes while they wait."""

    def __init__(self, demo: DemoService, clock: Clock) -> None:
        self.demo = demo
        self.clock = clock
        self.waits = 0
        self.service = Service(demo.url, Token(CANARY))
        self.operations = Operations(self.service, pause=self.pause)

    async def pause(self, seconds: float) -> None:
        self.waits += 1
        self.clock.advance(seconds)

    async def target(self) -> Backup:
        listing = await self.service.list_backups(server_id=SERVER.id)
        return next(backup for backup in listing.items if backup.is_completed)

    async def restore(self) -> SafeRestore:
        return await safe_restore(self.operations, self.service, SERVER, await self.target(), pause=self.pause)


@pytest.fixture
async def stage(demo: DemoService, clock: Clock) -> AsyncIterator[Stage]:
    stage = Stage(demo, clock)
    yield stage
    await stage.service.aclose()


async def test_the_server_is_backed_up_before_it_is_overwritten(stage: Stage) -> None:
    result = await stage.restore()
    assert result.restore is not None
    assert result.restore.outcome is Outcome.DONE
    assert result.restore.safety is not None
    assert result.restore.safety.is_completed
    assert (result.safety.action, result.safety.outcome, result.stopped) == (Action.CREATE, Outcome.DONE, "")
    assert result.safety.id != result.restore.id
    assert result.restore.record()["safety_backup"]["id"] == result.restore.safety.id
    assert [seen.path.rpartition("/v1")[2] for seen in stage.demo.requests if seen.method == "POST"] == [
        "/backups/",
        "/servers/12345/restore/",
    ]
    assert stage.waits > 0


async def test_the_safety_copy_can_be_restored_in_turn(stage: Stage) -> None:
    result = await stage.restore()
    assert result.restore is not None
    assert result.restore.safety is not None
    stage.clock.advance(100)
    undone = await stage.operations.restore(result.restore.safety)
    assert undone.outcome is Outcome.DONE


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="POST", path="/backups/", status=400, body={"detail": "No."}),
        Fault(method="POST", path="/backups/", status=403, body={"detail": "No."}),
    ],
)
async def test_without_a_safety_backup_nothing_is_restored(stage: Stage, fault: Fault) -> None:
    stage.demo.faults.add(fault)
    result = await stage.restore()
    assert result.restore is None
    assert result.safety == stage.operations.recent[0]
    assert result.stopped == "the safety backup was refused"
    assert stage.demo.count("POST", "/restore/") == 0


async def test_a_safety_backup_that_fails_stops_the_restore(stage: Stage) -> None:
    async def fail_meanwhile(seconds: float) -> None:
        newest = max(backup.id for backup in stage.demo.service.backups(12345))
        stage.demo.service.change_backup(newest, status="failed", ready=None)

    backup = await stage.target()
    result = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=fail_meanwhile)
    assert result.restore is None
    assert "failed" in result.stopped
    assert stage.demo.count("POST", "/restore/") == 0


@pytest.mark.parametrize(("status", "words"), [("failed", "failed"), ("odd", "odd"), ("", "of unknown status")])
async def test_how_a_safety_backup_ended_is_said(stage: Stage, status: str, words: str) -> None:
    async def end_so(seconds: float) -> None:
        newest = max(backup.id for backup in stage.demo.service.backups(12345))
        stage.demo.service.change_backup(newest, status=status, ready=None)

    backup = await stage.target()
    told: list[str] = []
    result = await safe_restore(stage.operations, stage.service, SERVER, backup, tell=told.append, pause=end_so)
    made = _made_by(result)
    assert result.stopped == f"safety backup {made} is {words}"
    assert told == [f"Restore web-server-01: waiting until backup {made} of its present state is completed"]


async def test_a_safety_backup_that_goes_meanwhile_stops_the_restore(stage: Stage) -> None:
    async def delete_meanwhile(seconds: float) -> None:
        newest = max(backup.id for backup in stage.demo.service.backups(12345))
        stage.demo.service.delete(newest)

    backup = await stage.target()
    result = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=delete_meanwhile)
    assert result.restore is None
    assert result.stopped == f"safety backup {_made_by(result)} is gone"
    assert stage.demo.count("POST", "/restore/") == 0


async def test_a_safety_backup_that_may_not_be_looked_at_stops_the_restore(stage: Stage) -> None:
    async def forbid_meanwhile(seconds: float) -> None:
        stage.demo.faults.add(Fault(method="GET", status=403, body={"detail": "No."}, times=None))

    backup = await stage.target()
    result = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=forbid_meanwhile)
    assert result.restore is None
    assert result.stopped.startswith(f"safety backup {_made_by(result)} can't be followed: ")
    assert "No." in result.stopped
    assert stage.demo.count("POST", "/restore/") == 0


def _made_by(result: SafeRestore) -> Id | None:
    assert result.safety.backup is not None
    return result.safety.backup.id


async def test_a_wanted_backup_that_goes_meanwhile_is_not_restored_from(stage: Stage) -> None:
    backup = await stage.target()

    async def delete_meanwhile(seconds: float) -> None:
        stage.clock.advance(seconds)
        if any(each.id == backup.id for each in stage.demo.service.backups(12345)):
            stage.demo.service.delete(int(str(backup.id)))

    result = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=delete_meanwhile)
    assert result.restore is not None
    assert result.restore.outcome is Outcome.REFUSED
    assert result.restore.message.endswith(f" Backup {_made_by(result)} of its present state was made, and is kept.")
    assert stage.demo.count("POST", "/restore/") == 0


async def test_an_unknown_restore_forbids_another_until_the_operator_has_looked(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    backup = await stage.target()
    assert (await stage.operations.restore(backup)).outcome is Outcome.UNKNOWN
    stage.clock.advance(100)
    assert (await stage.operations.restore(backup)).outcome is Outcome.REFUSED
    assert stage.demo.count("POST", "/restore/") == 1
    assert (await stage.operations.restore(backup, despite_unknown=True)).outcome is Outcome.DONE
    assert stage.demo.count("POST", "/restore/") == 2


async def test_a_safe_restore_too_needs_to_know_that_the_operator_has_looked(stage: Stage) -> None:
    stage.demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    backup = await stage.target()
    assert (await stage.operations.restore(backup)).outcome is Outcome.UNKNOWN
    stage.clock.advance(100)
    unasked = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=stage.pause)
    assert unasked.restore is not None
    assert unasked.restore.outcome is Outcome.REFUSED
    looked = await safe_restore(
        stage.operations, stage.service, SERVER, backup, despite_unknown=True, pause=stage.pause
    )
    assert looked.restore is not None
    assert looked.restore.outcome is Outcome.DONE
    assert stage.demo.count("POST", "/restore/") == 2


COPY = Backup(id=7, server_id=1, server_name="web", status="completed")
FLEET = Fleet([COPY])


def restored(**known: Any) -> Operation:
    facts = {"id": "op", "action": Action.RESTORE, "server_id": 1, "server_name": "web", "at": 1.0}
    return Operation(**{**facts, "outcome": Outcome.DONE, "safety": COPY, "backup": Backup(id=5), **known})


def test_the_way_back_is_the_copy_made_before_the_last_restore() -> None:
    back = way_back([restored(), restored(safety=Backup(id=6))], FLEET, 1)
    assert back.copy is FLEET.backup(7)
    assert back.words == "Backup 7 is web as it was before its last restore from backup 5."
    unread = way_back([restored(backup=None)], FLEET)
    assert unread.words == "Backup 7 is web as it was before its last restore."


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.RUNNING])
def test_a_restore_that_may_have_been_made_can_be_undone(outcome: Outcome) -> None:
    assert way_back([restored(outcome=outcome)], FLEET, 1).copy.id == 7


@pytest.mark.parametrize(
    "passed_over",
    [
        {"action": Action.CREATE},
        {"action": Action.DELETE},
        {"outcome": Outcome.REFUSED},
        {"outcome": Outcome.NOT_SENT},
        {"server_id": 2},
    ],
)
def test_what_overwrote_nothing_of_the_server_is_passed_over(passed_over: dict[str, Any]) -> None:
    older = restored()
    other = restored(safety=None, **passed_over)
    assert way_back([other, older], FLEET, 1).restore is older
    with pytest.raises(NoWayBackError, match=r"^No restore is known that could be undone\.$"):
        way_back([other], FLEET, 1)


def test_without_a_server_named_the_last_restore_of_any_is_undone() -> None:
    assert way_back([restored(server_id=2), restored()], FLEET).restore.server_id == 2


def test_without_a_copy_there_is_no_way_back() -> None:
    with pytest.raises(NoWayBackError) as unmade:
        way_back([restored(safety=None), restored()], FLEET, 1)
    assert unmade.value.message == "web was not backed up before its last restore: that can't be undone."
    with pytest.raises(NoWayBackError) as gone:
        way_back([restored(safety=Backup(id=6))], FLEET, 1)
    assert gone.value.message == "Backup 6, made before the last restore, is not listed any more."
