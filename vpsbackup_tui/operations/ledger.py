"""Remember every change: in memory for the doors, in the journal for the next instance."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import msgspec

from vpsbackup_tui.fleet.models import Id
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.store.journal import Entry, Journal, JournalError

T = TypeVar("T")
OpenJournal = Callable[[], Journal]
_OPEN = frozenset({Outcome.RUNNING, Outcome.UNKNOWN})

LEFT_BEHIND = "The program ended before it knew what became of this."


class Intent(msgspec.Struct, frozen=True):
    """What the journal keeps of a change: the operation, and the ids listed before it was sent."""

    operation: Operation
    known: frozenset[Id] = frozenset()


class Ledger:
    """The changes of one account; `on_change` is told of each step of each of them."""

    def __init__(self, open_journal: OpenJournal | None, on_change: Callable[[Operation], None]) -> None:
        """Remember in the journal too, where there is one; it is opened when it is first needed."""
        self._open_journal = open_journal
        self._journal: Journal | None = None
        self._on_change = on_change
        self._opening = Lock()
        self._operations: dict[str, Operation] = {}
        self._notice = ""

    @property
    def recent(self) -> list[Operation]:
        """Return the changes of this instance and those it took over, newest first."""
        return list(self._operations.values())[::-1]

    def note(self, operation: Operation) -> None:
        """Remember in memory how far a change has come, and tell it."""
        self._operations[operation.id] = operation
        self._on_change(operation)

    async def keep(self, intent: Intent) -> None:
        """Put a change on the disk as it is now; raise `JournalError` where that fails."""
        if self._open_journal is None:
            return
        operation = intent.operation
        known: dict[str, Any] = msgspec.to_builtins(intent)
        entry = Entry(operation.id, operation.at, operation.outcome in _OPEN, known)
        await self._in_journal(lambda journal: journal.write(entry))

    async def history(self) -> list[Operation]:
        """Return every change in the journal, newest first; raise `JournalError`."""
        if self._open_journal is None:
            return self.recent
        return [_intent(entry).operation for entry in await self._in_journal(Journal.entries)]

    async def open_elsewhere(self) -> list[Operation]:
        """Return the open changes that this instance doesn't look after; raise `JournalError`."""
        if self._open_journal is None:
            return []
        entries = await self._in_journal(Journal.open_entries)
        return [_intent(entry).operation for entry in entries if entry.id not in self._operations]

    async def take_over(self) -> list[Intent]:
        """Take over the open changes of instances that have ended, and return them; raise `JournalError`."""
        if self._open_journal is None:
            return []
        intents = [_intent(entry) for entry in await self._in_journal(Journal.adopt_left_behind)]
        for intent in intents:
            left = msgspec.structs.replace(intent.operation, outcome=Outcome.UNKNOWN, message=LEFT_BEHIND)
            self.note(left)
        return intents

    def take_notice(self) -> str:
        """Return, once, what the operator must know of the journal; mostly nothing."""
        notice, self._notice = self._notice, ""
        return notice

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    async def _in_journal(self, use: Callable[[Journal], T]) -> T:
        """Use the journal in a thread, as it waits for the disk."""
        return await asyncio.to_thread(lambda: use(self._opened()))

    def _opened(self) -> Journal:
        with self._opening:
            if self._journal is None:
                if self._open_journal is None:
                    raise JournalError("There is no journal.")
                self._journal = self._open_journal()
                self._notice = self._journal.notice
            return self._journal


def _intent(entry: Entry) -> Intent:
    return msgspec.convert(entry.known, Intent)
