"""A session of many refreshes, some of them in trouble: what it holds of the machine does not grow."""

import asyncio
import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scale import cases
from tests.ui.support import Story, telling
from vpsbackup_tui.api.transport import MOST_CONNECTIONS
from vpsbackup_tui.demo import DemoService, Fault

REFRESHES = cases(15)
WARM = 20
"""Refreshes after which everything has been used that is kept for use again."""
_MOST_MORE = 2 * MOST_CONNECTIONS
"""Open files more at the end: connections that stay open between two readings, each with both its ends in here."""
_MOST_GROWTH = 10 * 2**20  # bytes


async def refresh(story: Story, number: int) -> None:
    """Read everything again: now and then refused, or asked for twice at once."""
    if number % 10 == 3:
        story.demo.faults.add(Fault(method="GET", status=503, times=1))
    await story.press(*("r", "r") if number % 10 == 7 else "r")
    await story.settled()
    story.demo.faults.clear()
    story.demo.requests.clear()  # the service remembers each of them


def held() -> tuple[int, int]:
    """Return how many files are open and how many tasks there are."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())


def memory() -> int:
    """Return how much memory this process has, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True)
def no_log() -> Iterator[None]:
    """Keep no log, which every test otherwise does."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(1800)
async def test_many_refreshes_hold_no_more_than_a_few(demo: DemoService) -> None:
    async with telling(demo) as story:
        for number in range(WARM):
            await refresh(story, number)
        before, memory_before = held(), memory()
        for number in REFRESHES:
            await refresh(story, number)
        await refresh(story, 0)
        assert story.screen.fleet.backups
        (files, tasks), (files_before, tasks_before) = held(), before
        assert files <= files_before + _MOST_MORE
        assert tasks == tasks_before
        assert memory() - memory_before < _MOST_GROWTH
