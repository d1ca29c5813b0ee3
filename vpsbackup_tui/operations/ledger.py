"""Remember every change: in memory for the doors, in the journal for the next instance."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

import msgspec

from vpsbackup_tui.fleet.models import Id
from vpsbackup_tui.operations.changes import change_of
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Entry, Journal, Owned
from vpsbackup_tui.text import clean

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
OpenJournal = Callable[[], Journal]
ReadJournal = Callable[[], list[Owned]]

LEFT_BEHIND = "The program ended before it knew what became of this."
STOPPED = ": the program was ended before that."
_LOST = "what the journal held is lost, and with it what may be under way"
_MOST_NAMED = 3
_LONGEST = 2048  # characters of a text in the journal: ours are no longer


class Intent(msgspec.Struct, frozen=True):
    """What the journal keeps of a change: the operation, and the ids listed before it was sent.

    `sent` is False as long as certainly nothing has been sent; `why` says, in clean words,
    what came of the request where that proves nothing.
    """

    operation: Operation
    known: frozenset[Id] = frozenset()
    sent: bool = True
    why: str = ""


class Ledger:
    """The changes at one service; `on_change` is told of each step of each of them."""

    def __init__(
        self,
        open_journal: OpenJournal | None,
        on_change: Callable[[Operation], None],
        read_journal: ReadJournal | None = None,
    ) -> None:
        """Remember in the journal too, where there is one; it is opened when it is first needed.

        Where changes are made without one, or it can't be written, `read_journal` still tells what is in it.
        """
        self._open_journal = open_journal
        self._read_journal = read_journal
        self._journal: Journal | None = None
        self._on_change = on_change
        self._opening = Lock()
        self._owed: dict[str, Intent] = {}
        """What has to be put on the disk, by its id: what can't be is put there with what comes next."""
        self._writing = Lock()
        self._operations: dict[str, Operation] = {}
        self._notice = ""
        self._told: set[str] = set()
        self._lost = ""
        """What was lost of the journal that would perhaps have forbidden what is asked for; mostly nothing."""
        self._refused: set[str] = set()
        """The ids of the changes that were refused for that."""
        self._closed = False

    @property
    def recent(self) -> list[Operation]:
        """Return the changes of this instance and those it took over, newest first."""
        return list(self._operations.values())[::-1]

    @property
    def keeps_journal(self) -> bool:
        """Tell whether the next instance will know of the changes of this one."""
        return self._open_journal is not None

    def note(self, operation: Operation) -> None:
        """Remember in memory how far a change has come, and tell it."""
        self._operations[operation.id] = operation
        self._on_change(operation)

    async def begin(self, operation: Operation, forbid: Callable[[list[Operation]], str | None]) -> str | None:
        """Put a change on the disk before anything of it is done, unless `forbid` objects.

        `forbid` is given the open changes that aren't remembered here, and no other instance
        can begin one meanwhile. Where something of the journal was lost nothing begins before
        `accept_loss`; an open entry that can't be understood, and may be of the same server,
        counts as lost. Returns the objection; raises `JournalError`.
        """
        if self._open_journal is None:
            return forbid(self._open_ones(await self._read()))
        entry = _entry(Intent(operation, sent=False))

        def begun(journal: Journal) -> str | None:
            unread: list[Owned] = []

            def objection(kept: list[Owned], lost: str) -> str | None:
                if lost:
                    self._lost = _LOST
                    self._tell(lost)
                if self._lost:
                    return self._refuse(operation, self._lost)
                others = [each for each in kept if each.entry.id not in self._operations]
                unread.extend(each for each in others if _may_be_of(operation.server_id, each.entry))
                if not unread:
                    return forbid(self._open_ones(others))
                words = _unread([each.entry for each in unread])
                if any(each.alive for each in unread):
                    return f"{words}: wait until the program that has written that is ended"
                return self._refuse(operation, words)

            found = journal.begin(entry, objection)
            self._lose(journal, [each.entry for each in unread if not each.alive])
            return found

        return await self._in_journal(begun)

    async def keep(self, intent: Intent) -> None:
        """Put a change on the disk as it is now; raise `JournalError` where that fails: then it is tried again later.

        An entry that stays open though its change has ended would forbid others to every other instance.
        """
        if self._open_journal is not None:
            self.owe(intent)
            await self._in_journal(lambda journal: self._write_owed(journal, intent.operation.id))

    def owe(self, intent: Intent) -> None:
        """Let a change be put on the disk as it is now, with whatever is put there next."""
        self._owed.pop(intent.operation.id, None)
        self._owed[intent.operation.id] = intent

    def _write_owed(self, journal: Journal, wanted: str = "") -> None:
        """Put on the disk whatever is still to be put there; raise `JournalError` where `wanted` can't be."""
        with self._writing:
            owed = [key for key in [*self._owed][::-1] if key != wanted]
            for key in (wanted, *owed):  # what is waited for first
                intent = self._owed.pop(key, None)
                if intent is None:  # more is known of it by now, and that is written by whoever knows it
                    continue
                try:
                    journal.write(_entry(intent))
                except JournalError:
                    self._owed.setdefault(key, intent)  # unless more is known of it by now
                    if key == wanted:
                        raise
                    return
                self._forget_debt(intent.operation)

    def _forget_debt(self, written: Operation) -> None:
        """Take back the words that an outcome could not be journalled, once it is."""
        told = self._operations.get(written.id)
        if told is not None and told.outcome is written.outcome and told.message.startswith(written.message):
            self._operations[written.id] = written

    async def claim(self, intent: Intent, wanted: Callable[[], object] = lambda: True) -> None:
        """Put a change on the disk that is about to be sent; raise `JournalError` where it isn't this instance's there.

        Another one that took this one for dead may have told of it already that nothing was sent. What isn't
        `wanted` any more when the journal is free stays as it was.
        """
        if self._open_journal is not None:
            await self._in_journal(lambda journal: journal.claim(_entry(intent), wanted))

    async def history(self) -> list[Operation]:
        """Return every change that is remembered, newest first; raise `JournalError` where it can't be read."""
        kept = await self._kept()
        journalled = await asyncio.to_thread(self._as_known, kept) if kept else {}
        mine = {each.id: each for each in self.recent}
        unwritten = [each for each in mine.values() if each.id not in journalled]
        changes = unwritten + [mine.get(each.id, each) for each in journalled.values()]
        if self._open_journal is None:  # then nothing but the clock tells in which order they were made
            changes.sort(key=lambda each: each.at, reverse=True)
        return _paired(changes)

    async def _kept(self) -> list[Owned]:
        """Return what is in the journal; one that can't be written is only read, and that is told."""
        if self._open_journal is None:
            return await self._read()
        try:
            return await self._in_journal(Journal.entries)
        except JournalError as error:
            if self._read_journal is None:
                raise
            kept = await asyncio.to_thread(self._read_journal)
            self._tell(f"{error.message} It was only read.")
            return kept

    def _as_known(self, kept: Sequence[Owned]) -> dict[str, Operation]:
        """Return changes of the journal as they are known now, by their ids, in the order of the journal."""
        alive = {each.entry.id for each in kept if each.alive}
        intents = self._readable([each.entry for each in kept])
        return {each.operation.id: _as_known(each, alive=each.operation.id in alive) for each in intents}

    def _open_ones(self, kept: Sequence[Owned]) -> list[Operation]:
        """Return the changes that are open, in doubt where their instance has ended."""
        known = self._as_known([each for each in kept if each.entry.open]).values()
        return [operation for operation in known if operation.is_open]

    async def others(self, than: Operation) -> list[Operation]:
        """Return every other change that is remembered, as far as the journal can be read."""
        return [operation for operation in await self.remembered() if operation.id != than.id]

    async def remembered(self) -> list[Operation]:
        """Return every change that is remembered, newest first, as far as the journal can be read."""
        try:
            return await self.history()
        except JournalError:
            return self.recent

    async def take_over(self, may_look_into: Callable[[Operation], bool]) -> list[Intent]:
        """Take over open changes of instances that have ended, and return them; raise `JournalError`.

        Those that this account can't look into stay with the account that can; of these,
        restores that only somebody who looks can decide are known here, to ask about. What
        others have closed meanwhile of what is not known here is known here, too, from then on.
        """
        if self._open_journal is None:
            await self._read()  # where that can't be done, it is told before a change is asked for
            return []
        doubtful = {each.id for each in self.recent if each.outcome is Outcome.UNKNOWN and each.is_open}

        def is_wanted(entry: Entry) -> bool:
            intent = _intent(entry)
            return intent is not None and may_look_into(intent.operation)

        def taken(journal: Journal) -> tuple[list[Entry], list[Entry]]:
            self._write_owed(journal)
            kept = [each.entry for each in journal.entries()] if doubtful else []
            closed = [entry for entry in kept if entry.id in doubtful and not entry.open]
            return journal.adopt_left_behind(is_wanted), closed  # last, as what is taken over must not be lost

        left, closed = await self._in_journal(taken)
        for intent in self._readable(closed):
            self.note(intent.operation)
        intents: list[Intent] = []
        for intent in self._readable(left):
            if may_look_into(intent.operation):
                intents.append(intent)
                self.note(_left_behind(intent.operation))
            elif intent.operation.id not in self._operations:
                known = _as_known(intent, alive=False)
                if known.is_undecidable:
                    self.note(known)
        return intents

    def _lose(self, journal: Journal, entries: Sequence[Entry]) -> None:
        """Take open entries that can't be understood, if any, for lost; raise `JournalError`."""
        if entries:
            lost = _unread(entries)
            words = f"{lost[0].upper()}{lost[1:]}. Look at the servers: from now on that forbids nothing."
            journal.lose([entry.id for entry in entries], words)
            self._lost = lost
            self._tell(words)

    def _readable(self, entries: Sequence[Entry]) -> list[Intent]:
        """Return the entries that can be understood; the others stay in the journal, and are told of once."""
        intents = [_intent(entry) for entry in entries]
        found = [intent for intent in intents if intent is not None]
        if len(found) < len(intents):
            unread = len(intents) - len(found)
            self._tell(f"Entries of the journal that can't be read: {unread}. They are kept there.")
        return found

    def take_notice(self) -> str:
        """Return, once, what the operator must know of the journal; mostly nothing."""
        notice, self._notice = self._notice, ""
        return notice

    def told(self) -> None:
        """Note in the journal that somebody has the notice, so that no other instance tells it; waits for the disk."""
        journal = self._journal
        if journal is not None and journal.notice:
            with suppress(JournalError):  # then it is told once more
                journal.told()

    def accept_loss(self, told: Operation) -> bool:
        """Let changes begin that something lost may have forbidden, where the operator was told so by this refusal.

        Tell whether that was so. Whoever hasn't asked for a change may not have looked at the notice.
        """
        was_refused = self.is_refused_for_loss(told)
        if was_refused:
            self._lost = ""
            self._refused.clear()
        return was_refused

    def is_refused_for_loss(self, operation: Operation) -> bool:
        """Tell whether a change was refused for what a lost journal may have forbidden."""
        return operation.id in self._refused

    def _refuse(self, operation: Operation, lost: str) -> str:
        """Return why a change can't begin after something was lost, and remember which one was told so."""
        self._refused.add(operation.id)
        return f"{lost}: look at the servers, then ask again"

    def _tell(self, words: str) -> None:
        """Add a sentence to the notice, unless it has been there; it may be one that the journal holds."""
        words = clean(words, _LONGEST)
        if words and words not in self._told:
            self._told.add(words)
            self._notice = f"{self._notice} {words}".strip()

    def close(self) -> None:
        """Let go of the journal, for good."""
        with self._opening:
            self._closed = True
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    async def _read(self) -> list[Owned]:
        """Return what is in a journal that isn't kept here; one that can't be read forbids nothing, and is told of."""
        try:
            return await asyncio.to_thread(self._read_journal) if self._read_journal is not None else []
        except JournalError as error:
            self._tell(f"{error.message} Nothing is forbidden by what it may hold.")
            return []

    async def _in_journal(self, use: Callable[[Journal], T]) -> T:
        """Use the journal in a thread, as it waits for the disk."""
        return await asyncio.to_thread(lambda: use(self._opened()))

    def _opened(self) -> Journal:
        with self._opening:
            if self._closed or self._open_journal is None:
                raise JournalError("The journal is closed.")
            if self._journal is None:
                self._journal = self._open_journal()
                self._lost = _LOST if self._journal.notice else ""
                self._tell(self._journal.notice)
            return self._journal


def _entry(intent: Intent) -> Entry:
    """Return an intent as the journal keeps it."""
    operation = intent.operation
    known: dict[str, Any] = msgspec.to_builtins(intent)
    return Entry(operation.id, operation.at, operation.is_open, known)


def _intent(entry: Entry) -> Intent | None:
    """Return what the journal has kept, fit to be shown; None where that can't be understood."""
    try:
        intent = _cleaned(msgspec.convert(entry.known, Intent))
        change_of(intent.operation)
    except (msgspec.ValidationError, ValueError):
        return None
    return intent


def _cleaned(kept: S) -> S:
    """Return what was kept with each text clean, whoever has written it there; ours are clean already."""
    cleaned: dict[str, Any] = {}
    for name in kept.__struct_fields__:
        value = getattr(kept, name)
        shown = clean(value, _LONGEST) if type(value) is str else value  # the words for actions and outcomes are ours
        shown = _cleaned(value) if isinstance(value, msgspec.Struct) else shown
        if shown is not value:
            cleaned[name] = shown
    return msgspec.structs.replace(kept, **cleaned) if cleaned else kept


def _is_readable(entry: Entry) -> bool:
    """Tell whether an entry can be understood."""
    return _intent(entry) is not None


def _may_be_of(server_id: Id, entry: Entry) -> bool:
    """Tell whether an entry can't be understood and names no other server than this one."""
    if _is_readable(entry):
        return False
    operation = entry.known.get("operation")
    named = operation.get("server_id") if isinstance(operation, dict) else None
    return type(named) not in (int, str) or str(named) in ("", str(server_id))


def _unread(entries: Sequence[Entry]) -> str:
    """Return which open entries can't be understood, and what that means."""
    named = ", ".join(clean(entry.id) for entry in entries[:_MOST_NAMED])
    more = f" and {len(entries) - _MOST_NAMED} more" if len(entries) > _MOST_NAMED else ""
    which = f"entry {named}" if len(entries) == 1 else f"entries {named}{more}"
    return f"the journal's open {which} can't be read, so it is not known what may be under way"


def _paired(operations: list[Operation]) -> list[Operation]:
    """Return changes with the backup of a restore that was made before it, where only that one knows of it."""
    made = {each.part_of: each.backup for each in operations if each.part_of}
    return [
        msgspec.structs.replace(each, safety=made[each.id]) if each.safety is None and each.id in made else each
        for each in operations
    ]


def _as_known(intent: Intent, *, alive: bool) -> Operation:
    """Return a change as it is known now: what an instance that has ended was doing is not known any more."""
    operation = intent.operation
    if alive or not operation.is_open:
        return operation
    if intent.sent:
        return _left_behind(operation)
    message = operation.nothing + STOPPED
    return msgspec.structs.replace(operation, outcome=Outcome.NOT_SENT, message=message)


def _left_behind(operation: Operation) -> Operation:
    """Return a change as it is known once its instance has ended; an outcome that this has told stays."""
    if operation.outcome is Outcome.UNKNOWN:
        return operation
    return msgspec.structs.replace(operation, outcome=Outcome.UNKNOWN, message=LEFT_BEHIND)
