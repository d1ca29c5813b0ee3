"""The verbs `list` and `servers`: what there is, as a table, JSON or CSV."""

import argparse
import sys
import time
from collections.abc import Sequence

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.cli.connecting import connected
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.cli.output import is_terminal, note, print_csv, print_results, say, wants_colour
from vpsbackup_tui.cli.reading import HIDDEN_SERVERS, find_server, read_backups, read_fleet, read_servers
from vpsbackup_tui.cli.table import Column, table_lines, terminal_width
from vpsbackup_tui.fleet import index
from vpsbackup_tui.fleet.formats import NOTHING, age_text, exact_text, expiry_text, size_text
from vpsbackup_tui.fleet.index import Fleet, Query
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.session import Session

_BACKUP_CSV = (
    "id", "server_id", "server_name", "backup_type", "status", "size_mb", "created_at", "expires_at", "description",
)  # fmt: skip
_SERVER_CSV = (
    "id", "name", "hostname", "status", "ip_address", "location", "plan", "os", "created_at",
    "backup_count", "newest_completed_id", "newest_completed_at", "total_size_mb",
)  # fmt: skip


def list_backups(arguments: argparse.Namespace) -> int:
    """Print backups, newest first unless sorted otherwise."""
    with connected(arguments) as work:
        fleet, listing = work.run(_read(work.session, arguments))
    rows = _chosen(fleet, arguments)
    shown = [fleet.backups[row] for row in rows[: arguments.limit]]
    _print_backups(shown, arguments, complete=listing.complete)
    if not listing.complete:
        total = "an unknown number" if listing.total is None else f"{listing.total:,}"
        note(f"the list is not complete: {len(listing.items):,} of {total} shown")
    elif len(shown) < len(rows) and is_terminal(sys.stderr):
        note(f"{len(shown):,} of {len(rows):,} shown")
    return Exit.DONE


def list_servers(arguments: argparse.Namespace) -> int:
    """Print servers, with what is backed up of each."""
    with connected(arguments) as work:
        fleet, complete = work.run(read_fleet(work.session))
    if arguments.json:
        print_results([server.record() | _backed_up(fleet, server) for server in fleet.servers], complete=complete)
    elif arguments.csv:
        print_csv(_SERVER_CSV, [_server_csv(fleet, server) for server in fleet.servers])
    elif fleet.servers:
        _say_table(_server_columns(fleet, time.time()), arguments)
    else:
        note("there are no servers")
    if not fleet.servers_listed:
        note(HIDDEN_SERVERS)
    if not complete:
        note("the list is not complete: the service did not send all of it")
    return Exit.DONE


async def _read(session: Session, arguments: argparse.Namespace) -> tuple[Fleet, Listing[Backup]]:
    """Return what is to be chosen from; the service leaves out other servers and other types by itself."""
    server = None if arguments.server is None else await find_server(session, arguments.server)
    listing = await read_backups(session, server_id=server.id if server else None, backup_type=arguments.type)
    # A filter also finds the host names of servers, which only their own list holds.
    servers = await read_servers(session) if arguments.filter and server is None else None
    known = [server] if server else servers.items if servers else []
    return Fleet(listing.items, known, total=listing.total), listing


def _chosen(fleet: Fleet, arguments: argparse.Namespace) -> Sequence[int]:
    """Return the rows asked for, in the order asked for, which is the usual one of its column or the reverse."""
    column = index.Column(arguments.sort)
    query = Query(
        backup_type=arguments.type,
        text=arguments.filter,
        sort=column,
        descending=column.is_largest_first is not arguments.reverse,
    )
    rows = fleet.select(query)
    if arguments.status is None:
        return rows
    wanted = _status_key(arguments.status)
    statuses = fleet.backups.statuses
    return [row for row in rows if _status_key(statuses[row]) == wanted]


def _status_key(status: str) -> str:
    return status.casefold().replace(" ", "_")


def _print_backups(backups: Sequence[Backup], arguments: argparse.Namespace, *, complete: bool) -> None:
    if arguments.json:
        print_results([backup.record() for backup in backups], complete=complete)
    elif arguments.csv:
        print_csv(_BACKUP_CSV, map(_backup_csv, backups))
    elif backups:
        _say_table(_backup_columns(backups, time.time()), arguments)
    else:
        is_narrowed = arguments.filter or arguments.status is not None or arguments.type
        note("no backups" + (" match" if is_narrowed else ""))


def _say_table(columns: Sequence[Column], arguments: argparse.Namespace) -> None:
    for line in table_lines(columns, colour=wants_colour(arguments), width=terminal_width()):
        say(line)


def _backup_columns(backups: Sequence[Backup], now: float) -> list[Column]:
    return [
        Column("ID", [_id_text(backup.id) for backup in backups], right=True),
        Column("SERVER", [_server_cell(backup) for backup in backups], shrinks=True),
        Column("TYPE", [backup.type or NOTHING for backup in backups], leaves=1),
        Column("STATUS", [_status_text(b.status) for b in backups], paint=[_status_colour(b) for b in backups]),
        Column("SIZE", [size_text(backup.size_mb) for backup in backups], right=True, leaves=2),
        Column("CREATED (UTC)", [exact_text(backup.created) for backup in backups]),
        Column("AGE", [age_text(backup.created, now) for backup in backups], right=True, leaves=4),
        Column("EXPIRES", [expiry_text(b.expires, now) if not b.unreadable else NOTHING for b in backups], leaves=3),
        Column("DESCRIPTION", [backup.description for backup in backups], shrinks=True, leaves=5),
    ]


def _server_columns(fleet: Fleet, now: float) -> list[Column]:
    servers = fleet.servers
    newest = [fleet.newest_completed(server.id) for server in servers]
    return [
        Column("ID", [_id_text(server.id) for server in servers], right=True),
        Column("SERVER", [server.label for server in servers], shrinks=True),
        Column("STATUS", [_status_text(server.status) for server in servers]),
        Column("BACKUPS", [f"{fleet.count_of(server.id):,}" for server in servers], right=True),
        Column("NEWEST COMPLETED", [exact_text(b.created) if b else "none" for b in newest]),
        Column("AGE", [age_text(b.created, now) if b else NOTHING for b in newest], right=True, leaves=2),
        Column("SIZE", [size_text(_size_of(fleet, server)) for server in servers], right=True, leaves=1),
        Column("HOST NAME", [server.hostname or NOTHING for server in servers], shrinks=True, leaves=3),
    ]


def _id_text(value: int | str | None) -> str:
    return NOTHING if value is None else str(value)


def _server_cell(backup: Backup) -> str:
    return NOTHING if backup.server_id is None and not backup.server_name else backup.server_label


def _status_text(status: str) -> str:
    return status.replace("_", " ") or NOTHING


def _status_colour(backup: Backup) -> str:
    if backup.is_completed:
        return "good"
    return "busy" if backup.is_busy else "bad" if backup.is_failed else ""


def _backed_up(fleet: Fleet, server: Server) -> dict[str, object]:
    """Return what `servers --json` adds to the service's own fields."""
    newest = fleet.newest_completed(server.id)
    return {
        "backup_count": fleet.count_of(server.id),
        "newest_completed": newest.record() if newest else None,
        "total_size_mb": _size_of(fleet, server),
    }


def _size_of(fleet: Fleet, server: Server) -> int:
    return sum(backup.size_mb or 0 for backup in fleet.of_server(server.id))


def _backup_csv(backup: Backup) -> list[object]:
    return [
        backup.id, backup.server_id, backup.server_name, backup.type, backup.status, backup.size_mb,
        backup.created_at, backup.expires_at, backup.description,
    ]  # fmt: skip


def _server_csv(fleet: Fleet, server: Server) -> list[object]:
    newest = fleet.newest_completed(server.id)
    return [
        server.id, server.name, server.hostname, server.status, " ".join(server.addresses), server.location,
        server.plan, server.os, server.created_at, fleet.count_of(server.id),
        newest.id if newest else None, newest.created_at if newest else None, _size_of(fleet, server),
    ]  # fmt: skip
