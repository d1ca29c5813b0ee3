"""A service in virtual time whose truth is known: it applies late, lists late and oddly, loses answers, and is shared.

The engine under test is the real one; only time and the network are made up. What
happens is drawn from one `random.Random`, so that a seed is a schedule; the troubles of
its requests can be planned in its place.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

from msgspec import structs

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotFoundError,
    NotSentError,
    RefusedError,
    ServerFailedError,
    ServiceError,
)
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.store.journal import Journal

SERVER = 12345
NEVER = float("inf")
LONGEST_LAG = 20.0
LONGEST_DELAY = 90.0


class Applied(StrEnum):
    """When a change that is in trouble is carried out all the same."""

    NEVER = "not made"
    AT_ONCE = "made"
    LATE = "made late"


class Trouble(NamedTuple):
    """What befalls one request: the error that it ends in, and what becomes of the change it asks for.

    A list without an error comes short of its last row: `said`, or without a word.
    """

    error: ServiceError | None = None
    applied: Applied = Applied.NEVER
    said: bool = True

    def __str__(self) -> str:
        return f"{self.error.message} ({self.applied})" if self.error else f"a row short, said: {self.said}"


_NOT_SENT = NotSentError("The connection was refused.")
_NO_ANSWER = [NoAnswerError("The connection was cut."), ServerFailedError("The service failed (502).", 502)]
_REFUSED = [
    RefusedError("The service is busy.", 409),
    RefusedError("Bad request.", 400),
    NotFoundError("Not found.", 404),
]
LIST_TROUBLES: Sequence[Trouble] = [
    *(Trouble(error) for error in (_NOT_SENT, *_NO_ANSWER)),
    Trouble(),
    Trouble(said=False),
]
CHANGE_TROUBLES: Sequence[Trouble] = [
    *(Trouble(error) for error in (_NOT_SENT, *_REFUSED)),
    *(Trouble(error, applied) for error in _NO_ANSWER for applied in Applied),
]
Troubles = Callable[[Sequence[Trouble]], Trouble | None]
"""Says which of some troubles befalls the next request."""


@dataclass
class Chance:
    """Troubles at random, as often as `rate` says: 0 to 1 of all requests."""

    random: Random
    rate: float

    def __call__(self, troubles: Sequence[Trouble]) -> Trouble | None:
        """Return the trouble of a request."""
        return self.random.choice(troubles) if self.random.random() < self.rate else None


@dataclass
class Life:
    """When one backup came to be and went, in truth and in the lists; in virtual seconds."""

    backup: Backup
    born: float
    listed: float
    dead: float = NEVER
    unlisted: float = NEVER


@dataclass
class Request:
    """One change that left the program: what it asked for, and when it is carried out (`NEVER`: not at all)."""

    action: str
    target: Id
    applied: float = NEVER
    completed: frozenset[Id | None] = frozenset()
    """The backups that were completed when a restore was asked for."""


@dataclass
class World:
    """The truth, and the service's faulty view of it."""

    random: Random
    troubles: Troubles
    now: float = 1000.0
    lives: list[Life] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    is_odd: bool = False
    """Whether rows may come without an id or of another server, and a create be answered with an older backup."""
    is_foreign: bool = False
    """Whether the token in use is another account's, whose lists are empty, and with which nothing was confirmed."""
    was_misused: bool = False
    """Whether a change was asked for with such a token."""
    _events: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _last_id: int = 500
    _has_missed_a_row: bool = False

    def operations(self, journal: Journal, who: Callable[[], Actor | None] = lambda: None) -> Operations:
        """Return an instance of the program in this world."""
        return Operations(
            self,
            journal=lambda: journal,
            pause=self.pause,
            clock=lambda: self.now,
            monotonic=lambda: self.now,
            who=who,
        )

    async def pause(self, seconds: float) -> None:
        """Let virtual time pass, with everything that falls into it."""
        await asyncio.sleep(0)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock and carry out what is due."""
        self.now += seconds
        due = [event for event in self._events if event[0] <= self.now]
        self._events = [event for event in self._events if event[0] > self.now]
        for _, apply in sorted(due, key=lambda event: event[0]):
            apply()

    def at(self, moment: float, apply: Callable[[], None]) -> None:
        """Carry something out at a moment; at once if that has come."""
        if moment <= self.now:
            apply()
        else:
            self._events.append((moment, apply))

    def add(self, description: str, *, status: str = "completed", kind: str = "manual") -> Backup:
        """Make a backup in truth; the lists show it up to `LONGEST_LAG` later."""
        self._last_id += 1
        backup = Backup(
            id=self._last_id,
            server_id=SERVER,
            server_name="web-server-01",
            type=kind,
            status=status,
            created_at=f"T{self.now}",
            description=description,
        )
        self.lives.append(Life(backup, self.now, self.now + self._lag()))
        return backup

    def remove(self, backup_id: Id) -> None:
        """Delete a backup in truth; the lists show that up to `LONGEST_LAG` later."""
        for life in self.lives:
            if life.backup.id == backup_id and life.dead is NEVER:
                life.dead, life.unlisted = self.now, self.now + self._lag()

    def replace(self, backup_id: Id | None, status: str) -> None:
        """Change the status of a backup, in truth and in the lists."""
        for life in self.lives:
            if life.backup.id == backup_id:
                life.backup = structs.replace(life.backup, status=status)

    def is_alive(self, backup_id: Id | None) -> bool:
        """Tell whether a backup exists in truth."""
        return any(life.backup.id == backup_id and life.born <= self.now < life.dead for life in self.lives)

    def listed(self) -> list[Backup]:
        """Return what a list shows now."""
        return [life.backup for life in self.lives if life.listed <= self.now < life.unlisted]

    async def list_backups(self, *, server_id: Id | None = None) -> Listing[Backup]:
        """Answer a list: whole, short of a row, or not at all."""
        is_foreign = self.is_foreign
        await self.pause(self.random.uniform(0, 2))
        trouble = self.troubles(LIST_TROUBLES)
        rows = [] if is_foreign else self.listed()
        if trouble is not None and trouble.error is not None:
            raise trouble.error
        if trouble is not None and trouble.said:
            return Listing(rows[:-1], len(rows), complete=False)
        if trouble is not None and rows and not self._has_missed_a_row:
            self._has_missed_a_row = True  # it fell between two pages; once, as two lists are proof
            rows.pop(self.random.randrange(len(rows)))
        return Listing([self._row(each) for each in rows], len(rows), complete=True)

    def _row(self, backup: Backup) -> Backup:
        """Return a backup as a list shows it: in an odd world now and then without what tells which it is."""
        if not self.is_odd or self.random.random() < 0.8:
            return backup
        return self.random.choice(
            [
                structs.replace(backup, id=None),
                structs.replace(backup, server_id=None),
                structs.replace(backup, id=None, server_id=None),
                structs.replace(backup, id=None, server_id=SERVER + 1),
                structs.replace(backup, server_id=SERVER + 1),
            ]
        )

    async def create_backup(self, server_id: Id, description: str) -> Backup:
        """Take a create."""
        request = Request("create", server_id)
        made: list[Backup] = []
        await self._take(request, lambda: made.append(self._begin(description)))
        if self.is_odd and self.random.random() < 0.3:
            return self.random.choice(self.lives).backup
        return made[0]

    def _begin(self, description: str) -> Backup:
        """Make a backup that is completed, or fails, after a while."""
        backup = self.add(description, status="in_progress")
        status = self.random.choice(["completed", "completed", "completed", "failed"])
        self.at(self.now + self.random.uniform(0, 60), lambda: self.replace(backup.id, status))
        return backup

    async def delete_backup(self, backup_id: Id) -> None:
        """Take a delete."""
        await self._take(Request("delete", backup_id), lambda: self.remove(backup_id))

    async def restore_server(self, server_id: Id, backup_id: Id) -> str:
        """Take a restore."""
        completed = frozenset(life.backup.id for life in self.lives if life.backup.status == "completed")
        await self._take(Request("restore", backup_id, completed=completed), lambda: None)
        return ""

    async def _take(self, request: Request, apply: Callable[[], None]) -> None:
        """Take a change: carry it out or not, now or later, and answer or not."""
        self.was_misused = self.was_misused or self.is_foreign
        await self.pause(self.random.uniform(0, 1))
        trouble = self.troubles(CHANGE_TROUBLES) or self._gone(request)
        if trouble is not None and isinstance(trouble.error, NotSentError):
            raise trouble.error
        self.requests.append(request)
        if trouble is not None and isinstance(trouble.error, RefusedError):
            raise trouble.error
        if trouble is None or trouble.applied is not Applied.NEVER:
            late = trouble is not None and trouble.applied is Applied.LATE
            request.applied = self.now + (self.random.uniform(0, LONGEST_DELAY) if late else 0)
            self.at(request.applied, apply)
        await self.pause(self.random.uniform(0, 5))
        if trouble is not None and trouble.error is not None:
            raise trouble.error

    def _gone(self, request: Request) -> Trouble | None:
        """Return how a delete of what isn't there is answered."""
        if request.action == "delete" and not self.is_alive(request.target):
            return Trouble(NotFoundError("Not found.", 404))
        return None

    def _lag(self) -> float:
        return self.random.choice([0.0, 0.0, self.random.uniform(0, LONGEST_LAG)])
