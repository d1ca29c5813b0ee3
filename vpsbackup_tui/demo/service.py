"""What the embedded service knows and does: the documented contract, in the manner of Django REST Framework.

Documented are the endpoints, their fields and codes, and that a list is
`{count, results}`. Made up, after the vendor's own clients and comparable services, are
`page`/`page_size`, the bodies of errors, 409 while something else runs, the answer of a
restore, and how long a backup and a restore take.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import urlencode

from vpsbackup_tui.demo.fleet import Machine, Many, Record, backup_object, believable, machines, server_object

DEFAULT_PAGE, LARGEST_PAGE = 20, 100
_TYPES = ("manual", "automatic")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, a JSON payload (None: no body) and headers."""

    status: int
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """A request that is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refusal(status: int, detail: str) -> RefusalError:
    """Return an error in DRF's usual form."""
    return RefusalError(Answer(status, {"detail": detail}))


class Service:
    """The state of the embedded service; not safe for threads, its caller takes turns.

    `hidden` are first parts of paths that answer 404, and `forbidden` those that answer
    403. `shape` is `paged`, `plain` (`{count, results}` with everything) or `bare`.
    """

    def __init__(self, *, seed: int, servers: int, backups: int | None, clock: Callable[[], float]) -> None:
        random = Random(seed)  # noqa: S311 - made-up data
        now = clock()
        self.clock = clock
        self.backup_seconds = 6.0
        self.restore_seconds = 8.0
        self.shape = "paged"
        self.hidden: set[str] = set()
        self.forbidden: set[str] = set()
        self.machines = {machine.id: machine for machine in machines(servers, random)}
        fleet = list(self.machines.values())
        self._many = None if backups is None else Many(fleet, backups, now)
        self._own = believable(fleet, now, random) if backups is None else {}
        self._gone: set[int] = set()
        self._raw: list[dict[str, Any]] = []
        self._raw_servers: list[dict[str, Any]] = []
        self._visible_at: dict[int, float] = {}
        self.lag = 0.0
        self._last_id = max(self._own, default=500 if self._many is None else self._many.ids[0])
        self._cache: dict[tuple[int | None, str | None], Sequence[int]] = {}

    def add_raw_backup(self, backup: dict[str, Any]) -> None:
        """List a row as it is, whatever its shape, before all others."""
        self._raw.append(backup)

    def add_raw_server(self, server: dict[str, Any]) -> None:
        """List a server as it is, whatever its shape, before all others."""
        self._raw_servers.append(server)

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        """Answer one request with a good token; `path` is below the base URL and starts with a slash."""
        parts = [part for part in path.split("/") if part]
        try:
            if not parts or parts[0] in self.hidden:
                raise refusal(404, "Not found.")
            if parts[0] in self.forbidden:
                raise refusal(403, "You do not have permission to perform this action.")
            return self._route(method, parts, query, body)
        except RefusalError as error:
            return error.answer

    def _route(self, method: str, parts: list[str], query: Mapping[str, str], body: Any) -> Answer:
        match parts:
            case ["backups"]:
                return self._method(method, GET=lambda: self._list_backups(query), POST=lambda: self._create(body))
            case ["backups", backup_id]:
                return self._method(method, DELETE=lambda: self._delete(backup_id))
            case ["servers"]:
                return self._method(method, GET=lambda: self._list_servers(query))
            case ["servers", server_id, "restore"]:
                return self._method(method, POST=lambda: self._restore(server_id, body))
            case ["account", "me"]:
                return self._method(method, GET=lambda: Answer(200, _ACCOUNT))
        raise refusal(404, "Not found.")

    def _method(self, method: str, **handlers: Callable[[], Answer]) -> Answer:
        if method in ("OPTIONS", "HEAD"):
            return Answer(200, {"name": "VPS.org demo"})
        if method not in handlers:
            allowed = {"Allow": ", ".join([*handlers, "HEAD", "OPTIONS"])}
            return Answer(405, {"detail": f'Method "{method}" not allowed.'}, allowed)
        return handlers[method]()

    def _list_backups(self, query: Mapping[str, str]) -> Answer:
        server_id = _integer(query, "server_id")
        kind = query.get("backup_type")
        if kind is not None and kind not in _TYPES:
            raise RefusalError(Answer(400, {"backup_type": [f"Select a valid choice. {kind} is not one of them."]}))
        raw = [row for row in self._raw if _is_of(row, server_id, kind)]
        ids = self._ids(server_id, kind)
        rows = _Joined(raw, ids, self._shown_backup)
        return self._page("/backups/", query, rows)

    def _list_servers(self, query: Mapping[str, str]) -> Answer:
        shown = [server_object(self._machine(machine.id)) for machine in self.machines.values()]
        for name in ("status", "location"):
            if name in query:
                shown = [server for server in shown if server[name] == query[name]]
        return self._page("/servers/", query, _Joined([*self._raw_servers, *shown], (), self._shown_backup))

    def _create(self, body: Any) -> Answer:
        given = body if isinstance(body, dict) else {}
        server_id, description = given.get("server_id"), given.get("description") or ""
        if server_id is None:
            raise RefusalError(Answer(400, {"server_id": ["This field is required."]}))
        if isinstance(server_id, bool) or not isinstance(server_id, int):
            raise RefusalError(Answer(400, {"server_id": ["A valid integer is required."]}))
        if not isinstance(description, str) or len(description) > 255:
            raise RefusalError(Answer(400, {"description": ["Ensure this field has no more than 255 characters."]}))
        machine = self._machine(server_id)
        if machine.status == "suspended":
            raise refusal(409, "This server is suspended.")
        now = self.clock()
        self._last_id += 1
        record = Record(
            self._last_id,
            server_id,
            "manual",
            "in_progress",
            None,
            now,
            description,
            ready=now + self.backup_seconds,
        )
        self._own[record.id] = record
        if self.lag:
            self._visible_at[record.id] = now + self.lag
        self._cache.clear()
        message = "Backup is being created. This may take several minutes depending on server size."
        return Answer(201, backup_object(record, machine) | {"message": message})

    def _delete(self, text: str) -> Answer:
        record = self._record(text)
        if record.status == "in_progress":
            raise refusal(409, "A backup that is in progress can't be deleted.")
        self._gone.add(record.id)
        self._cache.clear()
        return Answer(204)

    def _restore(self, text: str, body: Any) -> Answer:
        machine = self._machine(int(text)) if text.isdecimal() else None
        if machine is None:
            raise refusal(404, "Not found.")
        backup_id = body.get("backup_id") if isinstance(body, dict) else None
        if backup_id is None:
            raise RefusalError(Answer(400, {"backup_id": ["This field is required."]}))
        record = self._record(str(backup_id))
        if record.server_id != machine.id:
            raise RefusalError(Answer(400, {"backup_id": ["This backup belongs to another server."]}))
        if record.status != "completed":
            raise RefusalError(Answer(400, {"backup_id": ["Only a completed backup can be restored."]}))
        if machine.status == "restoring":
            raise refusal(409, "A restore is already running on this server.")
        self.machines[machine.id] = replace(machine, restored=self.clock() + self.restore_seconds)
        return Answer(202, {"message": "Restore has been started. The server will be unavailable meanwhile."})

    def _machine(self, server_id: int) -> Machine:
        """Return a server as it is now."""
        machine = self.machines.get(server_id)
        if machine is None:
            raise refusal(404, "Not found.")
        if machine.restored is not None and self.clock() < machine.restored:
            return replace(machine, status="restoring")
        return machine

    def _record(self, text: str) -> Record:
        """Return a backup as it is now."""
        backup_id = int(text) if text.isdecimal() and len(text) < 19 else 0
        if backup_id in self._gone:
            raise refusal(404, "Not found.")
        if backup_id in self._own:
            return self._as_of_now(self._own[backup_id])
        if self._many is not None and backup_id in self._many.ids:
            return self._many[backup_id]
        raise refusal(404, "Not found.")

    def _as_of_now(self, record: Record) -> Record:
        if record.ready is None or self.clock() < record.ready:
            return record
        size = self.machines[record.server_id].base_size + record.id % 53
        return replace(record, status="completed", size_mb=size, ready=None)

    def _shown_backup(self, backup_id: int) -> dict[str, Any]:
        record = self._record(str(backup_id))
        return backup_object(record, self.machines.get(record.server_id))

    def _ids(self, server_id: int | None, kind: str | None) -> Sequence[int]:
        """Return the ids of the backups asked for, newest id first."""
        key = (server_id, kind)
        if key not in self._cache:
            self._cache[key] = self._select(server_id, kind)
        ids = self._cache[key]
        if self._visible_at:
            now = self.clock()
            ids = [each for each in ids if self._visible_at.get(each, 0.0) <= now]
        return ids

    def _select(self, server_id: int | None, kind: str | None) -> Sequence[int]:
        own = [
            record.id
            for record in sorted(self._own.values(), key=lambda record: -record.id)
            if server_id in (None, record.server_id) and kind in (None, record.kind) and record.id not in self._gone
        ]
        many = self._many
        if many is None:
            return own
        if server_id is None and kind is None and not self._gone and not own:
            return many.ids
        return own + [
            each
            for each in many.ids
            if (server_id is None or many.server_id(each) == server_id)
            and (kind is None or many.kind(each) == kind)
            and each not in self._gone
        ]

    def _page(self, path: str, query: Mapping[str, str], rows: "_Joined") -> Answer:
        count = len(rows)
        if self.shape == "bare":
            return Answer(200, list(rows.between(0, count)))
        if self.shape == "plain":
            return Answer(200, {"count": count, "results": list(rows.between(0, count))})
        size = min(max(_integer(query, "page_size") or DEFAULT_PAGE, 1), LARGEST_PAGE)
        page = _integer(query, "page") or 1
        last = max(1, -(-count // size))
        if not 1 <= page <= last:
            raise refusal(404, "Invalid page.")
        found = list(rows.between((page - 1) * size, page * size))
        return Answer(
            200,
            {
                "count": count,
                "next": _link(path, query, page + 1) if page < last else None,
                "previous": _link(path, query, page - 1) if page > 1 else None,
                "results": found,
            },
        )


class _Joined:
    """Rows that are there already, then rows made from ids when they are asked for."""

    def __init__(self, ready: list[dict[str, Any]], ids: Sequence[int], make: Callable[[int], dict[str, Any]]) -> None:
        self._ready = ready
        self._ids = ids
        self._make = make

    def __len__(self) -> int:
        return len(self._ready) + len(self._ids)

    def between(self, start: int, end: int) -> Iterable[dict[str, Any]]:
        """Yield the rows from `start` up to, without, `end`."""
        yield from self._ready[start:end]
        before = len(self._ready)
        for backup_id in self._ids[max(0, start - before) : max(0, end - before)]:
            yield self._make(backup_id)


def _is_of(row: dict[str, Any], server_id: int | None, kind: str | None) -> bool:
    server = row.get("server")
    own_id = server.get("id") if isinstance(server, dict) else server
    return (server_id is None or own_id == server_id) and (kind is None or row.get("backup_type") == kind)


def _integer(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise RefusalError(Answer(400, {name: ["A valid integer is required."]}))
    return int(text)


def _link(path: str, query: Mapping[str, str], page: int) -> str:
    """Return a page's address without scheme and host, which the server knows."""
    return f"{path}?{urlencode({**query, 'page': str(page)})}"


_ACCOUNT = {
    "account": {
        "email": "ops@example.com",
        "first_name": "Olivia",
        "last_name": "Perez",
        "company_name": "Example Inc.",
        "created_at": "2024-06-15",
    },
    "token": {"name": "bastion", "permissions": ["servers:*"]},
}
