"""Looking at an account: the first load, filter, types, servers, order."""

from threading import Event

import pytest
from rich.cells import cell_len

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService, Fault


async def test_the_first_load_shows_servers_backups_and_whose_they_are(demo: DemoService) -> None:
    async with telling(demo) as story:
        count = len(demo.service.backups())
        assert f"All {count}" in story.text
        assert "web-server-01" in story.text
        assert "prod · ops@example.com" in story.text
        assert "as of 12:00:00 UTC" in story.text
        assert story.cursor == story.screen.fleet.backups[story.screen.fleet.select(story.screen.query_shown)[0]]
        assert story.changes == []


async def test_the_first_frame_comes_before_anything_is_answered(demo: DemoService) -> None:
    demo.latency = 0.2
    async with telling(demo, settled=False) as story:
        await story.sees("Reading the backups", "q Quit")
        assert "(n New)" in story.text
        await story.settled()
        assert "Reading the backups" not in story.text


async def test_rows_show_while_pages_still_come(demo: DemoService) -> None:
    let_go = Event()
    held = demo.faults.add(Fault(path="page=3", until=let_go))
    async with telling(demo, settled=False) as story:
        await story.sees("loading", " of ", "completed")
        assert held.struck <= 1
        assert not story.screen.is_settled
        let_go.set()
        await story.settled()
        assert len(story.screen.fleet.backups) == len(demo.service.backups())


async def test_no_letter_of_a_filter_waits_until_what_is_searched_is_made(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.until(lambda: "search" in vars(story.screen.fleet), "the texts")
        assert story.screen.query_shown.text == ""


async def test_a_filter_narrows_as_it_is_typed_and_escape_clears_it(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("/")
        await story.type("web-server-02")
        assert "filter web-server-02" in story.text
        assert story.cursor.server_name == "web-server-02"
        await story.press("enter", "escape")
        assert "filter web" not in story.text
        assert story.screen.query_shown.text == ""


async def test_of_keys_that_come_at_once_each_goes_where_the_one_before_it_led(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.burst("/", *"new-server D", "escape", "/", *"web-server-01", "enter", "j", "j")
        assert story.dialog is None
        assert story.screen.query_shown.text == "web-server-01"
        assert story.screen.table.cursor == 2
        await story.burst("escape", "h", "j", "enter", "S", "k", "k", "?")
        assert story.screen.query_shown.server_id == story.screen.fleet.servers[0].id
        assert story.screen.table.has_focus
        assert not story.screen.query_shown.descending
        assert story.dialog is not None
        before = story.screen.table.cursor or 0
        await story.burst("escape", "j", "j")
        assert story.dialog is None
        assert story.screen.table.cursor == before + 2


async def test_a_filter_outlives_a_refresh(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("/")
        await story.type("git")
        await story.press("enter", "r")
        await story.until(lambda: story.reads == 2)
        await story.settled()
        assert "filter git" in story.text
        assert story.cursor.server_name == "git-01"


async def test_a_filter_that_finds_nothing_says_how_to_clear_it(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("/")
        await story.type("zzz")
        assert "Nothing matches the filter." in story.text
        assert "esc clears it" in story.text
        assert "(D Delete)" in story.text


@pytest.mark.parametrize("key", ["slash", "n"])
async def test_a_pasted_token_gets_into_no_field_that_shows_it(demo: DemoService, key: str) -> None:
    async with telling(demo) as story:
        await story.press(key)
        await story.paste(demo.token)
        await story.sees("Not taken: it holds the token in use, and others can see it.")
        assert demo.token not in story.text
        await story.type("vps_8f3ac1d09be24f71")  # which may be a name
        assert "vps_8f3ac1d09be24f71" in story.text


async def test_pasted_control_codes_never_reach_the_filter(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("/")
        await story.paste("a\x1b]52;c;x\x07\u202eb\nsecond line")
        assert "\x1b" not in story.text
        assert "\u202e" not in story.text


async def test_brackets_go_through_the_types(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("]")
        assert {story.screen.fleet.backups[row].type for row in story.screen.table._view} == {"manual"}
        await story.press("]")
        assert story.cursor.type == "automatic"
        await story.press("]", "[", "[")
        assert story.cursor.type == "manual"


async def test_a_chosen_server_shows_only_its_backups_and_zero_shows_all(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("h", "j", "j", "l")
        server_id = story.screen.query_shown.server_id
        assert server_id is not None
        assert story.cursor.server_id == server_id
        assert "Backups · " + story.cursor.server_name in story.text
        await story.press("0")
        assert story.screen.query_shown.server_id is None


async def test_escape_clears_the_filter_first_and_then_shows_all_servers(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("h", "j", "l", "/", "0", "enter", "escape")
        assert story.screen.query_shown.text == ""
        assert story.screen.query_shown.server_id is not None
        await story.press("escape")
        assert story.screen.query_shown.server_id is None


async def test_sorting_goes_through_the_columns_that_are_seen(demo: DemoService) -> None:
    async with telling(demo) as story:
        seen = [story.screen.query_shown.sort]
        for _ in story.screen.table.columns[1:]:
            await story.press("s")
            seen.append(story.screen.query_shown.sort)
            assert "▼" in story.text or "▲" in story.text
        assert sorted(seen) == sorted(story.screen.table.columns)


async def test_sorting_the_other_way_round_keeps_the_cursor_on_its_backup(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("j", "j")
        before = story.cursor
        await story.press("S")
        assert story.cursor == before
        assert "▲" in story.text


@pytest.mark.parametrize("name", ["other way", "sort.reverse"])
async def test_the_palette_runs_an_action_by_its_words_or_its_name(demo: DemoService, name: str) -> None:
    async with telling(demo) as story:
        await story.press(":")
        await story.type(name)
        await story.press("enter")
        await story.until(lambda: not story.screen.query_shown.descending)


async def test_help_lists_every_action_with_its_keys(demo: DemoService) -> None:
    async with telling(demo, size=(100, 60), keymap={"refresh": "x", "copy": ""}) as story:
        await story.press("?")
        assert "x                read everything again" in story.text


@pytest.mark.parametrize("columns", [60, 80])
async def test_help_says_all_that_can_be_taken_back_however_narrow_it_is(demo: DemoService, columns: int) -> None:
    async with telling(demo, size=(columns, 70)) as story:
        await story.press("?")
        words = " z take back what is confirmed and not sent yet "
        await story.until(lambda: words in " ".join(story.text.replace("│", " ").split()))


async def test_copying_tells_what_went_to_the_clipboard(demo: DemoService) -> None:
    async with telling(demo) as story:
        backup = story.cursor
        await story.press("y", "1")
        await story.sees(f"clipboard: {backup.id}")
        assert story.app.clipboard == str(backup.id)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36), (200, 50)])
async def test_every_size_has_its_table_and_its_keys(demo: DemoService, size: tuple[int, int]) -> None:
    async with telling(demo, size=size) as story:
        assert "completed" in story.text
        assert "q Quit" in story.text
        assert {cell_len(line) for line in story.lines} == {size[0]}


async def test_a_narrow_screen_folds_the_servers_away_until_they_are_asked_for(demo: DemoService) -> None:
    async with telling(demo, size=(60, 15)) as story:
        assert "≡ All servers" not in story.text
        await story.press("h")
        assert "≡ All servers" in story.text
        await story.press("j", "enter")
        assert "≡ All servers" not in story.text
        assert story.screen.query_shown.server_id is not None
        assert f"›{story.cursor.id}" in story.text
        assert "● completed" in story.text


async def test_a_screen_that_is_too_small_says_what_it_needs_and_changes_nothing(demo: DemoService) -> None:
    async with telling(demo, size=(80, 24)) as story:
        await story.resize(59, 14)
        assert "60×15 is needed" in story.text
        await story.press("D")
        assert story.dialog is None
        await story.resize(80, 24)
        assert "is needed" not in story.text
        assert "completed" in story.text


async def test_what_a_small_screen_forbids_is_forbidden_no_longer_than_it_is_small(demo: DemoService) -> None:
    async with telling(demo, size=(59, 14)) as story:
        await story.press("r", "D")
        await story.settled()
        assert "too small to change anything" in story.screen.status.message
        await story.resize(80, 24)
        assert "n New  R Restore  D Delete" in story.text
        assert "too small" not in story.text


async def test_help_begins_with_what_can_be_done_where_the_focus_is(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("question_mark")
        assert "Here: the backups" in story.text
        await story.press("escape", "h", "question_mark")
        assert "Here: the servers" in story.text


async def test_the_palette_says_what_cannot_run_now(demo: DemoService) -> None:
    demo.service.clear_backups()
    async with telling(demo) as story:
        await story.press("colon")
        await story.type("restore")
        assert "(restore the server from this backup: not now)" in story.text
        await story.press("enter")
        await story.sees("No backup is selected.")


async def test_a_dialog_on_a_screen_that_is_too_small_says_so_and_takes_no_key(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("R")
        await story.type("st")
        await story.resize(50, 10)
        assert "60×15 is needed" in story.text
        assert "Restore from" not in story.text
        await story.press("y", "x", "enter")
        await story.resize(100, 30)
        assert "Restore from" in story.text
        await story.type("a")
        assert "› sta" in story.text
        await story.press("escape")
        assert story.changes == []


async def test_nothing_is_counted_that_is_not_known(demo: DemoService) -> None:
    demo.faults.add(Fault(status=503, times=None))
    async with telling(demo) as story:
        await story.settled()
        assert "0 backups" not in story.text
        assert "All 0" not in story.text
        assert "not read" in story.text


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36)])
async def test_the_row_under_the_cursor_is_in_sight_at_both_ends(demo: DemoService, size: tuple[int, int]) -> None:
    async with telling(demo, size=size) as story:
        for key in ("G", "k", "g", "pagedown", "pageup"):
            await story.press(key)
            assert f"›{story.cursor.id}" in story.text
