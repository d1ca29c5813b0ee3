"""Sound bytes for each of the readings, from which others are made: the documented examples, and what is like them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.conftest import NOON
from tests.demo.description import DOCUMENTED, labels, operation_of
from tests.wire.readings import READINGS, WHOSE

_ERRORS: tuple[tuple[int, Any], ...] = (
    (400, {"server_id": ["A valid integer is required."]}),
    (401, {"detail": "Invalid token."}),
    (404, {"detail": "Not found."}),
    (409, {"non_field_errors": ["A restore is already running.", {"code": "busy"}]}),
    (429, {"message": "Request was throttled. Expected available in 7 seconds."}),
    (503, {"error": {"title": "down", "reason": None}, "errors": [["a", "b"]]}),
)
_BACKUP = {"id": 501, "server_id": 12345, "server_name": "web-server-01", "created_at": "2025-01-16T03:00:00Z"}
_OPERATION = {
    "id": "a",
    "action": "restore",
    "server_id": 12345,
    "server_name": "web-server-01",
    "backup": _BACKUP,
    "outcome": "unknown",
    "message": "No complete answer came.",
    "at": NOON,
    "status": None,
    "copies_first": True,
    "safety": _BACKUP | {"id": 502},
    "who": {"account": "prod", "email": "ops@example.com", "user": "root", "sudo_user": "olivia"},
    "reason": "upgrade failed",
}


_SETTINGS = """
account = "prod"
refresh_seconds = 60
delete_grace_seconds = 0.5
[keys]
"backup.delete" = "D"
[accounts.prod]
base_url = "https://admin.vps.org/api/v1"
read_only = false
token_command = ["pass", "show", "vps/prod"]
"""


def _examples() -> Iterator[Any]:
    """Yield the documented answers."""
    for label in labels():
        for answer in operation_of(DOCUMENTED, label).get("responses", {}).values():
            example = answer.get("content", {}).get("application/json", {}).get("example")
            if example is not None:
                yield example


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _kept(whose: Mapping[str, Any], *pages: Any) -> bytes:
    return b"\n".join(_json(each) for each in (whose, *pages))


def _made() -> dict[str, list[bytes]]:
    backups, created, servers, account = _examples()
    mine = {"account": WHOSE[0], "base_url": WHOSE[1], "servers_listed": True, "total": 3}
    figures = {"counts": [3, 1, 2], "server_count": 9, "size_mb": 7, "running": 1, "unlisted": [0]}
    figures["backups_of"] = [1] * len(servers["results"])
    vendors = {"uuid": "3fa85f64-5717", "hostname": "web01", "ipv4_addresses": ["203.0.113.10"], "plan_name": "Small"}
    return {
        "answer": [
            *map(_json, (backups, created, servers, account)),
            _json(backups["results"]),
            _json({"count": 300, "next": "https://x/?page=2", "previous": None, "results": [vendors]}),
            _json({"message": "Restore has been started.", "status": "accepted"}),
        ],
        "error": [(status - 300).to_bytes(2) + _json(body) for status, body in _ERRORS] + [b"\0\xca<html>Bad Gateway"],
        "redirect": [b"https://login.example.com/?next=/api/v1/", b"/api/v1/backups/", b"//[::1]:80/"],
        "retry_after": [b"7", b"Thu, 16 Jan 2025 12:00:30 GMT", b"Thursday, 16-Jan-25 12:00:30 GMT", b"-1", b"1e3"],
        "next": [b"https://admin.vps.org/api/v1/backups/?page=2&page_size=100", b"?cursor=cD0y&page=", b"//x/?page=2"],
        "kept_lists": [_kept(mine, servers, backups), _kept(mine | {"total": None}, {"results": []}), _kept(mine)],
        "top_of_kept_lists": [_kept(mine, figures, servers, backups, backups)],
        "journal": [
            _json({"operation": _OPERATION, "known": [501, "a"], "sent": True, "why": ""}),
            _json({"operation": {"id": "a", "action": "create", "server_id": "s-1", "at": 0}}),
            _json({"operation": _OPERATION | {"action": "delete", "outcome": "running"}, "sent": False}),
        ],
        "text": [
            each.encode()
            for each in (
                "web-server-01",
                "a\nb\t\x1b]52;c;cm0=\x07",
                "\u202egnp.exe",
                "e" + "\u0301" * 9,
                "வலைத்தளம் “x”",
            )
        ],
        "arguments": [
            b"\0".join(line.encode().split())
            for line in (
                "list --server web-server-01 --type=manual --limit 5",
                "--account lab -v delete 499 495 --yes --reason old",
                "restore --undo web --safe --wait",
                "--demo --config=x",
                "demo-server --port 65536",
                "completion zsh --help",
            )
        ],
        "settings": [_SETTINGS.encode(), b"refresh_seconds = 1e9\n", b"[accounts.'a b']\nread_only = 1\n"],
    }


SEEDS: Mapping[str, list[bytes]] = _made()
assert list(SEEDS) == list(READINGS)
