"""A load of many pages: its rows show while others come, and it can be stopped."""

from pathlib import Path
from threading import Event

import pytest

from tests.conftest import Clock
from tests.ui.support import Story, telling
from vpsbackup_tui.api.window import AT_ONCE
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui import live_screen

WIDE = (120, 30)
EACH = 20  # rows a page
ASKED = 1 + AT_ONCE  # pages, when the second one holds up the others


@pytest.fixture
def gate(demo: DemoService) -> Event:
    """Let lists come in many pages, of which the second, and those under way with it, come only when this is set."""
    gate = Event()
    demo.service.largest_page = EACH
    demo.faults.add(Fault(path="page=2", until=gate, times=None))
    return gate


def kept() -> list[Path]:
    return list((Path.home() / "state").glob("*.seen"))


async def stop(story: Story, gate: Event) -> None:
    """Press the key that the header names, and let what is under way come."""
    await story.sees("· esc stops")
    await story.press("escape")
    assert "loading · stopping" in story.lines[0]
    gate.set()
    await story.settled()


async def test_a_first_load_that_is_stopped_shows_what_came_and_asks_for_nothing_more(
    demo: DemoService, gate: Event
) -> None:
    count = len(demo.service.backups())
    async with telling(demo, keep_lists=True, settled=False, size=WIDE) as story:
        await story.sees(f"loading {EACH} of {count} · esc stops")
        assert "not listed" not in story.text, "whether a server is listed isn't known yet"
        await stop(story, gate)
        assert demo.count("GET", "/backups/") == ASKED
        assert len(story.screen.fleet.backups) == ASKED * EACH
        assert "stopped: as of 12:00:00 UTC · just now" in story.lines[0]
        assert f"{ASKED * EACH} of {count} shown: stopped before the end" in story.screen.status.text
        await story.press("D")
        assert story.dialog is not None, "a change reads the server's whole list by itself"
        demo.faults.add(Fault(path="page=3", until=(again := Event()), times=None))
        await story.press("escape", "r")
        assert "loading" in story.lines[0]
        assert "Stopped" not in story.screen.status.message
        again.set()
        await story.until(lambda: len(story.screen.fleet.backups) == count, "all of them")
        await story.until(lambda: len(kept()) == 1, "what is kept for the next start")
        assert "stopped" not in story.lines[0]
        assert "stopped before the end" not in story.screen.status.text


@pytest.mark.parametrize(("list_", "came"), [("backups", 5), ("servers", 369)])
async def test_a_wait_in_the_middle_of_a_load_is_counted_down_and_can_be_stopped(
    demo: DemoService, clock: Clock, list_: str, came: int
) -> None:
    demo.service.largest_page = 5
    wait = Fault(path=f"{list_}/?page_size=100&page=2", status=429, headers={"Retry-After": "55"}, times=None)
    demo.faults.add(wait)
    async with telling(demo, settled=False, size=WIDE) as story:
        await story.sees(f"loading {came} of 369 · goes on in 55 s · esc stops")
        clock.advance(20)
        story.screen.tick()
        assert "goes on in 35 s · esc stops" in story.lines[0]
        await story.press("escape")
        await story.settled()
        assert "stopped: as of" in story.lines[0]
        assert len(story.screen.fleet.backups) == came
        demo.faults.clear()
        await story.press("r")
        await story.until(lambda: len(story.screen.fleet.backups) == 369, "all of them")
        assert "goes on" not in story.text


async def test_a_load_begun_anew_counts_no_wait_of_the_one_before_it(demo: DemoService) -> None:
    demo.service.largest_page = 5
    demo.faults.add(Fault(path="&page=2", status=429, headers={"Retry-After": "250"}, times=None))
    async with telling(demo, settled=False, size=WIDE) as story:
        await story.sees("goes on in 5 min")
        demo.faults.clear()
        demo.faults.add(Fault(path="&page=9", until=(let_go := Event()), times=None))
        story.screen.reload()
        await story.sees("loading 40 of 369 · esc stops")
        let_go.set()


async def test_a_load_that_is_tried_again_takes_no_rows_away(demo: DemoService) -> None:
    demo.service.largest_page = EACH
    demo.faults.add(Fault(path="page=4", status=403, body={"detail": "No."}, until=(refused := Event())))
    async with telling(demo, settled=False, size=WIDE) as story:
        await story.sees(f"loading {3 * EACH} of")
        refused.set()
        await story.sees("refused (403)")
        came = len(story.screen.fleet.backups)
        assert came == 3 * EACH
        demo.faults.add(Fault(path="page=2", until=(let_go := Event()), times=None))
        await story.press("r")
        await story.sees(f"loading {EACH} of")
        assert len(story.screen.fleet.backups) == came
        let_go.set()
        await story.settled()
        assert len(story.screen.fleet.backups) == len(demo.service.backups())


async def test_a_load_that_is_stopped_is_not_kept_for_the_next_start(demo: DemoService, gate: Event) -> None:
    async with telling(demo, keep_lists=True, settled=False) as story:
        await stop(story, gate)
    assert not kept()


async def test_a_refresh_to_which_no_answer_comes_is_told_of(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling(demo, size=WIDE) as story:
        demo.faults.add(Fault(path="/backups/", until=(let_go := Event())))
        reads = story.reads
        await story.press("r")
        await story.until(lambda: story.reads > reads)
        story.screen.tick()
        assert "loading" not in story.lines[0]
        monkeypatch.setattr(live_screen, "_LONG", 0.0)
        story.screen.tick()
        await story.sees("as of 12:00:00 UTC · just now · loading")
        let_go.set()
        await story.until(lambda: "loading" not in story.lines[0])


async def test_a_refresh_that_is_stopped_leaves_the_rows_that_were_there_with_their_age(
    demo: DemoService, gate: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_screen, "_LONG", 0.0)
    gate.set()
    async with telling(demo, size=WIDE) as story:
        await story.press("/")
        await story.type("web-server-01")
        await story.press("enter")
        before, cursor = story.screen.fleet, story.cursor
        gate.clear()
        await story.press("r")
        await story.sees("as of 12:00:00 UTC · just now · loading 5 % · esc stops")
        await stop(story, gate)
        assert "stopped: as of 12:00:00 UTC · just now" in story.lines[0]
        assert story.screen.fleet is before
        assert story.cursor == cursor
        assert "nothing is read by itself" in story.screen.status.text
        assert story.screen.query_shown.text
        await story.press("escape")
        assert not story.screen.query_shown.text, "once nothing can be stopped, the key goes back"


async def test_a_load_stopped_at_the_start_leaves_the_rows_last_seen_and_lets_nothing_be_changed(
    demo: DemoService, gate: Event
) -> None:
    gate.set()
    async with telling(demo, keep_lists=True) as story:
        await story.until(lambda: len(kept()) == 1, "the file")
        count = len(story.screen.fleet.backups)
    gate.clear()
    async with telling(demo, keep_lists=True, settled=False, size=WIDE) as story:
        await story.sees("as last seen 12:00:00 UTC · just now · loading 5 % · esc stops")
        await stop(story, gate)
        assert "stopped: as last seen 12:00:00 UTC" in story.lines[0]
        assert len(story.screen.fleet.backups) == count
        await story.press("D")
        assert story.dialog is None
        assert "Nothing can be changed, r reads the lists: they were not read to their end." in story.screen.status.text


async def test_a_load_that_is_stopped_again_later_shows_the_more_that_came(demo: DemoService, gate: Event) -> None:
    async with telling(demo, settled=False, size=WIDE) as story:
        await stop(story, gate)
        later = Event()
        demo.faults.clear()
        demo.faults.add(Fault(path="page=9", until=later))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(live_screen, "_LONG", 0.0)
            patch.setattr(live_screen, "_REPAINT", 0.0)
            await story.press("r")
            await story.until(lambda: demo.count("GET", "page=13") == 1, "the pages before the ninth")
            await stop(story, later)
        assert len(story.screen.fleet.backups) > 6 * EACH


async def test_while_pages_come_the_cursor_stays_on_the_first_row_until_it_is_moved(
    demo: DemoService, gate: Event
) -> None:
    oldest = demo.service.backups()[0].id
    async with telling(demo, settled=False, size=WIDE) as story:
        await story.sees("· esc stops")
        await story.press("S")  # the oldest first, which come last
        assert story.cursor.id != oldest
        gate.set()
        await story.settled()
        assert story.cursor.id == oldest
        await story.press("S")
        assert story.cursor.id == oldest, "from now on it belongs to its backup"


async def test_while_pages_come_a_cursor_that_was_moved_stays_on_its_backup(demo: DemoService, gate: Event) -> None:
    async with telling(demo, settled=False, size=WIDE) as story:
        await story.sees("· esc stops")
        await story.press("S", "down")
        chosen = story.cursor
        gate.set()
        await story.settled()
        assert story.cursor == chosen
        assert story.screen.table.cursor != 1
