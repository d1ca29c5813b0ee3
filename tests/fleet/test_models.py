"""Records as `--json` prints them: the service's own field names, and the values it sent."""

import pytest
from msgspec import structs

from vpsbackup_tui.fleet.models import Account, Backup, Server, server_word

SERVER = Server(
    id=7, name="web", hostname="web.example", status="active", addresses=("203.0.113.1", "2001:db8::1"),
    location="Paris", plan="small", os="Debian", created_at="2025-01-01T00:00:00Z",
)  # fmt: skip


@pytest.mark.parametrize(("name", "word"), [("web", "web"), ("my web", "“my web”"), ("", "#7")])
def test_a_server_is_called_by_its_name_in_a_sentence_or_by_its_id(name: str, word: str) -> None:
    assert server_word(7, name) == word


@pytest.mark.parametrize(("addresses", "shown"), [(("203.0.113.1", "2001:db8::1"), "203.0.113.1"), ((), None)])
def test_the_record_of_a_server_is_exactly_this(addresses: tuple[str, ...], shown: str | None) -> None:
    server = structs.replace(SERVER, addresses=addresses)
    assert server.record() == {
        "id": 7,
        "name": "web",
        "hostname": "web.example",
        "status": "active",
        "ip_address": shown,
        "location": "Paris",
        "plan": "small",
        "os": "Debian",
        "created_at": "2025-01-01T00:00:00Z",
    }


def test_the_record_of_a_backup_is_exactly_this() -> None:
    backup = Backup(
        id=501, server_id=7, server_name="web", type="manual", status="completed", size_mb=4523,
        created_at="2025-01-16T03:00:00Z", expires_at="2025-02-16T03:00:00Z", description="before",
    )  # fmt: skip
    assert backup.record() == {
        "id": 501,
        "server": {"id": 7, "name": "web"},
        "backup_type": "manual",
        "status": "completed",
        "size_mb": 4523,
        "created_at": "2025-01-16T03:00:00Z",
        "expires_at": "2025-02-16T03:00:00Z",
        "description": "before",
    }


@pytest.mark.parametrize("record", [Backup(id=501), SERVER])
def test_what_the_service_sent_in_another_shape_is_in_the_record_as_it_sent_it(record: Backup | Server) -> None:
    sent = structs.replace(record, raw={"size_mb": "4 GB", "id": "501"}).record()
    assert sent == structs.replace(record, raw=None).record() | {"size_mb": "4 GB", "id": "501"}


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ((), False),
        (("servers:read",), True),
        (("Servers:READ", "backups:read"), True),
        (("servers:read", "servers:*"), False),
        (("*:*",), False),
        (("read",), False),
    ],
)
def test_a_token_may_only_read_where_all_that_it_is_said_to_do_is_reading(
    permissions: tuple[str, ...], expected: bool
) -> None:
    assert Account(permissions=permissions).may_only_read is expected
