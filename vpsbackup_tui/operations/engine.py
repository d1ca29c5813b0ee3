"""Carry out changes: guard, fresh list, send once, classify, look into what stays unknown.

A change runs in a task of its own that belongs to the engine: neither a closed screen
nor a cancelled caller can cancel it. Every step is told to `on_change`; what is
decided on the way is decided in `changes` and `rules`.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec

from vpsbackup_tui.api.errors import RefusedError, ServiceError
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.changes import BackupService, Change, Create, Delete, Restore
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.operations.rules import Finding

LOOKS = (1, 2, 4, 8, 15, 15, 15)
"""Seconds to wait before each look at the lists while an outcome is unknown."""


class Operations:
    """The changes of one account: each confirmed one is sent at most once."""

    def __init__(
        self,
        service: BackupService,
        *,
        read_only: bool = False,
        on_change: Callable[[Operation], None] | None = None,
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare for changes; `pause` waits some seconds and `clock` gives Unix seconds."""
        self._service = service
        self._read_only = read_only
        self._on_change = on_change or (lambda operation: None)
        self._pause = pause
        self._clock = clock
        self._operations: dict[str, Operation] = {}
        self._tasks: dict[str, asyncio.Task[Operation]] = {}

    @property
    def recent(self) -> list[Operation]:
        """Return every change since the start, newest first."""
        return list(self._operations.values())[::-1]

    @property
    def running(self) -> list[Operation]:
        """Return the changes whose outcome is still being worked out, newest first."""
        return [operation for operation in self.recent if operation.outcome is Outcome.RUNNING]

    async def create(self, server: Server, description: str) -> Operation:
        """Make a manual backup of a server; `done` means that the service has started it."""
        return await self.carry_out(Create(server_id=server.id, server_name=server.name, description=description))

    async def delete(self, backup: Backup, *, last_confirmed: bool = False) -> Operation:
        """Delete a backup; `last_confirmed` tells that it may be its server's last completed one."""
        return await self.carry_out(Delete(**_of(backup), last_confirmed=last_confirmed))

    async def restore(self, backup: Backup) -> Operation:
        """Overwrite a backup's server with it; `done` means that the service has started it."""
        return await self.carry_out(Restore(**_of(backup)))

    async def carry_out(self, change: Change) -> Operation:
        """Carry a confirmed change out, in a task that outlives the caller, and return how it ended."""
        operation = self._begin(change)
        refusal = self._refusal(operation)
        if refusal:
            return self._end(operation, Outcome.REFUSED, f"Nothing was sent: {refusal}.")
        self._note(operation, "reading the list once more before anything is sent")
        task = self._tasks[operation.id] = asyncio.create_task(self._steps(operation, change), name=operation.id)
        task.add_done_callback(lambda task: self._tasks.pop(operation.id, None))
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until no change runs any more."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _begin(self, change: Change) -> Operation:
        """Return a change that has been confirmed and not begun."""
        return Operation(
            id=f"op-{secrets.token_hex(4)}",
            action=change.action,
            server_id=change.server_id,
            server_name=change.server_name,
            backup=change.backup,
            description=change.description,
            at=self._clock(),
        )

    def _refusal(self, wanted: Operation) -> str | None:
        """Return why a change can't begin: read-only, or a like one that isn't settled; None if it can."""
        if self._read_only:
            return "this account is opened read-only"
        for other in self._operations.values():
            if other.server_id != wanted.server_id:
                continue
            if other.outcome is Outcome.RUNNING:
                if Action.RESTORE in (other.action, wanted.action):
                    return f"a {other.action} on {other.server_label} is still under way"
                if other.action is wanted.action and _target(other) == _target(wanted):
                    return f"the same {other.action} is still under way"
            if other.outcome is Outcome.UNKNOWN and other.action is Action.RESTORE is wanted.action:
                return (
                    f"it is not known what became of the last restore of {other.server_label};"
                    " look at the server before anything else"
                )
        return None

    async def _steps(self, operation: Operation, change: Change) -> Operation:
        """Take a change from the fresh list to its outcome; the request is sent in one place, once."""
        try:
            baseline = await self._complete_list(operation.server_id)
        except ServiceError as error:
            return self._fail(operation, Outcome.NOT_SENT, "Nothing was sent.", error)
        objection = change.objection(baseline)
        if objection:
            return self._end(operation, Outcome.REFUSED, f"Nothing was sent: {objection}.")
        self._note(operation, "sent; waiting for the answer")
        try:
            finding = await change.send(self._service)
        except ServiceError as error:
            outcome = change.outcome_of(error)
            if outcome is not Outcome.UNKNOWN:
                return self._fail(operation, outcome, "Nothing was changed.", error)
            finding = await self._look_into(operation, change, baseline, error)
        return self._end(operation, finding.outcome, finding.message, backup=finding.backup)

    async def _look_into(
        self, operation: Operation, change: Change, baseline: list[Backup], error: ServiceError
    ) -> Finding:
        """Read the lists at a slowing pace until they prove what became of a change, or the looks are used up."""
        looks: list[list[Backup]] = []
        finding = change.settle(baseline, looks, error)
        if change.shows_in_lists:
            self._note(operation, f"{error.message} Looking into what became of it.")
            for seconds in LOOKS:
                await self._pause(seconds)
                with suppress(ServiceError):  # the next look may have more luck
                    looks.append(await self._complete_list(change.server_id))
                finding = change.settle(baseline, looks, error)
                if finding.outcome is Outcome.DONE:
                    break
        return finding._replace(message=f"{error.message} Then: {finding.message}.")

    async def _complete_list(self, server_id: Id) -> list[Backup]:
        """Return all backups of a server, read now; raise `ServiceError` where they can't all be had."""
        listing = await self._service.list_backups(server_id=server_id)
        if not listing.complete:
            raise ServiceError("The service did not send the whole list of backups, so nothing can be checked.")
        return listing.items

    def _fail(self, operation: Operation, outcome: Outcome, certainty: str, error: ServiceError) -> Operation:
        """End a change that was certainly not made."""
        status = error.status if isinstance(error, RefusedError) else None
        return self._end(operation, outcome, f"{certainty} {error.message}", status=status)

    def _note(self, operation: Operation, message: str) -> None:
        """Remember how far a change has come, and tell it."""
        self._remember(msgspec.structs.replace(operation, message=message))

    def _end(self, operation: Operation, outcome: Outcome, message: str, **known: Any) -> Operation:
        """Remember how a change ended, and tell it; what is not known anew stays as it was."""
        fresh = {field: value for field, value in known.items() if value is not None}
        ended = msgspec.structs.replace(operation, outcome=outcome, message=message, **fresh)
        self._remember(ended)
        return ended

    def _remember(self, operation: Operation) -> None:
        self._operations[operation.id] = operation
        self._on_change(operation)


def _of(backup: Backup) -> dict[str, Any]:
    """Return what a change of an existing backup is about."""
    server_id = "" if backup.server_id is None else backup.server_id
    return {"server_id": server_id, "server_name": backup.server_name, "backup": backup}


def _target(operation: Operation) -> Id | None:
    """Return the id of what a change would change."""
    if operation.action is Action.CREATE or operation.backup is None:
        return operation.server_id
    return operation.backup.id
