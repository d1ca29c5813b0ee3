"""The endpoints of the embedded service: who may do what, and the answer to each request.

Documented are the paths, the fields, 200, 201 and 204, and 400, 401 and 404. After Django
and DRF are redirects to the slash, the order of checks, 405, 415 and the bodies of errors.
Made up are 409 while something else runs, and the answer of a restore.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vpsbackup_tui.demo.answers import Answer, RefusalError, invalid, not_found, refusal
from vpsbackup_tui.demo.paging import Rows, listing, small_integer
from vpsbackup_tui.demo.raw import Raw, find_raw, fits_raw
from vpsbackup_tui.demo.records import BackupRecord, ServerRecord, backup_object, server_object
from vpsbackup_tui.demo.service import Service

BASE = "/api/v1"
_TYPES = ("manual", "automatic")
_LONGEST_DESCRIPTION = 255
_CREATED = "Backup is being created. This may take several minutes depending on server size."
_RESTORED = "Restore has been started. The server is not available until it is over."
_NOWHERE = Answer(404, b"<!doctype html><title>Not Found</title><h1>Not Found</h1>")
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


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `path` with its query, names of `headers` in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Route:
    """An endpoint: the name it can be hidden or forbidden by, and what it does for each method."""

    name: str
    title: str
    handlers: Mapping[str, Callable[[], Answer]]

    @property
    def allow(self) -> dict[str, str]:
        """Return the header that DRF sends with every answer."""
        names = [*self.handlers, *(["HEAD"] if "GET" in self.handlers else []), "OPTIONS"]
        return {"Allow": ", ".join(names)}


class Endpoints:
    """Answer requests from what a service holds; one at a time."""

    def __init__(self, service: Service, token: str) -> None:
        self._service = service
        self._token = token

    def answer(self, asked: Asked) -> Answer:
        """Carry out one request and return its answer (to HEAD as to GET)."""
        parts = urlsplit(asked.path)
        route = self._route(asked, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))
        if route is None:
            return Answer(404, {"detail": "Not found."}) if parts.path.startswith(f"{BASE}/") else _NOWHERE
        if not parts.path.endswith("/"):
            return Answer(301, None, {"Location": f"{parts.path}/" + (f"?{parts.query}" if parts.query else "")})
        with self._service.lock:
            try:
                answer = self._handle(asked, route)
            except RefusalError as error:
                answer = error.answer
        return Answer(answer.status, answer.payload, {**route.allow, **answer.headers})

    def _handle(self, asked: Asked, route: _Route) -> Answer:
        if route.name in self._service.hidden:
            raise not_found()
        self._check_token(asked.headers.get("authorization", ""))
        if route.name in self._service.forbidden:
            raise refusal(403, "You do not have permission to perform this action.")
        if asked.method == "OPTIONS":
            media = ["application/json"]
            return Answer(200, {"name": route.title, "description": "", "renders": media, "parses": media})
        handler = route.handlers.get("GET" if asked.method == "HEAD" else asked.method)
        if handler is None:
            raise refusal(405, f'Method "{asked.method}" not allowed.')
        return handler()

    def _check_token(self, given: str) -> None:
        scheme, _, token = given.partition(" ")
        challenge = {"WWW-Authenticate": "Bearer"}
        if scheme.lower() != "bearer":
            raise refusal(401, "Authentication credentials were not provided.", challenge)
        if not secrets.compare_digest(token.strip().encode(), self._token.encode()):
            raise refusal(401, "Invalid token.", challenge)

    def _route(self, asked: Asked, path: str, query: Mapping[str, str]) -> _Route | None:
        match path.removeprefix(f"{BASE}/").removesuffix("/").split("/") if path.startswith(f"{BASE}/") else []:
            case ["backups"]:
                both = {"GET": lambda: self._list_backups(asked, query), "POST": lambda: self._create(_fields(asked))}
                return _Route("backups", "Backup List", both)
            case ["backups", backup_id]:
                return _Route("backup", "Backup Instance", {"DELETE": lambda: self._delete(backup_id)})
            case ["servers"]:
                return _Route("servers", "Server List", {"GET": lambda: self._list_servers(asked, query)})
            case ["servers", server_id, "restore"]:
                return _Route("restore", "Restore", {"POST": lambda: self._restore(server_id, _fields(asked))})
            case ["account", "me"]:
                return _Route("account", "Me", {"GET": lambda: Answer(200, _ACCOUNT)})
        return None

    def _list_backups(self, asked: Asked, query: Mapping[str, str]) -> Answer:
        given, type_ = query.get("server_id") or None, query.get("backup_type") or None
        if type_ is not None and type_ not in _TYPES:
            raise invalid("backup_type", f"Select a valid choice. {type_} is not one of the available choices.")
        server_id = None if given is None else self._filter_id(given)
        first_page = query.get("page", "1") == "1"
        raw = [row for row in self._service.raw_backups if fits_raw(row, given, type_)]
        ids = self._service.backup_ids(server_id, type_, first_page=first_page)
        return self._list(asked, query, Rows(raw, ids, self._listed))

    def _filter_id(self, given: str) -> int | str:
        """Return the id that a filter names: a whole number as documented, or a raw row's own."""
        number = small_integer(given)
        if number is not None:
            return number
        service = self._service
        if find_raw(service.raw_servers, given) or any(fits_raw(row, given, None) for row in service.raw_backups):
            return given
        raise invalid("server_id", "Enter a number.")

    def _list_servers(self, asked: Asked, query: Mapping[str, str]) -> Answer:
        shown = [server_object(server) for server in self._service.servers()]
        for name in ("status", "location"):
            if query.get(name):
                shown = [server for server in shown if server[name] == query[name]]
        return self._list(asked, query, Rows([*self._service.raw_servers, *shown], (), self._listed))

    def _list(self, asked: Asked, query: Mapping[str, str], rows: Rows) -> Answer:
        address = f"http://{asked.headers.get('host', '127.0.0.1')}{urlsplit(asked.path).path}"
        service = self._service
        return Answer(
            200, listing(rows, shape=service.shape, address=address, query=query, largest=service.largest_page)
        )

    def _create(self, fields: Mapping[str, Any]) -> Answer:
        server_id = _required(fields, "server_id", self._service.raw_servers)
        raw = find_raw(self._service.raw_servers, str(server_id))
        server = None if raw else self._server(str(server_id))
        description = _description(fields)
        if server is not None and server.status == "suspended":
            raise refusal(409, "This server is suspended.")
        backup = self._service.create(server_id, description)
        return Answer(201, backup_object(backup, server) | {"message": _CREATED})

    def _delete(self, text: str) -> Answer:
        raw = find_raw(self._service.raw_backups, text)
        if raw is not None:
            self._service.raw_backups.remove(raw)
            return Answer(204)
        backup = self._backup(text)
        if backup.status == "in_progress":
            raise refusal(409, "A backup that is in progress can't be deleted.")
        self._service.delete(backup.id)
        return Answer(204)

    def _restore(self, text: str, fields: Mapping[str, Any]) -> Answer:
        if find_raw(self._service.raw_servers, text) is not None:
            return Answer(202, {"message": _RESTORED})
        server = self._server(text)
        backup_id = str(_required(fields, "backup_id", self._service.raw_backups))
        if find_raw(self._service.raw_backups, backup_id) is None:
            _check_restorable(self._backup(backup_id), server)
        if server.status == "restoring":
            raise refusal(409, "A restore is already running on this server.")
        self._service.restore(server.id)
        return Answer(202, {"message": _RESTORED})

    def _server(self, text: str) -> ServerRecord:
        number = small_integer(text)
        server = None if number is None else self._service.server(number)
        if server is None:
            raise not_found()
        return server

    def _backup(self, text: str) -> BackupRecord:
        number = small_integer(text)
        backup = None if number is None else self._service.backup(number)
        if backup is None:
            raise not_found()
        return backup

    def _listed(self, backup_id: int) -> dict[str, Any]:
        backup = self._service.listed_backup(backup_id)
        return backup_object(backup, self._service.server(backup.server_id))


def _check_restorable(backup: BackupRecord, server: ServerRecord) -> None:
    if backup.server_id != server.id:
        raise invalid("backup_id", "This backup belongs to another server.")
    if backup.status != "completed":
        raise invalid("backup_id", "Only a completed backup can be restored.")


def _fields(asked: Asked) -> Mapping[str, Any]:
    """Return the JSON object in a request's body (none: an empty one)."""
    if not asked.body:
        return {}
    media = asked.headers.get("content-type", "")
    if media.partition(";")[0].strip().lower() != "application/json":
        raise refusal(415, f'Unsupported media type "{media}" in request.')
    try:
        fields = json.loads(asked.body)
    except (ValueError, RecursionError) as error:
        raise refusal(400, f"JSON parse error - {error}") from error
    if not isinstance(fields, dict):
        complaint = f"Invalid data. Expected a dictionary, but got {type(fields).__name__}."
        raise RefusalError(Answer(400, {"non_field_errors": [complaint]}))
    return fields


def _required(fields: Mapping[str, Any], name: str, raw: Iterable[Raw]) -> int | str:
    """Return an id, kept in its type: a whole number as documented, or a raw row's own.

    JSON knows one kind of numbers: `12345.0` is a whole one, too (DRF agrees).
    """
    value = fields.get(name)
    if name not in fields:
        raise invalid(name, "This field is required.")
    if value is None:
        raise invalid(name, "This field may not be null.")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and find_raw(raw, value):
        return value
    raise invalid(name, "A valid integer is required.")


def _description(fields: Mapping[str, Any]) -> str:
    description = fields.get("description", "")
    if not isinstance(description, str):
        raise invalid("description", "Not a valid string.")
    if len(description) > _LONGEST_DESCRIPTION:
        raise invalid("description", f"Ensure this field has no more than {_LONGEST_DESCRIPTION} characters.")
    return description
