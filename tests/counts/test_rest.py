"""What the program does while nobody does anything."""

import re
import time

import pytest

from tests.benchmarks.goals.start import is_loaded
from tests.benchmarks.processes import wake_ups
from tests.benchmarks.terminal import Terminal
from tests.conftest import Clock
from tests.counts.conftest import Start
from tests.counts.painting import Painted
from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService

SECONDS = 2.0
MOST_WAKE_UPS = 2.0  # a second: a fifth of a bare Textual app's
MOST_BYTES = 200  # a second, while ages tick
_PLACE = re.compile(r"\x1b\[\d+;\d+H")


@pytest.fixture
def resting(start: Start) -> Terminal:
    """The program with its list, left alone."""
    program = start()
    program.seen(is_loaded, "the list")
    program.rest()
    return program


def test_ages_that_tick_send_few_bytes(resting: Terminal) -> None:
    assert resting.listen(SECONDS) <= MOST_BYTES * SECONDS


def test_a_program_at_rest_sleeps(resting: Terminal) -> None:
    before, since = wake_ups(resting.pid), time.perf_counter()
    assert before > 0
    resting.listen(SECONDS)
    assert (wake_ups(resting.pid) - before) / (time.perf_counter() - since) <= MOST_WAKE_UPS


async def test_a_tick_that_changes_no_age_sends_nothing(demo: DemoService, painted: Painted) -> None:
    async with telling(demo) as story:
        painted.clear()
        story.screen.tick()
        await story.settle()
        assert painted == []


async def test_a_tick_that_changes_an_age_sends_it(demo: DemoService, clock: Clock, painted: Painted) -> None:
    async with telling(demo) as story:
        painted.clear()
        clock.advance(60)
        story.screen.tick()
        await story.settle()
        assert 0 < sum(map(len, painted)) < MOST_BYTES


async def test_what_is_sent_for_a_key_always_changes_a_cell(demo: DemoService, painted: Painted) -> None:
    async with telling(demo) as story:
        await story.sees("ops@example.com")
        painted.clear()
        await story.press("enter", "escape", "/", "x", "escape", "?", "escape")
        assert len(painted) > 5
        assert [each for each in painted if _PLACE.fullmatch(each)] == []
