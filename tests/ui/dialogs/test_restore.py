"""Restoring a server: what confirms it, and what it says is lost."""

from functools import partial

from tests.ui.dialogs.stage import BACKUP, HERE, HOSTILE, SERVER, backup, showing
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.restore import RestoreAnswer, RestoreDialog, ask_about_ground, ask_about_unknown


def _same(dialog: Dialog[bool]) -> Dialog[bool]:
    return dialog


def restore() -> RestoreDialog:
    return RestoreDialog(BACKUP, SERVER, HERE, newer_points=3)


async def test_the_name_of_the_server_restores_it() -> None:
    async with showing(restore) as stage:
        await stage.type("web-server-01")
        await stage.press("enter")
        assert stage.answers == [RestoreAnswer(safe=False)]


async def test_the_button_restores_once_the_name_is_typed() -> None:
    async with showing(restore) as stage:
        await stage.type("web-server-01")
        await stage.press("tab", "tab", "tab", "enter")
        assert stage.answers == [RestoreAnswer(safe=False)]


async def test_escape_restores_nothing() -> None:
    async with showing(restore) as stage:
        await stage.type("web-server-01")
        await stage.press("escape")
        assert stage.answers == [None]


async def test_n_is_typed_into_the_field_and_y_and_enter_restore_nothing() -> None:
    async with showing(restore) as stage:
        await stage.press("n", "y", "R", "enter")
        assert stage.answers == []
        assert stage.dialog.query_one("#confirm", DialogButton).disabled


async def test_the_id_of_the_server_does_where_its_name_cannot_be_typed() -> None:
    named = Server(id=12345, name="wéb")
    async with showing(lambda: RestoreDialog(backup(server_name="wéb"), named, HERE, newer_points=0)) as stage:
        assert "type its id: 12345" in stage.screen_text
        await stage.type("12345")
        await stage.press("enter")
        assert stage.answers == [RestoreAnswer(safe=False)]


async def test_it_says_what_is_lost() -> None:
    async with showing(restore) as stage:
        assert "Everything on web-server-01 since 2025-01-16 03:00 UTC (2 d 4 h) is overwritten." in stage.words
        assert "This server has 3 newer restore points." in stage.words


async def test_it_says_whose_server_it_is() -> None:
    async with showing(restore) as stage:
        assert "prod · ops@example.com · admin.vps.org" in stage.screen_text
        assert "web-server-01 · id 12345" in stage.screen_text


async def test_it_says_so_where_the_time_of_the_backup_is_not_known() -> None:
    undated = backup(created_at=None)
    async with showing(lambda: RestoreDialog(undated, SERVER, HERE, newer_points=0)) as stage:
        assert "when is not known" in stage.words
        assert "No newer restore point of this server is listed." in stage.screen_text


async def test_what_is_lost_stays_in_sight_on_a_small_screen() -> None:
    shown = backup(server_name=HOSTILE * 10, description=HOSTILE * 10)
    server = Server(id=12345, name=HOSTILE * 10)
    async with showing(lambda: RestoreDialog(shown, server, HERE, newer_points=3), size=(60, 15)) as stage:
        assert "overwritten" in stage.screen_text
        assert "type its id: 12345" in stage.screen_text


async def test_the_present_state_can_be_backed_up_first() -> None:
    async with showing(restore) as stage:
        await stage.type("web-server-01")
        await stage.press("tab", "down", "enter")
        assert stage.answers == [RestoreAnswer(safe=True)]


async def test_where_only_one_way_is_in_sight_it_says_which_of_how_many() -> None:
    async with showing(restore, size=(60, 15)) as stage:
        assert "› restore at once" in stage.screen_text
        assert "1 of 2" in stage.screen_text
        await stage.press("tab", "down")
        assert "› back up its present state first, wait for that… 2 of 2" in stage.screen_text
    async with showing(restore) as stage:
        assert "1 of 2" not in stage.screen_text


async def test_the_machine_one_stands_on_is_named() -> None:
    dialog = RestoreDialog(BACKUP, SERVER, HERE, newer_points=3, likeness="it has the address 203.0.113.10")
    async with showing(lambda: dialog) as stage:
        assert "This is the machine you are standing on: it has the address 203.0.113.10." in stage.words


async def test_a_backup_that_may_go_meanwhile_is_said_to_on_the_smallest_screen() -> None:
    dialog = RestoreDialog(BACKUP, SERVER, HERE, newer_points=3, doubt="It may go.", likeness="it has your name")
    async with showing(lambda: dialog, size=(60, 15)) as stage:
        assert "It may go." in stage.screen_text
        assert "is overwritten" in stage.screen_text
        assert "type its name" in stage.screen_text


async def test_a_second_thought_says_whose_server_it_is_and_why_on_the_smallest_screen() -> None:
    ground = ask_about_ground(SERVER, HERE, "it has the name web-server-01")
    for dialog, why in ((ground, "your way in may be gone."), (ask_about_unknown(SERVER, HERE), "Look at the server")):
        async with showing(partial(_same, dialog), (60, 15)) as stage:
            for words in (HERE.account, HERE.host, "web-server-01", why):
                assert words in stage.words


async def test_a_second_thought_needs_words_of_its_own() -> None:
    async with showing(lambda: ask_about_ground(SERVER, HERE, "it has the name web-server-01")) as stage:
        await stage.type("web-server-01")
        await stage.press("enter")
        assert stage.answers == []
    async with showing(lambda: ask_about_ground(SERVER, HERE, "it has the name web-server-01")) as stage:
        await stage.type("overwrite this machine")
        await stage.press("enter")
        assert stage.answers == [True]
