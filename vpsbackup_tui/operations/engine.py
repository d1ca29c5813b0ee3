"""Carry out changes: guard, fresh list, send once, classify, look into what stays unknown.

A change runs in a task of its own that belongs to the engine: neither a closed screen
nor a cancelled caller can cancel it. Every step is told to `on_change`; what is
decided on the way is decided in `changes` and `rules`, what is remembered in `ledger`,
and `looks` reads the lists.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from vpsbackup_tui.api.errors import NoAnswerError, RefusedError, ServiceError
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations import rules
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.changes import BackupService, Change, Create, Delete, Restore, change_of
from vpsbackup_tui.operations.ledger import LEFT_BEHIND, STOPPED, Intent, Ledger, OpenJournal, ReadJournal
from vpsbackup_tui.operations.looks import Looks
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome, boot, in_doubt
from vpsbackup_tui.operations.rules import Finding
from vpsbackup_tui.operations.safe_restore import NoCopyError, copy_before, copy_begun, copy_completed
from vpsbackup_tui.operations.tenure import PROGRAM_ENDED, REPLACED, Tenure
from vpsbackup_tui.operations.under_restore import last_restore
from vpsbackup_tui.store.errors import JournalError

_MOMENT = 1.0  # seconds
_PERHAPS_DONE = frozenset({Outcome.DONE, Outcome.UNKNOWN})
_NOT_JOURNALLED = ", as it could not be journalled (--no-journal would go on without). "


class _ObjectionError(Exception):
    """The fresh list forbids a change."""


class _TooLateError(Exception):
    """The tenure in which a change was confirmed is over."""


class Operations:
    """The changes of one account: each confirmed one is sent at most once."""

    def __init__(
        self,
        service: BackupService,
        *,
        journal: OpenJournal | None = None,
        read_journal: ReadJournal | None = None,
        why_read_only: Callable[[], str] = str,
        on_change: Callable[[Operation], None] = lambda operation: None,
        who: Callable[[], Actor | None] = lambda: None,
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        marks_creates: bool = False,
    ) -> None:
        """Prepare for changes; `pause` waits some seconds, `who` gives who asks for a change.

        `clock` gives Unix seconds, which may be set at any moment; waits go by `monotonic` seconds.

        `journal` opens the journal, when it is first needed; without one, changes are
        remembered for as long as this process lives, and `read_journal` tells what others
        have put into it. Other accounts at the same service share the journal: what is open
        of theirs forbids as much, and is looked into by them alone. As long as
        `why_read_only` gives a reason, every change is refused for it. `marks_creates` puts a
        mark of its own at the end of what each new backup is called, so that a list proves which one it is.
        """
        self._service = service
        self._ledger = Ledger(journal, on_change, read_journal)
        self._tenure = Tenure()
        self._sent_in: dict[str, Tenure] = {}
        self._looks = Looks(
            service,
            others=self._ledger.others,
            tenure=lambda: self._tenure,
            is_same_account=self._is_same_account,
            pause=pause,
            clock=clock,
            monotonic=monotonic,
        )
        self._why_read_only = why_read_only
        self._who = who
        self._marks_creates = marks_creates
        self._pause = pause
        self._clocks = clock, monotonic
        self._tasks: set[asyncio.Task[Operation]] = set()
        self._working: set[str] = set()
        self._unsent: set[str] = set()
        self._claimed: set[str] = set()  # journalled as about to be sent, or on the way there

    @property
    def recent(self) -> list[Operation]:
        """Return the changes of this instance and those it took over, newest first."""
        return self._ledger.recent

    @property
    def running(self) -> list[Operation]:
        """Return the changes whose outcome is still being worked out, or put on the disk, newest first."""
        return [each for each in self.recent if each.outcome is Outcome.RUNNING or each.id in self._working]

    @property
    def unsent(self) -> list[Operation]:
        """Return the running changes of which certainly nothing is sent yet, newest first."""
        return [operation for operation in self.running if operation.id in self._unsent]

    @property
    def waiting(self) -> list[Operation]:
        """Return the restores that make a backup first and are not sent yet, newest first."""
        return [operation for operation in self.unsent if operation.copies_first]

    async def history(self) -> list[Operation]:
        """Return every change that is remembered, newest first; raise `JournalError`."""
        return await self._ledger.history()

    async def create(self, server: Server, description: str) -> Operation:
        """Make a manual backup of a server; `done` means that the service has started it."""
        return await self.carry_out(Create(server_id=server.id, server_name=server.name, description=description))

    async def delete(
        self, backup: Backup, *, last_confirmed: bool = False, despite: Collection[str] = (), reason: str = ""
    ) -> Operation:
        """Delete a backup.

        `last_confirmed` tells that the operator knows that it may be its server's last
        completed one; `despite` are the ids of the restores that may read it, as they know.
        """
        change = Delete(**_of(backup), last_confirmed=last_confirmed, despite=despite, reason=reason)
        return await self.carry_out(change)

    async def restore(self, backup: Backup, *, safely: bool = False, despite: Collection[str] = ()) -> Operation:
        """Overwrite a backup's server with it; `done` means that the service has started it.

        `safely` makes a backup of the server's present state first and waits until that
        is completed, however long that takes: meanwhile nothing else of the server can be
        changed. Whatever fails on the way ends it there, with nothing restored.
        `despite` are the ids of the restores whose outcome is not known that the operator
        was asked about, and has looked at the server since.
        """
        return await self.carry_out(Restore(**_of(backup), copies_first=safely, despite=despite))

    async def carry_out(self, change: Change) -> Operation:
        """Carry a confirmed change out, in a task that outlives the caller, and return how it ended."""
        return await self._carry_out(change, self._tenure)

    async def _carry_out(self, change: Change, tenure: Tenure) -> Operation:
        """Carry out what was confirmed in a tenure: with another token it is not sent."""
        now = self._now
        operation_id = f"op-{os.urandom(4).hex()}"
        if self._marks_creates and isinstance(change, Create):
            change = replace(change, description=rules.marked(change.description, operation_id))
        operation = Operation(
            id=operation_id,
            action=change.action,
            server_id=change.server_id,
            server_name=change.server_name,
            backup=change.backup,
            description=change.description,
            copies_first=change.copies_first,
            part_of=change.part_of,
            reason=change.reason,
            who=self._who(),
            at=now.at,
            uptime=now.uptime,
            boot=now.boot,
        )
        refusal = self._why_read_only() or change.conflict(operation, self.recent)
        if refusal:
            return await self._refuse(operation, refusal)
        self._unsent.add(operation.id)
        self._working.add(operation.id)
        self._note(operation, "reading the list once more before anything is sent")
        return await self._in_own_task(self._steps(operation, change, tenure))

    async def resume(self, tell: Callable[[Operation], object] = lambda operation: None) -> list[Operation]:
        """Look into the changes that an earlier instance left open, and return them; raise `JournalError`.

        `tell` is told of each as soon as it has ended: the looks at another one may take a minute.
        """

        async def told(intent: Intent) -> Operation:
            ended = await self._in_own_task(self._take_up(intent))
            tell(ended)
            return ended

        return list(await asyncio.gather(*(told(intent) for intent in await self._take_over())))

    async def look_again(self) -> list[Operation]:
        """Look once more into the creates and deletes of unknown outcome, and return those that are settled now.

        For whoever reads the lists anyway, at their own pace: a look too soon after the one before is left out.
        """
        settled = await self._looks.again()
        return list(await asyncio.gather(*(self._end_by(found, intent, error) for intent, error, found in settled)))

    def stop(self) -> None:
        """Send nothing from now on: changes that are not sent yet end so, those that are go on."""
        self._tenure.end(PROGRAM_ENDED)

    def another_token(self) -> None:
        """Take it that another token is in use from now on: what was confirmed before and isn't sent yet ends so.

        The lists may be those of another account; only where the service says that they are
        not do they prove as much of what was sent as before.
        """
        if not self._tenure.why:
            self._tenure.end(REPLACED)
            self._tenure = Tenure()

    def leave(self) -> list[Operation]:
        """Send nothing from now on; return what is known of the changes that run, as the program ends now."""
        self.stop()
        return [self.as_left(operation) for operation in self.running]

    def as_left(self, operation: Operation) -> Operation:
        """Return what is known of a change where the program ends now, and what tells more."""
        if operation.outcome is not Outcome.RUNNING:
            return operation
        if operation.id in self._unsent:
            words = f"{operation.what}: {operation.nothing.lower()}{STOPPED}{_kept(operation)}"
            if any(each.part_of == operation.id and each.id not in self._unsent for each in self.running):
                words += " Whether a backup of its present state is being made is not known."
            return msgspec.structs.replace(operation, outcome=Outcome.NOT_SENT, message=words)
        after = "`history` looks into it" if self._ledger.keeps_journal else "the list may tell"
        if operation.action is Action.RESTORE:
            after = "look at the server before anything else"
        words = f"{operation.what}: the program was ended before the outcome was known; {after}."
        return msgspec.structs.replace(operation, outcome=Outcome.UNKNOWN, message=words)

    async def finish(self) -> None:
        """Wait until no change runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def answered(self) -> None:
        """Wait until nothing that was sent is under way, and a moment for what is not: after `stop` it won't be."""
        while self._tasks and any(each.id not in self._unsent for each in self.running):
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_MOMENT)

    async def taken_back(self) -> None:
        """Wait, after `stop`, until nothing stands in the journal as about to be sent that won't be any more."""
        while self._tasks and self._claimed & self._unsent:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def take_notice(self) -> str:
        """Return, once, what the operator must know of the journal; mostly nothing."""
        return self._ledger.take_notice()

    def told(self) -> None:
        """Note that the operator has that notice; this waits for the disk."""
        self._ledger.told()

    def is_refused_for_loss(self, operation: Operation) -> bool:
        """Tell whether a change was refused for what a lost journal may have forbidden."""
        return self._ledger.is_refused_for_loss(operation)

    def accept_loss(self, told: Operation) -> bool:
        """Let changes begin that a lost journal may have forbidden, where this one was refused for that and told so.

        Tell whether that was so.
        """
        return self._ledger.accept_loss(told)

    def close(self) -> None:
        """Send nothing any more and let go of the journal; what still runs stays open in it."""
        self.stop()
        self._ledger.close()

    @property
    def _now(self) -> Moment:
        clock, monotonic = self._clocks
        return Moment(clock(), monotonic(), boot())

    async def _in_own_task(self, steps: Coroutine[Any, Any, Operation]) -> Operation:
        """Run steps where the caller's cancellation can't reach them."""
        task = asyncio.create_task(steps)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _steps(self, operation: Operation, change: Change, tenure: Tenure) -> Operation:
        """Take a change from its place in the journal to its outcome."""
        try:
            ready = await self._prepared(operation, change, tenure)
            ended = ready if isinstance(ready, Operation) else await self._sent(ready, change)
            if ended.outcome is Outcome.DONE and change.action is Action.RESTORE:
                await self._acknowledge(ended, change)
            return ended
        finally:
            self._working.discard(operation.id)
            self._claimed.discard(operation.id)

    async def _prepared(self, operation: Operation, change: Change, tenure: Tenure) -> Intent | Operation:
        """Return what is to be sent and is journalled so, or how the change has ended before that."""
        others = await self._begun(operation, change)
        if isinstance(others, Operation):
            return others
        allowed = await self._allowed(operation, change, others, tenure)
        return await self._claim(allowed, tenure) if isinstance(allowed, Intent) else allowed

    async def _begun(self, operation: Operation, change: Change) -> list[Operation] | Operation:
        """Return the other changes that are open once this one is in the journal, or how that has ended it."""
        others: list[Operation] = []

        def forbid(found: list[Operation]) -> str | None:
            others.extend(found)
            return change.conflict(operation, found)

        try:
            conflict = await self._ledger.begin(operation, forbid)
        except JournalError as error:
            ended = self._fail(operation, Outcome.REFUSED, _NOT_JOURNALLED, error)
            self._ledger.owe(Intent(ended))  # it may stand there as begun all the same
            return ended
        # What was taken over while that was written is remembered by now.
        under_way = [*others, *(each for each in self.recent if each.id != operation.id)]
        self._remember_unknown(change, others)
        return await self._refuse(operation, conflict) if conflict else under_way

    async def _allowed(
        self, operation: Operation, change: Change, under_way: list[Operation], tenure: Tenure
    ) -> Intent | Operation:
        """Return what is to be sent once nothing forbids it, and the copy before it is made, or what has ended it."""
        try:
            if conflict := change.conflict(operation, under_way):
                raise _ObjectionError(conflict)
            known = await self._checked(change, under_way, tenure)
            if change.copies_first:
                operation = await self._copied(operation, tenure)
                known = await self._checked(change, under_way, tenure)
        except ServiceError as error:
            return await self._settle(self._fail(operation, Outcome.NOT_SENT, ". ", error))
        except _TooLateError:
            return await self._settle(self._end_too_late(operation, tenure))
        except _ObjectionError as error:
            return await self._settle(self._end(operation, Outcome.REFUSED, f"{operation.nothing}: {error}."))
        except NoCopyError as error:
            ended = self._end(operation, error.outcome, error.message, status=error.status, safety=error.copy)
            return await self._settle(ended)
        return Intent(operation, known)

    async def _claim(self, intent: Intent, tenure: Tenure) -> Intent | Operation:
        """Return what is to be sent once the journal says so, or how the change has ended instead."""
        operation = intent.operation
        self._claimed.add(operation.id)
        try:
            await self._ledger.claim(intent, lambda: not tenure.why)
        except JournalError as error:
            if tenure.why:
                return await self._let_go(self._end_too_late(operation, tenure))
            return await self._let_go(self._fail(operation, Outcome.REFUSED, _NOT_JOURNALLED, error))
        if tenure.why:
            return await self._settle(self._end_too_late(operation, tenure))
        self._unsent.discard(operation.id)
        self._sent_in[operation.id] = tenure
        return intent

    async def _sent(self, intent: Intent, change: Change) -> Operation:
        """Send a change, here and nowhere else, and return how it ended."""
        self._note(intent.operation, "sent; waiting for the answer")
        try:
            finding = rules.answered(await change.send(self._service), intent.known)
        except ServiceError as error:
            return await self._finish(intent, change, error)
        return await self._settle(self._end(intent.operation, finding.outcome, finding.message, backup=finding.backup))

    async def _acknowledge(self, ended: Operation, change: Change) -> None:
        """Close the restores of unknown outcome that another one was made in spite of: they don't matter any more."""
        for other in self.recent:
            if other.id != ended.id and change.overlooks(other):
                known = msgspec.structs.replace(other, acknowledged=True)
                self._ledger.note(known)
                with suppress(JournalError):  # then it is asked about once more
                    await self._ledger.keep(Intent(known))

    def _remember_unknown(self, change: Change, others: list[Operation]) -> None:
        """Remember restores of other instances that only somebody who looks can decide, to ask about and to close."""
        remembered = {each.id for each in self.recent}
        unknown = in_doubt(others, change.server_id) - remembered
        for other in others:
            if other.id in unknown:
                self._ledger.note(other)

    async def _checked(self, change: Change, under_way: list[Operation], tenure: Tenure) -> frozenset[Id]:
        """Return the ids that are listed now; raise where the list can't be had, comes too late or forbids the change.

        What changes `under_way` may be deleting counts as gone.
        """
        try:
            baseline = await self._looks.complete_list(change)
        except ServiceError:
            _check_in_time(tenure)
            raise
        _check_in_time(tenure)  # else the list may be another account's
        if change.action is Action.DELETE:
            under_way = [*await self._ended_here(change, baseline), *under_way]
        leaving = rules.leaving(under_way, change.server_id) - {change.backup and change.backup.id}
        left = [each for each in baseline if each.id not in leaving]
        objection = change.objection(left, under_way, self._now)
        if objection:
            raise _ObjectionError(objection)
        return frozenset(each.id for each in baseline if each.id is not None)

    async def _ended_here(self, change: Change, listed: list[Backup]) -> list[Operation]:
        """Return what bears on a delete though it has ended: deletes of what is still listed, and the last restore.

        Those of other instances count here from now on, so that whoever asks for the next
        delete of that server knows of them.
        """
        ids = {each.id for each in listed}
        everything = await self._ledger.remembered()
        here = [each for each in everything if str(each.server_id) == str(change.server_id)]
        ended = [each for each in here if each.action is Action.DELETE and each.outcome in _PERHAPS_DONE]
        found = [each for each in ended if each.backup and each.backup.id in ids]
        restore = last_restore(change.server_id, here)
        found += [restore] if restore else []
        remembered = {each.id for each in self.recent}
        for other in found:
            if other.id not in remembered:
                self._ledger.note(other)
        return found

    async def _copied(self, restore: Operation, tenure: Tenure) -> Operation:
        """Return a restore with the backup of its server's present state, made now; raise `NoCopyError`."""
        self._note(restore, "backing up the server's present state first")
        copy = copy_begun(await self._carry_out(copy_before(restore), tenure))
        words = f"waiting until backup {copy.id} of its present state is completed"
        waiting = msgspec.structs.replace(restore, safety=copy, message=words)
        self._ledger.note(waiting)
        with suppress(JournalError):  # before the restore is sent it must be kept
            await self._ledger.claim(Intent(waiting, sent=False))
        made = await copy_completed(self._service, copy, tenure, pause=self._pause)
        return msgspec.structs.replace(restore, safety=made)

    async def _finish(self, intent: Intent, change: Change, error: ServiceError) -> Operation:
        """Take a change whose request brought no success to its outcome."""
        outcome = change.outcome_of(error)
        if outcome is not Outcome.UNKNOWN:
            words = f"{intent.operation.subject}: {error.message} {intent.operation.unchanged}."
            return await self._settle(self._end(intent.operation, outcome, words, status=_status(error)))
        if change.shows_in_lists:
            self._note(intent.operation, f"{error.message} Looking into what became of it.")
        return await self._end_by(await self._looks.look_into(intent, change, error), intent, error)

    async def _end_by(self, finding: Finding, intent: Intent, error: ServiceError) -> Operation:
        """End a change by what the lists have proved of it since its request ended in an error."""
        message = f"{intent.operation.subject}: {finding.message}. {error.message}"
        ended = self._end(intent.operation, finding.outcome, message, backup=finding.backup)
        return await self._settle(ended, intent.known, error.message)

    async def _take_over(self) -> list[Intent]:
        """Take over what an earlier instance of this account left open; raise `JournalError`."""
        who = self._who()
        return await self._ledger.take_over(
            lambda operation: who is None or operation.who is None or who.can_look_into(operation.who)
        )

    async def _take_up(self, intent: Intent) -> Operation:
        """Take a change that an earlier instance left open to its outcome."""
        if not intent.sent:
            words = intent.operation.nothing + STOPPED
            return await self._settle(self._end(intent.operation, Outcome.NOT_SENT, words))
        return await self._finish(intent, change_of(intent.operation), NoAnswerError(intent.why or LEFT_BEHIND))

    def _is_same_account(self, operation: Operation) -> bool:
        """Tell whether the token in use is that of a change, or the service has told the same account of both."""
        who = self._who()
        is_same_token = self._sent_in.get(operation.id) is self._tenure
        return is_same_token or (who is not None and who.shares_account(operation.who))

    async def _refuse(self, operation: Operation, why: str) -> Operation:
        """End a change before anything of it was done."""
        return await self._let_go(self._end(operation, Outcome.REFUSED, f"Nothing was sent: {why}."))

    async def _let_go(self, ended: Operation) -> Operation:
        """Put on the disk, where that can be done, that a change was certainly not sent."""
        with suppress(JournalError):  # nothing is lost with it, and it is tried again
            await self._ledger.keep(Intent(ended))
        return ended

    async def _settle(self, operation: Operation, known: frozenset[Id] = frozenset(), why: str = "") -> Operation:
        """Put an outcome on the disk; where that fails the open intent stays there, and the message says so."""
        try:
            await self._ledger.keep(Intent(operation, known, why=why))
        except JournalError as error:
            words = f"This could not be journalled so far, and no other start knows it until it is: {error.message}"
            operation = msgspec.structs.replace(operation, message=f"{operation.message} {words}")
            self._ledger.note(operation)
        return operation

    def _fail(self, operation: Operation, outcome: Outcome, how: str, error: ServiceError | JournalError) -> Operation:
        """End a change that was certainly not sent."""
        return self._end(operation, outcome, f"{operation.nothing}{how}{error.message}", status=_status(error))

    def _end_too_late(self, operation: Operation, tenure: Tenure) -> Operation:
        """End a change that was not sent before its tenure was over."""
        return self._end(operation, Outcome.NOT_SENT, f"{operation.nothing}: {tenure.why} before that.")

    def _note(self, operation: Operation, message: str) -> None:
        """Remember how far a change has come, and tell it."""
        self._ledger.note(msgspec.structs.replace(operation, message=message))

    def _end(self, operation: Operation, outcome: Outcome, message: str, **known: Any) -> Operation:
        """Remember how a change ended, and tell it; what is not known anew stays as it was."""
        fresh = {field: value for field, value in known.items() if value is not None}
        if outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
            message += _kept(operation)
        ended = msgspec.structs.replace(operation, outcome=outcome, message=message, **fresh)
        self._ledger.note(ended)
        return ended


def _check_in_time(tenure: Tenure) -> None:
    """Raise where a tenure is over."""
    if tenure.why:
        raise _TooLateError


def _kept(operation: Operation) -> str:
    """Return what to say of the backup that was made before a restore which is not sent; empty where none was."""
    if operation.safety is None:
        return ""
    state = f"Backup {operation.safety.id} of {operation.server_word}'s present state"
    return f" {state} is being made, and is kept." if operation.safety.is_busy else f" {state} is kept."


def _of(backup: Backup) -> dict[str, Any]:
    """Return what a change of an existing backup is about."""
    server_id = "" if backup.server_id is None else backup.server_id
    return {"server_id": server_id, "server_name": backup.server_name, "backup": backup}


def _status(error: ServiceError | JournalError) -> int | None:
    """Return the HTTP status of a refusal."""
    return error.status if isinstance(error, RefusedError) else None
