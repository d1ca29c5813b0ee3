"""Restore a server with a way back: back up its present state first, and wait until that is completed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.follow import Lists, follow_backup
from vpsbackup_tui.operations.operation import Operation, Outcome


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
    tell(f"Restore {server.label}: waiting until backup {safety.backup.id} of its present state is completed")
    try:
        made = await follow_backup(service, safety.backup, pause=pause)
    except ServiceError as error:
        return SafeRestore(safety, None, f"safety backup {safety.backup.id} can't be followed: {error.message}")
    if made is None or not made.is_completed:
        ended = "gone" if made is None else made.status or "of unknown status"
        return SafeRestore(safety, None, f"safety backup {safety.backup.id} is {ended}")
    return SafeRestore(safety, await operations.restore(backup, safety=made, despite_unknown=despite_unknown))
