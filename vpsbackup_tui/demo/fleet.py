"""A believable made-up fleet: which servers there are, and which backups they have had.

Everything follows from a seed and a moment. Names, sizes and descriptions are made up;
the shapes of records are those of the service's documentation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

DAY = 86400.0
KEPT_DAYS = 31
FIRST_SERVER_ID = 12345
_PLANS = (("Starter VPS", 1, 2048, 40), ("Standard VPS", 2, 4096, 80), ("Performance VPS", 4, 8192, 160))
_SYSTEMS = ("Ubuntu 22.04 LTS", "Ubuntu 24.04 LTS", "Debian 12", "Rocky Linux 9")
_LOCATIONS = ("us-west", "us-east", "eu-central", "ap-south")
_NAMES = (
    "web-server-01", "web-server-02", "db-server-01", "db-replica-01", "cache-01", "mail-01",
    "git-01", "ci-runner-01", "monitoring-01", "staging-01", "சென்னை-தளம்", "sandbox-01",
)  # fmt: skip
_TAMIL, _STALE, _EMPTY, _STOPPED, _SUSPENDED, _FAILED, _HALVED = 10, 7, 11, 9, 5, 4, 2
_REASONS = (
    "Pre-update backup", "Before the kernel upgrade", "Pre-deployment backup", "Before the schema migration",
    "Golden image", "Before the move to eu-central", "Known good state", "After the incident of last week",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One backup as the service holds it; times are Unix seconds, `ready` is when a running one completes."""

    id: int
    server_id: int
    kind: str
    status: str
    size_mb: int | None
    created: float
    description: str
    expires: float | None = None
    ready: float | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """One server as the service holds it; `restored` is when a running restore ends."""

    id: int
    name: str
    location: str
    status: str
    plan: int
    system: int
    base_size: int
    restored: float | None = None


def machines(count: int, random: Random) -> list[Machine]:
    """Return the servers: the named ones first, then numbered ones."""
    return [_machine(number, random) for number in range(count)]


def _machine(number: int, random: Random) -> Machine:
    status = {_STOPPED: "stopped", _SUSPENDED: "suspended"}.get(number, "active")
    return Machine(
        id=FIRST_SERVER_ID + number,
        name=_NAMES[number] if number < len(_NAMES) else f"node-{number + 1:04d}",
        location=_LOCATIONS[number % len(_LOCATIONS)],
        status=status,
        plan=number % len(_PLANS),
        system=number % len(_SYSTEMS),
        base_size=random.randint(1800, 24000),
    )


def believable(servers: Sequence[Machine], now: float, random: Random) -> dict[int, Record]:
    """Return a month of backups of a small fleet by id, ids in the order of creation."""
    last_night = now // DAY * DAY + 3 * 3600
    if last_night > now:
        last_night -= DAY
    unnumbered = [
        each for number, server in enumerate(servers) for each in _of_server(number, server, last_night, random)
    ]
    unnumbered.sort(key=lambda record: (record.created, record.server_id))
    first_id = 501
    return {first_id + place: replace(record, id=first_id + place) for place, record in enumerate(unnumbered)}


def _of_server(number: int, server: Machine, last_night: float, random: Random) -> Iterator[Record]:
    """Yield the backups of one server, ids still to be given."""
    if number == _EMPTY:
        return
    newest = 5 if number == _STALE else 0
    for age in range(newest, KEPT_DAYS):
        created = last_night - age * DAY
        status, size = "completed", _size(server, age, random)
        if number == _FAILED and age == 1:
            status, size = "failed", 0
        if number == _HALVED and age == 0:
            size //= 2
        shown = None if status == "failed" else size
        yield Record(
            0, server.id, "automatic", status, shown, created, "Automatic daily backup", created + KEPT_DAYS * DAY
        )
    for _ in range(random.randint(0, 4)):
        age = random.randint(1, 200)
        created = last_night - age * DAY + random.randint(5, 14) * 3600 + random.randint(0, 3599)
        yield Record(0, server.id, "manual", "completed", _size(server, age, random), created, random.choice(_REASONS))


def _size(server: Machine, age: int, random: Random) -> int:
    """Return a size in MB that has grown slowly until now."""
    grown = server.base_size * (1 - 0.002 * min(age, 300))
    return max(200, int(grown + random.randint(-20, 20)))


class Many:
    """Any number of completed backups, made when asked for and spread evenly over the servers."""

    def __init__(self, servers: Sequence[Machine], count: int, now: float) -> None:
        self._servers = servers
        self._now = now
        self.ids = range(500 + count, 500, -1)

    def __getitem__(self, backup_id: int) -> Record:
        place = self.ids[0] - backup_id
        server = self._servers[place % len(self._servers)]
        created = self._now - 3600 - place // len(self._servers) * DAY - place % len(self._servers)
        automatic = place % 7 != 3
        return Record(
            backup_id,
            server.id,
            "automatic" if automatic else "manual",
            "completed",
            server.base_size + backup_id % 97,
            created,
            "Automatic daily backup" if automatic else _REASONS[place % len(_REASONS)],
            created + KEPT_DAYS * DAY if automatic else None,
        )

    def kind(self, backup_id: int) -> str:
        """Return the type of a backup without making its record."""
        return "automatic" if (self.ids[0] - backup_id) % 7 != 3 else "manual"

    def server_id(self, backup_id: int) -> int:
        """Return the server of a backup without making its record."""
        return self._servers[(self.ids[0] - backup_id) % len(self._servers)].id


def backup_object(record: Record, server: Machine | None) -> dict[str, Any]:
    """Return a backup in the documented shape of `GET /backups/`."""
    return {
        "id": record.id,
        "server": {"id": record.server_id, "name": server.name if server else ""},
        "backup_type": record.kind,
        "status": record.status,
        "size_mb": record.size_mb,
        "created_at": iso(record.created),
        "expires_at": None if record.expires is None else iso(record.expires),
        "description": record.description,
    }


def server_object(machine: Machine) -> dict[str, Any]:
    """Return a server in the documented shape of `GET /servers/`."""
    plan, vcpus, memory, storage = _PLANS[machine.plan]
    number = machine.id - FIRST_SERVER_ID
    return {
        "id": machine.id,
        "name": machine.name,
        "hostname": f"srv-{machine.id}.example.com",
        "status": machine.status,
        "ip_address": f"203.0.113.{10 + number % 240}",
        "location": machine.location,
        "plan": {"id": machine.plan + 1, "name": plan, "vcpus": vcpus, "memory": memory, "storage": storage},
        "os": {"id": machine.system + 1, "name": _SYSTEMS[machine.system]},
        "created_at": "2024-06-15T10:00:00Z",
        "updated_at": "2025-01-15T10:20:00Z",
    }


def iso(moment: float) -> str:
    """Return Unix seconds as the service writes them: `2025-01-16T03:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
