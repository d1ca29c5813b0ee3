"""A restore with a way back: the safety backup first, completed, and only then the restore."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import CANARY, Clock
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.operations.safe_restore import SafeRestore, safe_restore
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
    assert "refused" in result.stopped
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


async def test_a_wanted_backup_that_goes_meanwhile_is_not_restored_from(stage: Stage) -> None:
    backup = await stage.target()

    async def delete_meanwhile(seconds: float) -> None:
        stage.clock.advance(seconds)
        if any(each.id == backup.id for each in stage.demo.service.backups(12345)):
            stage.demo.service.delete(int(str(backup.id)))

    result = await safe_restore(stage.operations, stage.service, SERVER, backup, pause=delete_meanwhile)
    assert result.restore is not None
    assert result.restore.outcome is Outcome.REFUSED
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
