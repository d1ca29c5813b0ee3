"""A bug anywhere in a command ends it in one line with code 70, and nothing repeats the token that it held."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CANARY
from tests.crashes.planting import Planted, check_hidden, check_told, reports_in, without_sequences
from tests.terminal.program import Program
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault

_COMMAND = [sys.executable, "-m", "vpsbackup_tui"]
BUGS = {
    "list": [
        "start.skeleton:show",
        "start.garbage:leave",
        "start.skeleton:remove",
        "start.signals:hearing_signals",
        "cli.main:",
        "cli.main:_never_fail_to_encode",
        "cli.parser:parse",
        "cli.listing:",
        "accounts.hardening:harden_process",
        "accounts.settings:load_settings",
        "accounts.config_file:read_config",
        "accounts.tokens:_given_token",
        "accounts.tokens:Tokens.find",
        "accounts.tokens:Tokens.find!CancelledError",
        "cli.output:say!GeneratorExit",
        "cli.parser:parse!MemoryError",
        "session:Session.__init__",
        "session:Session.connect",
        "session:Session.aclose",
        "api.tls:trusting_nobody",
        "api.transport:",
        "api.transport:Transport.__init__",
        "api.transport:Transport._new_client",
        "api.transport:_BearerAuth.auth_flow",
        "api.transport:_Progress.watch@2",
        "api.transport:_without_token",
        "api.leftovers:nothing_follows",
        "httpx:AsyncClient.aclose",
        "secret:Token.hide",
        "api.paging:Reader._take@2",
        "api.documented:read_documented",
        "threads:DaemonThreads.shutdown",
        "cli.work:_woken_by_signals",
        "cli.work:Work._close",
        "cli.table:table_lines",
        "cli.output:say",
        "cli.output:flush",
    ],
    "list --json": ["cli.output:print_json", "fleet.models:Backup.record"],
    "list --csv": ["cli.output:print_csv"],
    "list --filter web --sort size": ["fleet.search:Search.containing", "fleet.index:Fleet._ordered"],
    "servers": ["api.decode:decode_servers", "fleet.index:Fleet.newest_completed"],
    "whoami": ["api.decode:decode_account"],
    "doctor": ["cli.doctor:_network", "accounts.tokens:Tokens.describe", "ui.widths.remembered:recall"],
    "history": ["operations.ledger:Ledger.history", "cli.history:_tell_of_open"],
    "logout": ["kept_lists:KeptLists.forget", "accounts.tokens:Tokens.forget"],
    "completion bash": ["cli.completion:completion"],
    "demo-server": ["cli.serve:serve", "demo.server:DemoService.__enter__"],
}
"""The places of the bugs, by the command that comes to them."""
AROUND_A_CHANGE = {
    ("create 12345", ""): [
        "session:Session.learn_account",
        "cli.change:_check_words",
        "store.journal:Journal._open",
        "operations.engine:Operations.create",
    ],
    ("create 12345", "not sent"): [
        "operations.engine:Operations._prepared",
        "operations.ledger:Ledger.begin",
        "store.journal:Journal.begin",
        "operations.looks:Looks.complete_list",
        "operations.looks:Looks.complete_list!CancelledError",
        "store.journal:Journal.claim",
    ],
    ("create 12345", "not known yet"): [
        "operations.changes:Create.send",
        "api.transport:Transport.send_once",
        "operations.rules:answered",
    ],
    ("create 12345", "started"): [
        "operations.engine:Operations._settle",
        "operations.engine:Operations._settle!CancelledError",
        "operations.ledger:Ledger.keep",
        "store.journal:Journal.write",
        "cli.telling:Telling.tell",
        "cli.verdicts:code_of_all",
    ],
    ("delete 518 --yes", ""): ["cli.questions:confirm_delete"],
    ("delete 518 --yes", "not sent"): ["operations.engine:Operations._ended_here"],
    ("delete 518 --yes", "not known yet"): ["operations.changes:Delete.send"],
    ("delete 518 --yes", "done"): ["operations.engine:Operations._settle"],
    ("restore 518 --yes", "started"): ["operations.engine:Operations._acknowledge"],
}
"""The same for a change, by what is to be told of it: nothing where it has not begun."""
BUGS_IN_TELLING_BUGS = [
    ("cli.report:", " (ZeroDivisionError)"),
    ("cli.report:write_report", " (ZeroDivisionError)"),
    ("cli.report:_shown", " (ZeroDivisionError)"),
    ("cli.bug:", ""),
    ("cli.bug:tell_bug", ""),
]
WHERE_TOKENS_ARE_KEPT = [
    ("keyring", "accounts.keyring_client:Keyring._reply"),
    ("keyring", "accounts.child:_converse"),
    ("command", "accounts.token_command:_token"),
    ("command", "accounts.child:_converse"),
    ("nowhere", "accounts.token_file:TokenFile.read"),
]


def run(planted: Planted, command: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a bug in it; nothing that it writes shows the token, or a traceback."""
    environment = {**os.environ, **planted.environment}
    options.setdefault("input", "")
    words = [*_COMMAND, *command.split()]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, **options)  # type: ignore[call-overload]
    check_hidden(Path.home(), ended.stdout, ended.stderr)
    assert planted.is_reached, ended.stderr
    return ended  # type: ignore[no-any-return]


def kind_of(place: str) -> str:
    """Return the name of what is raised at a place."""
    return place.partition("!")[2] or "ZeroDivisionError"


def around_a_change() -> list[tuple[str, str, str]]:
    """Return each command that changes something, what is to be told of that, and one of its bugs."""
    return [(command, told, place) for (command, told), places in AROUND_A_CHANGE.items() for place in places]


@pytest.mark.parametrize(("command", "place"), [(command, each) for command, places in BUGS.items() for each in places])
def test_a_bug_in_a_command_ends_it_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, command: str, place: str
) -> None:
    ended = run(Planted(place, tmp_path), command)
    assert ended.returncode == Exit.BUG
    check_told(ended.stderr, own_home, kind=kind_of(place))


@pytest.mark.parametrize(("command", "told", "place"), around_a_change())
def test_a_bug_around_a_change_hides_nothing_of_its_outcome(
    service: DemoService, own_home: Path, tmp_path: Path, command: str, told: str, place: str
) -> None:
    ended = run(Planted(place, tmp_path), command)
    assert ended.returncode == Exit.BUG
    before = ["warning: "] if command.startswith("restore") else []
    before += [f"^vpsbackup-tui: {told}: "] if told else []
    check_told(ended.stderr, own_home, *before, kind=kind_of(place))
    sent = [each.method for each in service.requests if each.method != "GET"]
    assert len(sent) in {"": [0], "not sent": [0], "not known yet": [0, 1]}.get(told, [1])
    if sent:
        history = subprocess.run([*_COMMAND, "history", "--json"], capture_output=True, text=True, timeout=30)
        (kept,) = json.loads(history.stdout)["results"]
        assert kept["outcome"] in ("done", "unknown")


@pytest.mark.parametrize(("place", "words"), BUGS_IN_TELLING_BUGS)
def test_a_bug_in_telling_a_bug_tells_less_and_nothing_that_it_holds(
    service: DemoService, own_home: Path, tmp_path: Path, place: str, words: str
) -> None:
    ended = run(Planted(f"start.garbage:leave {place}", tmp_path), "list")
    assert ended.returncode == Exit.BUG
    assert ended.stderr == f"vpsbackup-tui: this is a bug in this program{words}\n"
    assert not reports_in(own_home)


@pytest.mark.parametrize(("kept_in", "place"), WHERE_TOKENS_ARE_KEPT)
def test_a_bug_where_a_token_is_kept_shows_nothing_of_it(
    service: DemoService, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_in: str, place: str
) -> None:
    monkeypatch.delenv("VPS_API_TOKEN")
    command = "list"
    if kept_in == "command":
        prints = [sys.executable, "-c", f"print(bytes.fromhex('{CANARY.encode().hex()}').decode())"]
        config = own_home / "config.toml"
        config.write_text(f"[accounts.x]\nbase_url = {json.dumps(service.url)}\ntoken_command = {json.dumps(prints)}\n")
        command = f"--config {config} --account x list"
    ended = run(Planted(place, tmp_path), command)
    assert ended.returncode == Exit.BUG
    check_told(ended.stderr, own_home)


def test_a_bug_in_what_shows_progress_ends_a_command_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path
) -> None:
    service.faults.add(Fault(method="GET", path="backups", delay=1.0))
    planted = Planted("cli.progress:Progress._line", tmp_path)
    with Program(["list"], columns=250, environment=planted.environment) as program:
        assert program.wait() == Exit.BUG
        check_hidden(own_home, program.output)
        check_told(without_sequences(program.output.decode()), own_home)
    assert planted.is_reached


@pytest.mark.parametrize("place", ["api.retries:wait_before_retry", "api.answers:error_of"])
def test_a_bug_in_what_is_made_of_a_fault_ends_a_command_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, place: str
) -> None:
    service.faults.add(Fault(status=503, body=CANARY))
    ended = run(Planted(place, tmp_path), "list")
    assert ended.returncode == Exit.BUG
    check_told(ended.stderr, own_home)


@pytest.mark.parametrize("place", ["json:dump", "keyring.core:load_env"])
def test_a_bug_in_the_process_that_asks_the_keyring_is_told_as_a_keyring_that_gives_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.delenv("VPS_API_TOKEN")
    ended = run(Planted(place, tmp_path), "list")
    assert ended.returncode == Exit.NO_TOKEN
    assert "there is no token for account default" in ended.stderr
    assert not reports_in(own_home)


@pytest.mark.parametrize(
    "place",
    [
        "cli.account:_checked",
        "session:Session.check",
        "accounts.tokens:Tokens.save",
        "accounts.private_files:_write_new",
    ],
)
def test_a_bug_in_a_login_ends_it_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.delenv("VPS_API_TOKEN")
    ended = run(Planted(place, tmp_path), "login --token-stdin --store file", input=CANARY)
    assert ended.returncode == Exit.BUG
    *_, bug = ended.stderr.splitlines(keepends=True)
    check_told(bug, own_home)
