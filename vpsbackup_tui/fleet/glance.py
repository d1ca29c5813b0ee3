"""What is seen of the lists before a key is pressed: enough to draw the first frame of lists of any length."""

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from vpsbackup_tui.fleet.index import Counts, Fleet, Query
from vpsbackup_tui.fleet.models import Backup, Server

MOST_LINES: Final = 200
"""How many backups and servers are seen at the most: as many as the largest terminals have lines."""


class Glance(NamedTuple):
    """The top of the lists, and the figures beside it.

    `backups` are the first ones in the order of a query that asks for nothing, `servers` the
    first of all, `backups_of` how many backups each of those has. `sample` is what the widths
    of columns are taken from, without descriptions, which can be long. `size_mb` is the size
    of all backups, and `running` how many of them the service still works on.
    """

    backups: Sequence[Backup]
    sample: Sequence[Backup]
    servers: Sequence[Server]
    backups_of: Sequence[int]
    server_count: int
    servers_listed: bool
    counts: Counts
    total: int | None
    size_mb: int
    running: int


def glance_at(fleet: Fleet) -> Glance:
    """Return what is seen of lists at first."""
    view = fleet.select(Query())
    servers = fleet.servers[:MOST_LINES]
    return Glance(
        backups=[fleet.backups[row] for row in islice(view, MOST_LINES)],
        sample=[replace(each, description="", raw=None) for each in fleet.sample()],
        servers=servers,
        backups_of=[fleet.count_of(server.id) for server in servers],
        server_count=len(fleet.servers),
        servers_listed=fleet.servers_listed,
        counts=fleet.counts(),
        total=fleet.total,
        size_mb=fleet.total_size(view),
        running=fleet.busy_count(view),
    )
