import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from vpsbackup_tui.cli import reading
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault

DOCUMENTED = {
    "id": 900,
    "server": {"id": 12345, "name": "web-server-01"},
    "backup_type": "automatic",
    "status": "completed",
    "size_mb": 4523,
    "created_at": "2025-01-16T03:00:00Z",
    "expires_at": None,
    "description": "Automatic daily backup",
}


@pytest.fixture
def small(service: DemoService) -> DemoService:
    """The service with three backups, in no order."""
    service.service.clear_backups()
    for changes in (
        {"id": 501, "created_at": "2025-01-14T03:00:00Z", "size_mb": 10},
        {"id": 503, "created_at": "2025-01-16T03:00:00Z", "size_mb": None, "status": "in_progress"},
        {"id": 502, "created_at": "2025-01-15T03:00:00Z", "size_mb": 30, "backup_type": "manual", "description": "-1"},
    ):
        service.service.add_raw_backup(DOCUMENTED | changes)
    return service


def ids(call: Call, *words: str) -> list[object]:
    ended = call("list", "--json", *words)
    assert ended.code == Exit.DONE
    return [row["id"] for row in json.loads(ended.out)["results"]]


def test_json_is_exactly_what_scripts_rely_on(call: Call, small: DemoService) -> None:
    ended = call("list", "--json", "--limit", "1")
    expected = DOCUMENTED | {"id": 503, "size_mb": None, "status": "in_progress"}
    assert ended.out == json.dumps({"count": 1, "complete": True, "results": [expected]}) + "\n"
    assert ended.err == ""


def test_json_holds_raw_values_in_ascii(call: Call, small: DemoService) -> None:
    hostile = "\x1b]52;c;cm0gLXJm\x07\u202e [/x] büro"
    small.service.add_raw_backup(DOCUMENTED | {"id": 999, "description": hostile, "created_at": "2030-01-01T00:00:00Z"})
    ended = call("list", "--json")
    assert ended.out.isascii()
    assert "\x1b" not in ended.out
    assert json.loads(ended.out)["results"][0]["description"] == hostile


def test_an_empty_list_is_json_too(call: Call, service: DemoService) -> None:
    assert (
        call("list", "--json", "--filter", "nothing like it").out == '{"count": 0, "complete": true, "results": []}\n'
    )


def test_newest_come_first(call: Call, small: DemoService) -> None:
    assert ids(call) == [503, 502, 501]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--reverse"], [501, 502, 503]),
        (["--sort", "size"], [502, 501, 503]),
        (["--sort", "size", "--reverse"], [503, 501, 502]),
        (["--sort", "id"], [503, 502, 501]),
        (["--sort", "status"], [501, 502, 503]),
        (["--limit", "2"], [503, 502]),
        (["--type", "manual"], [502]),
        (["--type", "automatic"], [503, 501]),
        (["--status", "in_progress"], [503]),
        (["--status", "In Progress"], [503]),
        (["--filter", "daily AUTO"], [503, 501]),
        (["--filter", "daily", "--status", "completed"], [501]),
        (["--server", "12345"], [503, 502, 501]),
        (["--server", "WEB-SERVER-01"], [503, 502, 501]),
        (["--server", "db-server-01"], []),
    ],
)
def test_options_choose_and_order(call: Call, small: DemoService, words: list[str], expected: list[int]) -> None:
    assert ids(call, *words) == expected


def test_the_service_is_asked_only_for_what_is_wanted(call: Call, service: DemoService) -> None:
    ids(call, "--server", "web-server-01", "--type", "manual")
    asked = [seen.path for seen in service.requests if "/backups/" in seen.path]
    assert all("server_id=12345" in path and "backup_type=manual" in path for path in asked)


def test_a_server_that_does_not_exist_is_refused(call: Call, service: DemoService) -> None:
    ended = call("list", "--server", "nope")
    assert ended.code == Exit.REFUSED
    assert "there is no server nope" in ended.err


def test_a_server_without_a_name_is_not_all_servers(call: Call, service: DemoService) -> None:
    ended = call("list", "--server", "")
    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "there is no server without a name" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["create"],
        ["list", "--server"],
        ["delete", "--yes"],
        ["create", "web-server-01", "--account"],
        ["list", "--config"],
        ["create", "web-server-01", "--description"],
        ["delete", "520", "--yes", "--reason"],
    ],
)
def test_a_token_in_the_place_of_a_name_is_not_repeated(
    call: Call, service: DemoService, own_home: Path, words: list[str]
) -> None:
    ended = call(*words, "vps_4f9d2c81aa7be3605d")
    assert "4f9d2c81" not in ended.out + ended.err
    assert all(seen.method == "GET" for seen in service.requests)
    assert not [path for path in own_home.rglob("*") if "4f9d2c81" in path.name]


def test_a_table_is_for_people(call: Call, small: DemoService) -> None:
    ended = call("list")
    head, first, *_ = ended.out.splitlines()
    assert head.split() == [
        "ID",
        "SERVER",
        "TYPE",
        "STATUS",
        "SIZE",
        "CREATED",
        "(UTC)",
        "AGE",
        "EXPIRES",
        "DESCRIPTION",
    ]
    assert first.split()[:6] == ["503", "web-server-01", "automatic", "in", "progress", "–"]
    assert "  2025-01-16 03:00  " in first
    assert "\x1b" not in ended.out


def test_no_data_acts_on_the_terminal(call: Call, small: DemoService) -> None:
    small.service.add_raw_backup(DOCUMENTED | {"id": 999, "description": "\x1b[2J\u202e\x9b", "status": "\x1b]0;x\x07"})
    for words in (["list"], ["list", "--csv"], ["servers"], ["servers", "--csv"]):
        out = call(*words).out
        assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(out)


def test_csv_has_a_head_and_one_line_a_backup(call: Call, small: DemoService) -> None:
    rows = list(csv.reader(io.StringIO(call("list", "--csv").out)))
    assert ",".join(rows[0]) == "id,server_id,server_name,backup_type,status,size_mb,created_at,expires_at,description"
    assert rows[1][:6] == ["503", "12345", "web-server-01", "automatic", "in_progress", ""]
    assert rows[2][-1] == "'-1"


def test_an_incomplete_list_says_so(call: Call, small: DemoService) -> None:
    small.faults.add(Fault(path="/backups/", times=None, answer={"count": 7, "results": [DOCUMENTED]}))
    ended = call("list", "--json")
    assert ended.code == Exit.DONE
    assert json.loads(ended.out)["complete"] is False
    assert "1 of 7 shown" in ended.err


def test_servers_tell_what_is_backed_up(call: Call, service: DemoService) -> None:
    ended = call("servers", "--json")
    answer = json.loads(ended.out)
    assert list(answer) == ["count", "complete", "results"]
    assert answer["count"] == 12
    assert answer["complete"] is True
    web = next(row for row in answer["results"] if row["id"] == 12345)
    assert web["ip_address"].startswith("203.0.113.")
    assert web["newest_completed"]["server"] == {"id": 12345, "name": "web-server-01"}
    assert web["backup_count"] == json.loads(call("list", "--server", "12345", "--json").out)["count"]
    assert web["total_size_mb"] > 0


def test_servers_as_a_table(call: Call, service: DemoService) -> None:
    out = call("servers").out
    assert out.splitlines()[0].split()[:4] == ["ID", "SERVER", "STATUS", "BACKUPS"]
    assert "sandbox-01" in out


@pytest.mark.parametrize("how", ["hidden", "forbidden"])
def test_servers_come_from_the_backups_where_the_token_may_not_list_them(
    call: Call, service: DemoService, how: str
) -> None:
    getattr(service.service, how).add("servers")
    ended = call("servers", "--json")
    assert ended.code == Exit.DONE
    assert json.loads(ended.out)["count"] == 11
    assert "may not list servers" in ended.err
    assert call("list", "--server", "web-server-01").code == Exit.DONE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401, times=None), Exit.NO_TOKEN),
        (Fault(status=403, times=None, body={"detail": "Not for you."}), Exit.REFUSED),
        (Fault(status=400, times=None), Exit.REFUSED),
        (Fault(status=200, times=None, body=b"<html>Sign in to the hotel</html>"), Exit.UNREACHABLE),
        (Fault(status=302, times=None, headers={"Location": "http://127.0.0.1:1/x"}), Exit.UNREACHABLE),
    ],
)
def test_a_read_that_fails_tells_how(call: Call, service: DemoService, fault: Fault, code: Exit) -> None:
    service.faults.add(fault)
    ended = call("list", "--json")
    assert ended.code == code
    assert ended.out == ""
    assert ended.err.startswith("vpsbackup-tui: ")


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_long_list_goes_on_after_the_wait_that_the_service_asks_for_where_that_can_be_seen(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch, is_seen: bool
) -> None:
    waits: list[float] = []

    async def pass_at_once(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(reading, "sleep", pass_at_once)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_seen)
    monkeypatch.setenv("TERM", "xterm")
    service.service.largest_page = 5
    service.faults.add(Fault(path="backups/?page_size=100&page=2", status=429, headers={"Retry-After": "55"}))
    ended = call("list", "--json")
    if is_seen:
        assert (ended.code, json.loads(ended.out)["count"]) == (0, len(service.service.backups()))
        assert waits == [55]
    else:
        assert "Wait 55 s." in ended.err
        assert (ended.out, waits) == ("", [])


def test_a_service_that_can_not_be_reached_is_4(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPS_API_TOKEN", "vps_anything_at_all")
    monkeypatch.setenv("VPS_API_URL", "http://127.0.0.1:1/api/v1")
    assert call("list").code == Exit.UNREACHABLE


def test_a_ca_file_that_is_missing_is_4_and_names_its_variable(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPS_API_TOKEN", "vps_anything_at_all")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    ended = call("list")
    assert ended.code == Exit.UNREACHABLE
    assert "SSL_CERT_FILE" in ended.err


def test_no_token_is_3_and_says_what_to_do(call: Call, demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPS_API_URL", demo.url)
    ended = call("list")
    assert ended.code == Exit.NO_TOKEN
    assert "login" in ended.err
    assert not demo.requests


@pytest.mark.parametrize(
    "words", [["--base-url", "http://example.com"], ["--config", "/nowhere.toml"], ["--account", "a/b"]]
)
def test_settings_that_can_not_be_used_are_2(call: Call, service: DemoService, words: list[str]) -> None:
    ended = call("list", *words)
    assert ended.code == Exit.USAGE
    assert not service.requests


def test_no_file_is_not_the_usual_one(call: Call, service: DemoService) -> None:
    ended = call("list", "--config", "")
    assert ended.code == Exit.USAGE
    assert "--config names no file" in ended.err


def test_the_demo_needs_no_token_and_keeps_nothing(call: Call, own_home: object) -> None:
    ended = call("list", "--demo", "--json")
    assert ended.code == Exit.DONE
    assert json.loads(ended.out)["count"] > 300
