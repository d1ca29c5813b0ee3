"""What the embedded service holds, and how it changes with its clock.

Documented: a created backup is manual, never expires and is `in_progress` at first,
without a size. Made up: how long a backup and a restore take, that a server is
`restoring` meanwhile, and what lists show late.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from threading import RLock
from typing import Any

from vpsbackup_tui.demo.fleet import DAY, FIRST_BACKUP_ID, KEPT_DAYS, last_night, make_backups, make_servers
from vpsbackup_tui.demo.fleet import nightly_backup as made_at_night
from vpsbackup_tui.demo.lag import Lag
from vpsbackup_tui.demo.many import Many
from vpsbackup_tui.demo.raw import Raw
from vpsbackup_tui.demo.records import FIRST_SERVER_ID, BackupRecord, ServerRecord


class Service:
    """Servers and backups, with what a test may set or do behind the clients' backs.

    `hidden` endpoints answer 404 and `forbidden` ones 403; their names are `backups`,
    `backup`, `servers`, `restore` and `account`. `shape` is how lists come: `paged`,
    `unlinked` (pages without `next` and `previous`), `plain` (`{count, results}` with
    everything) or `bare` (an array). Hold `lock` for several steps that belong together.
    """

    def __init__(self, *, seed: int, servers: int, backups: int | None, clock: Callable[[], float]) -> None:
        self.lock = RLock()
        self.clock = clock
        self.backup_seconds = 6.0
        self.restore_seconds = 8.0
        self.lag = Lag()
        self.shape = "paged"
        self.largest_page = 100
        self.hidden: set[str] = set()
        self.forbidden: set[str] = set()
        self.raw_backups: list[Raw] = []
        self.raw_servers: list[Raw] = []
        self._random = Random(seed)  # noqa: S311 - made-up data
        now = clock()
        fleet = make_servers(servers, self._random)
        self._servers: dict[int | str, ServerRecord] = {server.id: server for server in fleet}
        self._start = last_night(now)
        self._night = self._start
        self._many = Many(fleet, backups or 0, now)
        self._is_believable = backups is None
        self._backups = make_backups(fleet, now, self._random) if self._is_believable else {}
        self._deleted: dict[int, BackupRecord] = {}
        self._last_id = max(self._backups, default=FIRST_BACKUP_ID - 1 + len(self._many.ids))
        self._lists: dict[tuple[int | str | None, str | None], Sequence[int]] = {}

    def server(self, server_id: int | str) -> ServerRecord | None:
        """Return a server as it is now."""
        server = self._servers.get(server_id)
        if server is not None and server.restored is not None and self.clock() < server.restored:
            return replace(server, status="restoring")
        return server

    def servers(self) -> list[ServerRecord]:
        """Return all servers as they are now."""
        return [server for each in self._servers if (server := self.server(each)) is not None]

    def backup(self, backup_id: int) -> BackupRecord | None:
        """Return a backup as it is now."""
        self._pass_nights()
        return self._find(backup_id)

    def backups(self, server_id: int | str | None = None) -> list[BackupRecord]:
        """Return a server's backups (None: all servers') as they are now, oldest first; for fleets of modest size."""
        with self.lock:
            self._pass_nights()
            found = [self._find(each) for each in self._select(server_id, None)]
            return sorted((each for each in found if each is not None), key=lambda backup: backup.created)

    def listed_backup(self, backup_id: int) -> BackupRecord:
        """Return a backup whose id a list gave; lists may still show one that has been deleted."""
        return self._find(backup_id) or self._deleted[backup_id]

    def backup_ids(self, server_id: int | str | None, type_: str | None, *, first_page: bool) -> Sequence[int]:
        """Return the ids that a list made now shows, newest id first (which isn't the order of creation)."""
        self._pass_nights()
        key = (server_id, type_)
        if key not in self._lists:
            self._lists[key] = self._select(server_id, type_)
        ids = self._lists[key]
        late = self.lag.late(self.clock(), first_page=first_page)
        if not late:
            return ids
        still = [each for each in late & self._deleted.keys() if _fits(self._deleted[each], server_id, type_)]
        return sorted([each for each in ids if each not in late] + still, reverse=True)

    def create(self, server_id: int | str, description: str) -> BackupRecord:
        """Start a manual backup."""
        now = self.clock()
        return self._keep(
            BackupRecord(
                id=self._new_id(),
                server_id=server_id,
                type="manual",
                status="in_progress",
                size_mb=None,
                created=now,
                description=description,
                ready=now + self.backup_seconds,
            )
        )

    def restore(self, server_id: int) -> None:
        """Start a restore of a server; its status comes back afterwards."""
        self._servers[server_id] = replace(self._servers[server_id], restored=self.clock() + self.restore_seconds)

    def delete(self, backup_id: int) -> None:
        """Delete a backup."""
        with self.lock:
            self._deleted[backup_id] = self._find(backup_id) or self._deleted[backup_id]
            self._backups.pop(backup_id, None)
            self.lag.start(backup_id, self.clock())
            self._lists.clear()

    def add_server(self, name: str, **fields: Any) -> int:
        """Add a server with these fields of `ServerRecord` and return its id."""
        with self.lock:
            server_id = max((server.id for server in self._servers.values()), default=FIRST_SERVER_ID - 1) + 1
            self._servers[server_id] = ServerRecord(server_id, name, **fields)
            return server_id

    def change_server(self, server_id: int, **fields: Any) -> None:
        """Change fields of a server's `ServerRecord`."""
        with self.lock:
            self._servers[server_id] = replace(self._servers[server_id], **fields)

    def remove_server(self, server_id: int) -> None:
        """Remove a server; its backups stay and name it no longer."""
        with self.lock:
            del self._servers[server_id]

    def add_backup(self, server_id: int | str, **fields: Any) -> int:
        """Add a backup, completed and manual unless these fields of `BackupRecord` say otherwise; return its id."""
        with self.lock:
            given = {"type": "manual", "status": "completed", "size_mb": 4000, "description": "", **fields}
            given.setdefault("created", self.clock())
            return self._keep(BackupRecord(id=self._new_id(), server_id=server_id, **given)).id

    def change_backup(self, backup_id: int, **fields: Any) -> None:
        """Change fields of a backup's `BackupRecord`; with `ready=None` a running one doesn't complete by itself."""
        with self.lock:
            current = self.backup(backup_id)
            if current is None:
                raise KeyError(backup_id)
            self._backups[backup_id] = replace(current, **fields)
            self._lists.clear()

    def clear_backups(self) -> None:
        """Hold no backup any more; only those that are added from now on, and raw rows, are there."""
        with self.lock:
            self._backups, self._deleted = {}, {}
            self._many = Many((), 0, self.clock())
            self._lists.clear()

    def add_raw_backup(self, backup: Raw) -> None:
        """List a row exactly as it is, whatever its shape, before all others."""
        with self.lock:
            self.raw_backups.append(backup)

    def add_raw_server(self, server: Raw) -> None:
        """List a server exactly as it is, whatever its shape, before all others."""
        with self.lock:
            self.raw_servers.append(server)

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _keep(self, backup: BackupRecord) -> BackupRecord:
        self._backups[backup.id] = backup
        self.lag.start(backup.id, self.clock())
        self._lists.clear()
        return backup

    def _find(self, backup_id: int) -> BackupRecord | None:
        found = self._backups.get(backup_id)
        if found is None and backup_id not in self._deleted and backup_id in self._many.ids:
            found = self._many[backup_id]
        return None if found is None else self._as_of_now(found)

    def _as_of_now(self, backup: BackupRecord) -> BackupRecord:
        if backup.ready is None or self.clock() < backup.ready:
            return backup
        server = self._servers.get(backup.server_id)
        size = (server.size_mb if server else 4000) + backup.id % 53
        return replace(backup, status="completed", size_mb=size, ready=None)

    def _pass_nights(self) -> None:
        """Make the backups of the nights since the last look, and drop those that have expired."""
        now = last_night(self.clock())
        if now <= self._night or not self._is_believable:
            return
        for night in range(int(max(self._night + DAY, now - (KEPT_DAYS - 1) * DAY)), int(now) + 1, int(DAY)):
            age = round((self._start - night) / DAY)
            for server in self._servers.values():
                if server.nightly:
                    backup = replace(made_at_night(server, night, age, self._random), id=self._new_id())
                    self._backups[backup.id] = backup
        self._backups = {
            key: each for key, each in self._backups.items() if each.expires is None or each.expires > self.clock()
        }
        self._night = now
        self._lists.clear()

    def _select(self, server_id: int | str | None, type_: str | None) -> Sequence[int]:
        own = sorted((each.id for each in self._backups.values() if _fits(each, server_id, type_)), reverse=True)
        rest = self._many.select(server_id, type_)
        if not rest:
            return own
        replaced = {each for each in (*self._deleted, *self._backups) if each in self._many.ids}
        if replaced:
            rest = [each for each in rest if each not in replaced]
        return array("q", own) + array("q", rest) if own else rest


def _fits(backup: BackupRecord, server_id: int | str | None, type_: str | None) -> bool:
    return server_id in (None, backup.server_id) and type_ in (None, backup.type)
