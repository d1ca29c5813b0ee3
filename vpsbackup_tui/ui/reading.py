"""Read the lists of one account, all of them together, and tell what has happened between two readings."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.api.paging import Pause, never
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.formats import size_text
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import RESTORING, Backup, Server


class Lists(Protocol):
    """What reading needs of the service; every method raises `ServiceError`."""

    async def list_backups(
        self,
        *,
        on_page: Callable[[list[Backup], int | None], None] | None = None,
        is_enough: Callable[[], bool] = never,
        shared: bool = False,
        collected: Backups | None = None,
        pause: Pause | None = None,
    ) -> Listing[Backup]:
        """Return all backups, without those of pages that were still to be asked for once `is_enough`."""
        ...

    async def list_servers(
        self, *, is_enough: Callable[[], bool] = never, shared: bool = False, pause: Pause | None = None
    ) -> Listing[Server]:
        """Return all servers, likewise."""
        ...


class ReadingBugError(ServiceError):
    """A bug of this program kept the lists from being read; `bug` is what was raised, and none of it is shown."""

    def __init__(self, bug: Exception) -> None:
        super().__init__(f"The lists can't be read: this is a bug in this program ({type(bug).__name__}).")
        self.bug = bug


class Reading(NamedTuple):
    """What one reading brought.

    `note` says in words what of it is missing, `complete` tells whether no backup is,
    and `stopped` whether the rest was not asked for any more.
    """

    fleet: Fleet
    note: str
    complete: bool
    stopped: bool = False


async def read_lists(
    service: Lists,
    on_rows: Callable[[Backups, int | None], None],
    is_enough: Callable[[], bool] = never,
    pause: Pause | None = None,
) -> Reading:
    """Read servers and backups; `on_rows` is given all rows so far, and the service's count, after each page.

    Once `is_enough`, no further page is asked for; `pause` waits for one where the service
    asks to wait. A token that may not list servers is no error: they are then those that
    the backups name. Raises `ServiceError`.
    """
    from vpsbackup_tui.api.allowed import servers_if_allowed  # noqa: PLC0415 - behind the first frame

    rows = Backups()

    # Both are heard to their end, so that none of a failed reading still runs when the next begins.
    backups, servers = await asyncio.gather(
        service.list_backups(
            on_page=lambda _, total: on_rows(rows, total),
            is_enough=is_enough,
            shared=True,
            collected=rows,
            pause=pause,
        ),
        servers_if_allowed(service, is_enough=is_enough, shared=True, pause=pause),
        return_exceptions=True,
    )
    if isinstance(backups, BaseException):
        raise backups
    if isinstance(servers, BaseException):
        raise servers
    fleet = Fleet(
        backups.items,
        servers.items if servers else (),
        servers_listed=servers is not None and servers.complete,
        total=backups.total,
    )
    stopped = backups.stopped or (servers is not None and servers.stopped)
    return Reading(fleet, _what_is_missing(backups, servers), backups.complete, stopped)


def _what_is_missing(backups: Listing[Backup], servers: Listing[Server] | None) -> str:
    """Return in words what lists don't show; empty where they show everything as it came."""
    notes = []
    if not backups.complete:
        of_all = f" of {backups.total:,}" if backups.total is not None else ""
        why = "stopped before the end" if backups.stopped else "the service did not send all"
        notes.append(f"{len(backups.items):,}{of_all} shown: {why}")
    if backups.merged:
        notes.append(f"{backups.merged:,} row{'s' * (backups.merged != 1)} came twice")
    if servers is None:
        notes.append("this token may not list servers: those without a backup can't be seen")
    elif servers.stopped:
        notes.append("not all servers were read")
    elif not servers.complete:
        notes.append("the service did not send all servers")
    return "; ".join(notes)


def is_busy(fleet: Fleet) -> bool:
    """Tell whether something runs at the service that will change what is shown."""
    return bool(fleet.busy_backups()) or any(server.status in RESTORING for server in fleet.servers)


class Settled(NamedTuple):
    """Something that ran and has come to its end; `good` tells how."""

    words: str
    good: bool


def settled_between(before: Fleet, after: Fleet, *, complete: bool) -> list[Settled]:
    """Return what ran in `before` and has ended in `after`; where that is not complete, nothing is missed in it."""
    busy = before.busy_backups()
    now = after.with_ids([backup.id for backup in busy if backup.id is not None])
    found = [_ended(backup, now.get(backup.id), complete=complete) for backup in busy]
    for server in before.servers:
        present = after.server(server.id)
        if server.status in RESTORING and present is not None and present.status not in RESTORING:
            words = f"{server.word}: the restore has ended, the server is {present.status_word}"
            found.append(Settled(words, good=True))
    return [each for each in found if each is not None]


def _ended(before: Backup, after: Backup | None, *, complete: bool) -> Settled | None:
    name = f"Backup {before.id} of {before.server_word}"
    if after is None:
        return Settled(f"{name} is gone", good=False) if complete else None
    if after.is_busy:
        return None
    size = f", {size_text(after.size_mb)}" if after.size_mb else ""
    return Settled(f"{name} {after.status_word}{size}", good=after.is_completed)
