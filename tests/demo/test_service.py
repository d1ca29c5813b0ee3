"""What a test may do behind the clients' backs, and how the service starts and stops."""

import socket
import threading
from http.client import RemoteDisconnected
from typing import Any

import pytest

from tests.conftest import CANARY
from tests.demo.conftest import Ask, Client
from vpsbackup_tui.demo import DemoService

HOSTILE = "\x1b]52;c;cm0=\x07[/x] [@click=app.quit]\u202e\ud800"


def test_servers_and_backups_can_be_added_changed_and_removed(ask: Ask, demo: DemoService) -> None:
    server = demo.service.add_server(HOSTILE, location="eu-central")
    backup = demo.service.add_backup(server, description=HOSTILE, status="frozen", size_mb=None)
    (row,) = ask("GET", f"/backups/?server_id={server}").json["results"]
    assert (row["id"], row["server"]["name"], row["description"], row["status"]) == (backup, HOSTILE, HOSTILE, "frozen")
    demo.service.change_server(server, name="calm")
    demo.service.change_backup(backup, status="completed")
    (row,) = ask("GET", f"/backups/?server_id={server}").json["results"]
    assert (row["server"]["name"], row["status"]) == ("calm", "completed")
    demo.service.remove_server(server)
    assert ask("GET", f"/backups/?server_id={server}").json["results"][0]["server"] == {"id": server, "name": ""}
    demo.service.delete(backup)
    assert ask("DELETE", f"/backups/{backup}/").status == 404


def test_raw_rows_are_listed_as_they_are_and_before_all_others(ask: Ask, demo: DemoService) -> None:
    odd: list[dict[str, Any]] = [
        {"id": 900, "server": None},
        {"uuid": "a-1", "server": {"id": 12345}, "size_mb": "much"},
        {},
    ]
    for row in odd:
        demo.service.add_raw_backup(row)
    demo.service.add_raw_server({"uuid": "s-1", "hostname": HOSTILE})
    assert ask("GET", "/backups/").json["results"][:3] == odd
    assert ask("GET", "/backups/?server_id=12345").json["results"][0] == odd[1]
    assert ask("GET", "/servers/").json["results"][0] == {"uuid": "s-1", "hostname": HOSTILE}


def test_raw_rows_can_be_worked_with_by_their_own_ids(ask: Ask, demo: DemoService) -> None:
    demo.service.add_raw_server({"uuid": "s-1"})
    demo.service.add_raw_backup({"uuid": "a-1", "server": {"uuid": "s-1"}})
    made = ask("POST", "/backups/", {"server_id": "s-1"})
    assert (made.status, made.json["server"]["id"]) == (201, "s-1")
    rows = ask("GET", "/backups/?server_id=s-1").json["results"]
    assert [row.get("id", row.get("uuid")) for row in rows] == ["a-1", made.json["id"]]
    assert ask("POST", "/servers/s-1/restore/", {"backup_id": "a-1"}).status == 202
    assert ask("DELETE", "/backups/a-1/").status == 204
    assert ask("DELETE", "/backups/a-1/").status == 404


def test_a_fleet_can_be_emptied_and_be_empty(ask: Ask, demo: DemoService) -> None:
    demo.service.clear_backups()
    assert ask("GET", "/backups/").json == {"count": 0, "next": None, "previous": None, "results": []}
    with DemoService(servers=0) as nothing, DemoService(servers=0, backups=50) as still_nothing:
        assert nothing.service.backups() == still_nothing.service.backups() == []


def test_many_clients_at_once_are_all_served(demo: DemoService) -> None:
    made: list[int] = []

    def create() -> None:
        client = Client(demo)
        made.extend(client.ask("POST", "/backups/", {"server_id": 12345}).json["id"] for _ in range(10))
        client.connection.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == 80


def test_a_token_looks_like_the_services_and_differs_each_time() -> None:
    with DemoService() as one, DemoService() as other:
        assert one.token.startswith("vps_")
        assert one.token != other.token


def test_it_listens_on_loopback_only_and_on_the_port_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        DemoService(port=taken.getsockname()[1])
    with DemoService() as demo:
        port = int(demo.url.split(":")[2].split("/")[0])
        client = Client(demo)
        assert client.ask("GET", "/backups/", token=f"Bearer {demo.token}").status == 200
    client.connection.close()
    # Again, though the system still remembers that connection, which the service has ended.
    with DemoService(port=port) as again:
        assert again.url == demo.url == f"http://127.0.0.1:{port}/api/v1"


def test_stopping_drops_open_connections_and_ends_the_thread() -> None:
    with DemoService() as demo:
        client = Client(demo)
        assert client.ask("GET", "/backups/", token=f"Bearer {demo.token}").status == 200
    client.connection.sock.settimeout(5)
    assert client.connection.sock.recv(1) == b""
    client.connection.close()
    assert not any(thread.name == "demo" for thread in threading.enumerate())


def test_a_bug_of_the_service_is_kept_and_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with DemoService(token=CANARY) as demo:
        demo.service.change_server(12345, plan=99)
        with pytest.raises(RemoteDisconnected):
            Client(demo).ask("GET", "/servers/")
        assert [type(error) for error in demo.errors] == [IndexError]
    assert capfd.readouterr() == ("", "")


def test_nothing_is_written_to_the_terminal(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    ask("GET", "/backups/")
    ask("GET", "/nowhere/", token=None)
    assert capfd.readouterr() == ("", "")
