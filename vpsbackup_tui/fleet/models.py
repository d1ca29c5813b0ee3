"""The nouns: a server and a backup, as the service tells them.

Every text in here has gone through `vpsbackup_tui.text.clean`, so it may be shown.
Where cleaning or a wrong type changed a field, `raw` keeps what the service sent.
Field names and meanings are those of the service's documentation of `GET /backups/`
and `GET /servers/`.
"""

from typing import Any, Final

import msgspec

from vpsbackup_tui.fleet.formats import parse_time
from vpsbackup_tui.text import as_word

Id = int | str
"""An id of the service: opaque, kept in the type it came in, compared as it is."""

MANUAL: Final = "manual"
AUTOMATIC: Final = "automatic"
COMPLETED: Final = "completed"

MOST_OF_A_DESCRIPTION: Final = 255
"""How many characters the description of a new backup may have."""
MOST_OF_A_REASON: Final = 255
"""How many characters the reason of a delete may have, which is kept in the history."""

# The service documents only `completed` and `in_progress`; the rest is what comparable services say.
BUSY: Final = frozenset({"in_progress", "pending", "queued", "creating", "running"})
"""Statuses of a backup that the service still works on."""
RESTORING: Final = frozenset({"restoring", "restore_in_progress", "rebuilding"})
"""Statuses of a server that are taken for a restore under way; the service documents none."""
_FAILED = frozenset({"failed", "error", "errored", "cancelled"})


class Backup(msgspec.Struct, frozen=True, gc=False):
    """One backup of one server.

    `size_mb` is in MB; `created_at` and `expires_at` are the service's own words for these
    times. They are read when they are asked for: of a hundred thousand backups a screen
    shows fifty. An `unreadable` backup is a row of another shape than documented: it is
    shown and counted, and nothing can be done with it.
    """

    id: Id | None
    server_id: Id | None = None
    server_name: str = ""
    type: str = ""
    status: str = ""
    size_mb: int | None = None
    created_at: str | None = None
    expires_at: str | None = None
    description: str = ""
    unreadable: bool = False
    raw: dict[str, Any] | None = None

    @property
    def created(self) -> float | None:
        """Return when it was made, in Unix seconds; None where no readable time came."""
        return parse_time(self.created_at)

    @property
    def expires(self) -> float | None:
        """Return when it expires, in Unix seconds; None where no readable time came."""
        return parse_time(self.expires_at)

    @property
    def server_label(self) -> str:
        """Return what to call the server of this backup."""
        return server_label(self.server_id, self.server_name)

    @property
    def server_word(self) -> str:
        """Return what to call the server of this backup in a sentence."""
        return server_word(self.server_id, self.server_name)

    @property
    def status_word(self) -> str:
        """Return its status as it stands in a sentence."""
        return as_word(self.status).replace("_", " ")

    @property
    def is_busy(self) -> bool:
        """Tell whether the service still works on this backup."""
        return self.status in BUSY

    @property
    def is_failed(self) -> bool:
        """Tell whether this backup is known to have failed."""
        return self.status in _FAILED

    @property
    def is_completed(self) -> bool:
        """Tell whether this backup can be restored from."""
        return self.status == COMPLETED and not self.unreadable

    def record(self) -> dict[str, Any]:
        """Return the backup under the service's own field names, with the values it sent."""
        shown: dict[str, Any] = {
            "id": self.id,
            "server": {"id": self.server_id, "name": self.server_name},
            "backup_type": self.type,
            "status": self.status,
            "size_mb": self.size_mb,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "description": self.description,
        }
        return shown | self.raw if self.raw else shown


def server_label(server_id: Id | None, name: str) -> str:
    """Return what to call a server: its name, or its id where it has none."""
    return name or f"#{server_id}"


def server_word(server_id: Id | None, name: str) -> str:
    """Return what to call a server in a sentence: its name, in quotes where it could be more than a name."""
    return as_word(name) if name else f"#{server_id}"


class Server(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One server; `listed` is False where it is known only from a backup that names it."""

    id: Id
    name: str = ""
    hostname: str = ""
    status: str = ""
    addresses: tuple[str, ...] = ()
    location: str = ""
    plan: str = ""
    os: str = ""
    created_at: str | None = None
    listed: bool = True
    raw: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        """Return what to call the server."""
        return server_label(self.id, self.name)

    @property
    def word(self) -> str:
        """Return what to call the server in a sentence."""
        return server_word(self.id, self.name)

    @property
    def status_word(self) -> str:
        """Return its status as it stands in a sentence."""
        return as_word(self.status).replace("_", " ")

    def record(self) -> dict[str, Any]:
        """Return the server under the service's own field names, with the values it sent."""
        shown: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "hostname": self.hostname,
            "status": self.status,
            "ip_address": self.addresses[0] if self.addresses else None,
            "location": self.location,
            "plan": self.plan,
            "os": self.os,
            "created_at": self.created_at,
        }
        return shown | self.raw if self.raw else shown


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token this is, as far as the service tells (`GET /account/me/`)."""

    email: str = ""
    name: str = ""
    company: str = ""
    token_name: str = ""
    permissions: tuple[str, ...] = ()

    @property
    def may_only_read(self) -> bool:
        """Tell whether the service says that this token may change nothing; it may where nothing is said.

        Permissions are flat strings such as `servers:read`, `servers:*` and `*:*`.
        """
        return bool(self.permissions) and all(each.casefold().endswith(":read") for each in self.permissions)
