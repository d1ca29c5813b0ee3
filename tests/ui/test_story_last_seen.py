"""A start with the rows last seen: something to look at, and nothing to act on before the service has answered."""

import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.conftest import Clock
from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.store.last_seen import LastSeen

WIDE = (120, 30)


@pytest.fixture
async def seen(demo: DemoService, clock: Clock) -> Path:
    """Look at the lists once, three hours ago, and return the file that this left."""
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        await story.until(lambda: bool(files()), "the file")
    clock.advance(3 * 3600)
    demo.requests.clear()
    (file,) = files()
    return file


def files() -> list[Path]:
    return list((Path.home() / "state").glob("*.seen"))


def hold(demo: DemoService) -> Fault:
    """Let no list be answered."""
    return demo.faults.add(Fault(path="/backups/", hold=True, times=None))


async def test_the_first_frame_shows_the_rows_with_their_age(demo: DemoService, seen: Path) -> None:
    hold(demo)
    async with telling(demo, size=WIDE, keep_lists=True, settled=False) as story:
        first = story.text
        assert "as last seen 12:00:00 UTC · 3 h ago" in first
        assert "web-server-01" in first
        assert "completed" in first
        await story.sees("· loading")
        assert "completed" in story.text


async def test_nothing_can_be_changed_before_the_service_has_answered(demo: DemoService, seen: Path) -> None:
    held = hold(demo)
    async with telling(demo, size=WIDE, keep_lists=True, settled=False) as story:
        for key in ("n", "D", "R"):
            await story.press(key)
            assert "Still loading" in story.lines[-2]
            assert story.dialog is None
        await story.until(lambda: bool(held.struck), "the request")
        await story.press("D")
        assert "Still loading" in story.lines[-2]
        assert story.dialog is None
    assert not story.changes


async def test_details_of_a_row_last_seen_tell_its_age_too(demo: DemoService, seen: Path) -> None:
    gate = Event()
    demo.faults.add(Fault(path="/backups/", until=gate))
    async with telling(demo, size=(60, 15), keep_lists=True, settled=False) as story:
        await story.press("enter")
        assert story.dialog is not None
        assert "As last seen 2025-01-16 12:00 UTC · 3 h ago" in story.text
        gate.set()
        await story.press("escape")
        await story.settled()
        await story.press("enter")
        assert "last seen" not in story.text


async def test_the_answer_takes_their_place_without_a_jump(demo: DemoService, seen: Path) -> None:
    gate = Event()
    demo.faults.add(Fault(path="/backups/", until=gate))
    async with telling(demo, size=WIDE, keep_lists=True, settled=False) as story:
        await story.press("G", "up", "up")
        cursor, lines = story.cursor, story.lines
        assert "as last seen" in story.text
        gate.set()
        await story.settled()
        assert "as of 15:00:00 UTC" in story.text
        assert "last seen" not in story.text
        assert story.cursor == cursor
        assert story.lines[1:-2] == lines[1:-2]
        await story.press("D")
        assert story.dialog is not None


async def test_what_has_changed_meanwhile_is_shown_and_not_announced(
    demo: DemoService, clock: Clock, own_home: Path
) -> None:
    demo.service.create(demo.service.servers()[0].id, "")
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        assert "in progress" in story.text
        await story.until(lambda: bool(files()), "the file")
    clock.advance(3600)
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        assert "in progress" not in story.text
        assert "completed" not in story.lines[-2]


async def test_where_the_service_is_out_of_reach_they_stay_and_stay_old(demo: DemoService, seen: Path) -> None:
    demo.faults.add(Fault(path="/backups/", status=503, body={"detail": "Down."}, times=None))
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        assert "stale: as last seen 12:00:00 UTC, last try failed just now" in story.lines[0]
        assert "completed" in story.text
        await story.press("D")
        assert "Nothing can be changed, r tries again: the lists" in story.lines[-2]
        assert story.dialog is None
        demo.faults.clear()
        await story.press("r")
        await story.settled()
        assert "as of 15:00:00 UTC" in story.text


async def test_another_account_or_service_sees_none_of_them(demo: DemoService, seen: Path) -> None:
    hold(demo)
    others: list[dict[str, Any]] = [{"account": "lab"}, {"base_url": demo.url.replace("/v1", "/v2")}]
    for other in others:
        async with telling(demo, size=WIDE, keep_lists=True, settled=False, **other) as story:
            assert "last seen" not in story.text
            assert "web-server-01" not in story.text
            await story.until(lambda: bool(demo.requests) and not story.screen.is_opening, "the requests")


async def test_the_rows_of_somebody_else_go_as_soon_as_the_service_says_whose_the_token_is(
    demo: DemoService, seen: Path
) -> None:
    hold(demo)
    demo.faults.add(Fault(path="/account/me/", answer={"email": "somebody.else@example.com"}, times=None))
    async with telling(demo, size=WIDE, keep_lists=True, settled=False) as story:
        await story.sees("somebody.else@example.com", "Reading the backups")
        assert "last seen" not in story.text
        assert "web-server-01" not in story.text


async def test_a_file_that_is_none_of_ours_is_passed_over(demo: DemoService, seen: Path) -> None:
    os.truncate(seen, 50)
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        assert "as of 15:00:00 UTC" in story.text
        await story.until(lambda: LastSeen(seen).read() is not None, "a file that is whole again")


async def test_they_are_shown_while_a_long_list_comes_and_never_again_after_it(demo: DemoService, seen: Path) -> None:
    gate = Event()
    demo.service.largest_page = 20
    demo.faults.add(Fault(path="page=2", until=gate, times=None))
    async with telling(demo, size=WIDE, keep_lists=True, settled=False) as story:
        await story.sees("as last seen 12:00:00 UTC · 3 h ago · loading 5 % · esc stops")
        assert len(story.screen.fleet.backups) > 20
        await story.press("D")
        assert "Still loading" in story.lines[-2]
        gate.set()
        await story.settled()
        assert "as of 15:00:00 UTC" in story.text
        await story.press("r")
        await story.settled()
        assert "last seen" not in story.text


async def test_a_list_that_did_not_come_whole_is_not_kept(demo: DemoService) -> None:
    demo.service.shape = "unlinked"
    demo.faults.add(Fault(path="/backups/", answer={"count": 500, "results": []}, times=None))
    async with telling(demo, size=WIDE, keep_lists=True) as story:
        demo.faults.clear()
        assert not files()
        await story.press("r")
        await story.until(lambda: bool(files()), "the file")
