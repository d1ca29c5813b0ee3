"""What is to be typed before a loss: a paste that the terminal doesn't mark confirms nothing, whatever ends it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.ui.dialogs.stage import BACKUP, HERE, SERVER, backup, showing
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog, TypedDeleteDialog
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog, ask_about_ground, ask_about_unknown


def delete_of(backup_id: int) -> DeleteDialog:
    return TypedDeleteDialog(backup(id=backup_id), HERE, remaining=[])


def restore_of(server: Server) -> RestoreDialog:
    return RestoreDialog(BACKUP, server, HERE, newer_points=0)


DIALOGS: Sequence[tuple[Callable[[], Dialog[Any]], str]] = (
    (lambda: delete_of(98_765), "98765"),
    (lambda: restore_of(SERVER), "web-server-01"),
    (lambda: restore_of(Server(id=12345, name="wéb")), "12345"),
    (lambda: ask_about_ground(SERVER, HERE, "its name"), "overwrite this machine"),
    (lambda: ask_about_unknown(SERVER, HERE), "restore again"),
    (lambda: delete_of(501), "501"),
    (lambda: restore_of(Server(id=7, name="db")), "db"),
)
"""Every dialog that wants a typed text, and that text."""
TEXTS = [text for _, text in DIALOGS]
LONG = 5
"""How many of them, from the first, want a text that no hand types in one go."""


@pytest.mark.parametrize(("make", "text"), DIALOGS, ids=TEXTS)
@pytest.mark.parametrize("pasted", ["{}", "{}\r", "{}\r\r", "\r{}\r", "{}\ry\r", "dy", "dy\r", "Dy{}\r", "y\r{}"])
async def test_an_unmarked_paste_confirms_nothing_that_is_to_be_typed(
    make: Callable[[], Dialog[Any]], text: str, pasted: str
) -> None:
    async with showing(make) as stage:
        await stage.burst(*("enter" if key == "\r" else key for key in pasted.format(text)))
        assert stage.answers == []
        assert stage.app.screen is stage.dialog


@pytest.mark.parametrize(("make", "text"), DIALOGS[:LONG], ids=TEXTS[:LONG])
async def test_enter_behind_an_unmarked_paste_of_more_than_a_few_keys_confirms_nothing(
    make: Callable[[], Dialog[Any]], text: str
) -> None:
    async with showing(make) as stage:
        await stage.burst(*text)
        assert stage.dialog.query_one("#typed", Field).value == ""
        assert "Pasted text isn't taken here: type it." in stage.words
        await stage.press("enter", "enter")
        assert stage.answers == []
