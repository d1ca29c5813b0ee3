import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.cli.exits import Exit, gravest
from vpsbackup_tui.cli.output import print_csv, print_results
from vpsbackup_tui.cli.report import report_text


def test_a_list_is_one_line_of_ascii_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_results([{"name": "\x1b]0;x\x07 büro \ud800"}], complete=True)
    out = capsys.readouterr().out
    assert out.isascii()
    assert out == '{"count": 1, "complete": true, "results": [{"name": "\\u001b]0;x\\u0007 b\\u00fcro \\ud800"}]}\n'
    assert json.loads(out)["results"][0]["name"] == "\x1b]0;x\x07 büro \ud800"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_csv_starts_no_formula(capsys: pytest.CaptureFixture[str], text: str) -> None:
    print_csv(["a"], [[text], [-1], [None]])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [["a"], ["'" + text], ["-1"], [""]]


@given(st.lists(st.sampled_from(list(Exit)).filter(lambda code: code not in (Exit.BUG, Exit.USAGE)), min_size=1))
def test_an_unknown_outcome_hides_behind_no_other(codes: list[Exit]) -> None:
    worst = gravest(codes)
    assert worst in codes
    assert (worst is Exit.UNKNOWN) == (Exit.UNKNOWN in codes)
    assert (worst is Exit.DONE) == (set(codes) == {Exit.DONE})


def test_a_report_tells_types_and_places_and_no_data() -> None:
    secret = "vps_secret_of_somebody"
    try:
        try:
            int(secret)
        except ValueError as error:
            raise RuntimeError(f"with {secret}") from error
    except RuntimeError as error:
        text = report_text(error)
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert secret not in text
