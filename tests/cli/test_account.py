import io
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.conftest import CANARY
from tests.terminal.program import Program
from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.session import Session


@pytest.fixture
def address(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> DemoService:
    """The demo service, named without its token."""
    monkeypatch.setenv("VPS_API_URL", demo.url)
    return demo


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def kept_files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_whoami_tells_whose_token_it_is(call: Call, service: DemoService) -> None:
    ended = call("whoami", "--json")
    assert ended.code == Exit.DONE
    assert json.loads(ended.out) == {
        "account": "default",
        "base_url": service.url,
        "email": "ops@example.com",
        "name": "Olivia Perez",
        "company": "Example Inc.",
        "token_name": "bastion",
        "permissions": ["servers:*"],
        "token_source": "environment",
    }
    assert "ops@example.com" in call("whoami", "--demo").out


def test_login_tests_the_token_and_says_where_it_is_kept(
    call: Call, address: DemoService, own_home: Path, token_may_be_in: set[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, f"{CANARY}\n")
    ended = call("login", "--token-stdin", "--store", "file")
    assert ended.code == Exit.DONE
    assert ended.out == ""
    assert "ops@example.com" in ended.err
    (kept,) = kept_files(own_home)
    token_may_be_in.add(kept)
    assert kept.name in ended.err
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert call("list").code == Exit.DONE

    removed = call("logout")
    assert removed.code == Exit.DONE
    assert kept.name in removed.err
    assert not kept.exists()
    assert call("list").code == Exit.NO_TOKEN
    assert "no token was kept" in call("logout").err


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401, times=None), Exit.NO_TOKEN),
        (Fault(status=403, times=None), Exit.REFUSED),
        (Fault(status=200, times=None, body=b"<html>"), Exit.UNREACHABLE),
    ],
)
def test_a_token_that_does_not_work_is_not_kept(
    call: Call, address: DemoService, own_home: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, code: Exit
) -> None:
    address.faults.add(fault)
    pipe(monkeypatch, CANARY)
    ended = call("login", "--token-stdin", "--store", "file")
    assert ended.code == code
    assert "Nothing was stored." in ended.err
    assert not kept_files(own_home)


@pytest.mark.parametrize("text", ["", "short", f"{CANARY} {CANARY}", f"“{CANARY}”", f"{CANARY}\0x", "x" * 20_000])
def test_what_can_not_be_a_token_is_refused_unseen(
    call: Call, address: DemoService, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    pipe(monkeypatch, text)
    assert call("login", "--token-stdin").code == Exit.NO_TOKEN
    assert not address.requests


def test_bytes_that_are_no_text_are_refused_unseen(address: DemoService) -> None:
    words = [sys.executable, "-m", "vpsbackup_tui", "login", "--token-stdin"]
    ended = subprocess.run(words, input=CANARY.encode() + b"\xff", capture_output=True)
    assert ended.returncode == Exit.NO_TOKEN
    assert CANARY.encode() not in ended.stderr


def test_without_a_keyring_nothing_is_kept_elsewhere_by_itself(
    call: Call, address: DemoService, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, CANARY)
    ended = call("login", "--token-stdin")
    assert ended.code == Exit.FAILED
    assert "--store file" in ended.err
    assert not kept_files(own_home)


def test_store_none_only_tests_the_token(
    call: Call, address: DemoService, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, CANARY)
    ended = call("login", "--token-stdin", "--store", "none")
    assert ended.code == Exit.DONE
    assert "not kept" in ended.err
    assert not kept_files(own_home)


def test_where_nobody_can_be_asked_login_names_the_other_way(call: Call, address: DemoService) -> None:
    ended = call("login", "--no-input")
    assert ended.code == Exit.USAGE
    assert "--token-stdin" in ended.err


def test_a_variable_that_comes_first_is_named(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, CANARY)
    assert "VPS_API_TOKEN is set" in call("login", "--token-stdin", "--store", "none").err


@pytest.mark.parametrize("answer", ["y", ""])
def test_on_a_terminal_the_token_is_typed_unseen_and_a_file_is_offered(
    address: DemoService, own_home: Path, token_may_be_in: set[Path], answer: str
) -> None:
    with Program(["login"], columns=120) as program:
        program.expect("(not shown)")
        program.send(CANARY + "\r")
        program.expect("plain text? [y/N]")
        program.send(answer + "\r")
        assert program.wait() == Exit.DONE
        assert CANARY.encode() not in program.output
    kept = kept_files(own_home)
    token_may_be_in.update(kept)
    assert len(kept) == (answer == "y")


def test_what_ends_the_question_for_a_token_is_said_on_a_line_of_its_own(address: DemoService) -> None:
    with Program(["login"], columns=120) as program:
        program.expect("(not shown)")
        program.send("\x03")
        assert program.wait() == 128 + signal.SIGINT
        assert program.text().splitlines()[1].startswith("vpsbackup-tui: stopped by SIGINT")


def test_the_demo_keeps_no_token(call: Call, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, CANARY)
    assert call("login", "--demo", "--token-stdin").code == Exit.NO_TOKEN
    assert "nothing is kept" in call("logout", "--demo").err
    assert not kept_files(own_home)


def test_logout_and_another_login_forget_the_lists_last_seen(
    call: Call, address: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(base_url=address.url, environ={})
    kept = Session(settings, Tokens(settings, {}), keep_lists=True).kept_lists
    assert kept is not None
    for words in (["logout"], ["login", "--token-stdin", "--store", "none"]):
        kept.keep(Fleet(), 1000.0)
        assert kept.read()
        pipe(monkeypatch, CANARY)
        assert call(*words).code == Exit.DONE
        assert kept.read() is None
