"""Deleting a backup: what confirms it, and all that doesn't."""

import pytest
from textual import events

from tests.ui.dialogs.stage import BACKUP, HERE, HOSTILE, OLDER, Stage, backup, showing
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.delete import DeleteAnswer, DeleteDialog, KeyDeleteDialog, TypedDeleteDialog
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.gate import Gate, Pace


def ordinary(shown: Backup = BACKUP) -> DeleteDialog:
    return KeyDeleteDialog(shown, HERE, remaining=[OLDER])


def last() -> DeleteDialog:
    return TypedDeleteDialog(BACKUP, HERE, remaining=[])


def typed(stage: Stage) -> str:
    return stage.dialog.query_one("#typed", Field).value


def reason(stage: Stage) -> str:
    return stage.dialog.query_one("#reason", Field).value


def is_dead(stage: Stage) -> bool:
    return stage.dialog.query_one("#confirm", DialogButton).disabled


async def test_y_deletes_an_ordinary_backup() -> None:
    async with showing(ordinary) as stage:
        await stage.press("y")
        assert stage.answers == [DeleteAnswer()]


@pytest.mark.parametrize("key", ["escape", "n", "enter"])
async def test_what_cancels_deletes_nothing(key: str) -> None:
    async with showing(ordinary) as stage:
        await stage.press(key)
        assert stage.answers == [None]


@pytest.mark.parametrize("keys", ["dy", "y\ry", "my diary", "yyyy"])
async def test_a_burst_with_a_y_in_it_confirms_nothing(keys: str) -> None:
    async with showing(ordinary) as stage:
        await stage.burst(*("enter" if key == "\r" else key for key in keys))
        assert not any(stage.answers)


async def test_a_key_soon_after_the_y_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(quiet=0.6))
    async with showing(ordinary) as stage:
        stage.post("y")
        while not stage.dialog.is_deciding:
            await stage.pilot.pause()
        stage.post("x", after=0.1)
        await stage.settle()
        assert stage.answers == []


async def test_a_burst_of_the_opening_key_and_y_confirms_nothing() -> None:
    app_keys = ("D", "y")
    async with showing(ordinary) as stage:
        await stage.press("escape")
        stage.answers.clear()
        stage.app.dialog = ordinary()
        await stage.burst(*app_keys)
        assert stage.app.screen is stage.app.dialog
        assert stage.answers == []


async def test_keys_before_the_dialog_had_stood_for_a_moment_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=3600))
    async with showing(ordinary) as stage:
        await stage.press("y", "n", "tab", "enter")
        assert stage.answers == []
        assert not stage.dialog.is_ready


async def test_escape_cancels_before_the_dialog_had_stood_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=3600))
    async with showing(ordinary) as stage:
        await stage.press("y", "escape")
        assert stage.answers == [None]


async def test_a_paste_confirms_nothing() -> None:
    async with showing(ordinary) as stage:
        await stage.paste("y")
        assert stage.answers == []


async def test_keys_too_close_together_say_so() -> None:
    async with showing(ordinary) as stage:
        await stage.burst("m", "y")
        assert "burst of keys" in stage.screen_text


async def test_the_keyboard_can_move_to_delete_and_press_it() -> None:
    async with showing(ordinary) as stage:
        await stage.press("tab", "enter")
        assert stage.answers == [DeleteAnswer()]


async def test_a_click_on_delete_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(ordinary) as stage:
        for _ in range(3):
            await stage.pilot.click("#confirm", times=2)
        assert stage.answers == []
        assert stage.dialog.focused is stage.dialog.query_one("#confirm")


async def test_a_click_on_delete_counts_once_the_keyboard_has_moved_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(ordinary) as stage:
        await stage.press("tab")
        await stage.pilot.click("#confirm")
        assert stage.answers == [DeleteAnswer()]


async def test_a_click_that_comes_too_early_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=3600))
    async with showing(ordinary) as stage:
        await stage.pilot.click("#cancel")
        assert stage.answers == []


async def test_the_id_deletes_the_last_backup() -> None:
    async with showing(last) as stage:
        assert is_dead(stage)
        await stage.type("501")
        assert not is_dead(stage)
        await stage.press("enter")
        assert stage.answers == [DeleteAnswer()]


async def test_y_and_enter_delete_no_last_backup() -> None:
    async with showing(last) as stage:
        await stage.press("enter", "y", "enter")
        assert stage.answers == []
        await stage.press("escape")
        assert stage.answers == [None]


@pytest.mark.parametrize("typed", ["50", "5011", "500", "501 "])
async def test_a_wrong_id_keeps_the_button_dead(typed: str) -> None:
    async with showing(last) as stage:
        await stage.type(typed)
        assert is_dead(stage)
        await stage.press("enter")
        assert stage.answers == []
        assert "nothing is done" in stage.screen_text


async def test_an_id_changed_back_makes_the_button_dead_again() -> None:
    async with showing(last) as stage:
        await stage.type("501")
        await stage.press("backspace")
        assert is_dead(stage)


async def test_a_paste_into_the_confirming_field_changes_nothing() -> None:
    async with showing(last) as stage:
        await stage.paste("501")
        assert typed(stage) == ""
        assert "type it" in stage.screen_text
        stage.app.copy_to_clipboard("501")
        await stage.press("ctrl+v", "enter")
        assert typed(stage) == ""
        assert stage.answers == []


async def test_an_unmarked_paste_of_the_id_confirms_nothing() -> None:
    async with showing(last) as stage:
        await stage.burst("5", "0", "1", "enter")
        assert stage.answers == []


async def test_a_long_unmarked_paste_is_not_taken() -> None:
    async with showing(last) as stage:
        await stage.burst(*"web-server-01")
        assert typed(stage) == ""
        await stage.type("501")
        assert typed(stage) == "501"


async def test_it_shows_what_it_is_about_and_what_remains() -> None:
    async with showing(ordinary) as stage:
        text = stage.screen_text
        for fact in (
            "prod · ops@example.com · admin.vps.org",
            "501 · automatic · completed · 4.4 GB",
            "web-server-01 · id 12345",
            "2025-01-16 03:00 UTC · 2 d ago",
            "Automatic daily backup",
            "can't be undone",
            "Left for this server: 1 completed backup, the newest of 2025-01-14",
        ):
            assert fact in text


async def test_it_says_that_a_backup_is_the_last_one() -> None:
    async with showing(last) as stage:
        assert "the server's last completed backup" in stage.screen_text
        assert "No other completed backup of this server is sure to be left." in stage.screen_text


async def test_it_says_that_the_service_still_works_on_a_backup() -> None:
    async with showing(lambda: ordinary(backup(status="in_progress"))) as stage:
        assert "still works on this backup" in stage.screen_text


async def test_names_are_shown_as_they_are_and_never_act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(lambda: ordinary(backup(server_name=HOSTILE, description=HOSTILE))) as stage:
        assert stage.screen_text.count(HOSTILE) == 2
        for value in stage.dialog.query(".value"):
            await stage.pilot.click(value, offset=(8, 0))
        assert stage.app.is_running
        assert stage.answers == []


async def test_hidden_characters_and_mixed_scripts_are_said() -> None:
    name = "web-s\u0435rver"
    shown = backup(server_name=name, raw={"description": "daily\u202e"})
    async with showing(lambda: ordinary(shown)) as stage:
        assert "Contains hidden characters" in stage.screen_text
        assert "web-s\\u0435rver" in stage.screen_text


async def test_a_reason_may_be_given_before_the_y_and_keys_in_it_are_text() -> None:
    async with showing(ordinary) as stage:
        await stage.press("w")
        await stage.type("yny why")
        assert "it confirms nothing" in stage.words
        await stage.press("enter")
        assert stage.answers == []
        assert reason(stage) == "yny why"
        assert stage.dialog.focused is stage.dialog.query_one("#cancel")
        assert "it confirms nothing" not in stage.words
        await stage.press("y")
        assert stage.answers == [DeleteAnswer("yny why")]


async def test_escape_in_the_reason_deletes_nothing() -> None:
    async with showing(ordinary) as stage:
        await stage.press("w", "y", "escape")
        assert stage.answers == [None]


async def test_enter_twice_in_the_reason_deletes_nothing() -> None:
    async with showing(ordinary) as stage:
        await stage.press("w", "y", "enter", "enter")
        assert stage.answers == [None]


async def test_a_paste_into_the_reason_is_taken_and_confirms_nothing() -> None:
    async with showing(ordinary) as stage:
        await stage.press("w")
        await stage.paste("old\n")
        assert reason(stage) == "old"
        await stage.paste("a\ny\n")
        assert reason(stage) == "old"
        assert "hidden or control characters" in stage.words
        await stage.burst(*" and y", "enter", "y")
        assert reason(stage) == "old and yy"
        assert stage.answers == []


async def test_a_burst_that_begins_a_reason_confirms_nothing() -> None:
    async with showing(ordinary) as stage:
        await stage.burst(*"why y", "enter", "y")
        assert not any(stage.answers)


async def test_a_reason_that_is_too_long_is_declined_with_the_limit() -> None:
    async with showing(ordinary) as stage:
        await stage.press("w")
        await stage.paste("x" * 256)
        assert reason(stage) == ""
        assert "a reason has at most 255 characters" in stage.words
        await stage.paste("x" * 255)
        await stage.press("enter", "y")
        assert stage.answers == [DeleteAnswer("x" * 255)]


async def test_beside_the_id_the_reason_is_a_tab_away_and_makes_nothing_live() -> None:
    async with showing(last) as stage:
        await stage.press("tab")
        await stage.type("501")
        assert (typed(stage), reason(stage)) == ("", "501")
        assert is_dead(stage)
        await stage.press("enter")
        await stage.type("501")
        await stage.press("enter")
        assert stage.answers == [DeleteAnswer("501")]


async def test_dragging_and_the_wheel_confirm_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(ordinary) as stage:
        for start, end in (("#cancel", "#confirm"), ("#confirm", "#cancel"), ("#remains", "#confirm")):
            await stage.pilot.mouse_down(start)
            await stage.pilot.hover(end)
            await stage.pilot.mouse_up(end)
        await stage.pilot.mouse_down("#confirm", offset=(1, 0))
        await stage.pilot.mouse_up("#confirm", offset=(6, 0))
        for widget in ("#confirm", "#cancel", "#reason", "#remains"):
            x, y = stage.dialog.query_one(widget).region.offset
            for kind in (events.MouseScrollDown, events.MouseScrollUp):
                stage.app.post_message(kind(None, x, y, 0, 0, 0, False, False, False))
        await stage.settle()
        assert stage.answers == []
        assert stage.app.screen is stage.dialog
