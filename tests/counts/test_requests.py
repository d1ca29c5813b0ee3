"""How much is asked of the service."""

import sys
from contextlib import aclosing
from math import inf
from threading import Event

import pytest

from tests.conftest import CANARY
from tests.counts.painting import Painted
from tests.ui.support import Story, telling
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.secret import Token
from vpsbackup_tui.ui import live_screen

PAGES = 4  # of 100 backups: the embedded service has 369


def lists(demo: DemoService) -> int:
    """Return how many requests came for the lists."""
    return demo.count("GET", "/backups/") + demo.count("GET", "/servers/")


async def test_a_start_asks_for_each_page_the_servers_and_the_account_once(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.sees("ops@example.com")
        assert demo.count("GET", "/backups/") == PAGES
        assert demo.count("GET", "/servers/") == 1
        assert len(demo.requests) == PAGES + 2


async def test_where_no_rows_are_seen_yet_they_are_asked_for_before_whose_the_token_is(demo: DemoService) -> None:
    demo.faults.add(Fault("GET", "/backups/", until=(let_go := Event())))
    async with telling(demo, settled=False) as story:
        await story.until(lambda: lists(demo) == 2, "the questions for the lists")
        let_go.set()
        await story.sees("ops@example.com")
        assert not any("/account/" in seen.path for seen in demo.requests[:2])


async def test_whose_the_token_is_is_asked_though_no_rows_come(demo: DemoService) -> None:
    demo.faults.add(Fault("GET", "/backups/", status=403, times=None))
    async with telling(demo, size=(120, 30)) as story:
        await story.sees("ops@example.com")


async def test_a_refresh_asks_for_the_lists_once_and_for_nothing_else(demo: DemoService) -> None:
    async with telling(demo) as story:
        await read_again(story)
        assert len(demo.requests) == PAGES + 1
        assert lists(demo) == PAGES + 1


async def test_a_refresh_that_brings_nothing_new_paints_nothing(
    demo: DemoService, painted: Painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_screen, "_LONG", inf)  # as it tells how far it is where it takes long
    async with telling(demo) as story:
        painted.clear()
        await read_again(story)
        assert painted == []


async def test_a_refresh_that_brings_a_backup_paints_it(demo: DemoService, painted: Painted) -> None:
    async with telling(demo) as story:
        painted.clear()
        demo.service.add_backup(12345, description="painted")
        await read_again(story)
        assert "painted" in "".join(painted)


async def test_a_read_looks_for_no_module(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[str] = []

    class Watching:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            sought.append(name)

    async with aclosing(Service(demo.url, Token(CANARY))) as service:
        await service.list_backups()
        monkeypatch.setattr(sys, "meta_path", [Watching, *sys.meta_path])
        await service.list_backups()
        await service.list_backups(shared=True)
    assert sought == []


async def read_again(story: Story) -> None:
    """Read the lists once more, and wait until everything is shown; count requests from here on."""
    await story.sees("ops@example.com")
    story.demo.requests.clear()
    await story.press("r")
    await story.until(lambda: bool(story.demo.requests), "a request")
    await story.settled()
