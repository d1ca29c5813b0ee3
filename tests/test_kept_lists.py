"""Lists that are kept come back as they were, and never in place of somebody else's."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.api.rows import backup_of, server_of
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.kept_lists import KeptLists, fleet_of, lines_of
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
    assert same(fleet_of(list(lines_of(fleet, *ME)), *ME), fleet)


def test_a_long_list_comes_back_in_its_order() -> None:
    fleet = Fleet([backup(number) for number in range(1, 2501)], total=2501)
    lines = list(lines_of(fleet, *ME))
    assert len(lines) == 5
    assert same(fleet_of(lines, *ME), fleet)


def test_the_lists_of_another_account_or_service_are_not_shown() -> None:
    lines = list(lines_of(Fleet([backup(1)]), *ME))
    assert fleet_of(lines, "lab", ME[1]) is None
    assert fleet_of(lines, ME[0], "https://admin.vps.org/api/v2") is None
    assert fleet_of(lines, *ME) is not None


def test_what_somebody_wrote_into_the_file_is_cleaned_like_an_answer() -> None:
    whose, servers, _ = lines_of(Fleet([backup(1)]), *ME)
    evil = "\x1b]0;owned\x07‮" + "x" * 5000
    row = {"id": 1, "server": {"id": 1, "name": evil}, "status": evil, "description": evil, "size_mb": "9" * 99}
    page = json.dumps({"results": [row, row, {"id": "../../x"}, 5]}).encode()
    fleet = fleet_of([whose, servers, page], *ME)
    assert fleet is not None
    first, *others = fleet.backups
    assert (first.description, first.server_name) == (clean(evil, 2048), clean(evil, 256))
    assert first.size_mb is None
    assert [each.id for each in others] == [None, None]


@given(lines=st.lists(st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b"[1]", b'{"results":[]}']), max_size=4))
def test_lines_that_are_none_of_ours_are_nothing(lines: list[bytes]) -> None:
    assert fleet_of(lines, *ME) is None
    whose, servers, _ = lines_of(Fleet([backup(1)]), *ME)
    fleet = fleet_of([whose, servers, *lines], *ME)
    assert fleet is None or all(each.unreadable for each in fleet.backups)


def test_the_file_is_written_once_for_each_content(tmp_path: Path) -> None:
    path = tmp_path / "state" / "prod.seen"
    kept = KeptLists(path, *ME)
    kept.keep(Fleet([backup(1)]), 1000.0)
    first = path.stat().st_ino
    kept.keep(Fleet([backup(1)]), 1060.0)
    assert path.stat().st_ino == first
    later = KeptLists(path, *ME)
    read = later.read()
    assert read is not None
    assert (list(read.fleet.backups), read.as_of) == ([backup(1)], 1060.0)
    later.keep(Fleet([backup(1)]), 1120.0)
    assert path.stat().st_ino == first
    later.keep(Fleet([backup(1)], [Server(id=1, name="web", status="restoring")]), 1180.0)
    assert path.stat().st_ino != first
    assert not kept.is_short or path.stat().st_size < 1000
    kept.forget()
    assert not path.exists()
    assert kept.read() is None
