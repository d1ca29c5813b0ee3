"""Whether a server may be being restored from a backup right now, so that nobody deletes what it is read from."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vpsbackup_tui.fleet.formats import exact_text
from vpsbackup_tui.fleet.models import RESTORING, Backup, Id, Server
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome, in_doubt

MAY_LAST = 600.0
"""Seconds after its start for which a restore counts as under way, though the server's status tells of none."""


class UnderRestore(NamedTuple):
    """A restore that may read a backup; `since` is None where it is not known to be from this one.

    `ids` are those of the changes that it may be; none where none is known. Where the server `is_gone`, nobody will
    know what became of it.
    """

    ids: frozenset[str]
    server: str
    since: float | None
    is_reported: bool = False
    is_gone: bool = False

    def words(self, since: str) -> str:
        """Return what is to be said before the backup is deleted; `since` is when the restore was started, as text."""
        if self.is_gone:
            return f"{self.server} isn't listed any more; what became of its restore from this backup is not known."
        if self.since is None:
            return f"{self.server} is being restored, perhaps from this backup."
        if self.is_reported:
            return f"{self.server} is being restored from this backup since {since}."
        return f"A {self.started_at(since)}."

    def started_at(self, since: str) -> str:
        """Return what to say of a restore of which nobody reports whether it still runs, to go into a sentence."""
        return f"restore of {self.server} from this backup was started at {since}, and may still run"


def under_restore(
    backup: Backup, server: Server | None, operations: Sequence[Operation], now: Moment, *, is_gone: bool = False
) -> UnderRestore | None:
    """Return the restore that may still read a backup, by the server's status and the changes made, newest first.

    One of unknown outcome forbids the delete by itself, unless the server `is_gone`: then it is asked about.
    """
    last = last_restore(backup.server_id, operations)
    since = last.at if last is not None and _is_from(last, backup) else None
    ids = frozenset({last.id} if last else ())
    from_it = [each for each in operations if _is_from(each, backup)]
    if is_gone and (unknown := in_doubt(from_it, backup.server_id)):
        return UnderRestore(ids | unknown, backup.server_word, None, is_gone=True)
    if server is not None and server.status in RESTORING:
        return UnderRestore(ids, backup.server_word, since, is_reported=True)
    if last is not None and since is not None and last.age(now) < MAY_LAST:
        return UnderRestore(ids, backup.server_word, since)
    return None


def may_still_run(server_id: Id | None, operations: Sequence[Operation], now: Moment) -> str:
    """Return what to say before a server is restored whose last restore may still run; empty where it may not."""
    last = last_restore(server_id, operations)
    if last is None or last.backup is None or last.age(now) >= MAY_LAST:
        return ""
    which = f"A restore of {last.server_word} from backup {last.backup.id}"
    return f"{which} was started at {exact_text(last.at)} UTC, and may still run."


def last_restore(server_id: Id | None, operations: Iterable[Operation]) -> Operation | None:
    """Return the last restore of a server that the service has started, of changes that are newest first."""
    restores = (each for each in operations if each.action is Action.RESTORE and each.outcome is Outcome.DONE)
    return next((each for each in restores if str(each.server_id) == str(server_id)), None)


def _is_from(operation: Operation, backup: Backup) -> bool:
    """Tell whether a change is about this backup."""
    return operation.backup is not None and operation.backup.id == backup.id
