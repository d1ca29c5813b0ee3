"""Lists that are kept come back as they were, and never in place of somebody else's."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.api.rows import backup_of, server_of
from vpsbackup_tui.fleet.glance import MOST_LINES, glance_at
from vpsbackup_tui.fleet.index import Fleet, Query
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.kept_lists import KeptLists, fleet_of, glance_of, lines_of, top_of
from vpsbackup_tui.store.last_seen import MOST_BYTES_AT_TOP
from vpsbackup_tui.text import clean

ME = ("prod", "https://admin.vps.org/api/v1")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("id", "server", "backup_type", "status", "size_mb", "created_at", "expires_at", "description", "hostname")
_ROW = st.fixed_dictionaries({}, optional=dict.fromkeys((*_FIELDS, "name", "ip_address", "ipv4_addresses"), _JSON))
_ID = st.integers(1, 10**20) | st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z")


def read_back(fleet: Fleet, account: str = ME[0], base_url: str = ME[1]) -> Fleet | None:
    return fleet_of(top_of(fleet, *ME), list(lines_of(fleet)), account, base_url)


def same(fleet: Fleet | None, other: Fleet) -> bool:
    return fleet is not None and (list(fleet.backups), fleet.servers, fleet.total, fleet.servers_listed) == (
        list(other.backups),
        other.servers,
        other.total,
        other.servers_listed,
    )


def backup(number: int, **more: Any) -> Backup:
    return Backup(id=number, server_id=1, server_name="web", status="completed", **more)


@given(rows=st.dictionaries(_ID, _ROW, max_size=4), server=_ROW, total=st.none() | st.integers(0, 10**6), listed=...)
def test_whatever_the_service_sent_comes_back_the_same(
    rows: dict[int | str, dict[str, Any]], server: dict[str, Any], total: int | None, listed: bool
) -> None:
    servers = [found] if (found := server_of(server | {"id": 7})) else []
    backups = [backup_of(row | {"id": number}) for number, row in rows.items()]
    fleet = Fleet(backups, servers, servers_listed=listed, total=total)
    assert same(read_back(fleet), fleet)


@given(
    rows=st.lists(_ROW, max_size=4),
    servers=st.lists(_ROW, max_size=3),
    total=st.none() | st.integers(0, 10**6),
    listed=...,
)
def test_the_top_of_them_comes_back_the_same(
    rows: list[dict[str, Any]], servers: list[dict[str, Any]], total: int | None, listed: bool
) -> None:
    known = [found for number, each in enumerate(servers) if (found := server_of(each | {"id": number}))]
    backups = [backup_of(row | {"id": number}) for number, row in enumerate(rows)]
    fleet = Fleet(backups, known, servers_listed=listed, total=total)
    glance = glance_of(top_of(fleet, *ME), *ME)
    assert glance == glance_at(fleet)


def test_of_long_lists_the_top_says_what_no_row_of_it_does() -> None:
    many = [
        backup(number, size_mb=2, created_at=f"2025-01-{number % 28 + 1:02}T00:00:00Z", description="nightly")
        for number in range(3000)
    ]
    busy = Backup(id=9999, server_id=2, server_name="mail", type="manual", status="in_progress")
    fleet = Fleet([*many, busy], [Server(id=number, name=f"web-{number:04}") for number in range(1, 500)], total=3001)
    glance = glance_of(top_of(fleet, *ME), *ME)
    assert glance is not None
    assert glance.backups == [fleet.backups[row] for row in fleet.select(Query())[:MOST_LINES]]
    assert (glance.counts.all, glance.counts.manual, glance.size_mb, glance.running) == (3001, 1, 6000, 1)
    assert (len(glance.servers), glance.server_count, glance.backups_of[:3]) == (MOST_LINES, 499, [3000, 1, 0])
    assert len(glance.sample) == len(fleet.sample())
    assert not any(each.description for each in glance.sample)


def test_a_top_that_is_too_long_is_left_out_and_the_lists_are_kept() -> None:
    fleet = Fleet([backup_of({"id": number, "description": "\U0001f600" * 2048}) for number in range(100)])
    top = top_of(fleet, *ME)
    assert sum(map(len, top)) < MOST_BYTES_AT_TOP
    assert glance_of(top, *ME) is None
    assert same(read_back(fleet), fleet)


def test_a_long_list_comes_back_in_its_order() -> None:
    fleet = Fleet([backup(number) for number in range(1, 2501)], total=2501)
    assert len(list(lines_of(fleet))) == 4
    assert same(read_back(fleet), fleet)


def test_the_lists_of_another_account_or_service_are_not_shown() -> None:
    fleet = Fleet([backup(1)])
    for others in (("lab", ME[1]), (ME[0], "https://admin.vps.org/api/v2")):
        assert read_back(fleet, *others) is None
        assert glance_of(top_of(fleet, *ME), *others) is None
    assert read_back(fleet) is not None
    assert glance_of(top_of(fleet, *ME), *ME) is not None


def test_what_somebody_wrote_into_the_file_is_cleaned_like_an_answer() -> None:
    top, (servers, _) = top_of(Fleet([backup(1)]), *ME), lines_of(Fleet([backup(1)]))
    evil = "\x1b]0;owned\x07‮" + "x" * 5000
    row = {"id": 1, "server": {"id": 1, "name": evil}, "status": evil, "description": evil, "size_mb": "9" * 99}
    page = json.dumps({"results": [row, row, {"id": "../../x"}, 5]}).encode()
    fleet = fleet_of(top, [servers, page], *ME)
    assert fleet is not None
    first, *others = fleet.backups
    assert (first.description, first.server_name) == (clean(evil, 2048), clean(evil, 256))
    assert first.size_mb is None
    assert [each.id for each in others] == [None, None]
    glance = glance_of([*top[:3], page, page], *ME)
    assert glance is not None
    assert (glance.backups[0], glance.sample[0]) == (first, first)  # as the file has it


@pytest.mark.parametrize("field", ["counts", "server_count", "backups_of", "unlisted", "size_mb", "running"])
def test_figures_that_somebody_wrote_into_the_file_are_figures_or_nothing(field: str) -> None:
    whose, figures, *pages = top_of(Fleet([backup(1)]), *ME)
    figures_of: tuple[Any, ...] = ("\x1b[2J", -1, [[1]], None, {}, 10**30, [-1, -1, -1])
    for evil in figures_of:
        changed = json.dumps(json.loads(figures) | {field: evil}).encode()
        assert glance_of([whose, changed, *pages], *ME) is None


@given(lines=st.lists(st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b"[1]", b'{"results":[]}']), max_size=4))
def test_lines_that_are_none_of_ours_are_nothing(lines: list[bytes]) -> None:
    assert fleet_of(lines, lines, *ME) is None
    assert glance_of(lines, *ME) is None
    top, (servers, _) = top_of(Fleet([backup(1)]), *ME), lines_of(Fleet([backup(1)]))
    fleet = fleet_of(top, [servers, *lines], *ME)
    assert fleet is None or all(each.unreadable for each in fleet.backups)


def test_the_file_is_written_once_for_each_content(tmp_path: Path) -> None:
    path = tmp_path / "state" / "prod.seen"
    kept = KeptLists(path, *ME)
    kept.keep(Fleet([backup(1)]), 1000.0, "ops@example.com")
    first = path.stat().st_ino
    kept.keep(Fleet([backup(1)]), 1060.0)
    assert path.stat().st_ino == first
    later = KeptLists(path, *ME)
    read = later.read()
    assert read is not None
    assert (list(read.fleet.backups), read.as_of, read.email) == ([backup(1)], 1060.0, "ops@example.com")
    later.keep(Fleet([backup(1)]), 1120.0)
    assert path.stat().st_ino == first
    later.keep(Fleet([backup(1)], [Server(id=1, name="web", status="restoring")]), 1180.0)
    assert path.stat().st_ino != first
    kept.forget()
    assert not path.exists()
    assert kept.read() is None
    assert kept.glance() is None


def test_of_whom_the_same_lists_are_is_kept_as_it_is_known_now(tmp_path: Path) -> None:
    path = tmp_path / "state" / "prod.seen"
    kept = KeptLists(path, *ME)
    for email, known in (
        ("", ""),
        ("old@example.com", "old@example.com"),
        ("", "old@example.com"),
        ("new@e.x", "new@e.x"),
    ):
        kept.keep(Fleet([backup(1)]), 1000.0, email)
        read = KeptLists(path, *ME).read()
        assert read is not None
        assert read.email == known


def test_other_lists_are_of_nobody_as_long_as_it_is_not_known_whose_they_are(tmp_path: Path) -> None:
    kept = KeptLists(tmp_path / "state" / "prod.seen", *ME)
    kept.keep(Fleet([backup(1)]), 1000.0, "ops@example.com")
    kept.keep(Fleet([backup(2)]), 1000.0)
    read = kept.read()
    assert read is not None
    assert read.email == ""
