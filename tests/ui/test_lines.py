from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from vpsbackup_tui.fleet.index import Counts
from vpsbackup_tui.ui.lines import HeaderLine, Line, StatusLine, TypeTabs
from vpsbackup_tui.ui.words import Freshness, Whose, facts_line, top_line

NOW = 1_737_000_000.0  # 2025-01-16 04:00:00 UTC
COUNTS = Counts(41, 9, 32)


class Counting(HeaderLine):
    """A header that counts how often it is painted."""

    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += 1
        return super().render_line(y)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str | None] = []

    def compose(self) -> ComposeResult:
        self.tabs, self.header, self.status = TypeTabs(), Counting(now=NOW), StatusLine()
        yield from (self.header, self.tabs, self.status)

    def on_type_tabs_chosen(self, event: TypeTabs.Chosen) -> None:
        self.chosen.append(event.backup_type)


@asynccontextmanager
async def running(cells: int = 100) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=(cells, 5)) as pilot:
        yield app, pilot


def shown(line: Line) -> str:
    strip = line.render_line(0)
    assert strip.cell_length == sum(segment.cell_length for segment in strip) == line.size.width
    return strip.text.strip()


async def test_the_tabs_tell_the_server_and_a_count_for_each_type() -> None:
    async with running() as (app, _):
        app.tabs.show("web-server-01", COUNTS, "manual")
        assert shown(app.tabs) == "Backups · web-server-01 ──  All 41 │ Manual 9 │ Automatic 32"


async def test_the_chosen_tab_is_told_by_more_than_colour() -> None:
    async with running() as (app, _):
        app.tabs.show("", COUNTS, "manual")
        assert "all servers" in shown(app.tabs)
        reversed_texts = [text for text, style, _ in app.tabs.render_line(0) if style and style.reverse]
        assert reversed_texts == [" Manual 9 "]


async def test_a_click_on_a_tab_chooses_its_type() -> None:
    async with running() as (app, pilot):
        app.tabs.show("日本語[/nope]", COUNTS, None)
        await pilot.pause()
        strip = app.tabs.render_line(0).text
        for word, wide in (("Manual", 3), ("Automatic", 3), ("All", 3), ("日", 0), ("│", 3)):
            await pilot.click(TypeTabs, offset=(strip.index(word) + wide, 0))
        assert app.chosen == ["manual", "automatic", None]


async def test_the_name_gives_way_to_the_tabs_on_a_narrow_screen() -> None:
    async with running(50) as (app, _):
        app.tabs.show("a-very-long-name-of-a-server", COUNTS, None)
        assert shown(app.tabs) == "a-very-long-n…  All 41 │ Manual 9 │ Automatic 32"


async def test_the_header_tells_account_and_host_and_what_is_off() -> None:
    async with running() as (app, _):
        app.header.identify(Whose("prod", "ops@[b]example.com", "admin.vps.org", ["READ-ONLY", "DEMO"]))
        assert shown(app.header) == "VPS Backups   [READ-ONLY] [DEMO] prod · ops@[b]example.com · admin.vps.org"


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        (3, "as of 03:59:57 UTC · just now"),
        (8, "as of 03:59:52 UTC · 5 s ago"),
        (130, "as of 03:57:50 UTC · 2 min ago"),
        (86_400, "as of 2025-01-15 04:00:00 UTC · 1 d ago"),
    ],
)
async def test_the_header_tells_how_fresh_everything_is(past: float, expected: str) -> None:
    async with running() as (app, _):
        app.header.show_fresh(NOW - past)
        assert shown(app.header) == expected


async def test_stale_loading_and_offline_read_differently() -> None:
    async with running() as (app, _):
        app.header.show_loading(1_200, 4_100)
        assert shown(app.header) == "loading 1,200 of 4,100"
        app.header.show_loading(1_200, 4_100, hint="esc stops")
        assert shown(app.header) == "loading 1,200 of 4,100 · esc stops"
        app.header.show_loading()
        assert shown(app.header) == "loading"
        app.header.show_stale(NOW - 300, NOW - 20)
        assert shown(app.header) == "stale: as of 03:55:00 UTC, last try failed 20 s ago"
        for left, words in ((900, "in 15 min"), (115, "in 2 min"), (59.5, "in 1 min"), (21, "in 25 s"), (0, "now")):
            app.header.show_stale(NOW - 300, NOW, "told to wait", again_at=NOW + left)
            assert shown(app.header) == f"told to wait: as of 03:55:00 UTC, reads again {words}"
        app.header.show_stale(None, NOW, "offline")
        assert shown(app.header) == "offline: last try failed just now"
        app.header.show_fresh(NOW)
        assert shown(app.header) == "as of 04:00:00 UTC · just now"
        app.header.show_loading(1_200, 4_100, hint="esc stops")
        assert shown(app.header) == "as of 04:00:00 UTC · just now · loading 29 % · esc stops"
        app.header.show_stopped(NOW)
        assert shown(app.header) == "stopped: as of 04:00:00 UTC · just now"
        app.header.show_fresh(NOW)
        assert shown(app.header) == "as of 04:00:00 UTC · just now"


@pytest.mark.parametrize("cells", [60, 80])
async def test_a_narrow_header_tells_all_but_the_time_of_day(cells: int) -> None:
    async with running(cells) as (app, pilot):
        app.header.identify(Whose("prod", "ops@example.com", "admin.vps.org"))
        app.header.show_last_seen(NOW - 30 * 3600)
        app.header.show_loading(1_200, 4_100, hint="esc stops")
        assert shown(app.header).endswith(" seen 1 d 6 h ago · loading 29 % · esc stops")
        assert ("VPS Backups" in shown(app.header)) == (cells == 80)
        app.header.show_stale(None, NOW - 20, "offline")
        assert shown(app.header).endswith(" offline: seen 1 d 6 h ago")
        assert "prod · admin.vps.org " in shown(app.header)
        app.header.show_fresh(NOW - 30 * 3600)
        app.header.show_loading(1_200, 4_100, hint="stopping")
        assert shown(app.header).endswith("read 1 d 6 h ago · loading 29 % · stopping")
        assert "prod" in shown(app.header)
        await pilot.resize_terminal(110, 5)
        await pilot.pause()
        assert "as of 2025-01-14 22:00:00 UTC · 1 d 6 h ago · loading 29 % · stopping" in shown(app.header)


@pytest.mark.parametrize(
    ("cells", "left", "right"),
    [
        (100, "prod · ops@example.com · admin.vps.org", "as of 04:00:00 UTC · just now"),
        (80, "prod · admin.vps.org", "as of 04:00:00 UTC · just now"),
        (60, "prod · admin.vps.org", "read just now"),
    ],
)
async def test_the_header_names_account_and_host_before_all_else(cells: int, left: str, right: str) -> None:
    async with running(cells) as (app, _):
        app.header.identify(Whose("prod", "ops@example.com", "admin.vps.org"))
        app.header.show_fresh(NOW)
        assert shown(app.header).startswith(f"VPS Backups   {left} ")
        assert shown(app.header).endswith(f" {right}")


async def test_the_header_is_painted_only_when_it_reads_otherwise() -> None:
    async with running() as (app, pilot):
        app.header.show_fresh(NOW)
        await pilot.pause()
        for second in range(10):
            app.header.painted = 0
            app.header.tick(NOW + second)
            await pilot.pause()
            assert app.header.painted == (second == 5)


async def test_the_status_line_counts_what_is_shown() -> None:
    async with running() as (app, _):
        app.status.show(facts_line(shown=41, total=212, size_mb=185_344, running=1))
        assert shown(app.status) == "41 of 212 shown · 181 GB · 1 running"
        app.status.show(facts_line(shown=1, total=1))
        assert shown(app.status) == "1 backup"


async def test_the_status_line_shows_the_filter_and_a_note_as_they_are() -> None:
    async with running() as (app, _):
        note = "2 of 9: the service did not send all"
        app.status.show(facts_line(shown=0, total=2, filter_text="[/x]\x1b]52;c;aGk=\x07", note=note))
        text = shown(app.status)
        assert text.startswith("0 of 2 shown · filter [/x]")
        assert "\x1b" not in text
        assert text.endswith("· 2 of 9: the service did not send all")


async def test_a_countdown_goes_before_everything_else() -> None:
    async with running(40) as (app, _):
        app.status.show(facts_line(shown=2, total=2))
        app.status.say("deleting 501 in 4 s, z takes it back")
        assert shown(app.status).startswith("deleting 501 in 4 s, z takes it back")
        app.status.say("")
        assert shown(app.status) == "2 backups"


@pytest.mark.parametrize(
    ("fresh", "age"),
    [
        ({}, "read 3 min ago"),
        ({"failed_at": 100.0, "offline": "token refused"}, "token refused: read 3 min ago"),
        ({"failed_at": 100.0}, "stale: read 3 min ago"),
        ({"loading": (0, None, "")}, "read 3 min ago · loading"),
    ],
)
def test_account_host_and_age_stand_whole_on_the_smallest_screen(fresh: dict[str, Any], age: str) -> None:
    whose = Whose("production", "ops@example.com", "admin.vps.org", ())
    left, right = top_line(whose, Freshness(as_of=0.0, **fresh), 200.0, 60)
    texts = ["".join(text for _, text in side) for side in (left, right)]
    assert texts[0].endswith(" production · admin.vps.org")
    assert texts[1] == f"{age} "
    assert sum(map(len, texts)) <= 60
