"""Records as `--json` prints them: the service's own field names, and the values it sent."""

import pytest
from msgspec import structs

from vpsbackup_tui.fleet.models import Account, Server

SERVER = Server(
    id=7, name="web", hostname="web.example", status="active", addresses=("203.0.113.1", "2001:db8::1"),
    location="Paris", plan="small", os="Debian", created_at="2025-01-01T00:00:00Z",
)  # fmt: skip


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
