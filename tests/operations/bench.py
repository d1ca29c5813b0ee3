"""A service, a journal, and as many instances of the program as a test wants."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import CANARY
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Operation, Outcome, in_doubt
from vpsbackup_tui.secret import Token
from vpsbackup_tui.store.journal import Journal

SERVER = Server(id=12345, name="web-server-01")

READING = "reading the list once more before anything is sent"
SENT = "sent; waiting for the answer"
STOPPED = "Nothing was sent: the program was ended before that."
LEFT_BEHIND = "The program ended before it knew what became of this."


class Bench:
    """A service, and as many instances of the program with one journal as a test wants."""

    def __init__(self, demo: DemoService, path: Path) -> None:
        self.demo = demo
        self.path = path
        self.service = Service(demo.url, Token(CANARY))
        self.instances: list[Operations] = []
        self.pauses: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.busy_seconds = 5.0
        self.told: list[Operation] = []

    async def pause(self, seconds: float) -> None:
        """Let no time pass, but for what happens meanwhile."""
        self.pauses.append(seconds)
        self.meanwhile()

    def instance(self, on_change: Callable[[Operation], None] = lambda operation: None, **options: Any) -> Operations:
        """Start an instance of the program; what it tells is remembered in `told`."""

        def tell(operation: Operation) -> None:
            self.told.append(operation)
            on_change(operation)

        if "clock" in options:  # one that passes as the test says
            options.setdefault("monotonic", options["clock"])
        operations = Operations(
            self.service,
            journal=lambda: Journal(self.path, busy_seconds=self.busy_seconds),
            pause=self.pause,
            on_change=tell,
            **options,
        )
        self.instances.append(operations)
        return operations

    async def backups(self) -> list[Backup]:
        """Return the completed backups of the server, as they are now."""
        listing = await self.service.list_backups(server_id=SERVER.id)
        return [backup for backup in listing.items if backup.is_completed]

    def plant(self, text: str, *, number: int = 1) -> None:
        """Put an open entry of an ended instance into the journal."""
        Journal(self.path).close()
        with sqlite3.connect(self.path) as database:
            row = (f"op-{number}", float(number), text)
            database.execute("INSERT INTO changes VALUES (?, ?, 1, 'gone', ?)", row)
        database.close()

    def plant_change(self, action: str, *, sent: bool, number: int = 1, **known: Any) -> None:
        """Put a change that an ended instance has begun into the journal."""
        operation: dict[str, Any] = {
            "id": f"op-{number}",
            "action": action,
            "server_id": SERVER.id,
            "server_name": SERVER.name,
        }
        operation |= {"at": float(number)} | known
        self.plant(json.dumps({"operation": operation, "known": [], "sent": sent}), number=number)

    def steps(self) -> list[tuple[Outcome, str]]:
        """Return outcome and message of everything that was told."""
        return [(told.outcome, told.message) for told in self.told]

    async def kept(self) -> list[Operation]:
        """Return what the next instance knows, newest first; nothing may be left open for it."""
        for instance in self.instances:
            instance.close()
        following = self.instance()
        assert await following.resume() == []
        return await following.history()


async def begin(operations: Operations, action: str, backup: Backup) -> Operation:
    """Begin a change by the name of its action."""
    if action == "create":
        return await operations.create(SERVER, "before")
    return await (operations.delete(backup) if action == "delete" else operations.restore(backup))


async def restore_again(operations: Operations, backup: Backup, *, safely: bool = False) -> Operation:
    """Restore a server as an operator does who was asked about what is not known of it, and has looked there."""
    unknown = in_doubt(await operations.history(), SERVER.id)
    return await operations.restore(backup, safely=safely, despite=unknown)


async def unknown(bench: Bench, instance: Operations, action: str, backup: Backup) -> Operation:
    """Make a change whose outcome is not known."""
    bench.demo.faults.add(Fault(method="DELETE" if action == "delete" else "POST", cut="before"))
    ended = await begin(instance, action, backup)
    assert ended.outcome is Outcome.UNKNOWN
    return ended


def forbid_updates(bench: Bench, condition: str) -> None:
    """Let the disk fail for entries that are written a second time, where a condition holds."""
    Journal(bench.path).close()
    with sqlite3.connect(bench.path) as database:
        body = "BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        database.execute(f"CREATE TRIGGER full BEFORE UPDATE ON changes WHEN {condition} {body}")
    database.close()


def let_the_disk_be(bench: Bench) -> None:
    """End what `forbid_updates` has begun."""
    with sqlite3.connect(bench.path) as database:
        database.execute("DROP TRIGGER full")
    database.close()
