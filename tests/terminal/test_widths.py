"""Rows stand straight whatever a terminal thinks of its letters, and whatever it answers when it is asked."""

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.measured import NAMES, Measured, Widths, add_names, as_tmux, in_clusters, start_of
from tests.terminal.oracle import foreign
from tests.terminal.program import PATIENCE
from tests.terminal.test_hostile import environment
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.ui.widths.question import ANSWERS

SHIFT_F3 = "\x1b[1;2R"
HIDES = b"\x1b[8m\r"
"""Stands before the letters that are measured, and nowhere else."""
KEPT = Path(".local/state/vpsbackup-tui/terminals")


@pytest.fixture
def named(demo: DemoService) -> DemoService:
    """The service with names that terminals disagree on."""
    add_names(demo)
    return demo


def assert_straight(program: Measured) -> None:
    """Fail where what is right of a name isn't where it is in other rows."""
    rows = program.rows()
    assert len(rows) == len(NAMES), program.text()
    for word in ("straight", "completed", "▕"):
        assert len({start_of(word, cells) for cells in rows}) == 1, program.text()


def are_shown(texts: list[str]) -> bool:
    """Tell whether each name stands in one of some texts, with all its letters and none between them."""
    return all(any(f" {name} " in text for text in texts) for name in NAMES)


@pytest.mark.parametrize(
    ("width_of", "answered"), [(as_tmux, "22011021"), (in_clusters, "22000001")], ids=["tmux", "clusters"]
)
def test_a_terminal_is_asked_once_and_remembered(
    named: DemoService, own_home: Path, width_of: Widths, answered: str
) -> None:
    its_name = environment(named) | {"TERM_PROGRAM": "some", "TERM_PROGRAM_VERSION": "1"}
    with Measured(its_name, width_of) as program:
        program.expect("as of", "straight")
        program.expect_question()
        program.expect_row(0)
        # Keys between the answers are keys, and F3 with Shift, which reads like an answer, is none.
        first, *rest = program.asked
        program.send(first + "j" + SHIFT_F3 + "".join(rest[:3]) + "j" + "".join(rest[3:]))
        program.expect_row(2)
        program.expect_file(own_home / KEPT)
        program.quiet()
        assert_straight(program)
        assert are_shown(["".join(cells) for cells in program.rows()])
        program.answer()  # once more, as if they were late
        program.send("k")
        program.expect_row(1)
        program.send("q")
        assert program.wait() == 0
    assert program.output.count(HIDES) == 1
    assert len(program.asked) == ANSWERS
    assert foreign(program.output) == []
    kept = own_home / KEPT
    assert kept.read_text().split()[2] == answered
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with Measured(its_name, width_of) as program:
        program.expect("as of", "straight")
        program.quiet()
        assert_straight(program)
        assert are_shown(["".join(cells) for cells in program.rows()])
        program.send("q")
        assert program.wait() == 0
    assert HIDES not in program.output


def test_no_answer_and_answers_that_cant_be_meant_leave_rows_straight(named: DemoService, own_home: Path) -> None:
    with Measured(environment(named), in_clusters) as program:
        program.expect("as of", "straight")
        program.expect_question()
        program.quiet()
        assert_straight(program)
        line = program.screen.lines
        for answer in (f"{line};99999999", "1;2", "99999999;3", "0;0", f"{line};0", *[f"{line};999999"] * 8):
            program.send(f"\x1b[{answer}R")
        program.answer()
        program.send("j")
        program.expect_row(1)
        assert_straight(program)
        program.send("q")
        assert program.wait() == 0
    assert not (own_home / KEPT).exists()
    assert foreign(program.output) == []


COLUMNS_OF = """
import os, pathlib, sys, tty
starts, told = map(pathlib.Path, sys.argv[1:])
tty.setraw(0)
columns = []
for start in starts.read_text().splitlines():
    os.write(1, f"\\r\\x1b[K{start}\\x1b[6n".encode())
    answer = b""
    while not answer.endswith(b"R"):
        answer += os.read(0, 1)
    columns.append(answer[:-1].decode().partition(";")[2])
told.write_text(" ".join(columns))
"""
"""Python that asks the terminal it runs in how far some beginnings of lines reach there."""


class Tmux:
    """A tmux of its own, with a pane for one program after the other."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment, "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder)}

    def __call__(self, *arguments: str) -> str:
        """Tell it something and return what it says."""
        told = subprocess.run(["tmux", "-u", "-f", "/dev/null", *arguments], env=self._environment, capture_output=True)
        return told.stdout.decode()

    def run(self, name: str, *argv: str) -> None:
        """Run a program in a session of its own, in place of what may still be there by that name."""
        self("kill-session", "-t", f"={name}")
        self("new-session", "-d", "-s", name, "-x", "120", "-y", "24", *argv)

    def lines(self, name: str, *texts: str) -> list[str]:
        """Return the lines of a program's screen, once it shows some texts."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in (shown := self("capture-pane", "-p", "-t", name)) for text in texts):
            assert time.monotonic() < deadline, shown
        return shown.splitlines()

    def columns_of(self, starts: list[str]) -> list[int]:
        """Return how far some beginnings of lines reach in this tmux."""
        asked, told = self._folder / "starts", self._folder / "told"
        asked.write_text("\n".join(starts))
        code = self._folder / "columns_of.py"
        code.write_text(COLUMNS_OF)
        self.run("columns", "sh", "-c", f"{sys.executable} {code} {asked} {told}; tmux wait-for -S told")
        self("wait-for", "told")
        return [int(column) for column in told.read_text().split()]


@pytest.fixture
def tmux(tmp_path_factory: pytest.TempPathFactory, named: DemoService) -> Iterator[Tmux]:
    """A tmux with the program's environment."""
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    tmux = Tmux(tmp_path_factory.mktemp("tmux"), environment(named))
    yield tmux
    tmux("kill-server")


def test_rows_stand_straight_in_tmux(tmux: Tmux, own_home: Path) -> None:
    tmux.run("program", sys.executable, "-m", "vpsbackup_tui")
    lines = tmux.lines("program", "as of", *(f"{name} " for name in NAMES), "completed")
    rows = [line for line in lines if "straight" in line]
    assert are_shown(rows)
    for word, where in (("straight", rows), ("completed", rows), ("▕", [line for line in lines if "stopped" in line])):
        starts = [line[: line.index(word)] for line in where]
        assert len(starts) >= len(NAMES)
        assert len(set(tmux.columns_of(starts))) == 1, (word, lines)
    assert (own_home / KEPT).read_text().split()[2] == "22011021"
