"""What the made-up fleet promises, so that screens and tests may count on it."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOON
from vpsbackup_tui.demo.many import Many
from vpsbackup_tui.demo.records import BackupRecord, ServerRecord
from vpsbackup_tui.demo.service import Service

DAY = 86400.0


@pytest.fixture
def service() -> Service:
    return Service(seed=1, servers=12, backups=None, clock=lambda: NOON)


def of(service: Service, name: str, type_: str = "automatic") -> list[BackupRecord]:
    """Return a server's backups of a type, oldest first."""
    server = next(each for each in service.servers() if each.name == name)
    return [backup for backup in service.backups(server.id) if backup.type == type_]


def test_twelve_servers_stand_in_four_places(service: Service) -> None:
    servers = service.servers()
    assert [server.id for server in servers] == list(range(12345, 12357))
    assert servers[0].name == "web-server-01"
    assert len({server.location for server in servers}) == 4
    assert Counter(server.status for server in servers) == {"active": 10, "stopped": 1, "suspended": 1}
    assert any("\u0b80" <= char <= "\u0bff" for server in servers for char in server.name)


def test_automatic_backups_are_made_at_three_and_expire_after_a_month(service: Service) -> None:
    for backup in service.backups():
        if backup.type == "automatic":
            made = datetime.fromtimestamp(backup.created, UTC)
            assert (made.hour, made.minute, made.second) == (3, 0, 0)
            assert backup.expires == backup.created + 31 * DAY
            assert backup.expires > NOON


def test_manual_backups_never_expire_and_say_why(service: Service) -> None:
    manual = [backup for backup in service.backups() if backup.type == "manual"]
    assert len(manual) > 10
    assert all(backup.expires is None and backup.description for backup in manual)


def test_sizes_grow_slowly(service: Service) -> None:
    sizes = [backup.size_mb or 0 for backup in of(service, "web-server-01")]
    assert len(sizes) == 31
    assert sizes[0] < sizes[-1] < sizes[0] * 1.1
    assert all(abs(later / earlier - 1) < 0.02 for earlier, later in pairwise(sizes))


def test_one_backup_failed_and_one_came_out_at_half_its_size(service: Service) -> None:
    failed = [backup for backup in service.backups() if backup.status != "completed"]
    assert [(backup.status, backup.size_mb) for backup in failed] == [("failed", None)]
    before, last = (backup.size_mb or 0 for backup in of(service, "db-server-01")[-2:])
    assert 0.45 < last / before < 0.55


def test_one_server_has_no_backup_and_one_has_had_none_for_five_days(service: Service) -> None:
    empty = [server.name for server in service.servers() if not service.backups(server.id)]
    assert empty == ["sandbox-01"]
    assert NOON - of(service, "ci-runner-01")[-1].created == 5 * DAY + 9 * 3600


def test_ids_are_not_quite_in_the_order_of_creation(service: Service) -> None:
    created = [backup.created for backup in sorted(service.backups(), key=lambda backup: backup.id)[-100:]]
    assert created != sorted(created)


def test_a_seed_and_a_moment_say_everything() -> None:
    def made(seed: int) -> list[BackupRecord]:
        return Service(seed=seed, servers=12, backups=None, clock=lambda: NOON).backups()

    assert made(1) == made(1) != made(2)


@given(servers=st.integers(1, 9), count=st.integers(0, 400), type_=st.sampled_from([None, "manual", "automatic"]))
def test_slices_of_many_backups_are_those_that_fit(servers: int, count: int, type_: str | None) -> None:
    fleet = [ServerRecord(number, f"s{number}") for number in range(servers)]
    many = Many(fleet, count, NOON)
    made = [many[backup_id] for backup_id in many.ids]
    assert len(made) == count
    for server_id in (None, *range(servers + 1)):
        fitting = [each.id for each in made if server_id in (None, each.server_id) and type_ in (None, each.type)]
        assert list(many.select(server_id, type_)) == fitting


def test_a_million_backups_are_there_at_once_and_none_is_stored() -> None:
    service = Service(seed=1, servers=12, backups=1_000_000, clock=lambda: NOON)
    ids = service.backup_ids(None, None, first_page=True)
    assert isinstance(ids, range)
    assert len(ids) == 1_000_000
    by_type = [len(service.backup_ids(None, type_, first_page=True)) for type_ in ("manual", "automatic")]
    assert sum(by_type) == 1_000_000
    oldest = service.listed_backup(ids[-1])
    assert NOON - 4 * 365 * DAY < oldest.created < NOON


def test_many_backups_can_be_deleted_changed_and_added_to() -> None:
    service = Service(seed=1, servers=12, backups=100_000, clock=lambda: NOON)
    first, second, third = service.backup_ids(None, None, first_page=True)[:3]
    service.delete(first)
    service.change_backup(second, status="failed")
    made = service.create(12345, "")
    ids = service.backup_ids(None, None, first_page=True)
    assert list(ids[:3]) == [made.id, second, third]
    assert len(ids) == 100_000
    assert service.backup(first) is None
    assert service.listed_backup(second).status == "failed"
    assert second in service.backup_ids(service.listed_backup(second).server_id, None, first_page=True)
