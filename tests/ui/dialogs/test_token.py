"""Asking for a token: what is kept, and that it never shows."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.ui.dialogs.stage import Stage, showing
from vpsbackup_tui.accounts.tokens import Place
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.secret import Token
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.fields import SecretField
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog
from vpsbackup_tui.ui.dialogs.token import TokenAnswer, TokenDialog

SECRET = "vps_canary_0123456789"
REFUSAL = "The service refused the token (401)."


async def accept(token: Token) -> None:
    """Take every token."""


async def refuse(token: Token) -> None:
    """Take none."""
    raise ServiceError(REFUSAL)


def asking(
    check: Callable[[Token], Awaitable[object]] = accept, *, keyring_works: bool | None = True
) -> Callable[[], TokenDialog]:
    return lambda: TokenDialog(
        "prod",
        "admin.vps.org",
        "No token is kept for this account.",
        keyring_works=keyring_works,
        file_path="/home/ops/.config/vpsbackup-tui/token",
        check=check,
    )


def value(stage: Stage) -> str:
    return stage.dialog.query_one(SecretField).value


async def test_a_pasted_token_that_passes_is_the_answer() -> None:
    async with showing(asking()) as stage:
        await stage.paste(f"  {SECRET}\r\n")
        assert stage.answers == []
        await stage.press("enter")
        assert stage.answers == [TokenAnswer(Token(SECRET), Place.KEYRING)]


async def test_a_typed_token_that_passes_is_the_answer() -> None:
    async with showing(asking()) as stage:
        await stage.type(SECRET)
        await stage.press("enter")
        assert stage.answers == [TokenAnswer(Token(SECRET), Place.KEYRING)]


async def test_a_refused_token_is_not_lost_and_the_dialog_says_why() -> None:
    async with showing(asking(refuse)) as stage:
        await stage.paste(SECRET)
        await stage.press("enter")
        await stage.settle()
        assert REFUSAL in stage.screen_text
        assert stage.answers == []
        assert value(stage) == SECRET
        assert not stage.dialog.query_one("#test", DialogButton).disabled


@pytest.mark.parametrize("keys", [(), ("ctrl+u",)])
async def test_another_token_takes_the_place_of_the_refused_one(keys: tuple[str, ...]) -> None:
    async with showing(asking(refuse)) as stage:
        await stage.paste("vps_the_wrong_one")
        await stage.press("enter")
        await stage.settle()
        await stage.press(*keys)
        await stage.paste(SECRET)
        assert value(stage) == SECRET


async def test_the_button_is_dead_while_the_token_is_tested_and_escape_still_leaves() -> None:
    asked: list[Token] = []

    async def never(token: Token) -> None:
        asked.append(token)
        await asyncio.Event().wait()

    async with showing(asking(never)) as stage:
        await stage.paste(SECRET)
        await stage.press("enter", "enter", "enter")
        assert stage.dialog.query_one("#test", DialogButton).disabled
        assert len(asked) == 1
        await stage.press("escape")
        assert stage.answers == [None]


@pytest.mark.parametrize("unsound", ["short", "vps_with a space in it", "vps_smart“quotes”", "vps_\x1b]52;c;eA==\x07"])
async def test_what_cannot_be_a_token_is_refused_without_repeating_it(unsound: str) -> None:
    async with showing(asking()) as stage:
        await stage.paste(unsound)
        await stage.press("enter")
        assert "This can't be a token" in stage.screen_text
        assert unsound not in stage.screen_text
        assert stage.answers == []


async def test_an_empty_field_asks_nobody() -> None:
    async with showing(asking(refuse)) as stage:
        await stage.press("enter")
        assert "Nothing is entered yet." in stage.screen_text
        assert stage.answers == []


async def test_a_huge_paste_is_not_taken() -> None:
    async with showing(asking()) as stage:
        await stage.paste("x" * 200_000)
        assert value(stage) == ""
        assert "too long" in stage.screen_text


async def test_the_clipboard_gets_nothing_of_the_token() -> None:
    async with showing(asking()) as stage:
        await stage.paste(SECRET)
        stage.dialog.query_one(SecretField).select_all()
        await stage.press("ctrl+c", "ctrl+x", "super+c")
        assert stage.app.clipboard == ""
        assert value(stage) == SECRET


async def test_a_picture_of_the_screen_does_not_hold_the_token() -> None:
    async with showing(asking(refuse)) as stage:
        await stage.type(SECRET)
        await stage.press("enter")
        await stage.settle()
        assert SECRET not in stage.app.export_screenshot()
        assert SECRET not in stage.screen_text


async def test_the_field_is_emptied_on_leaving() -> None:
    async with showing(asking()) as stage:
        field = stage.dialog.query_one(SecretField)
        await stage.paste(SECRET)
        await stage.press("escape")
        assert field.value == ""


async def test_without_a_keyring_the_default_is_this_session_only() -> None:
    async with showing(asking(keyring_works=False)) as stage:
        assert "/home/ops/.config/vpsbackup-tui/token" in stage.screen_text
        assert "plain text" in stage.screen_text
        assert "VPS_API_TOKEN" in stage.screen_text
        await stage.paste(SECRET)
        await stage.press("enter")
        assert stage.answers == [TokenAnswer(Token(SECRET), Place.NONE)]


async def test_a_file_in_plain_text_must_be_chosen() -> None:
    async with showing(asking(keyring_works=False)) as stage:
        await stage.paste(SECRET)
        await stage.press("tab", "down", "enter")
        assert stage.answers == [TokenAnswer(Token(SECRET), Place.FILE)]


async def test_with_a_keyring_no_file_is_offered() -> None:
    for keyring_works in (True, None):
        async with showing(asking(keyring_works=keyring_works)) as stage:
            assert "the OS keyring" in stage.screen_text
            assert "plain text" not in stage.screen_text


async def test_a_test_that_ends_under_another_dialog_leaves_that_one_open() -> None:
    let_go = asyncio.Event()

    async def check(token: Token) -> None:
        await let_go.wait()

    async with showing(asking(check)) as stage:
        await stage.type(SECRET)
        await stage.press("enter")
        quitting, left = QuitDialog([], seconds=60), list[bool | None]()
        stage.app.push_screen(quitting, left.append)
        await stage.pilot.pause()
        let_go.set()
        await stage.settle()
        assert stage.app.screen_stack[1:] == [stage.dialog, quitting]
        assert stage.answers == []
        quitting.answer(None)
        await stage.settle()
        assert left == [None]
        assert stage.answers == [TokenAnswer(Token(SECRET), Place.KEYRING)]
        assert len(stage.app.screen_stack) == 1
