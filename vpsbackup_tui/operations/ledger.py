"""Remember every change: in memory for the doors, in the journal for the next instance."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from vpsbackup_tui.fleet.models import Id
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.store.journal import Entry, Journal

_OPEN = frozenset({Outcome.RUNNING, Outcome.UNKNOWN})

LEFT_BEHIND = "The program ended before it knew what became of this."


class Intent(msgspec.Struct, frozen=True):
    """What the journal keeps of a change: the operation, and the ids listed before it was sent."""

    operation: Operation
    known: frozenset[Id] = frozenset()


class Ledger:
    """The changes of one account; `on_change` is told of each step of each of them."""

    def __init__(self, journal: Journal | None, on_change: Callable[[Operation], None]) -> None:
        """Remember in `journal` too, where there is one."""
        self._journal = journal
        self._on_change = on_change
        self._operations: dict[str, Operation] = {}

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
        if self._journal is None:
            return
        operation = intent.operation
        known: dict[str, Any] = msgspec.to_builtins(intent)
        entry = Entry(operation.id, operation.at, operation.outcome in _OPEN, known)
        await asyncio.to_thread(self._journal.write, entry)

    async def history(self) -> list[Operation]:
        """Return every change in the journal, newest first; raise `JournalError`."""
        if self._journal is None:
            return self.recent
        return [_intent(entry).operation for entry in await asyncio.to_thread(self._journal.entries)]

    async def open_elsewhere(self) -> list[Operation]:
        """Return the open changes that this instance doesn't look after; raise `JournalError`."""
        if self._journal is None:
            return []
        entries = await asyncio.to_thread(self._journal.open_entries)
        return [_intent(entry).operation for entry in entries if entry.id not in self._operations]

    async def take_over(self) -> list[Intent]:
        """Take over the open changes of instances that have ended, and return them; raise `JournalError`."""
        if self._journal is None:
            return []
        intents = [_intent(entry) for entry in await asyncio.to_thread(self._journal.adopt_left_behind)]
        for intent in intents:
            left = msgspec.structs.replace(intent.operation, outcome=Outcome.UNKNOWN, message=LEFT_BEHIND)
            self.note(left)
        return intents


def _intent(entry: Entry) -> Intent:
    return msgspec.convert(entry.known, Intent)
