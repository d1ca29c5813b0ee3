"""The copy that a safe restore makes of its server first: with it there is a way back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from vpsbackup_tui.api.errors import RefusedError, ServiceError
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.changes import Create
from vpsbackup_tui.operations.follow import BackupLists, follow_backup
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.operations.tenure import Tenure


class NoCopyError(Exception):
    """There is no copy to go back to; `message` says why, in clean words, `status` is the HTTP status of a refusal.

    `outcome` is what that makes of the restore: refused only where the copy was refused.
    `copy` is the one that is being made all the same.
    """

    def __init__(
        self,
        message: str,
        outcome: Outcome = Outcome.NOT_SENT,
        *,
        status: int | None = None,
        copy: Backup | None = None,
    ) -> None:
        super().__init__(message)
        self.copy = copy
        self.message = message
        self.outcome = outcome
        self.status = status


def copy_before(restore: Operation) -> Create:
    """Return the backup that is made of a server's present state before a restore."""
    return Create(
        server_id=restore.server_id,
        server_name=restore.server_name,
        description=f"Before restoring backup {restore.backup.id}" if restore.backup else "Before a restore",
        part_of=restore.id,
    )


def copy_begun(safety: Operation) -> Backup:
    """Return the backup that the service has begun to make; raise `NoCopyError` where it may not have."""
    if safety.outcome is Outcome.DONE and safety.backup is not None:
        return safety.backup
    outcome = Outcome.REFUSED if safety.outcome is Outcome.REFUSED else Outcome.NOT_SENT
    why = f"the safety backup was {safety.word}"
    if safety.outcome is Outcome.UNKNOWN:
        why = "it is not known whether the safety backup is being made"
    raise NoCopyError(f"Nothing was restored: {why}. {safety.message}", outcome, status=safety.status)


async def copy_completed(
    service: BackupLists, copy: Backup, tenure: Tenure, *, pause: Callable[[float], Awaitable[Any]]
) -> Backup:
    """Return the copy once it is completed; raise `NoCopyError` where it fails, goes, or the tenure ends before."""
    following = asyncio.ensure_future(follow_backup(service, copy, pause=pause))
    stopped = asyncio.ensure_future(tenure.ended())
    try:
        await asyncio.wait([following, stopped], return_when=asyncio.FIRST_COMPLETED)
        if tenure.why:
            raise NoCopyError(
                f"Nothing was restored: {tenure.why} before safety backup {copy.id} was completed."
                " That goes on, and it is kept.",
                copy=copy,
            )
        watched = following.result()
    except ServiceError as error:
        raise NoCopyError(
            f"Nothing was restored: safety backup {copy.id} can't be followed: {error.message}",
            status=error.status if isinstance(error, RefusedError) else None,
            copy=copy,
        ) from error
    finally:
        following.cancel()
        stopped.cancel()
        await asyncio.wait([following, stopped])
    made = watched.backup
    if made is None and not watched.seen:
        words = f"Nothing was restored: safety backup {copy.id} has not shown up in the list so far."
        raise NoCopyError(words, copy=copy)
    if made is None or not made.is_completed:
        ended = "gone" if made is None else made.status_word or "of unknown status"
        raise NoCopyError(f"Nothing was restored: safety backup {copy.id} is {ended}.")
    return made
