"""A believable made-up fleet: which servers there are, and which backups they have had.

Everything follows from a seed and a moment. That automatic backups are made daily at 03:00
UTC and expire after a month, and that manual ones never do, is documented; names, sizes,
descriptions and mishaps are made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from vpsbackup_tui.demo.records import FIRST_SERVER_ID, PLANS, SYSTEMS, BackupRecord, ServerRecord

DAY = 86400.0
KEPT_DAYS = 31
FIRST_BACKUP_ID = 501
AUTOMATIC_DESCRIPTION = "Automatic daily backup"
REASONS = (
    "Pre-update backup", "Before the kernel upgrade", "Pre-deployment backup", "Before the schema migration",
    "Golden image", "Before the move to eu-central", "Known good state", "After the incident of last week",
)  # fmt: skip
_LOCATIONS = ("us-west", "us-east", "eu-central", "ap-south")
_NAMED = (
    ("web-server-01", 4523), ("web-server-02", 4377), ("db-server-01", 18240), ("db-replica-01", 17960),
    ("cache-01", 2310), ("mail-01", 11480), ("git-01", 23870), ("ci-runner-01", 9120),
    ("monitoring-01", 14440), ("staging-01", 6030), ("சென்னை-தளம்", 3940), ("sandbox-01", 1950),
)  # fmt: skip
# Places in the list above: who carries which mishap.
_HALVED, _FAILED, _SUSPENDED, _STALE, _STOPPED, _WITHOUT = 2, 4, 5, 7, 9, 11
_STALE_DAYS = 5


def make_servers(count: int, random: Random) -> list[ServerRecord]:
    """Return the servers: the named ones first, then numbered ones."""
    return [_server(number, random) for number in range(count)]


def _server(number: int, random: Random) -> ServerRecord:
    name, size = _NAMED[number] if number < len(_NAMED) else (f"node-{number + 1:04d}", random.randint(1800, 24000))
    return ServerRecord(
        id=FIRST_SERVER_ID + number,
        name=name,
        location=_LOCATIONS[number % len(_LOCATIONS)],
        status={_STOPPED: "stopped", _SUSPENDED: "suspended"}.get(number, "active"),
        plan=number % len(PLANS),
        system=number % len(SYSTEMS),
        size_mb=int(size * random.uniform(0.97, 1.03)),
        nightly=number not in (_STALE, _WITHOUT),
    )


def last_night(now: float) -> float:
    """Return the last 03:00 UTC that is not in the future."""
    return (now - 3 * 3600) // DAY * DAY + 3 * 3600


def make_backups(servers: Sequence[ServerRecord], now: float, random: Random) -> dict[int, BackupRecord]:
    """Return by id what a month of nights and some manual backups have left."""
    night = last_night(now)
    backups = [each for server in servers for each in _of_server(server, night, random)]
    backups.sort(key=_turn)
    return {number: replace(backup, id=number) for number, backup in enumerate(backups, FIRST_BACKUP_ID)}


def _turn(backup: BackupRecord) -> tuple[float, str]:
    """Return the order in which ids are given: as in the documented example, not quite that of creation."""
    return backup.created + (DAY if backup.type == "manual" else 0), str(backup.server_id)


def _of_server(server: ServerRecord, night: float, random: Random) -> Iterator[BackupRecord]:
    """Yield the backups of one server, ids still to be given."""
    number = server.id - FIRST_SERVER_ID
    if number == _WITHOUT:
        return
    for age in range(_STALE_DAYS if number == _STALE else 0, KEPT_DAYS):
        backup = nightly_backup(server, night - age * DAY, age, random)
        if number == _FAILED and age == 1:
            backup = replace(backup, status="failed", size_mb=None)
        if number == _HALVED and age == 0:
            backup = replace(backup, size_mb=(backup.size_mb or 0) // 2)
        yield backup
    for nth in range(1, random.randint(2, 5)):
        age = random.randint(1, 20 * nth * nth)
        created = night - age * DAY + random.randint(5 * 3600, 15 * 3600)
        size = _size(server, age, random)
        yield BackupRecord(0, server.id, "manual", "completed", size, created, random.choice(REASONS))


def nightly_backup(server: ServerRecord, night: float, age: int, random: Random) -> BackupRecord:
    """Return an automatic backup made `age` days before the fleet was (negative: after), its id still to be given."""
    size = _size(server, age, random)
    expires = night + KEPT_DAYS * DAY
    return BackupRecord(0, server.id, "automatic", "completed", size, night, AUTOMATIC_DESCRIPTION, expires)


def _size(server: ServerRecord, age: int, random: Random) -> int:
    """Return a size in MB that grows slowly, day by day."""
    grown = server.size_mb * (1 - 0.002 * min(age, 300))
    return max(200, int(grown + random.randint(-3, 3)))
