"""Read from the service what a verb needs, and find in it what an argument names."""

import asyncio
import re
from asyncio import sleep
from collections.abc import Iterable

from vpsbackup_tui.api.allowed import servers_if_allowed
from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.api.paging import Pause
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.progress import Progress
from vpsbackup_tui.cli.verdicts import command_error
from vpsbackup_tui.fleet.formats import span_text
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.secret import without_sure_tokens
from vpsbackup_tui.session import Session
from vpsbackup_tui.text import clean

HIDDEN_SERVERS = "this token may not list servers, so those without a backup can't be seen"
_MOST_NAMED = 10
_LOOKS_LIKE_ID = re.compile(r"[0-9]{1,15}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def read_backups(
    session: Session, *, server_id: Id | None = None, backup_type: str | None = None
) -> Listing[Backup]:
    """Return the backups asked for; raise `CommandError` where they can't be had."""
    async with Progress("reading backups") as progress:
        seen = 0

        def count(backups: list[Backup], total: int | None) -> None:
            nonlocal seen
            seen += len(backups)
            progress.words = f"{seen:,} of {total:,} backups" if total is not None else f"{seen:,} backups"

        try:
            return await session.service.list_backups(
                server_id=server_id, backup_type=backup_type, on_page=count, pause=_pause_of(progress)
            )
        except ServiceError as error:
            raise command_error(error) from error


def _pause_of(progress: Progress) -> Pause | None:
    """Return what waits for the rest of a list, as the service asks to, and says so; None where nobody would see it."""

    async def pause(seconds: float) -> None:
        words, progress.words = progress.words, f"{progress.words}, told to wait {span_text(seconds)}"
        await sleep(seconds)
        progress.words = words

    return pause if progress.is_shown else None


async def read_servers(session: Session) -> Listing[Server] | None:
    """Return the servers, None where this token may not list them; raise `CommandError` on any other trouble."""
    try:
        return await servers_if_allowed(session.service)
    except ServiceError as error:
        raise command_error(error) from error


def servers_by_id(servers: Listing[Server] | None) -> dict[str, Server]:
    """Return servers by their ids as text, as one list may give them as numbers and another one not."""
    return {str(server.id): server for server in servers.items} if servers else {}


async def read_fleet(session: Session) -> tuple[Fleet, bool]:
    """Return all servers and backups, and whether that is all of them."""
    backups, servers = await asyncio.gather(read_backups(session), read_servers(session))
    complete = backups.complete and (servers is None or servers.complete)
    listed = servers.items if servers else ()
    return Fleet(backups.items, listed, servers_listed=servers is not None, total=backups.total), complete


async def find_server(session: Session, wanted: str) -> Server:
    """Return the server that an argument names by id or name; raise `CommandError` unless it is exactly one.

    An id that can't be looked up, as not all servers may be seen, is taken as it is:
    then the service decides.
    """
    servers = await read_servers(session)
    if servers is not None and servers.complete:
        return server_named(wanted, servers.items, all_known=True)
    fleet, _ = await read_fleet(session)
    return server_named(wanted, fleet.servers, all_known=False)


def server_named(wanted: str, servers: Iterable[Server], *, all_known: bool) -> Server:
    """Return the server with this id, else the one with this name, else with this name in other letter case."""
    known = list(servers)
    folded = wanted.casefold()
    for found in (
        [server for server in known if str(server.id) == wanted],
        [server for server in known if wanted and server.name == wanted],
        [server for server in known if wanted and server.name.casefold() == folded],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            named = ", ".join(f"{server.id} ({server.word})" for server in found[:_MOST_NAMED])
            more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
            raise CommandError(f"several servers are called {as_given(wanted)}: {named}{more}; give the id", Exit.USAGE)
    if not all_known and _LOOKS_LIKE_ID.fullmatch(wanted):
        return Server(id=int(wanted) if wanted.isdigit() else wanted, listed=False)
    words = "`vpsbackup-tui servers` lists them" if all_known else HIDDEN_SERVERS
    named = as_given(wanted) if wanted.strip() else "without a name"
    raise CommandError(f"there is no server {named}; {words}", Exit.REFUSED)


def as_given(word: str) -> str:
    """Return an argument as it can be shown: what must be a token is hidden before anything is cut off."""
    return clean(without_sure_tokens(word))
