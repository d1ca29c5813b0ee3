"""Follow at the service what a change has started, until it has settled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import NoAnswerError, NotSentError, ServerFailedError
from vpsbackup_tui.fleet.models import RESTORING, Backup, Id, Server

PACE = 3.0
"""Seconds between two looks."""
_MOST_MISSED = 20  # lists: what was started may show late, and what never shows isn't there
_MOST_TROUBLE = 100  # looks in a row that told nothing: five minutes at the least
_PROOF = 2  # lists in a row: one may miss a row that fell between two of its pages
_PASSING = (NotSentError, NoAnswerError, ServerFailedError)


class _Trouble:
    """How many looks in a row have failed."""

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Suppress trouble that may pass, unless it has lasted too long."""
        try:
            yield
        except _PASSING:
            self._count += 1
            if self._count >= _MOST_TROUBLE:
                raise
        else:
            self._count = 0


def _check_whole(listing: Listing[Any]) -> None:
    """Raise `NoAnswerError` for a list that doesn't tell that something isn't there."""
    if not listing.complete:
        raise NoAnswerError("The service did not send the whole list.")


class BackupLists(Protocol):
    """What following a backup needs of the service; every method raises `ServiceError`."""

    async def list_backups(self, *, server_id: Id | None = None) -> Listing[Backup]:
        """Return the backups of a server."""
        ...


class ServerLists(Protocol):
    """What following a restore needs of the service; every method raises `ServiceError`."""

    async def list_servers(self) -> Listing[Server]:
        """Return all servers."""
        ...


class BackupWatched(NamedTuple):
    """The backup as it was last, None where it isn't listed, and whether it ever was."""

    backup: Backup | None
    seen: bool


async def follow_backup(
    service: BackupLists, backup: Backup, *, pause: Callable[[float], Awaitable[Any]] = asyncio.sleep
) -> BackupWatched:
    """Return once the service no longer works on a backup, has ceased to list it, or hasn't listed it for a minute.

    Passing trouble of the network is waited out for some minutes; raise every other `ServiceError`.
    """
    looks_left, seen, trouble = _MOST_MISSED, False, _Trouble()
    while True:
        with trouble.passing():
            listing = await service.list_backups(server_id=backup.server_id)
            found = next((each for each in listing.items if str(each.id) == str(backup.id)), None)
            if found is not None and not found.is_busy:
                return BackupWatched(found, seen=True)
            if found is not None:
                looks_left, seen = _PROOF, True
            else:
                _check_whole(listing)
                looks_left -= 1
            if not looks_left:
                return BackupWatched(None, seen)
        await pause(PACE)


class RestoreWatched(NamedTuple):
    """The server as it was last, None where it isn't listed, and whether its status ever told of a restore."""

    server: Server | None
    seen: bool


async def follow_restore(
    service: ServerLists, server_id: Id, *, pause: Callable[[float], Awaitable[Any]] = asyncio.sleep
) -> RestoreWatched:
    """Return once the server's status no longer tells of a restore, or has told of none for several looks.

    Passing trouble of the network is waited out for some minutes; raise every other `ServiceError`.
    """
    seen, calm, trouble = False, 0, _Trouble()
    while True:
        await pause(PACE)
        with trouble.passing():
            listing = await service.list_servers()
            found = next((each for each in listing.items if str(each.id) == str(server_id)), None)
            if found is not None and found.status in RESTORING:
                seen = True
                continue
            if found is None:
                _check_whole(listing)
            calm += 1  # the service may take on a restore before its status tells of it
            if seen or calm >= _MOST_MISSED:
                return RestoreWatched(found, seen)
