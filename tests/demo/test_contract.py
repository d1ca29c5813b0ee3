"""The documented examples, field by field and code by code."""

from tests.conftest import Clock
from tests.demo.conftest import Ask
from vpsbackup_tui.demo import DemoService

BACKUP = ["id", "server", "backup_type", "status", "size_mb", "created_at", "expires_at", "description"]
SERVER = [
    "id", "name", "hostname", "status", "ip_address", "location", "plan", "os", "created_at", "updated_at",
]  # fmt: skip


def test_a_list_of_backups_has_the_documented_fields(ask: Ask) -> None:
    reply = ask("GET", "/backups/")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert set(reply.json) == {"count", "next", "previous", "results"}
    for row in reply.json["results"]:
        assert list(row) == BACKUP
        assert list(row["server"]) == ["id", "name"]


def test_times_are_utc_and_sizes_are_whole_megabytes(ask: Ask) -> None:
    row = ask("GET", "/backups/?server_id=12345&backup_type=automatic").json["results"][0]
    assert row["created_at"] == "2025-01-16T03:00:00Z"
    assert row["expires_at"] == "2025-02-16T03:00:00Z"
    assert row["server"] == {"id": 12345, "name": "web-server-01"}
    assert type(row["size_mb"]) is int


def test_filters_narrow_the_list(ask: Ask) -> None:
    everything = ask("GET", "/backups/").json["count"]
    counts = [ask("GET", f"/backups/?backup_type={type_}").json["count"] for type_ in ("manual", "automatic")]
    assert sum(counts) == everything
    assert min(counts) > 0
    one = ask("GET", "/backups/?server_id=12346&backup_type=manual&page_size=100").json["results"]
    assert {(row["server"]["id"], row["backup_type"]) for row in one} == {(12346, "manual")}
    assert ask("GET", "/backups/?server_id=1").json["results"] == []


def test_bad_filters_are_400_by_their_names(ask: Ask) -> None:
    for query, name in (("server_id=web", "server_id"), ("backup_type=weekly", "backup_type")):
        reply = ask("GET", f"/backups/?{query}")
        assert reply.status == 400
        assert list(reply.json) == [name]
        assert isinstance(reply.json[name][0], str)


def test_a_created_backup_is_in_progress_without_size_or_expiry(ask: Ask) -> None:
    reply = ask("POST", "/backups/", {"server_id": 12345, "description": "Pre-deployment backup"})
    assert reply.status == 201
    made = reply.json
    assert list(made) == [*BACKUP, "message"]
    assert made["message"] == ("Backup is being created. This may take several minutes depending on server size.")
    assert made["server"] == {"id": 12345, "name": "web-server-01"}
    assert (made["backup_type"], made["status"], made["description"]) == (
        "manual", "in_progress", "Pre-deployment backup",
    )  # fmt: skip
    assert (made["size_mb"], made["expires_at"], made["created_at"]) == (None, None, "2025-01-16T12:00:00Z")
    assert ask("GET", "/backups/").json["results"][0]["id"] == made["id"]


def test_a_description_is_optional_and_kept_as_it_is(ask: Ask) -> None:
    assert ask("POST", "/backups/", {"server_id": 12345}).json["description"] == ""
    odd = "  “é [/x] \x1b[2J\u202e "
    assert ask("POST", "/backups/", {"server_id": 12345, "description": odd}).json["description"] == odd


def test_a_whole_number_may_be_written_as_a_fraction(ask: Ask) -> None:
    made = ask("POST", "/backups/", b'{"server_id": 12345.0}')
    assert (made.status, made.json["server"]["id"]) == (201, 12345)
    assert ask("POST", "/backups/", b'{"server_id": 12345.5}').status == 400


def test_a_bad_create_is_400_and_one_of_no_server_404(ask: Ask, demo: DemoService) -> None:
    before = len(demo.service.backups())
    for fields, name in (
        ({}, "server_id"),
        ({"server_id": None}, "server_id"),
        ({"server_id": "web"}, "server_id"),
        ({"server_id": True}, "server_id"),
        ({"server_id": 12345, "description": 5}, "description"),
        ({"server_id": 12345, "description": "x" * 256}, "description"),
        ([], "non_field_errors"),
    ):
        reply = ask("POST", "/backups/", fields)
        assert reply.status == 400
        assert list(reply.json) == [name]
    assert ask("POST", "/backups/", b"{").json["detail"].startswith("JSON parse error")
    gone = ask("POST", "/backups/", {"server_id": 1})
    assert (gone.status, gone.json) == (404, {"detail": "Not found."})
    assert len(demo.service.backups()) == before


def test_a_delete_is_204_without_a_body_and_then_404(ask: Ask) -> None:
    victim = ask("GET", "/backups/").json["results"][0]["id"]
    reply = ask("DELETE", f"/backups/{victim}/")
    assert (reply.status, reply.body) == (204, b"")
    assert ask("DELETE", f"/backups/{victim}/").status == 404
    assert victim not in [row["id"] for row in ask("GET", "/backups/").json["results"]]
    assert ask("DELETE", f"/backups/{'9' * 5000}/").status == 404


def test_a_backup_in_progress_is_not_deleted(ask: Ask) -> None:
    made = ask("POST", "/backups/", {"server_id": 12345}).json["id"]
    reply = ask("DELETE", f"/backups/{made}/")
    assert reply.status == 409
    assert "in progress" in reply.json["detail"]


def test_a_restore_is_taken_on_once_at_a_time(ask: Ask, demo: DemoService, clock: Clock) -> None:
    backup = demo.service.backups(12345)[-1].id
    reply = ask("POST", "/servers/12345/restore/", {"backup_id": backup})
    assert reply.status == 202
    assert isinstance(reply.json["message"], str)
    assert ask("POST", "/servers/12345/restore/", {"backup_id": backup}).status == 409
    clock.advance(demo.service.restore_seconds)
    assert ask("POST", "/servers/12345/restore/", {"backup_id": backup}).status == 202


def test_only_a_completed_backup_of_the_same_server_is_restored(ask: Ask, demo: DemoService) -> None:
    failed = next(each for each in demo.service.backups() if each.status == "failed")
    other = demo.service.backups(12345)[-1]
    for fields in ({}, {"backup_id": "x"}, {"backup_id": failed.id}, {"backup_id": other.id}):
        reply = ask("POST", f"/servers/{failed.server_id}/restore/", fields)
        assert reply.status == 400
        assert list(reply.json) == ["backup_id"]
    assert ask("POST", "/servers/12345/restore/", {"backup_id": 1}).status == 404
    assert ask("POST", "/servers/1/restore/", {"backup_id": other.id}).status == 404
    assert {row.status for row in demo.service.servers()} == {"active", "stopped", "suspended"}


def test_servers_have_the_documented_fields_and_filters(ask: Ask) -> None:
    everything = ask("GET", "/servers/").json
    assert everything["count"] == 12
    for row in everything["results"]:
        assert list(row) == SERVER
        assert list(row["plan"]) == ["id", "name", "vcpus", "memory", "storage"]
        assert list(row["os"]) == ["id", "name"]
    assert {row["status"] for row in ask("GET", "/servers/?status=stopped").json["results"]} == {"stopped"}
    west = ask("GET", "/servers/?location=us-west&status=active").json["results"]
    assert {(row["location"], row["status"]) for row in west} == {("us-west", "active")}


def test_the_account_tells_whose_token_it_is(ask: Ask) -> None:
    told = ask("GET", "/account/me/").json
    assert list(told["account"]) == ["email", "first_name", "last_name", "company_name", "created_at"]
    assert told["token"]["permissions"] == ["servers:*"]


def test_a_suspended_server_is_not_backed_up_on_request(ask: Ask, demo: DemoService) -> None:
    suspended = next(server for server in demo.service.servers() if server.status == "suspended")
    assert ask("POST", "/backups/", {"server_id": suspended.id}).status == 409
    assert ask("POST", "/backups/").status == 400
