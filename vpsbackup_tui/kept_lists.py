"""Turn lists into the lines that are kept of them, and back.

The rows are kept as the service sent them and are read as an answer of it is, so that
whatever a file holds has passed the same checks, limits and cleaning.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from vpsbackup_tui.api.decode import decode_backups, decode_servers
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.store.last_seen import LastSeen

_AT_A_TIME = 1000  # rows: no more, as nothing else runs in this process while JSON is read or written
_MOST_TOTAL = 10**9
_SHORT = 64 * 1024  # bytes: some 3,000 backups


class _Whose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line: whose lists they are, and what the rows don't tell of them."""

    account: str
    base_url: str
    servers_listed: bool
    total: int | None


_WHOSE = msgspec.json.Decoder(_Whose)


class Kept(NamedTuple):
    """Lists as they were last seen, and when that was (Unix seconds)."""

    fleet: Fleet
    as_of: float


class KeptLists:
    """The lists of one account at one service, as they were last seen; every method may wait for the disk."""

    def __init__(self, path: Path, account: str, base_url: str) -> None:
        self._file = LastSeen(path)
        self._account = account
        self._base_url = base_url
        self._lock = Lock()
        self._known: Fleet | None = None  # what the file holds, as far as this process knows

    @property
    def is_short(self) -> bool:
        """Tell whether reading takes no longer than a frame."""
        return self._file.size <= _SHORT

    def read(self) -> Kept | None:
        """Return what was kept; None where there is nothing that can be used."""
        seen = self._file.read()
        fleet = fleet_of(seen.lines, self._account, self._base_url) if seen else None
        if seen is None or fleet is None:
            return None
        with self._lock:
            self._known = fleet
        return Kept(fleet, seen.as_of)

    def keep(self, fleet: Fleet, as_of: float) -> None:
        """Keep complete lists that were read at `as_of`; where they are those that are kept, only that is noted."""
        with self._lock:
            if self._known is None or not _is_same(fleet, self._known) or not self._file.confirm(as_of):
                self._file.keep(lines_of(fleet, self._account, self._base_url), as_of)
            self._known = fleet

    def forget(self) -> None:
        """Remove what is kept."""
        with self._lock:
            self._file.forget()
            self._known = None


def lines_of(fleet: Fleet, account: str, base_url: str) -> Iterator[bytes]:
    """Yield the lines to keep of the lists of an account at a service."""
    yield msgspec.json.encode(_Whose(account, base_url, fleet.servers_listed, fleet.total))
    yield _page([server for server in fleet.servers if server.listed])
    for start in range(0, len(fleet.backups), _AT_A_TIME):
        yield _page(fleet.backups[start : start + _AT_A_TIME])


def fleet_of(lines: Sequence[bytes], account: str, base_url: str) -> Fleet | None:
    """Return the lists that lines were kept of; None where they are another account's, or not such lines."""
    try:
        whose = _WHOSE.decode(lines[0])
        if (whose.account, whose.base_url) != (account, base_url):
            return None
        servers = decode_servers(lines[1]).rows
        backups = Backups()
        for line in lines[2:]:
            backups.extend(decode_backups(line).rows)
    except (ValueError, IndexError, RecursionError):
        return None
    total = whose.total if whose.total is None or 0 <= whose.total <= _MOST_TOTAL else None
    return Fleet(_each_once(backups), servers, servers_listed=whose.servers_listed, total=total)


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
