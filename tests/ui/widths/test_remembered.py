"""What a terminal has answered is there at the next start, and nothing else is believed."""

import stat
from pathlib import Path

import pytest

from vpsbackup_tui.ui.widths.kinds import SAMPLES, Widths
from vpsbackup_tui.ui.widths.remembered import Kept, is_fresh, recall, remember, terminal_at_hand

XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
TMUX = {
    "TERM": "tmux-256color",
    "TMUX": "/run/tmux-0/default,1,0",
    "TERM_PROGRAM": "tmux",
    "TERM_PROGRAM_VERSION": "3.3a",
}
NAMED = terminal_at_hand(TMUX, "utf-8")
ODD = Widths(spacing_marks=0, thai_am=0, tones=0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "terminals"


def test_each_terminal_has_its_own_and_the_file_is_private(file: Path) -> None:
    other = terminal_at_hand(XTERM, "utf-8")
    remember(file, NAMED, Kept(Widths(), 5))
    remember(file, other, Kept(ODD, 6))
    remember(file, NAMED, Kept(Widths(flags=2), 7))
    assert recall(file, NAMED) == Kept(Widths(flags=2), 7)
    assert recall(file, other) == Kept(ODD, 6)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "tmux" not in file.read_text()


def test_only_terminals_of_late_are_kept(file: Path) -> None:
    for number in range(100):
        remember(file, terminal_at_hand({"TERM": f"kind-{number}"}, "utf-8"), Kept(ODD, number))
    assert recall(file, terminal_at_hand({"TERM": "kind-99"}, "utf-8")) == Kept(ODD, 99)
    assert recall(file, terminal_at_hand({"TERM": "kind-0"}, "utf-8")) is None
    assert file.stat().st_size < 1000


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\x00", b"{key} 5 22011029\n", b"{key} 5 2201102\n", b"{key} 9999999 22011021\n", b"{key} 5 22011021 \n",
     "{key} ٥ 22011021\n".encode(), b"{key} 5 22011021\n" * 1000],
    ids=repr,
)  # fmt: skip
def test_a_broken_file_is_none_and_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content.replace(b"{key}", NAMED.key.encode()))
    file.chmod(0o600)
    assert recall(file, NAMED) is None
    remember(file, NAMED, Kept(ODD, 5))
    assert recall(file, NAMED) == Kept(ODD, 5)


def test_a_file_that_others_may_have_written_is_not_believed(file: Path) -> None:
    remember(file, NAMED, Kept(ODD, 5))
    file.chmod(0o622)
    assert recall(file, NAMED) is None


def test_a_folder_that_cant_be_made_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remember(tmp_path / "file" / "terminals", NAMED, Kept(ODD, 5))
    assert recall(tmp_path / "file" / "terminals", NAMED) is None


@pytest.mark.parametrize(
    "change",
    [{"TERM": "screen-256color"}, {"TERM_PROGRAM_VERSION": "3.4"}, {"LC_ALL": "ja_JP.UTF-8"}, {"STY": "1.pts-0"}],
    ids=repr,
)
def test_what_may_count_otherwise_is_another_terminal(change: dict[str, str]) -> None:
    assert terminal_at_hand(TMUX | change, "utf-8").key != NAMED.key


def test_another_window_of_the_same_program_is_the_same_terminal() -> None:
    assert (
        terminal_at_hand(TMUX | {"TMUX": "/run/tmux-0/default,2,1", "SSH_CONNECTION": "::1 1 ::2 2"}, "utf-8") == NAMED
    )
    kitty = {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}
    assert terminal_at_hand(kitty, "utf-8") == terminal_at_hand(kitty | {"KITTY_WINDOW_ID": "2"}, "utf-8")


def test_a_name_by_which_many_terminals_go_is_asked_again_at_each_start() -> None:
    kept = Kept(Widths(), 100)
    assert is_fresh(kept, NAMED, 100)
    assert is_fresh(kept, NAMED, 129)
    assert not is_fresh(kept, NAMED, 130)
    assert not is_fresh(kept, NAMED, 99)  # the clock was wrong then, or is now
    assert not is_fresh(None, NAMED, 100)
    assert not is_fresh(kept, terminal_at_hand(XTERM, "utf-8"), 100)
    assert is_fresh(kept, terminal_at_hand(XTERM | {"VTE_VERSION": "7600"}, "utf-8"), 100)


@pytest.mark.parametrize(
    ("term", "encoding", "can"),
    [("xterm", "UTF-8", True), ("xterm", "utf8", True), ("xterm", "iso8859-1", False), ("linux", "utf-8", False)],
)
def test_only_what_can_answer_is_asked(term: str, encoding: str, can: bool) -> None:
    assert terminal_at_hand({"TERM": term}, encoding).can_answer is can


def test_a_digit_stands_for_each_kind() -> None:
    assert all(0 <= cells <= 9 for sample in SAMPLES.values() for cells in sample.may_take)
