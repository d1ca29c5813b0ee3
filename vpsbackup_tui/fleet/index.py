"""One snapshot of everything known, indexed so that any view of it is quick at any size.

A `Fleet` never changes: new data makes a new one. A view is a sequence of indices into
`Fleet.backups`; nothing of a backup is copied or formatted to make one. Orders and
search texts (`search`) are made when they are first asked for and kept with the snapshot.
"""

import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from vpsbackup_tui.fleet.backups import NO_SIZE, Backups
from vpsbackup_tui.fleet.models import AUTOMATIC, BUSY, MANUAL, Backup, Id, Server

if TYPE_CHECKING:
    from vpsbackup_tui.fleet.search import Search

_ROWS = "I"  # how rows are packed
_SAMPLE = 256


class Column(StrEnum):
    """What backups can be sorted by; the values are the words of `--sort`."""

    ID = "id"
    TYPE = "type"
    STATUS = "status"
    SIZE = "size"
    CREATED = "created"
    EXPIRES = "expires"
    SERVER = "server"
    DESCRIPTION = "description"

    @property
    def is_largest_first(self) -> bool:
        """Tell whether it is mostly wanted falling: large and new first, but words and dates of expiry rising."""
        return self in (Column.ID, Column.SIZE, Column.CREATED)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which backups to show, in which order; `text` is words that must all occur."""

    server_id: Id | None = None
    backup_type: str | None = None
    text: str = ""
    sort: Column = Column.CREATED
    descending: bool = True


class Counts(NamedTuple):
    """How many backups there are of each type; other types count in `all` only."""

    all: int
    manual: int
    automatic: int


class Fleet:
    """The servers and backups known at one moment.

    `total` is how many backups the service says there are (None: it doesn't say);
    `servers_listed` is False where the servers are only those that the backups name.
    """

    def __init__(
        self,
        backups: Iterable[Backup] = (),
        servers: Iterable[Server] = (),
        *,
        servers_listed: bool = True,
        total: int | None = None,
    ) -> None:
        self.backups = backups if isinstance(backups, Backups) else Backups(backups)
        self.servers_listed = servers_listed
        self.total = total
        self._all = range(len(self.backups))
        self._count_of = Counter(self.backups.server_ids)
        known = {server.id: server for server in servers}
        known |= {id_: Server(id=id_, name=name, listed=False) for id_, name in self._names_beside(known).items()}
        self.servers: list[Server] = sorted(
            known.values(), key=lambda server: (server.label.casefold(), str(server.id))
        )
        self._servers = known
        self._ranks: dict[tuple[Column, bool], array[int]] = {}
        self._places_in: dict[Column, array[int]] = {}
        self._counts: dict[Id | None, Counts] = {}
        self._busy: dict[int, Backup] | None = None

    def server(self, server_id: Id | None) -> Server | None:
        """Return the server with this id; None where there is none."""
        return None if server_id is None else self._servers.get(server_id)

    def has_lost(self, server_id: Id | None) -> bool:
        """Tell whether the service lists all servers, but not this one: a list of none may be another account's."""
        listed = {str(each.id) for each in self.servers if each.listed}  # what is a text here may be a number there
        return self.servers_listed and bool(listed) and str(server_id) not in listed

    def backup(self, backup_id: Id | None) -> Backup | None:
        """Return the backup with this id; None where there is none."""
        return None if backup_id is None else self.with_ids([backup_id]).get(backup_id)

    def with_ids(self, ids: Collection[Id]) -> dict[Id | None, Backup]:
        """Return the backups that have one of these ids, by their ids; all of them are found in one go."""
        wanted: set[Id | None] = set(ids)
        known = self.backups.ids if wanted else ()
        return {each: self.backups[row] for row, each in enumerate(known) if each in wanted}

    def row_of(self, backup: Backup) -> int | None:
        """Return the row of a backup, whatever else of it has changed; one without an id is only itself."""
        ids = self.backups.ids
        if backup.id is None:
            return next((row for row, known in enumerate(ids) if known is None and self.backups[row] == backup), None)
        with suppress(ValueError):
            return ids.index(backup.id)
        return None

    def select(self, query: Query) -> Sequence[int]:
        """Return the indices of the backups that `query` asks for, in its order."""
        rows = self._matching(query.server_id, query.text)
        if query.backup_type is not None:
            wanted, types = query.backup_type, self.backups.types
            rows = [row for row in rows if types[row] == wanted]
        return self._ordered(rows, query)

    def counts(self, server_id: Id | None = None, text: str = "") -> Counts:
        """Return how many backups of each type a server has (None: all servers), of those that match `text`."""
        if not text and server_id in self._counts:
            return self._counts[server_id]
        rows = self._matching(server_id, text)
        types = self.backups.types
        if not self._is_whole(rows):
            types = list(map(types.__getitem__, rows))
        counts = Counts(len(rows), types.count(MANUAL), types.count(AUTOMATIC))
        if not text:
            self._counts[server_id] = counts
        return counts

    def count_of(self, server_id: Id | None) -> int:
        """Return how many backups a server has."""
        return self._count_of[server_id]

    def of_server(self, server_id: Id | None) -> list[Backup]:
        """Return the backups of one server, in the order the service sent them."""
        return [self.backups[row] for row in self._by_server.get(server_id, ())]

    def busy_backups(self) -> list[Backup]:
        """Return the backups that the service still works on."""
        return list(self._busy_rows().values())

    def sample(self) -> list[Backup]:
        """Return a bounded sample of the backups, spread over all of them."""
        return [*self.backups[:: max(1, len(self.backups) // _SAMPLE)]]

    def busy_count(self, view: Sequence[int]) -> int:
        """Return how many backups of a view the service still works on."""
        busy = self._busy_rows()
        return len(busy) if self._is_whole(view) else len(busy.keys() & view)

    def total_size(self, view: Sequence[int]) -> int:
        """Return the size in MB of all backups of a view; one without a size counts as nothing."""
        return self._whole_size if self._is_whole(view) else _sum_of(map(self.backups.sizes.__getitem__, view))

    def newest_completed(self, server_id: Id | None) -> Backup | None:
        """Return the completed backup of a server that was created last; None where there is none."""
        completed = [backup for backup in self.of_server(server_id) if backup.is_completed]
        return max(completed, key=lambda backup: (backup.created or 0.0, _id_key(backup.id)), default=None)

    def completed_without(self, server_id: Id | None, going: Collection[Id | None]) -> list[Backup]:
        """Return the completed backups that are left of a server without some that are going."""
        return [each for each in self.of_server(server_id) if each.is_completed and each.id not in going]

    def newer_restore_points(self, backup: Backup) -> int:
        """Return how many completed backups of the same server were created after this one."""
        created = backup.created
        if created is None:
            return 0
        return sum(
            other.is_completed and other.created is not None and other.created > created
            for other in self.of_server(backup.server_id)
        )

    @cached_property
    def search(self) -> "Search":
        """What finds words in backups; whoever will filter asks for it before the first letter comes."""
        from vpsbackup_tui.fleet.search import Search  # noqa: PLC0415 - nothing is sought in the first frame

        return Search(self.backups, self._all, self._servers)

    @cached_property
    def _by_server(self) -> "dict[Id | None, array[int]]":
        """The rows of each server."""
        rows: dict[Id | None, array[int]] = {server_id: array(_ROWS) for server_id in self._count_of}
        for row, server_id in enumerate(self.backups.server_ids):
            rows[server_id].append(row)
        return rows

    @cached_property
    def _whole_size(self) -> int:
        """The size in MB of all backups."""
        return _sum_of(self.backups.sizes)

    def _names_beside(self, known: Mapping[Id, Server]) -> dict[Id, str]:
        """Return the servers that only backups tell of, each with the name that the first of them gives."""
        beside = self._count_of.keys() - known.keys() - {None}
        if not beside:
            return {}
        backups = self.backups
        named = dict(zip(reversed(backups.server_ids), reversed(backups.server_names), strict=True))
        return {server_id: name for server_id, name in named.items() if server_id is not None and server_id in beside}

    def _busy_rows(self) -> dict[int, Backup]:
        """Return the backups that the service still works on by their rows."""
        if self._busy is None:
            statuses = self.backups.statuses
            rows = chain.from_iterable(_indices(statuses, status) for status in BUSY.intersection(statuses))
            self._busy = {row: self.backups[row] for row in sorted(rows)}
        return self._busy

    def _is_whole(self, view: Sequence[int]) -> bool:
        """Tell whether a view leaves nothing out."""
        return len(view) == len(self._all)

    def _matching(self, server_id: Id | None, text: str) -> Sequence[int]:
        """Return the rows of a server (None: of all) in which every word of `text` occurs."""
        words = text.casefold().split()
        if not words:
            return self._all if server_id is None else self._by_server.get(server_id, ())
        rows = self.search.containing(words)
        if server_id is None:
            return rows
        server_ids = self.backups.server_ids
        return [row for row in rows if server_ids[row] == server_id]

    def _ordered(self, rows: Sequence[int], query: Query) -> Sequence[int]:
        """Return `rows` in the order asked for; descending is exactly the reverse of ascending."""
        if self._is_whole(rows):
            return self._ranking(query.sort, descending=query.descending)
        return array(_ROWS, sorted(rows, key=self._places(query.sort).__getitem__, reverse=query.descending))

    def _ranking(self, column: Column, *, descending: bool = False) -> "array[int]":
        """Return all rows in the order of a column; made once a snapshot.

        Equal ones stand oldest first where it ascends, and those created at once by their ids, so that
        no order depends on the order in which the service sent its rows.
        """
        ranked = self._ranks.get((column, descending))
        if ranked is None and descending:
            ranked = self._ranking(column)[::-1]
        elif ranked is None:
            ranked = array(_ROWS, self._sorted(column))
        self._ranks[column, descending] = ranked
        return ranked

    def _sorted(self, column: Column) -> list[int]:
        """Return all rows sorted by a column."""
        start: Sequence[int] = self._all
        if column is Column.CREATED:
            start = self._sorted(Column.ID)
        elif column is not Column.ID:
            start = self._ranking(Column.CREATED)
        return sorted(start, key=self._sort_keys(column).__getitem__)

    def _places(self, column: Column) -> "array[int]":
        """Return the place of each row in the ascending order of a column; made once a snapshot."""
        places = self._places_in.get(column)
        if places is None:
            ranked = self._ranking(column)
            places = self._places_in[column] = array(_ROWS, ranked)
            for place, row in enumerate(ranked):
                places[row] = place
        return places

    def _sort_keys(self, column: Column) -> Sequence[Any]:
        """Return what to sort each row by; what is missing comes before everything else."""
        backups = self.backups
        match column:
            case Column.ID:
                return backups.ids.tolist() if isinstance(backups.ids, array) else list(map(_id_key, backups.ids))
            case Column.SIZE:
                return backups.sizes  # none is less than any
            case Column.CREATED:
                return backups.created_at.keys(missing=-math.inf)
            case Column.EXPIRES:  # one that never expires is the last to do so
                return backups.expires_at.keys(missing=math.inf)
            case Column.SERVER:
                labels: dict[Id | None, str] = {server.id: server.label.casefold() for server in self.servers}
                return [labels.get(server_id, "") for server_id in backups.server_ids]
            case Column.TYPE:
                return backups.types
            case Column.STATUS:
                return backups.statuses
            case Column.DESCRIPTION:
                return list(map(str.casefold, backups.descriptions))


def _sum_of(sizes: Iterable[int]) -> int:
    """Return the sum of some sizes; where there is none it counts as nothing."""
    known = list(sizes)
    return sum(known) - known.count(NO_SIZE) * NO_SIZE


def _indices(words: Sequence[str], word: str) -> Iterator[int]:
    """Yield the places at which a word stands that does so seldom."""
    place = -1
    with suppress(ValueError):
        while True:
            place = words.index(word, place + 1)
            yield place


def _id_key(backup_id: Id | None) -> tuple[int, int, str]:
    """Return a key that orders ids of both types: none, then numbers, then texts."""
    if backup_id is None:
        return (0, 0, "")
    return (1, backup_id, "") if isinstance(backup_id, int) else (2, 0, backup_id)
