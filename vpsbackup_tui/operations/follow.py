"""Follow at the service what a change has started, until it has settled."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import NoAnswerError, NotSentError, ServerFailedError
from vpsbackup_tui.fleet.models import Backup, Id, Server

PACE = 3.0
"""Seconds between two looks."""
_MOST_MISSED = 20  # lists: a new backup may show late, and one that never shows has gone
_PASSING = (NotSentError, NoAnswerError, ServerFailedError)

RESTORING = frozenset({"restoring", "restore_in_progress", "rebuilding"})
"""Server statuses taken for a restore under way; the service documents none."""


class Lists(Protocol):
    """What following needs of the service; every method raises `ServiceError`."""

    async def list_backups(self, *, server_id: Id | None = None) -> Listing[Backup]:
        """Return the backups of a server."""
        ...

    async def list_servers(self) -> Listing[Server]:
        """Return all servers."""
        ...


async def follow_backup(
    service: Lists, backup: Backup, *, pause: Callable[[float], Awaitable[Any]] = asyncio.sleep
) -> Backup | None:
    """Return the backup as it is once the service no longer works on it; None where it has gone.

    Passing trouble of the network is waited out; raise every other `ServiceError`.
    """
    seen, missed = False, 0
    while True:
        with suppress(*_PASSING):
            listing = await service.list_backups(server_id=backup.server_id)
            found = next((each for each in listing.items if each.id == backup.id), None)
            if found is not None and not found.is_busy:
                return found
            missed += found is None and listing.complete
            if found is None and (seen or missed >= _MOST_MISSED):
                return None
            seen = seen or found is not None
        await pause(PACE)


async def follow_restore(
    service: Lists, server_id: Id, *, pause: Callable[[float], Awaitable[Any]] = asyncio.sleep
) -> Server | None:
    """Return the server as it is once its status no longer tells of a restore; None where it isn't listed.

    Passing trouble of the network is waited out; raise every other `ServiceError`.
    """
    while True:
        await pause(PACE)
        with suppress(*_PASSING):
            listing = await service.list_servers()
            found = next((each for each in listing.items if each.id == server_id), None)
            if found is None or found.status not in RESTORING:
                return found
