"""Every dialog on small and large screens: all of it within, its buttons always in sight."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.dialogs.stage import BACKUP, HERE, NOW, OLDER, backup, showing
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.operation import Action, Operation
from vpsbackup_tui.ui.actions import HelpEntry
from vpsbackup_tui.ui.dialogs.activity import ActivityDialog
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.copying import CopyDialog
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.delete import KeyDeleteDialog, TypedDeleteDialog
from vpsbackup_tui.ui.dialogs.details import DetailsDialog
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.help import HelpDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog
from vpsbackup_tui.ui.dialogs.token import SecondPlaceDialog, TokenDialog

LONG = "w" * 256
SERVER = Server(id="s" * 64, name=LONG)
SHOWN = backup(
    id="b" * 64, server_id=SERVER.id, server_name=LONG, description=LONG, status="s" * 60, raw={"description": "\x1b"}
)
OPERATION = Operation(id="a", action=Action.RESTORE, server_id=1, server_name=LONG, backup=SHOWN, at=NOW, message=LONG)


async def accept(token: object) -> None:
    """Take every token."""


def token(problem: str) -> TokenDialog:
    return TokenDialog(LONG, LONG, problem, keyring_works=False, file_path="/" + LONG, check=accept)


DIALOGS: dict[str, Callable[[], Dialog[Any]]] = {
    "delete": lambda: KeyDeleteDialog(BACKUP, HERE, remaining=[OLDER]),
    "delete, long": lambda: TypedDeleteDialog(SHOWN, HERE, remaining=[]),
    "restore, long": lambda: RestoreDialog(SHOWN, SERVER, HERE, newer_points=1_000),
    "create": lambda: CreateDialog([SERVER], SERVER, HERE, running={SERVER.id}),
    "create, many": lambda: CreateDialog([SERVER] * 1000, None, HERE),
    "token": lambda: token(LONG),
    "token, second place": lambda: SecondPlaceDialog(LONG, LONG, LONG, file_path="/" + LONG),
    "details": lambda: DetailsDialog(SHOWN, HERE),
    "copy": lambda: CopyDialog(SHOWN, LONG),
    "help": lambda: HelpDialog([HelpEntry("Group", "k", LONG)] * 50),
    "activity": lambda: ActivityDialog([OPERATION] * 20, HERE),
    "activity, not read": lambda: ActivityDialog([OPERATION], HERE, unread=LONG),
    "quit": lambda: QuitDialog([OPERATION] * 5, seconds=60),
}


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_fits_with_its_fields_and_buttons_in_sight(name: str) -> None:
    async with showing(DIALOGS[name], (60, 15)) as stage:
        for size in ((60, 15), (80, 24)):
            await stage.pilot.resize_terminal(*size)
            dialog = stage.dialog
            assert dialog.size == size
            assert dialog.region.contains_region(dialog.query_one("#box").region)
            inner = dialog.query_one("#box").content_region
            for widget in [*dialog.query(DialogButton), *dialog.query(Field)]:
                assert inner.contains_region(widget.region)
                assert widget.region.height == 1
                assert widget.region.width >= 5
            assert dialog.query_one("#body").region.height >= 2
            assert not dialog.query_one("#body").region.overlaps(dialog.query_one("#foot").region)
