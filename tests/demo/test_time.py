"""What changes as the service's clock goes on, and what its lists show late."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.conftest import NOON, Clock
from tests.demo.conftest import Ask
from vpsbackup_tui.demo import DemoService

DAY = 86400.0


def ids(ask: Ask, query: str = "page_size=100") -> list[int]:
    return [row["id"] for row in ask("GET", f"/backups/?{query}").json["results"]]


def test_a_created_backup_completes_with_a_believable_size(ask: Ask, demo: DemoService, clock: Clock) -> None:
    made = ask("POST", "/backups/", {"server_id": 12345}).json["id"]
    clock.advance(demo.service.backup_seconds - 0.1)
    assert ask("GET", "/backups/").json["results"][0]["status"] == "in_progress"
    clock.advance(0.1)
    row = ask("GET", "/backups/").json["results"][0]
    assert (row["id"], row["status"], row["expires_at"]) == (made, "completed", None)
    last_night = demo.service.backups(12345)[-2].size_mb
    assert last_night is not None
    assert 0.9 < row["size_mb"] / last_night < 1.1


def test_a_running_backup_can_be_made_to_fail(ask: Ask, demo: DemoService, clock: Clock) -> None:
    made = ask("POST", "/backups/", {"server_id": 12345}).json["id"]
    demo.service.change_backup(made, status="failed", ready=None)
    clock.advance(60)
    row = ask("GET", "/backups/").json["results"][0]
    assert (row["status"], row["size_mb"]) == ("failed", None)


def test_a_restore_shows_on_its_server_and_then_no_longer(ask: Ask, demo: DemoService, clock: Clock) -> None:
    def status() -> str:
        return str(ask("GET", "/servers/").json["results"][0]["status"])

    ask("POST", "/servers/12345/restore/", {"backup_id": demo.service.backups(12345)[-1].id})
    assert status() == "restoring"
    clock.advance(demo.service.restore_seconds)
    assert status() == "active"


def test_each_night_makes_backups_and_drops_those_that_have_expired(ask: Ask, clock: Clock) -> None:
    before = ask("GET", "/backups/?server_id=12345&backup_type=automatic&page_size=100").json["results"]
    clock.advance(15 * 3600)
    after = ask("GET", "/backups/?server_id=12345&backup_type=automatic&page_size=100").json["results"]
    assert after[0]["created_at"] == "2025-01-17T03:00:00Z"
    assert after[0]["id"] > before[0]["id"]
    assert after[1:] == before[:-1]
    clock.advance(400 * DAY)
    kept = ask("GET", "/backups/?server_id=12345&backup_type=automatic&page_size=100").json["results"]
    assert len(kept) == 31
    now = datetime.fromtimestamp(clock.now, UTC).isoformat()
    assert all(row["expires_at"] > now for row in kept)


def test_servers_that_are_no_longer_backed_up_stay_so(ask: Ask, clock: Clock) -> None:
    stopped = "server_id=12352&backup_type=automatic&page_size=100"
    newest = ids(ask, stopped)[0]
    clock.advance(3 * DAY)
    assert ids(ask, stopped)[0] == newest
    assert ids(ask, "server_id=12356") == []


def test_the_date_header_is_by_the_services_clock(ask: Ask, clock: Clock) -> None:
    clock.advance(90)
    assert parsedate_to_datetime(ask("GET", "/backups/").headers["Date"]).timestamp() == NOON + 90


def test_changes_show_so_many_lists_late(ask: Ask, demo: DemoService) -> None:
    before = ids(ask)
    demo.service.lag.lists = 2
    made = ask("POST", "/backups/", {"server_id": 12345}).json["id"]
    assert ask("DELETE", f"/backups/{before[0]}/").status == 204
    assert [ids(ask), ids(ask)] == [before, before]
    assert ids(ask)[:2] == [made, before[1]]


def test_changes_show_so_many_seconds_late(ask: Ask, demo: DemoService, clock: Clock) -> None:
    before = ids(ask)
    demo.service.lag.seconds = 20
    made = ask("POST", "/backups/", {"server_id": 12345}).json["id"]
    ask("DELETE", f"/backups/{before[0]}/")
    assert ids(ask) == before
    assert ask("DELETE", f"/backups/{before[0]}/").status == 404
    clock.advance(20)
    assert ids(ask)[:2] == [made, before[1]]
