"""Making a backup: of which server, and called what."""

import pytest

from tests.ui.dialogs.stage import HERE, HOSTILE, SERVER, showing
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.create import CreateAnswer, CreateDialog
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.gate import Gate, Pace

MANY = [Server(id=1000 + number, name=f"node-{number:04}") for number in range(3000)]


def of_one() -> CreateDialog:
    return CreateDialog([SERVER], SERVER, HERE)


def of_many() -> CreateDialog:
    return CreateDialog(MANY, None, HERE, running={1007})


async def test_enter_in_the_description_makes_one_backup() -> None:
    async with showing(of_one) as stage:
        await stage.type("Pre-deployment backup")
        await stage.press("enter", "enter", "enter")
        assert stage.answers == [CreateAnswer(SERVER, "Pre-deployment backup")]


async def test_a_description_is_optional_and_the_button_sends_too() -> None:
    async with showing(of_one) as stage:
        await stage.press("tab", "tab", "enter")
        assert stage.answers == [CreateAnswer(SERVER, "")]


async def test_a_description_typed_without_a_pause_is_taken_whole_and_only_enter_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=3600))
    async with showing(of_one) as stage:
        await stage.press(*"no rush")
        assert stage.dialog.query_one("#description", Field).value == "no rush"
        await stage.press("enter")
        assert stage.answers == []
        assert "did not show yet" in stage.screen_text


async def test_what_is_typed_before_the_field_has_the_focus_is_taken_too() -> None:
    async with showing(of_one) as stage:
        stage.dialog.set_focus(None)
        await stage.press(*"no rush")
        assert stage.dialog.query_one("#description", Field).value == "no rush"
        await stage.press("tab", "tab", "n")
        assert stage.answers == [None], "where a button has the focus, n cancels"


async def test_a_click_on_create_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(of_one) as stage:
        await stage.pilot.click("#create")
        assert stage.answers == [CreateAnswer(SERVER, "")]


async def test_escape_makes_nothing() -> None:
    async with showing(of_one) as stage:
        await stage.press("n", "escape")
        assert stage.answers == [None]


async def test_a_pasted_description_is_taken_and_sends_nothing() -> None:
    async with showing(of_one) as stage:
        await stage.paste("Before the move\r\n")
        assert stage.answers == []
        await stage.press("enter")
        assert stage.answers == [CreateAnswer(SERVER, "Before the move")]


async def test_an_unmarked_paste_with_a_line_end_sends_nothing() -> None:
    async with showing(of_one) as stage:
        await stage.burst("a", "b", "enter", "c")
        await stage.burst("d", "enter")
        assert stage.answers == []


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("x" * 256, "at most 255"),
        ("see vps_4f9d2c81aa7be3605d", "must not hold a token"),
        ("a\x1b]52;c;eA==\x07", "hidden or control"),
        ("a\nb", "hidden"),
        ("a\u202eb", "hidden"),
    ],
)
async def test_a_description_that_the_service_or_the_screen_cannot_take_is_declined(pasted: str, reason: str) -> None:
    async with showing(of_one) as stage:
        await stage.paste(pasted)
        assert reason in stage.screen_text
        await stage.press("enter")
        assert stage.answers == [CreateAnswer(SERVER, "")]


async def test_a_description_of_255_characters_is_taken() -> None:
    async with showing(of_one) as stage:
        await stage.paste("x" * 255)
        await stage.press("enter")
        assert stage.answers == [CreateAnswer(SERVER, "x" * 255)]


async def test_typing_narrows_thousands_of_servers_and_enter_takes_one() -> None:
    async with showing(of_many) as stage:
        await stage.type("node-12")
        await stage.press("down", "down", "enter")
        assert stage.answers == []
        await stage.type("why")
        await stage.press("enter")
        assert stage.answers == [CreateAnswer(MANY[1202], "why")]


async def test_it_says_which_server_it_would_be() -> None:
    async with showing(of_many) as stage:
        await stage.type("1003")
        assert "Makes a backup of node-0003 · id 1003" in stage.screen_text


async def test_without_a_match_nothing_can_be_made() -> None:
    async with showing(of_many) as stage:
        await stage.type("nope")
        assert "No such server." in stage.screen_text
        assert stage.dialog.query_one("#create", DialogButton).disabled
        await stage.press("enter", "enter")
        assert stage.answers == []
        assert "nothing is sent" in stage.screen_text


async def test_without_servers_nothing_can_be_made() -> None:
    async with showing(lambda: CreateDialog([], None, HERE)) as stage:
        await stage.press("enter", "enter")
        assert stage.answers == []


async def test_it_says_that_a_backup_is_being_made_already() -> None:
    async with showing(of_many) as stage:
        await stage.type("1007")
        assert "A backup of node-0007 is being made, or may be." in stage.screen_text


async def test_a_click_chooses_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(of_many) as stage:
        await stage.pilot.click("PickList", offset=(3, 2))
        assert "Makes a backup of node-0002" in stage.screen_text
        assert stage.answers == []


async def test_names_in_the_list_are_shown_as_they_are() -> None:
    async with showing(lambda: CreateDialog([Server(id=1, name=HOSTILE)], None, HERE)) as stage:
        assert stage.screen_text.count(HOSTILE) == 2
