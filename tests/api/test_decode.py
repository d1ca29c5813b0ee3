import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.api.decode import decode_account, decode_backup, decode_backups, decode_servers
from vpsbackup_tui.api.json_text import ShapeError, parse_json
from vpsbackup_tui.api.rows import backup_of, server_of, sound_id
from vpsbackup_tui.fleet.models import Account, Backup, Server
from vpsbackup_tui.text import clean

DOCUMENTED: dict[str, Any] = {
    "id": 501,
    "server": {"id": 12345, "name": "web-server-01"},
    "backup_type": "automatic",
    "status": "completed",
    "size_mb": 4523,
    "created_at": "2025-01-16T03:00:00Z",
    "expires_at": "2025-02-16T03:00:00Z",
    "description": "Automatic daily backup",
}


def page(*rows: Any, **more: Any) -> bytes:
    return json.dumps({"count": len(rows), "results": rows, **more}).encode()


def row(**other: Any) -> dict[str, Any]:
    return DOCUMENTED | other


def only(body: bytes) -> Backup:
    (backup,) = decode_backups(body).rows
    return backup


# --- as documented --------------------------------------------------------------------


def test_a_documented_row_is_read_whole_and_given_back_as_it_came() -> None:
    backup = only(page(DOCUMENTED))
    assert backup == Backup(
        id=501,
        server_id=12345,
        server_name="web-server-01",
        type="automatic",
        status="completed",
        size_mb=4523,
        created_at="2025-01-16T03:00:00Z",
        expires_at="2025-02-16T03:00:00Z",
        description="Automatic daily backup",
    )
    assert (backup.created, backup.expires) == (1736996400.0, 1739674800.0)
    assert backup.record() == DOCUMENTED


def test_nulls_are_nothing() -> None:
    backup = only(page(row(size_mb=None, expires_at=None, created_at=None)))
    assert (backup.size_mb, backup.expires, backup.created, backup.raw) == (None, None, None, None)


def test_a_control_character_as_it_stands_is_cleaned_in_a_row_that_is_sound_otherwise() -> None:
    body = page(row(description="a_b")).replace(b"a_b", b"a\x7fb")
    assert only(body).description == "a\ufffdb"


@pytest.mark.parametrize("field", ["backup_type", "status", "created_at", "expires_at", "description"])
def test_an_escaped_control_character_is_cleaned_in_whichever_field_it_comes(field: str) -> None:
    hostile = row(**{field: f"{DOCUMENTED[field]}\x1b"})
    _, backup = decode_backups(page(DOCUMENTED, hostile)).rows
    assert backup == backup_of(hostile)
    assert backup.raw == {field: hostile[field]}


@pytest.mark.parametrize("other", [{}, {"status": "half_done"}, {"server": {"id": 1, "name": "வலைத்தளம்"}}])
def test_rows_share_equal_texts(other: dict[str, Any]) -> None:
    rows = decode_backups(page(row(**other), row(id=502, **other))).rows + decode_backups(page(row(**other))).rows
    for field in ("description", "server_name", "type", "status"):
        assert len({id(getattr(each, field)) for each in rows}) == 1


def test_rows_with_other_texts_keep_their_own() -> None:
    other = row(id=502, server={"id": 1, "name": "db"}, backup_type="manual", status="failed", description="mine")
    assert [backup.record() for backup in decode_backups(page(DOCUMENTED, other)).rows] == [DOCUMENTED, other]


def test_a_type_under_its_short_name_is_read() -> None:
    sent = {key: value for key, value in DOCUMENTED.items() if key != "backup_type"} | {"type": "manual"}
    assert only(page(sent)).type == "manual"


def test_what_a_second_field_says_once_more_is_not_kept_beside_what_is_odd() -> None:
    assert only(page(row(type=DOCUMENTED["backup_type"], size_mb="many"))).raw == {"size_mb": "many"}


def test_unknown_fields_are_ignored() -> None:
    assert only(page(row(colour="red", server={"id": 12345, "name": "web-server-01", "x": 1}))).raw is None


def test_the_last_of_two_equal_keys_wins() -> None:
    body = page(DOCUMENTED).replace(b'"status": "completed"', b'"status": "failed", "status": "in_progress"')
    assert only(body).status == "in_progress"


@pytest.mark.parametrize(
    ("body", "count", "following"),
    [
        (page(DOCUMENTED), 1, None),
        (page(DOCUMENTED, next="http://x/?page=2"), 1, "http://x/?page=2"),
        (json.dumps([DOCUMENTED]).encode(), None, None),
        (json.dumps({"results": [DOCUMENTED]}).encode(), None, None),
        (b"\xef\xbb\xbf" + page(DOCUMENTED), 1, None),
        (page(DOCUMENTED, count="many", next=5), None, None),
        (page(DOCUMENTED, count=-1), None, None),
        (page(DOCUMENTED, count=True), None, None),
        (page(DOCUMENTED, count=0), 0, None),
        (page(row(description="é"), next="http://x/?page=2"), 1, "http://x/?page=2"),
        (b"\n " + page(DOCUMENTED) + b"\r\n", 1, None),
    ],
)
def test_all_shapes_of_a_list_are_read(body: bytes, count: int | None, following: str | None) -> None:
    for got in (decode_backups(body), decode_servers(body)):
        assert [each.id for each in got.rows] == [501]
        assert (got.count, got.next) == (count, following)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"5",
        b'"x"',
        b"{}",
        b'{"results": 5}',
        b'{"results"',
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        b"nope",
    ],
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    for decode in (decode_backups, decode_servers):
        with pytest.raises(ShapeError) as refused:
            decode(body)
        assert str(refused.value).isprintable()


@pytest.mark.parametrize("body", [b"null", b"5", b'"x"', b"{}", b'{"results": 5}'])
def test_json_that_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ShapeError) as refused:
        decode_servers(body)
    assert str(refused.value) == "it is JSON, but no list"


# --- odd rows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        None,
        5,
        "x",
        [],
        [1],
        {},
        {"id": None},
        {"id": 0},
        {"id": -1},
        {"id": True},
        {"id": 1.5},
        {"id": "a/b"},
        {"id": ""},
        {"id": "x" * 65},
        {"id": "ok\n"},
        {"id": {}},
        {"id": 10**64},
        {"id": 10**70},
    ],
)
def test_an_unreadable_row_is_kept_and_hides_no_other(odd: Any) -> None:
    got = decode_backups(page(DOCUMENTED, odd, row(id=502)))
    assert [backup.id for backup in got.rows] == [501, None, 502]
    assert [backup.unreadable for backup in got.rows] == [False, True, False]
    json.dumps(got.rows[1].record())
    if not isinstance(odd, dict):
        assert got.rows[1].record()["row"] == odd


def test_an_id_has_64_digits_at_most() -> None:
    assert sound_id(10**64 - 1) == 10**64 - 1
    assert sound_id(10**64) is None


@pytest.mark.parametrize(
    "sound",
    [
        1,
        501,
        2**53 + 1,
        2**63,
        2**64 + 5,
        10**30,
        10**64 - 1,
        "a",
        "0",
        "501",
        "A-b_9",
        "f" * 64,
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    ],
)
def test_a_sound_id_is_kept_in_its_type(sound: int | str) -> None:
    got = only(page(row(id=sound, server={"id": sound, "name": "x"})))
    assert (got.id, got.server_id) == (sound, sound)
    assert type(got.id) is type(sound)
    assert not got.unreadable


@pytest.mark.parametrize("length", [65, 71, 4000])
def test_a_number_too_long_for_an_id_is_none_on_a_page_that_is_sound_otherwise(length: int) -> None:
    got = only(page(row(id="@", server={"id": "@", "name": "x"})).replace(b'"@"', b"7" * length))
    assert (got.id, got.server_id, got.unreadable) == (None, None, True)


@pytest.mark.parametrize(
    ("field", "sent", "read"),
    [
        ("size_mb", "4523", None),
        ("size_mb", -1, None),
        ("size_mb", 10**30, None),
        ("size_mb", True, None),
        ("size_mb", [], None),
        ("size_mb", 4523.4, 4523),
        ("size_mb", 0.0, 0),
        ("size_mb", 1e15, 10**15),
        ("size_mb", 1e308, None),
        ("created_at", "yesterday", "yesterday"),
        ("created_at", 1736996400, None),
        ("created_at", {}, None),
        ("status", 5, "5"),
        ("status", None, ""),
        ("status", {"a": 1}, ""),
        ("backup_type", ["manual"], ""),
        ("description", None, ""),
        ("description", "a\nb", "a⏎b"),
        ("description", "\x1b]52;c;x\x07", "�]52;c;x�"),
        ("description", "\u202eevil", "␣evil"),
        ("description", "a\x7fb", "a\ufffdb"),
    ],
)
def test_a_field_of_another_type_is_read_as_far_as_it_goes_and_kept(field: str, sent: Any, read: Any) -> None:
    backup = only(page(row(**{field: sent})))
    names = {"backup_type": "type"}
    assert getattr(backup, names.get(field, field)) == read
    assert not backup.unreadable
    assert backup.record() == row(**{field: sent})
    kept = None if read == sent and type(read) is type(sent) else {field: sent}
    assert backup.raw == kept


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "yesterday",
        "2025-01-16",
        "2025-01-16T03:00:00",
        "2025-13-01T00:00:00Z",
        "2025-01-16T03:00:60Z",
        "0000-00-00T00:00:00Z",
        "9" * 500,
    ],
)
def test_a_time_that_can_t_be_read_is_shown_and_not_counted_with(moment: str) -> None:
    backup = only(page(row(created_at=moment, expires_at=moment)))
    assert (backup.created, backup.expires) == (None, None)
    assert backup.created_at == clean(moment, 64)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000])
@pytest.mark.parametrize("field", ["id", "size_mb", "status", "created_at", "server"])
def test_a_number_that_nothing_can_hold_spoils_its_field_only(number: str, field: str) -> None:
    body = page(DOCUMENTED, row(**{field: "@"})).replace(b'"@"', number.encode())
    got = decode_backups(body)
    assert len(got.rows) == 2
    assert got.rows[0] == only(page(DOCUMENTED))
    assert got.rows[1].size_mb in (None, 4523)
    assert got.rows[1].unreadable == (field == "id" and not sound_id(parse_json(number.encode())))
    json.dumps(got.rows[1].record(), allow_nan=False)


@pytest.mark.parametrize(
    ("server", "flat", "server_id", "name"),
    [
        ({"id": 5, "name": "a"}, {}, 5, "a"),
        ({"uuid": "u-1", "hostname": "h"}, {}, "u-1", "h"),
        (5, {}, 5, ""),
        ("u-1", {}, "u-1", ""),
        (None, {"server_id": 5, "server_name": "a"}, 5, "a"),
        ({"id": "../x", "name": 7}, {}, None, "7"),
        ([], {}, None, ""),
        (True, {}, None, ""),
    ],
)
def test_the_server_of_a_backup_comes_in_many_shapes(
    server: Any, flat: dict[str, Any], server_id: Any, name: str
) -> None:
    backup = only(page(row(server=server, **flat)))
    assert (backup.server_id, backup.server_name) == (server_id, name)
    assert backup.record()["server"] == server


def test_a_backup_without_any_word_on_its_server_is_readable() -> None:
    sent = {key: value for key, value in DOCUMENTED.items() if key != "server"}
    backup = only(page(sent))
    assert (backup.server_id, backup.server_name, backup.unreadable) == (None, "", False)


def test_a_uuid_stands_in_for_an_id() -> None:
    sent = {key: value for key, value in DOCUMENTED.items() if key != "id"} | {"uuid": "u-1"}
    assert only(page(sent)).id == "u-1"


def test_long_texts_are_cut_and_kept_beside() -> None:
    long = "x" * 10_000
    backup = only(page(row(description=long, status=long, server={"id": 1, "name": long})))
    assert (len(backup.description), len(backup.status), len(backup.server_name)) == (2048, 64, 256)
    assert backup.record()["description"] == long


def test_half_a_character_is_read_as_none() -> None:
    body = page(DOCUMENTED).replace(b"Automatic daily", rb"\ud800 daily")
    backup = only(body)
    assert backup.description == "� daily backup"
    json.dumps(backup.record())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        *DOCUMENTED,
        "uuid",
        "server_id",
        "server_name",
        "type",
        "name",
        "hostname",
        "plan",
        "os",
        "ip_address",
        "ipv4_addresses",
    ]
)
ODD_ROWS = st.dictionaries(FIELDS, JSON).map(lambda other: DOCUMENTED | other) | st.dictionaries(FIELDS, JSON) | JSON


@given(st.lists(ODD_ROWS, max_size=5))
def test_any_rows_are_read_clean_and_counted(rows: list[Any]) -> None:
    body = page(*rows)
    got = decode_backups(body)
    assert len(got.rows) == len(rows)
    for backup in got.rows:
        assert backup.unreadable == (backup.id is None)
        for text in (backup.server_name, backup.type, backup.status, backup.description, backup.created_at or ""):
            assert clean(text, 2048) == text
        json.dumps(backup.record(), allow_nan=False)
    servers = decode_servers(body)
    assert len(servers.rows) + servers.left_out == len(rows)
    for server in servers.rows:
        for text in (server.name, server.hostname, server.status, server.plan, *server.addresses):
            assert clean(text, 2048) == text
        json.dumps(server.record(), allow_nan=False)


TEXTS = st.text(max_size=300)
LIKELY_ROWS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 2**70) | st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
        "server": st.fixed_dictionaries(
            {"id": st.integers(1, 2**40), "name": TEXTS}, optional={"hostname": TEXTS, "uuid": TEXTS}
        ),
        "backup_type": TEXTS | st.sampled_from(["manual", "automatic"]),
        "status": TEXTS,
        "size_mb": st.none() | st.integers(),
        "created_at": st.none() | TEXTS | st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        "expires_at": st.none() | TEXTS,
        "description": st.none() | TEXTS,
    },
    optional={"uuid": TEXTS, "server_id": st.integers(), "server_name": TEXTS, "type": TEXTS},
)


@given(st.lists(LIKELY_ROWS, max_size=4), st.booleans())
def test_the_fast_way_and_the_lenient_way_agree(rows: list[Any], in_ascii: bool) -> None:
    body = json.dumps({"count": len(rows), "results": rows}, ensure_ascii=in_ascii).encode(errors="surrogatepass")
    try:
        expected = [backup_of(each) for each in parse_json(body)["results"]]
    except ShapeError:  # half a character, not escaped: no UTF-8
        return
    assert decode_backups(body).rows == expected


@given(st.binary(max_size=300) | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for decode in (decode_backups, decode_servers, decode_backup, decode_account):
        words = ""
        try:
            decode(body)
        except ShapeError as refused:
            words = str(refused)
        assert clean(words, 400) == words


# --- servers and accounts -------------------------------------------------------------


def test_a_documented_server_is_read_whole() -> None:
    sent = {
        "id": 12345,
        "name": "web-server-01",
        "hostname": "web01.example.com",
        "status": "active",
        "ip_address": "203.0.113.10",
        "location": "us-west",
        "plan": {"id": 1, "name": "Standard VPS", "vcpus": 2, "memory": 4096, "storage": 80},
        "os": {"id": 5, "name": "Ubuntu 22.04 LTS"},
        "created_at": "2025-01-10T14:30:00Z",
        "updated_at": "2025-01-15T10:20:00Z",
    }
    (server,) = decode_servers(page(sent)).rows
    assert (server.name, server.plan, server.os) == ("web-server-01", "Standard VPS", "Ubuntu 22.04 LTS")
    assert server.addresses == ("203.0.113.10",)
    assert (server.id, server.hostname, server.status) == (12345, "web01.example.com", "active")
    assert (server.location, server.created_at) == ("us-west", "2025-01-10T14:30:00Z")
    assert server.record() == {key: value for key, value in sent.items() if key != "updated_at"}


def test_a_server_as_the_vendor_s_clients_read_it() -> None:
    server = server_of(
        {
            "uuid": "u-1",
            "hostname": "web01.example.com",
            "ipv4_addresses": ["203.0.113.10", "203.0.113.11"],
            "ipv6_addresses": "2001:db8::1",
            "ipv4": "203.0.113.10",
            "location_name": "Oslo",
            "plan_name": "Small",
            "os_name": "Debian",
        }
    )
    assert server is not None
    assert (server.id, server.label, server.location, server.plan, server.os) == (
        "u-1",
        "web01.example.com",
        "Oslo",
        "Small",
        "Debian",
    )
    assert server.addresses == ("203.0.113.10", "203.0.113.11", "2001:db8::1")


def test_of_a_server_that_is_given_back_as_it_came_nothing_is_kept_beside() -> None:
    assert server_of({"id": 1, "name": "web", "colour": "red"}) == Server(id=1, name="web")


def test_a_server_without_an_id_is_left_out_and_counted() -> None:
    got = decode_servers(page({"name": "a"}, {"id": 1, "name": "b"}, 5))
    assert [server.name for server in got.rows] == ["b"]
    assert got.left_out == 2


@pytest.mark.parametrize(
    "sent",
    [
        {
            "account": {"email": "j@example.com", "first_name": "John", "last_name": "Doe"},
            "token": {"permissions": ["a"]},
        },
        {"email": "j@example.com", "first_name": "John", "last_name": "Doe", "token": {"permissions": "a"}},
    ],
)
def test_an_account_is_read_from_either_shape(sent: dict[str, Any]) -> None:
    account = decode_account(json.dumps(sent).encode())
    assert (account.email, account.name, account.permissions) == ("j@example.com", "John Doe", ("a",))


def test_a_documented_account_is_read_whole() -> None:
    account = decode_account(
        json.dumps(
            {
                "account": {"email": "j@example.com", "first_name": "John", "last_name": "Doe", "company_name": "Acme"},
                "token": {"name": "laptop", "permissions": ["backups:read", "servers:read"]},
            }
        ).encode()
    )
    assert account == Account(
        email="j@example.com",
        name="John Doe",
        company="Acme",
        token_name="laptop",
        permissions=("backups:read", "servers:read"),
    )


@pytest.mark.parametrize(
    ("sent", "account"),
    [
        ({"account": {"last_name": "Doe"}}, Account(name="Doe")),
        ({"account": 5, "email": "j@example.com"}, Account(email="j@example.com")),
        ({"email": "j@example.com"}, Account(email="j@example.com")),
        ({"token": {"name": "laptop"}}, Account(token_name="laptop")),
        ({"token": "secret"}, Account()),
        ({"account": None}, Account()),
    ],
)
def test_an_account_may_be_told_in_part(sent: dict[str, Any], account: Account) -> None:
    assert decode_account(json.dumps(sent).encode()) == account


@pytest.mark.parametrize("body", [b"[]", b"{}", b"5", b'{"count": 3, "results": []}'])
def test_what_is_not_about_an_account_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError) as refused:
        decode_account(body)
    assert str(refused.value) == "it isn't about an account"


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id": 0}', b'{"id": "a/b"}'])
def test_a_single_backup_without_a_sound_id_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError) as refused:
        decode_backup(body)
    assert str(refused.value) == "it holds no backup with an id"


def test_a_single_backup_may_carry_a_message() -> None:
    assert decode_backup(json.dumps(row(message="Backup is being created.")).encode()).id == 501
