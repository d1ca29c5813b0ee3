"""A change and what is known of it: what was asked for, of what, and how it ended."""

import time
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vpsbackup_tui.fleet.formats import exact_text
from vpsbackup_tui.fleet.models import Backup, Id, server_label, server_word
from vpsbackup_tui.operations.actor import Actor

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Action(StrEnum):
    """What can be asked for."""

    CREATE = "create"
    DELETE = "delete"
    RESTORE = "restore"


class Outcome(StrEnum):
    """How a change ended; only `UNKNOWN` leaves open whether the service made it."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@cache
def boot() -> str:
    """Return what names this start of the machine; empty where the system, as any but Linux, doesn't tell."""
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""


class Moment(NamedTuple):
    """A moment by two clocks: Unix seconds, which may be set, and seconds that nobody sets.

    The latter, `uptime`, tell something as long as the machine isn't started anew; `boot`
    names that start, and is empty where the system has no name for it.
    """

    at: float
    uptime: float
    boot: str = ""

    @classmethod
    def now(cls) -> "Moment":
        """Return this moment."""
        return cls(time.time(), time.monotonic(), boot())


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One confirmed change, as far as it is known.

    `backup` is the one to delete or to restore from, or the one that was made. `at` is
    when the change was asked for (Unix seconds), `uptime` and `boot` are that by the clock
    that nobody sets (see `Moment`; an older journal doesn't tell). `message` says in clean words where
    things stand. `status` is the HTTP status of a refusal; 401 means that the token was
    refused. `copies_first` tells of a restore that the server is to be backed up before it,
    `safety` is that backup, and `part_of` is in turn the id of the restore that it is made for.
    `acknowledged` tells that the operator has gone on in spite of an unknown outcome.
    `who` asked for it, None where an older journal doesn't tell, and `reason` is why, in
    their words; neither is ever sent to the service.
    """

    id: str
    action: Action
    server_id: Id
    server_name: str = ""
    backup: Backup | None = None
    description: str = ""
    outcome: Outcome = Outcome.RUNNING
    message: str = ""
    at: float
    uptime: float = 0.0
    boot: str = ""
    status: int | None = None
    copies_first: bool = False
    safety: Backup | None = None
    part_of: str = ""
    acknowledged: bool = False
    who: Actor | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether the service may still make this change, and nobody has said that they know."""
        return self.outcome in (Outcome.RUNNING, Outcome.UNKNOWN) and not self.acknowledged

    def age(self, now: Moment) -> float:
        """Return how many seconds ago this was asked for.

        It is the fewer of what two clocks say, unless the machine was started anew since: so
        a clock that is set ahead makes nothing old that is not.
        """
        by_date = now.at - self.at
        is_same_boot = self.boot != "" and self.boot == now.boot
        return min(by_date, now.uptime - self.uptime) if is_same_boot else by_date

    @property
    def is_undecidable(self) -> bool:
        """Tell whether only somebody who looks at the server can say what became of this restore, and none has."""
        return self.action is Action.RESTORE and self.outcome is Outcome.UNKNOWN and not self.acknowledged

    @property
    def nothing(self) -> str:
        """Return what to say of a change that was not sent; a backup that is to be made before it may have been."""
        return "Nothing was restored" if self.copies_first else "Nothing was sent"

    @property
    def unchanged(self) -> str:
        """Return what to say of a change that was sent and refused; a backup before it may have been made."""
        return "Nothing was restored" if self.copies_first else "Nothing was changed"

    @property
    def server_label(self) -> str:
        """Return what to call the server."""
        return server_label(self.server_id, self.server_name)

    @property
    def server_word(self) -> str:
        """Return what to call the server in a sentence."""
        return server_word(self.server_id, self.server_name)

    @property
    def what(self) -> str:
        """Return what was asked for, to go into a sentence: `delete backup 501 of web-server-01`."""
        backup = f"backup {self.backup.id}" if self.backup else "a backup"
        if self.action is Action.CREATE:
            return f"create a backup of {self.server_word}"
        if self.action is Action.DELETE:
            return f"delete {backup} of {self.server_word}"
        return f"restore {self.server_word} from {backup}"

    @property
    def subject(self) -> str:
        """Return what to begin a sentence with that tells what has become of this: `Backup 501 of web-server-01`."""
        if self.action is Action.DELETE and self.backup:
            return f"Backup {self.backup.id} of {self.server_word}"
        return self.server_word

    @property
    def last_word(self) -> str:
        """Return how this has ended, and which change it is, for whoever reads nothing else of it."""
        names_it = any(name in self.message for name in (self.subject, self.what))
        return f"{self.word}: {self.message if names_it else f'{self.what}: {self.message}'}"

    @property
    def words(self) -> str:
        """Return the message, and of a safe restore and its copy what the one has to do with the other."""
        link = ""
        if self.outcome in (Outcome.DONE, Outcome.UNKNOWN):
            if self.part_of:
                link = " It was asked for before a restore, as the way back."
            elif self.safety:
                link = f" Backup {self.safety.id} is the server as it was before."
        return self.message + link

    @property
    def word(self) -> str:
        """Return the exact word for the outcome: a create or restore that is done has only *started*."""
        match self.outcome:
            case Outcome.DONE:
                return "done" if self.action is Action.DELETE else "started"
            case Outcome.NOT_SENT:
                return "not sent"
            case Outcome.UNKNOWN:
                return "not known yet"
            case other:
                return other.value

    def record(self) -> dict[str, Any]:
        """Return the change as the object that `--json` prints."""
        shown: dict[str, Any] = {
            "operation": self.id,
            "action": self.action.value,
            "outcome": self.outcome.value,
            "server": {"id": self.server_id, "name": self.server_name},
            "backup": self.backup.record() if self.backup else None,
            "description": self.description,
            "at": exact_text(self.at, seconds=True).replace(" ", "T") + "Z",
            "message": self.message,
            "who": msgspec.to_builtins(self.who),
            "reason": self.reason,
        }
        return shown if self.safety is None else shown | {"safety_backup": self.safety.record()}


def in_doubt(operations: Iterable[Operation], server_id: Id | None) -> frozenset[str]:
    """Return the ids of the restores of a server that only somebody who looks at it can decide, and none has."""
    return frozenset(each.id for each in operations if each.is_undecidable and str(each.server_id) == str(server_id))
