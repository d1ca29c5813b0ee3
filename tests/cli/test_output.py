import asyncio
import csv
import io
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Call
from tests.conftest import CANARY
from vpsbackup_tui.cli import listing, waiting
from vpsbackup_tui.cli.exits import Exit, gravest
from vpsbackup_tui.cli.output import print_csv, print_results
from vpsbackup_tui.demo import DemoService


def test_a_list_is_one_line_of_ascii_json(capfd: pytest.CaptureFixture[str]) -> None:
    print_results([{"name": "\x1b]0;x\x07 büro \ud800"}], complete=True)
    out = capfd.readouterr().out
    assert out.isascii()
    assert out == '{"count": 1, "complete": true, "results": [{"name": "\\u001b]0;x\\u0007 b\\u00fcro \\ud800"}]}\n'
    assert json.loads(out)["results"][0]["name"] == "\x1b]0;x\x07 büro \ud800"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_csv_starts_no_formula(capfd: pytest.CaptureFixture[str], text: str) -> None:
    print_csv(["a"], [[text], [-1], [None]])
    assert list(csv.reader(io.StringIO(capfd.readouterr().out))) == [["a"], ["'" + text], ["-1"], [""]]


@given(st.lists(st.sampled_from(list(Exit)).filter(lambda code: code not in (Exit.BUG, Exit.USAGE)), min_size=1))
def test_an_unknown_outcome_hides_behind_no_other(codes: list[Exit]) -> None:
    worst = gravest(codes)
    assert worst in codes or (worst is Exit.FAILED and Exit.DONE in codes)
    assert Exit.DONE not in codes or worst not in (Exit.REFUSED, Exit.UNREACHABLE)  # these say: nothing was changed
    assert (worst is Exit.UNKNOWN) == (Exit.UNKNOWN in codes)
    assert (worst is Exit.DONE) == (set(codes) == {Exit.DONE})


def test_a_bug_ends_with_70_one_line_and_a_report_without_data(
    call: Call, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arguments: object) -> int:
        secret = CANARY
        try:
            return int(secret)
        except ValueError as error:
            raise RuntimeError(f"\x1b[2J with {secret}") from error

    monkeypatch.setattr(listing, "list_backups", fail)
    ended = call("list")
    assert ended.code == Exit.BUG
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "\x1b" not in ended.err
    (report,) = own_home.rglob("bug-*.txt")
    assert str(report) in ended.err
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "vpsbackup_tui/cli/main.py" in text


def test_a_bug_hides_no_outcome(call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(operation: object, others: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(waiting, "code_of_all", fail)
    ended = call("create", "12345")
    assert ended.code == Exit.BUG
    told, bug = ended.err.splitlines()
    assert told.startswith("vpsbackup-tui: started: Backup ")
    assert "this is a bug" in bug


@pytest.mark.parametrize("error", [asyncio.CancelledError(CANARY), GeneratorExit(CANARY), BaseException(CANARY)])
def test_what_is_no_ordinary_error_is_a_bug_like_any_other(
    call: Call, own_home: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(arguments: object) -> int:
        raise error

    monkeypatch.setattr(listing, "list_backups", fail)
    ended = call("list")
    assert ended.code == Exit.BUG
    assert ended.err.count("\n") == 1
    assert type(error).__name__ in ended.err
    assert len(list(own_home.rglob("bug-*.txt"))) == 1


def test_what_ctrl_c_raises_where_no_signal_is_heeded_is_no_bug(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "list_backups", leave)
    with pytest.raises(KeyboardInterrupt):
        call("list")
