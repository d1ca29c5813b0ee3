"""Turn lists into the lines that are kept of them, and back.

The rows are kept as the service sent them and are read as an answer of it is, so that
whatever a file holds has passed the same checks, limits and cleaning.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import Annotated, NamedTuple

import msgspec
from msgspec.structs import replace

from vpsbackup_tui.api.decode import decode_backups, decode_servers
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.glance import Glance, glance_at
from vpsbackup_tui.fleet.index import Counts, Fleet
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.store.last_seen import MOST_BYTES_AT_TOP, LastSeen
from vpsbackup_tui.threads import DaemonThreads

_AT_A_TIME = 1000  # rows: no more, as nothing else runs in this process while JSON is read or written
_MOST_TOTAL = 10**9
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class _Whose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line: whose lists they are, and what the rows don't tell of them."""

    account: str
    base_url: str
    servers_listed: bool
    total: int | None
    email: str = ""


class _Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the rows at the top don't tell of all: the fields of a `Glance`; `unlisted` are places of servers."""

    counts: tuple[_Number, _Number, _Number]
    server_count: _Number
    backups_of: list[_Number]
    unlisted: list[_Number]
    size_mb: _Number
    running: _Number


_WHOSE = msgspec.json.Decoder(_Whose)
_FIGURES = msgspec.json.Decoder(_Figures)


class Kept(NamedTuple):
    """Lists as they were last seen, when that was (Unix seconds), and whose the token was, where that was known."""

    fleet: Fleet
    as_of: float
    email: str = ""


class KeptGlance(NamedTuple):
    """The top of lists as they were last seen, and when that was (Unix seconds)."""

    glance: Glance
    as_of: float


class KeptLists:
    """The lists of one account at one service, as they were last seen; every method may wait for the disk."""

    def __init__(self, path: Path, account: str, base_url: str) -> None:
        self._file = LastSeen(path)
        self._account = account
        self._base_url = base_url
        self._lock = Lock()
        self._known: tuple[Fleet, str] | None = None  # what the file holds and of whom, as far as this process knows
        self._reading: Future[Kept | None] | None = None

    def glance(self) -> KeptGlance | None:
        """Return the top of what was kept, which takes no longer however long the lists are; None as with `read`."""
        seen = self._file.read_top()
        glance = glance_of(seen.top, self._account, self._base_url) if seen else None
        return KeptGlance(glance, seen.as_of) if seen and glance else None

    def begin_reading(self) -> None:
        """Begin to `read` in a thread."""
        self._reading = DaemonThreads().submit(self.read)

    def take_reading(self) -> Future[Kept | None]:
        """Return what `read` will have returned, in a thread that was begun before or is now; keep nothing of it."""
        reading, self._reading = self._reading or DaemonThreads().submit(self.read), None
        return reading

    def read(self) -> Kept | None:
        """Return what was kept; None where there is nothing that can be used."""
        seen = self._file.read()
        fleet = fleet_of(seen.top, seen.lines, self._account, self._base_url) if seen else None
        if seen is None or fleet is None:
            return None
        email = _read_whose(seen.top[0], self._account, self._base_url).email
        with self._lock:
            self._known = fleet, email
        return Kept(fleet, seen.as_of, email)

    def keep(self, fleet: Fleet, as_of: float, email: str = "") -> None:
        """Keep complete lists that were read at `as_of` with somebody's token; whose it is may not be known.

        Where they are those that are kept, of the same or of nobody known, only the time is noted.
        """
        with self._lock:
            known, of_whom = self._known or (None, "")
            is_same = known is not None and _is_same(fleet, known)
            email = email or (of_whom if is_same else "")
            is_kept = is_same and email == of_whom
            if not (is_kept and self._file.confirm(as_of)):
                self._file.keep(top_of(fleet, self._account, self._base_url, email), lines_of(fleet), as_of)
            self._known = fleet, email

    def forget(self) -> None:
        """Remove what is kept."""
        with self._lock:
            self._file.forget()
            self._known = None


def top_of(fleet: Fleet, account: str, base_url: str, email: str = "") -> list[bytes]:
    """Return the lines to keep of the top of an account's lists at a service: whose they are, and a glance at them.

    That is left out where it is too much, as descriptions can be long.
    """
    whose = msgspec.json.encode(_Whose(account, base_url, fleet.servers_listed, fleet.total, email))
    glance = glance_at(fleet)
    figures = _Figures(
        counts=glance.counts,
        server_count=glance.server_count,
        backups_of=list(glance.backups_of),
        unlisted=[place for place, server in enumerate(glance.servers) if not server.listed],
        size_mb=glance.size_mb,
        running=glance.running,
    )
    seen = [msgspec.json.encode(figures), _page(glance.servers), _page(glance.backups), _page(glance.sample)]
    return [whose, *seen] if sum(map(len, [whose, *seen])) + len(seen) < MOST_BYTES_AT_TOP else [whose]


def lines_of(fleet: Fleet) -> Iterator[bytes]:
    """Yield the lines to keep of whole lists."""
    yield _page([server for server in fleet.servers if server.listed])
    for start in range(0, len(fleet.backups), _AT_A_TIME):
        yield _page(fleet.backups[start : start + _AT_A_TIME])


def glance_of(top: Sequence[bytes], account: str, base_url: str) -> Glance | None:
    """Return the top of the lists that lines were kept of; None where they are another account's, or not such lines."""
    try:
        whose = _read_whose(top[0], account, base_url)
        figures = _FIGURES.decode(top[1])
        servers = decode_servers(top[2]).rows
        backups, sample = (list(decode_backups(line).rows) for line in top[3:5])
    except (ValueError, IndexError, RecursionError):
        return None
    if len(figures.backups_of) != len(servers):
        return None
    return Glance(
        backups=backups,
        sample=sample,
        servers=[
            replace(server, listed=False) if place in figures.unlisted else server
            for place, server in enumerate(servers)
        ],
        backups_of=figures.backups_of,
        server_count=figures.server_count,
        servers_listed=whose.servers_listed,
        counts=Counts(*figures.counts),
        total=_total_of(whose),
        size_mb=figures.size_mb,
        running=figures.running,
    )


def fleet_of(top: Sequence[bytes], lines: Sequence[bytes], account: str, base_url: str) -> Fleet | None:
    """Return the whole lists that lines were kept of; None as with `glance_of`."""
    try:
        whose = _read_whose(top[0], account, base_url)
        servers = decode_servers(lines[0]).rows
        backups = Backups()
        for line in lines[1:]:
            backups.extend(decode_backups(line).rows)
    except (ValueError, IndexError, RecursionError):
        return None
    return Fleet(_each_once(backups), servers, servers_listed=whose.servers_listed, total=_total_of(whose))


def _read_whose(line: bytes, account: str, base_url: str) -> _Whose:
    """Return what the first line says; raise `ValueError` where it isn't this account's at this service."""
    whose = _WHOSE.decode(line)
    if (whose.account, whose.base_url) != (account, base_url):
        raise ValueError("another account's")
    return whose


def _total_of(whose: _Whose) -> int | None:
    return whose.total if whose.total is None or 0 <= whose.total <= _MOST_TOTAL else None


def _page(rows: Sequence[Backup] | Sequence[Server]) -> bytes:
    """Return one line of rows; JSON in ASCII holds whatever the service may send."""
    return json.dumps({"results": [row.record() for row in rows]}, separators=(",", ":")).encode()


def _each_once(backups: Backups) -> Backups:
    """Return the backups without those whose id has come before."""
    ids = [each for each in backups.ids if each is not None]
    if len(set(ids)) == len(ids):
        return backups
    first = {backup_id: row for row, backup_id in reversed(list(enumerate(backups.ids)))}
    return Backups(each for row, each in enumerate(backups) if each.id is None or first[each.id] == row)


def _is_same(fleet: Fleet, other: Fleet) -> bool:
    """Tell whether two readings brought the same."""
    return (
        (fleet.total, fleet.servers_listed) == (other.total, other.servers_listed)
        and fleet.servers == other.servers
        and fleet.backups == other.backups
    )
