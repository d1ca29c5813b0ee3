"""Restore a server with a way back: back up its present state first, and wait until that is completed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.follow import Lists, follow_backup
from vpsbackup_tui.operations.operation import Action, Operation, Outcome


class NoWayBackError(Exception):
    """A restore can't be undone; `message` says why, in clean words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WayBack(NamedTuple):
    """A restore that can be undone, and the backup that was made of its server before it."""

    restore: Operation
    copy: Backup

    @property
    def words(self) -> str:
        """Return what the copy is."""
        source = f" from backup {self.restore.backup.id}" if self.restore.backup else ""
        return f"Backup {self.copy.id} is {self.restore.server_word} as it was before its last restore{source}."


class SafeRestore(NamedTuple):
    """The two changes of a safe restore; `restore` is None where it came to none, and `stopped` says why."""

    safety: Operation
    restore: Operation | None
    stopped: str = ""


async def safe_restore(
    operations: Operations,
    service: Lists,
    server: Server,
    backup: Backup,
    *,
    despite_unknown: bool = False,
    tell: Callable[[str], None] = lambda words: None,
    pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
) -> SafeRestore:
    """Back up the server, wait until that is completed, and only then restore it from `backup`.

    The restore itself reads the list again and refuses, if the backup has gone
    meanwhile. Whatever fails on the way ends it there, with nothing restored. `tell` is
    given words when the wait begins.
    """
    safety = await operations.create(server, f"Before restoring backup {backup.id}")
    if safety.outcome is not Outcome.DONE or safety.backup is None:
        return SafeRestore(safety, None, f"the safety backup was {safety.word}")
    tell(f"Restore {server.word}: waiting until backup {safety.backup.id} of its present state is completed")
    try:
        made = await follow_backup(service, safety.backup, pause=pause)
    except ServiceError as error:
        return SafeRestore(safety, None, f"safety backup {safety.backup.id} can't be followed: {error.message}")
    if made is None or not made.is_completed:
        ended = "gone" if made is None else made.status or "of unknown status"
        return SafeRestore(safety, None, f"safety backup {safety.backup.id} is {ended}")
    restore = await operations.restore(backup, safety=made, despite_unknown=despite_unknown)
    if restore.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
        words = f"{restore.message} Backup {made.id} of its present state was made, and is kept."
        restore = msgspec.structs.replace(restore, message=words)
    return SafeRestore(safety, restore)


def way_back(history: Iterable[Operation], fleet: Fleet, server_id: Id | None = None) -> WayBack:
    """Return what undoes the last restore of a server, of any server where none is named.

    `history` is newest first. Raises `NoWayBackError` where there was no restore, or no
    copy was made before it, or that is gone.
    """
    restores = (
        each
        for each in history
        if each.action is Action.RESTORE and each.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)
    )
    last = next((each for each in restores if server_id is None or each.server_id == server_id), None)
    if last is None:
        raise NoWayBackError("No restore is known that could be undone.")
    if last.safety is None:
        raise NoWayBackError(f"{last.server_word} was not backed up before its last restore: that can't be undone.")
    copy = fleet.backup(last.safety.id)
    if copy is None:
        raise NoWayBackError(f"Backup {last.safety.id}, made before the last restore, is not listed any more.")
    return WayBack(last, copy)
