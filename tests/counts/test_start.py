"""What a start costs, in modules, in pictures and in bytes."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.benchmarks.goals.start import LATE, is_loaded
from tests.conftest import CANARY
from tests.counts.conftest import Start
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui import dialogs

DIALOGS = f"{dialogs.__name__}."
MOST_BYTES = 15_000
MOST_MODULES = 111
"""Modules of this program that the first frame may wait for: each costs as much as one of Textual's."""

NOTING_FRAMES = """
import atexit, os, sys
from vpsbackup_tui.__main__ import main

def note():
    from textual.constants import MAX_FPS
    with open(os.environ["REPORT"], "w") as report:
        report.write(f"{MAX_FPS} {os.environ.get('TEXTUAL_FPS')}")

atexit.register(note)
sys.exit(main())
"""


class FirstFrame(NamedTuple):
    """The modules that were there, how many pictures were painted and not sent before, and letters it sent."""

    modules: set[str]
    painted_in_vain: int
    letters: int


@pytest.fixture
def first_frame(start: Start, tmp_path: Path) -> Callable[..., FirstFrame]:
    """Return what tells what the first frame takes at a start that finds the rows of an earlier one."""
    return starting_again(start, tmp_path)


def starting_again(start: Start, tmp_path: Path) -> Callable[..., FirstFrame]:
    """Start and read the lists; return what starts again, and tells what the first frame takes then."""
    earlier = start()
    earlier.seen(is_loaded, "the list")
    earlier.wait_for_end("q")
    return partial(start_noting, start, tmp_path / "report", "● completed")


def start_noting(start: Start, report: Path, shown: str, **options: Any) -> FirstFrame:
    """Start, and tell what the first frame takes that shows something."""
    report.unlink(missing_ok=True)
    program = start(
        "-m", "tests.counts.first_frame", *options.pop("arguments", ()), REPORT=str(report), SHOWN=shown, **options
    )
    program.seen(lambda text: report.exists() and shown in text, shown)
    program.wait_for_end("q")
    painted, letters, *modules = report.read_text().splitlines()
    return FirstFrame(set(modules), int(painted), int(letters))


def run(code: str) -> str:
    """Return what some Python prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_what_is_seen_first_waits_for_next_to_nothing() -> None:
    modules = run("import sys, vpsbackup_tui.__main__; print(*sys.modules)").split()
    assert not {"typing", "threading", "re", "argparse", "textual"} & {*modules}


def test_the_first_frame_waits_for_nothing_that_it_doesnt_need(first_frame: Callable[..., FirstFrame]) -> None:
    first = first_frame()
    assert "textual.app" in first.modules
    assert not first.modules & {*LATE, "hashlib"}
    ours = {name for name in first.modules if name.startswith("vpsbackup_tui")}
    assert {name for name in ours if name.startswith(DIALOGS)} == {f"{DIALOGS}facts"}
    assert len(ours) <= MOST_MODULES
    assert first.painted_in_vain == 0


def test_textual_finds_each_cell_drawn_as_it_would_draw_it(first_frame: Callable[..., FirstFrame]) -> None:
    for columns, rows, colours in ((60, 15, ""), (80, 24, "truecolor"), (100, 24, ""), (120, 36, "truecolor")):
        assert first_frame(columns=columns, rows=rows, COLORTERM=colours).letters == 0
    assert first_frame(NO_COLOR="1").letters > 500


def test_so_it_finds_the_empty_frame_where_no_rows_were_seen(start: Start, today: DemoService, tmp_path: Path) -> None:
    today.faults.add(Fault(hold=True, times=None))  # so that no row comes before it is looked at
    for columns, rows, colours in ((60, 15, ""), (80, 24, "truecolor"), (200, 50, "")):
        empty = start_noting(start, tmp_path / "report", "Looking for", columns=columns, rows=rows, COLORTERM=colours)
        assert (empty.painted_in_vain, empty.letters) == (0, 0)
        assert not empty.modules & {*LATE, "hashlib"}
    demo = start_noting(start, tmp_path / "report", "Looking for", arguments=("--demo",), VPS_API_TOKEN="")
    assert (demo.painted_in_vain, demo.letters) == (0, 0)


def test_of_long_lists_too_and_before_the_whole_of_them_is_read(start: Start, tmp_path: Path) -> None:
    with DemoService(servers=300, backups=5000, token=CANARY) as service:
        first_frame = starting_again(partial(start, VPS_API_URL=service.url), tmp_path)
        for columns, rows in ((60, 15), (80, 24), (200, 50)):
            assert first_frame(columns=columns, rows=rows).letters == 0


def test_frames_come_soon_and_nobody_inherits_how_often(start: Start, tmp_path: Path) -> None:
    report = tmp_path / "report"
    program = start("-c", NOTING_FRAMES, REPORT=str(report))
    program.seen(is_loaded, "the list")
    program.wait_for_end("q")
    assert report.read_text() == "1000 None"


def test_no_key_has_to_wait_for_a_dialog_to_be_read() -> None:
    read = run("from vpsbackup_tui.ui import behind; behind.read(); import sys; print(*sys.modules)").split()
    folder = Path(dialogs.__path__[0])
    assert {f"{DIALOGS}{file.stem}" for file in folder.glob("[!_]*.py")} <= set(read)
    assert {"vpsbackup_tui.api.transport", "httpx"} <= set(read)
    assert not {"click", "rich.progress"} & set(read), "httpx's own command line"


def test_a_start_sends_no_more_than_15_kb(start: Start) -> None:
    program = start(columns=100)
    program.seen(lambda text: is_loaded(text) and "ops@example.com" in text and " TB" in text, "everything")
    program.rest()
    assert program.total <= MOST_BYTES
