"""A change is had again from what was kept of it."""

import pytest

from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.changes import Change, Create, Delete, Restore, change_of
from vpsbackup_tui.operations.operation import Action, Operation

BACKUP = Backup(id=501, server_id=7, server_name="web")


@pytest.mark.parametrize(
    ("action", "backup", "change"),
    [
        (Action.CREATE, None, Create(server_id=7, server_name="web", description="before")),
        (Action.CREATE, BACKUP, Create(server_id=7, server_name="web", description="before")),
        (Action.DELETE, BACKUP, Delete(server_id=7, server_name="web", backup=BACKUP)),
        (Action.RESTORE, BACKUP, Restore(server_id=7, server_name="web", backup=BACKUP)),
    ],
)
def test_a_change_that_was_kept_is_the_one_that_was_begun(
    action: Action, backup: Backup | None, change: Change
) -> None:
    operation = Operation(
        id="op-1", action=action, server_id=7, server_name="web", backup=backup, description="before", at=1.0
    )
    assert change_of(operation) == change


@pytest.mark.parametrize("action", [Action.DELETE, Action.RESTORE])
def test_a_delete_or_restore_that_names_no_backup_is_none(action: Action) -> None:
    with pytest.raises(ValueError, match=f"^a {action} without a backup$"):
        change_of(Operation(id="op-1", action=action, server_id=7, at=1.0))
