from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from tests.ui.measuring import laid_out_by
from vpsbackup_tui.demo.records import iso
from vpsbackup_tui.fleet.index import Column, Fleet, Query
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.ui.table.backup_columns import Times
from vpsbackup_tui.ui.table.backup_table import BackupTable
from vpsbackup_tui.ui.widths.kinds import Widths
from vpsbackup_tui.ui.widths.tables import lay_out_by

NOW = 1_737_000_000.0
HOSTILE = ["[/nope] [b]x", "[@click=app.quit]y[/]", "日本語サーバー", "சென்னை-சேவையகம்", "e\u0301\u0301", "x" * 200]


class Counting(BackupTable):
    """A table that counts what it formats, and notes which lines it has painted again."""

    formatted = 0

    def __init__(self, *, now: float) -> None:
        self.painted: set[int] = set()
        super().__init__(now=now)

    def paint_row(self, index: int, cells: int) -> list[tuple[str, str]]:
        self.formatted += 1
        return super().paint_row(index, cells)

    def refresh(self, *regions: Region, **options: bool) -> Self:
        if self.is_attached:
            self.painted.update(y for region in regions or [self.size.region] for y in region.line_range)
        return super().refresh(*regions, **options)


class Host(App[None]):
    CSS = "BackupTable { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []

    def compose(self) -> ComposeResult:
        self.table = Counting(now=NOW)
        yield self.table

    def on_backup_table_highlighted(self, event: BackupTable.Highlighted) -> None:
        self.heard.append(("highlighted", event.backup and event.backup.id))

    def on_backup_table_sort_asked(self, event: BackupTable.SortAsked) -> None:
        self.heard.append(("sort", event.column))

    def on_backup_table_opened(self, event: BackupTable.Opened) -> None:
        self.heard.append(("opened", event.backup.id))


def backup(number: int, **fields: object) -> Backup:
    base = Backup(
        id=number,
        server_id=1,
        server_name="web-server-01",
        type="manual",
        status="completed",
        created_at=iso(NOW - 60 * number),
    )
    return msgspec.structs.replace(base, **fields)


def fleet(*numbers: int) -> Fleet:
    return Fleet([backup(number) for number in numbers])


@asynccontextmanager
async def showing(shown: Fleet, size: tuple[int, int] = (100, 24)) -> AsyncIterator[tuple[BackupTable, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.table.focus()
        app.table.show(shown, shown.select(Query()))
        await pilot.pause()
        yield app.table, pilot


def text_of(table: BackupTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def without_bar(table: BackupTable) -> list[str]:
    return [line[:-1] for line in text_of(table)]


def cursor_id(table: BackupTable) -> object:
    return table.cursor_backup and table.cursor_backup.id


def heard(pilot: Pilot[None]) -> list[tuple[str, object]]:
    assert isinstance(pilot.app, Host)
    return pilot.app.heard


async def test_a_first_load_selects_the_first_row() -> None:
    async with showing(fleet(1, 2, 3)) as (table, pilot):
        assert cursor_id(table) == 1
        assert heard(pilot) == [("highlighted", 1)]


async def test_the_cursor_stays_on_its_backup_when_rows_come_and_go() -> None:
    async with showing(fleet(1, 2, 3)) as (table, pilot):
        await pilot.press("j")
        for numbers in ((5, 4, 1, 2, 3), (2, 3), (0, 2)):
            shown = fleet(*numbers)
            table.show(shown, shown.select(Query()))
            assert cursor_id(table) == 2
        await pilot.pause()
        assert heard(pilot)[-1] == ("highlighted", 2)
        assert len(heard(pilot)) == 2


async def test_the_cursor_stays_on_its_backup_when_the_order_changes() -> None:
    shown = fleet(*range(100))
    async with showing(shown) as (table, pilot):
        await pilot.press("j", "j")
        for query in (Query(descending=False), Query(sort=Column.ID), Query()):
            table.show(shown, shown.select(query), by_user=True)
            assert cursor_id(table) == 2
            assert any(line.startswith("›2 ") for line in text_of(table))


async def test_nothing_is_selected_when_the_backup_is_gone() -> None:
    async with showing(fleet(1, 2, 3, 4)) as (table, pilot):
        await pilot.press("j")
        shown = fleet(1, 3, 4)
        table.show(shown, shown.select(Query()))
        await pilot.pause()
        assert table.cursor_backup is None
        assert heard(pilot)[-1] == ("highlighted", None)
        assert not any(line.startswith("›") for line in text_of(table))
        await pilot.press("enter")
        assert heard(pilot)[-1] == ("highlighted", None)


@pytest.mark.parametrize(("key", "expected"), [("j", 3), ("k", 1), ("G", 4), ("g", 1)])
async def test_the_next_move_goes_on_where_the_lost_backup_was(key: str, expected: int) -> None:
    async with showing(fleet(1, 2, 3, 4)) as (table, pilot):
        await pilot.press("j")
        shown = fleet(1, 3, 4)
        table.show(shown, shown.select(Query()))
        await pilot.press(key)
        assert cursor_id(table) == expected


async def test_a_backup_that_comes_back_is_selected_again() -> None:
    shown = fleet(1, 2, 3)
    async with showing(shown) as (table, pilot):
        await pilot.press("G")
        table.show(shown, [0])
        assert table.cursor_backup is None
        table.show(shown, [0, 1, 2])
        assert cursor_id(table) == 3


async def test_another_view_that_the_user_asked_for_starts_at_its_first_row() -> None:
    shown = fleet(1, 2, 3)
    async with showing(shown) as (table, pilot):
        await pilot.press("G")
        table.show(shown, [0, 1], by_user=True)
        assert cursor_id(table) == 1


async def test_ids_may_be_texts_and_are_never_taken_for_numbers() -> None:
    async with showing(Fleet([backup(1, id="1"), backup(2, id="b7e0-uuid")])) as (table, _):
        shown = Fleet([backup(0, id=1), backup(1, id="1")])
        table.show(shown, [0, 1])
        assert cursor_id(table) == "1"


async def test_an_unreadable_backup_keeps_the_cursor_though_it_has_no_id() -> None:
    odd = Backup(id=None, unreadable=True, raw={"what": 1})
    async with showing(Fleet([odd])) as (table, _):
        assert "unreadable backup" in text_of(table)[1]
        shown = Fleet([backup(1), odd])
        table.show(shown, [0, 1])
        assert table.cursor_backup == odd


async def test_a_key_that_found_no_row_ties_the_cursor_to_none() -> None:
    async with showing(Fleet()) as (table, pilot):
        table.stays_at_top = True
        await pilot.press("j", "G")
        for numbers in ((2, 3), (1, 2, 3)):
            shown = fleet(*numbers)
            table.show(shown, shown.select(Query()))
            assert cursor_id(table) == numbers[0]


async def test_keys_move_the_cursor() -> None:
    async with showing(fleet(*range(100)), size=(80, 21)) as (table, pilot):
        for key, expected in [
            ("down", 1),
            ("k", 0),
            ("k", 0),
            ("pagedown", 20),
            ("ctrl+d", 30),
            ("ctrl+u", 20),
            ("pageup", 0),
            ("G", 99),
            ("j", 99),
            ("home", 0),
            ("end", 99),
            ("g", 0),
        ]:
            await pilot.press(key)
            assert cursor_id(table) == expected, key
            assert any(line.startswith(f"›{expected} ") for line in text_of(table)), key


async def test_enter_and_a_double_click_open_a_backup() -> None:
    async with showing(fleet(1, 2, 3)) as (_, pilot):
        await pilot.press("enter")
        await pilot.click(BackupTable, offset=(5, 3), times=2)
        await pilot.pause()
        assert [said for said in heard(pilot) if said[0] == "opened"] == [("opened", 1), ("opened", 3)]


async def test_a_click_selects_its_row_and_below_the_last_nothing() -> None:
    async with showing(fleet(1, 2, 3)) as (table, pilot):
        await pilot.click(BackupTable, offset=(5, 2))
        assert cursor_id(table) == 2
        await pilot.click(BackupTable, offset=(5, 12))
        assert cursor_id(table) == 2


async def test_a_click_on_a_title_asks_to_sort_by_it() -> None:
    async with showing(fleet(1, 2, 3)) as (table, pilot):
        await pilot.click(BackupTable, offset=(text_of(table)[0].index("Size"), 0))
        await pilot.pause()
        assert heard(pilot)[-1] == ("sort", Column.SIZE)


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with showing(fleet(*range(100))) as (table, pilot):
        table.scroll_rows(3)
        await pilot.pause()
        assert cursor_id(table) == 0
        assert text_of(table)[1].split()[0] == "3"
        table.scroll_rows(-300)
        assert text_of(table)[1].split()[0].lstrip("›") == "0"
        table.scroll_rows(3000)
        assert text_of(table)[-1].split()[0] == "99"


async def test_rows_that_come_and_go_above_move_nothing_that_is_read() -> None:
    async with showing(fleet(*range(100, 200))) as (table, pilot):
        await pilot.press("pagedown", "pagedown", "k", "k")
        before = without_bar(table)
        for first in (40, 100, 95):
            shown = fleet(*range(first, 200))
            table.show(shown, shown.select(Query()))
            assert without_bar(table) == before, first


async def test_where_the_first_row_is_in_sight_so_is_one_that_comes_before_it() -> None:
    async with showing(fleet(*range(100, 200))) as (table, pilot):
        await pilot.press("j")
        shown = fleet(*range(99, 200))
        table.show(shown, shown.select(Query()))
        assert text_of(table)[1].startswith(" 99 ")
        assert text_of(table)[3].startswith("›101 ")
        shown = fleet(*range(200))
        table.show(shown, shown.select(Query()))
        assert text_of(table)[3].startswith("›101 "), "where there is no room for all, nothing moves"


async def test_what_the_wheel_has_scrolled_to_stays_when_rows_come_and_the_next_key_leads_back() -> None:
    async with showing(fleet(*range(100, 200))) as (table, pilot):
        table.stays_at_top = True
        table.scroll_rows(50)
        for stays_at_top in (True, False):
            table.stays_at_top = stays_at_top
            before = without_bar(table)
            shown = fleet(*range(100, 220))
            table.show(shown, shown.select(Query()))
            assert without_bar(table) == before
            assert cursor_id(table) == 100
        await pilot.press("j")
        assert text_of(table)[1].startswith("›101 ")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36), (1, 1)])
@pytest.mark.parametrize("marks", [0, 1])
async def test_hostile_and_wide_texts_are_literal_and_leave_rows_straight(size: tuple[int, int], marks: int) -> None:
    rows = [backup(number, server_name=text, description=text) for number, text in enumerate(HOSTILE)]
    with laid_out_by(Widths(spacing_marks=marks)):
        async with showing(Fleet(rows), size=size) as (table, _):
            strips = [table.render_line(y) for y in range(table.size.height)]
        assert {strip.cell_length for strip in strips} == {size[0]}
        assert {sum(segment.cell_length for segment in strip) for strip in strips} == {size[0]}
        if size[0] >= 60:
            assert "[/nope] [b]x" in strips[1].text


async def test_a_table_whose_letters_take_other_widths_is_laid_out_anew() -> None:
    name = "சென்னை-சேவையகம்-01"
    with laid_out_by(Widths(spacing_marks=0)):
        async with showing(Fleet([backup(1, server_name=name, description="x")]), size=(80, 5)) as (table, pilot):
            before = table.render_line(1)
            lay_out_by(Widths(spacing_marks=1))
            table.measure_anew()
            table.refresh(layout=True)
            await pilot.pause()
            after = table.render_line(1)
            assert name in before.text
            assert name in after.text
            assert (cell_len(before.text), cell_len(after.text)) == (80 + 4, 80)


async def test_a_move_paints_two_lines() -> None:
    async with showing(fleet(*range(100))) as (table, pilot):
        assert isinstance(table, Counting)
        table.painted.clear()
        await pilot.press("j")
        assert table.painted == {1, 2}


async def test_nothing_out_of_sight_is_formatted() -> None:
    many = Fleet([backup(number) for number in range(100_000)])
    async with showing(many) as (table, pilot):
        assert isinstance(table, Counting)
        assert table.formatted <= 2 * table.size.height
        table.formatted = 0
        await pilot.press("G")
        assert table.formatted <= 2 * table.size.height
        assert cursor_id(table) == 99_999


async def test_nothing_is_painted_when_nothing_reads_otherwise() -> None:
    async with showing(fleet(*range(1, 50))) as (table, pilot):
        assert isinstance(table, Counting)
        table.painted.clear()
        table.tick(NOW + 0.5)
        table.set_marks({})
        again = fleet(*range(1, 50))
        table.show(again, again.select(Query()))
        await pilot.pause()
        assert table.painted == set()


async def test_a_tick_paints_only_the_ages_that_changed() -> None:
    rows = [backup(1, created_at=iso(NOW - 59)), backup(2, created_at=iso(NOW - 10 * 86400))]
    async with showing(Fleet(rows)) as (table, pilot):
        assert isinstance(table, Counting)
        table.painted.clear()
        table.tick(NOW + 1)
        await pilot.pause()
        assert table.painted == {1}
        assert "1 min" in text_of(table)[1]


async def test_a_mark_paints_only_its_row() -> None:
    async with showing(fleet(1, 2, 3)) as (table, pilot):
        assert isinstance(table, Counting)
        table.painted.clear()
        table.set_marks({2: "deleting"})
        await pilot.pause()
        assert table.painted == {2}
        assert "» deleting" in text_of(table)[2]


@pytest.mark.parametrize("no_color", ["", "1"])
async def test_its_lines_are_those_that_textual_would_make(no_color: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    async with showing(fleet(*range(1, 40))) as (table, pilot):
        for keys in ((), ("j", "j"), ("end",)):
            await pilot.press(*keys)
            whole = table.size.region
            assert painted(table.render_lines(whole)) == painted(Widget.render_lines(table, whole))
            part = Region(3, 2, 20, 4)
            assert painted(table.render_lines(part)) == painted(Widget.render_lines(table, part))


def painted(strips: list[Strip]) -> list[str]:
    console = Console(color_system="truecolor", force_terminal=True)
    return [strip.simplify().render(console) for strip in strips]


async def test_the_first_paint_after_another_size_is_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    too_wide: set[int] = set()

    def render(table: BackupTable, crop: Region) -> list[Strip]:
        strips = paint(table, crop)
        too_wide.update(strip.cell_length - crop.width for strip in strips)
        return strips

    async with showing(fleet(*range(1, 100))) as (_, pilot):
        paint = BackupTable.render_lines
        monkeypatch.setattr(BackupTable, "render_lines", render)
        await pilot.resize_terminal(90, 12)
        await pilot.pause()
    assert too_wide == {0}


async def test_times_can_be_shown_exactly() -> None:
    async with showing(fleet(1)) as (table, _):
        table.set_times(Times.UTC)
        assert "Created UTC ▼" in text_of(table)[0]
        assert "2025-01-16 03:59" in text_of(table)[1]


async def test_a_message_takes_the_place_of_rows_and_of_the_selection() -> None:
    async with showing(fleet(1, 2)) as (table, pilot):
        table.show_message("Can't reach [b]admin[/nope]", "r tries again.\ndoctor says more.")
        await pilot.press("j", "enter")
        lines = [line.strip() for line in text_of(table)]
        assert "Can't reach [b]admin[/nope]" in lines
        assert lines.index("doctor says more.") == lines.index("r tries again.") + 1
        assert table.cursor_backup is None
        assert heard(pilot)[-1] == ("highlighted", None)
        table.clear_message()
        assert cursor_id(table) == 1


async def test_an_empty_table_takes_every_key() -> None:
    async with showing(Fleet()) as (table, pilot):
        await pilot.press("j", "k", "G", "g", "pagedown", "ctrl+u", "enter")
        assert table.cursor_backup is None
        assert heard(pilot) == []


async def test_the_cursor_stays_in_sight_when_the_screen_shrinks() -> None:
    async with showing(fleet(*range(100)), size=(100, 40)) as (table, pilot):
        table.move_to(35)
        await pilot.resize_terminal(60, 15)
        await pilot.pause()
        assert any(line.startswith("›35 ") for line in text_of(table))
        assert table.size.width == 60


async def test_the_focus_is_told_by_more_than_colour() -> None:
    async with showing(fleet(1)) as (table, pilot):
        styles = [table.render_line(1)._segments[0].style]
        table.blur()
        await pilot.pause()
        styles.append(table.render_line(1)._segments[0].style)
        assert [bool(style and style.reverse) for style in styles] == [True, False]
        assert [bool(style and style.bold) for style in styles] == [False, True]
