"""What a start costs, in modules and in bytes."""

from pathlib import Path

from tests.benchmarks.goals.start import LATE, is_loaded, is_useful
from tests.counts.conftest import Start

MOST_BYTES = 15_000


def test_the_first_frame_waits_for_no_module_that_it_doesnt_need(start: Start, tmp_path: Path) -> None:
    report = tmp_path / "modules"
    start("-m", "tests.counts.first_frame", MODULES=str(report)).seen(is_useful, "the first useful frame")
    modules = report.read_text().splitlines()
    assert "textual.app" in modules
    assert not set(LATE).intersection(modules)


def test_a_start_sends_no_more_than_15_kb(start: Start) -> None:
    program = start(columns=100)
    program.seen(lambda text: is_loaded(text) and "ops@example.com" in text and " TB" in text, "everything")
    program.rest()
    assert program.total <= MOST_BYTES
