"""Which restores may read the backups that are to be deleted, as far as changes and servers tell."""

import asyncio
from collections.abc import Sequence

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.cli.reading import read_servers, servers_by_id
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.operation import Moment, Operation, in_doubt
from vpsbackup_tui.operations.under_restore import UnderRestore, under_restore
from vpsbackup_tui.session import Session

_BETWEEN = 1.0  # seconds between two lists: of one alone a server may be missing that fell between two pages


async def restores_from(
    session: Session, backups: Sequence[Backup], history: Sequence[Operation]
) -> dict[Id | None, UnderRestore]:
    """Return the restores to tell of before backups are deleted, by the ids of these.

    Others may have begun one, which only the status of its server tells. Raises
    `CommandError` where the servers can't be read.
    """
    listing = await read_servers(session)
    lost = _missing(listing, backups)
    if any(in_doubt(history, server_id) for server_id in lost):
        await asyncio.sleep(_BETWEEN)
        lost &= _missing(await read_servers(session), backups)
    servers, now = servers_by_id(listing), Moment.now()
    found = {}
    for each in backups:
        server_id = str(each.server_id)
        restore = under_restore(each, servers.get(server_id), history, now, is_gone=server_id in lost)
        if restore is not None:
            found[each.id] = restore
    return found


def _missing(listing: Listing[Server] | None, backups: Sequence[Backup]) -> set[str]:
    """Return the servers of backups that the service has lost, as far as a list tells."""
    if listing is None or not listing.complete:
        return set()
    fleet = Fleet((), listing.items)
    return {str(server_id) for server_id in {each.server_id for each in backups} if fleet.has_lost(server_id)}
