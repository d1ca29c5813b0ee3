import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.conftest import CANARY
from vpsbackup_tui.cli.doctor import without_login
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
        ("localhost,.example.com", "localhost,.example.com"),
    ],
)
def test_a_login_in_a_proxy_is_not_shown(url: str, shown: str) -> None:
    assert without_login(url) == shown
