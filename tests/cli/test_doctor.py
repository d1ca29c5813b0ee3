import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.conftest import CANARY
from vpsbackup_tui.cli.doctor import NOT_SHOWN, only_hosts, without_login
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui.widths.kinds import Widths
from vpsbackup_tui.ui.widths.remembered import FILE, Kept, remember, terminal_at_hand


def test_doctor_tells_what_it_finds_and_names_nobody(
    call: Call, service: DemoService, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://olivia:secret@proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ended = call("doctor", "--json")
    assert ended.code == Exit.DONE
    found = json.loads(ended.out)
    assert list(found) == ["program", "settings", "token", "service", "network", "terminal"]
    assert found["settings"]["base_url"] == service.url
    assert found["settings"]["state_dir"].startswith("~/")
    assert found["service"]["answer"].startswith("good")
    assert found["network"]["HTTPS_PROXY"] == "http://***@proxy.example.com:3128"
    for private in (str(own_home), "olivia", "secret", "ops@example.com"):
        assert private not in ended.out
    text = call("doctor")
    assert text.code == Exit.DONE
    assert "httpx" in text.out


def test_doctor_tells_how_wide_letters_are_where_the_screen_has_asked(
    call: Call, service: DemoService, own_home: Path
) -> None:
    assert "not measured here" in call("doctor").out
    kept = Kept(Widths(flags=2), 20_000)
    remember(own_home / ".local/state/vpsbackup-tui" / FILE, terminal_at_hand(os.environ, "utf-8"), kept)
    found = json.loads(call("doctor", "--json").out)
    assert found["terminal"]["letters"].startswith("wide 2, emoji 2, marks 0, spacing marks 1")
    assert found["terminal"]["letters"].endswith("flags 2")


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault(status=401, times=None), Exit.NO_TOKEN), (Fault(status=200, body=b"?", times=None), 4)]
)
def test_doctor_ends_as_its_request_did(call: Call, service: DemoService, fault: Fault, code: int) -> None:
    service.faults.add(fault)
    ended = call("doctor")
    assert ended.code == code
    assert "answer" in ended.out


def test_doctor_asks_nothing_without_a_token(call: Call, demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPS_API_URL", demo.url)
    ended = call("doctor")
    assert ended.code == Exit.NO_TOKEN
    assert "there is no token" in ended.out
    assert not demo.requests


def test_doctor_goes_on_where_the_settings_are_wrong(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPS_API_URL", "gopher://example.com")
    ended = call("doctor", "--json")
    assert ended.code == Exit.USAGE
    assert "VPS_API_URL" in json.loads(ended.out)["problem"]["message"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:word@host:1", "http://***@host:1"),
        (f"http://{CANARY}@host", "http://***@host"),
        ("user:word@host:1", "***@host:1"),
        ("http://host:1", "http://host:1"),
        ("http://a@b@host", "http://***@host"),
        ("http://user:wo/rd@host:1", "http://***@host:1"),
        ("http://user:wo//rd@host:1", "http://***@host:1"),
        ("http://user:wo\nrd@host:1", "http://***@host:1"),
        ("http://user:word@[::1]:1/", "http://***@[::1]:1/"),
        ("user:wo/rd@host:1", "***@host:1"),
        ("user://wo/rd@host", "***@host"),
        ("http:/user:word@host", "***@host"),
        ("SOCKS5h://user:word@host:99999", "SOCKS5h://***@host:99999"),
        ("https://", "https://"),
        ("word@", "***@"),
        ("", ""),
        (" proxy_1.example.com:3128/ ", "proxy_1.example.com:3128/"),
        ("http://user:word@[::1", NOT_SHOWN),
        ("http://user:word@host:port", NOT_SHOWN),
        ("http://user:word@host/word", NOT_SHOWN),
        ("http://host/?login=word", NOT_SHOWN),
        ("http://user:word", NOT_SHOWN),
        ("::garbage word", NOT_SHOWN),
        ("localhost,.example.com", NOT_SHOWN),
    ],
)
def test_a_login_in_a_proxy_is_not_shown(url: str, shown: str) -> None:
    assert without_login(url) == shown


@pytest.mark.parametrize(
    "hosts", ["", "*", "localhost, .example.com:443 *.a_b.example", "[::1]:8443,10.0.0.0/8,bücher.de"]
)
def test_hosts_without_a_proxy_are_shown(hosts: str) -> None:
    assert only_hosts(hosts) == hosts


@pytest.mark.parametrize(
    "value",
    [
        "http://user:word@host:1",
        "user:word@host",
        "user:word",
        "::garbage word",
        "a.example,user:wo//rd",
        "a.example\nuser:wo//rd",
        "host?word",
    ],
)
def test_what_is_no_list_of_hosts_is_not_shown(value: str) -> None:
    assert only_hosts(value) == NOT_SHOWN


def test_doctor_shows_no_login_of_any_variable(call: Call, demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPS_API_URL", demo.url)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "http:/olivia:se/cret@proxy.example")
    ended = call("doctor", "--json")
    shown = json.loads(ended.out)["network"]
    assert {shown[name] for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")} == {"***@proxy.example"}
    assert {shown[name] for name in ("no_proxy", "NO_PROXY")} == {NOT_SHOWN}
    for private in ("olivia", "cret"):
        assert private not in ended.out


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "TERM"])
@pytest.mark.parametrize("token", ["vps_A1b2C3d4E5f6G7h8J9k0", "allsmalllettersareatokentoo"])
def test_doctor_shows_the_token_in_use_in_no_variable(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch, name: str, token: str
) -> None:
    monkeypatch.setenv("VPS_API_TOKEN", token)
    monkeypatch.setenv(name, token)
    ended = call("doctor")
    assert token not in ended.out + ended.err
    assert name in ended.out
