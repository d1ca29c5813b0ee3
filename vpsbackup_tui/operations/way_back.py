"""What undoes a restore: the copy of the server that was made before it."""

from collections.abc import Iterable
from typing import NamedTuple

from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.operations.operation import Action, Operation, Outcome


class NoWayBackError(Exception):
    """A restore can't be undone; `message` says why, in clean words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WayBack(NamedTuple):
    """A restore that can be undone, and the backup that was made of its server before it."""

    restore: Operation
    copy: Backup

    @property
    def words(self) -> str:
        """Return what the copy is."""
        source = f" from backup {self.restore.backup.id}" if self.restore.backup else ""
        return f"Backup {self.copy.id} is {self.restore.server_word} as it was before its last restore{source}."


def way_back(history: Iterable[Operation], fleet: Fleet, server_id: Id | None = None) -> WayBack:
    """Return what undoes the last restore of a server, of any server of the fleet where none is named.

    `history` is newest first, and holds what other accounts have done, whose backups may
    have the same ids. Raises `NoWayBackError` where there was no restore, or no copy was
    made before it, or that is gone.
    """
    # One list may give ids as numbers, another one as text.
    meant = {str(server.id) for server in fleet.servers} if server_id is None else {str(server_id)}
    restores = (
        each
        for each in history
        if each.action is Action.RESTORE and each.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)
    )
    last = next((each for each in restores if str(each.server_id) in meant), None)
    if last is None:
        raise NoWayBackError("No restore is known that could be undone.")
    if last.outcome is Outcome.RUNNING and (last.safety is None or last.safety.is_busy):
        raise NoWayBackError(f"A restore of {last.server_word} is under way, or was cut off: `history` tells which.")
    if last.safety is None:
        raise NoWayBackError(f"{last.server_word} was not backed up before its last restore: that can't be undone.")
    copy = fleet.backup(last.safety.id)
    if copy is None or not _is_same(last, last.safety, copy):
        made = f"Backup {last.safety.id}, made of {last.server_word} before its last restore"
        other = ": another one has its id now" if copy else ""
        raise NoWayBackError(f"{made}, is not listed any more{other}.")
    return WayBack(last, copy)


def _is_same(restore: Operation, made: Backup, listed: Backup) -> bool:
    """Tell whether a backup that is listed is the one that was made before a restore, and none with the same id."""
    if str(listed.server_id) != str(restore.server_id):
        return False
    return None in (made.created, listed.created) or made.created == listed.created
