"""The records of the embedded service, and their documented shapes in JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST_SERVER_ID = 12345
PLANS = (("Starter VPS", 1, 2048, 40), ("Standard VPS", 2, 4096, 80), ("Performance VPS", 4, 8192, 160))
SYSTEMS = ("Ubuntu 22.04 LTS", "Ubuntu 24.04 LTS", "Debian 12", "Rocky Linux 9")


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """One backup as the service holds it; times are Unix seconds, `ready` is when a running one completes."""

    id: int
    server_id: int | str
    type: str
    status: str
    size_mb: int | None
    created: float
    description: str
    expires: float | None = None
    ready: float | None = None


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """One server as the service holds it.

    `size_mb` is what a backup of it weighs about, `nightly` whether it is backed up every
    night, and `restored` when a running restore ends.
    """

    id: int
    name: str
    location: str = "us-west"
    status: str = "active"
    plan: int = 0
    system: int = 0
    size_mb: int = 4000
    nightly: bool = False
    restored: float | None = None


def backup_object(backup: BackupRecord, server: ServerRecord | None) -> dict[str, Any]:
    """Return a backup in the documented shape of `GET /backups/`."""
    return {
        "id": backup.id,
        "server": {"id": backup.server_id, "name": server.name if server else ""},
        "backup_type": backup.type,
        "status": backup.status,
        "size_mb": backup.size_mb,
        "created_at": iso(backup.created),
        "expires_at": None if backup.expires is None else iso(backup.expires),
        "description": backup.description,
    }


def server_object(server: ServerRecord) -> dict[str, Any]:
    """Return a server in the documented shape of `GET /servers/`."""
    plan, vcpus, memory, storage = PLANS[server.plan]
    return {
        "id": server.id,
        "name": server.name,
        "hostname": f"srv-{server.id}.example.com",
        "status": server.status,
        "ip_address": f"203.0.113.{10 + (server.id - FIRST_SERVER_ID) % 240}",
        "location": server.location,
        "plan": {"id": server.plan + 1, "name": plan, "vcpus": vcpus, "memory": memory, "storage": storage},
        "os": {"id": server.system + 1, "name": SYSTEMS[server.system]},
        "created_at": "2024-06-15T10:00:00Z",
        "updated_at": "2025-01-15T10:20:00Z",
    }


def iso(moment: float) -> str:
    """Return Unix seconds as the service writes them: `2025-01-16T03:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
