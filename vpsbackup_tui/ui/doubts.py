"""What speaks against a restore: as it is known when it is asked for, and as it is found when it is confirmed."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from vpsbackup_tui.fleet.models import RESTORING, Backup, Server
from vpsbackup_tui.operations.machine import this_machine
from vpsbackup_tui.operations.operation import Moment, Operation
from vpsbackup_tui.operations.rules import delete_in_doubt
from vpsbackup_tui.operations.under_restore import may_still_run


class Doubts(NamedTuple):
    """What to say before a server is overwritten, in words; each is empty where all is well."""

    likeness: str = ""
    """What the server has in common with the machine that one stands on."""
    server: str = ""
    """What the server is otherwise than it was shown, or does."""
    restore: str = ""
    """That its last restore may still run."""
    backup: str = ""
    """That the backup has gone, or may go."""

    @property
    def words(self) -> str:
        """Return what to say beside the likeness."""
        return " ".join(filter(None, self[1:]))

    def since(self, told: "Doubts") -> "Doubts":
        """Return what of these was not told yet."""
        return Doubts(*("" if each == before else each for each, before in zip(self, told, strict=True)))


def doubts(backup: Backup, server: Server, changes: Sequence[Operation]) -> Doubts:
    """Return what speaks against restoring a server from a backup, as far as these changes and its record tell."""
    return Doubts(
        likeness=this_machine(os.environ).likeness(server),
        server=f"{server.word} is being restored." if server.status in RESTORING else "",
        restore=may_still_run(server.id, changes, Moment.now()),
        backup=delete_in_doubt(backup, changes),
    )


def what_is_new(shown: Server, present: Server | None) -> str:
    """Return in words that a server is not the one that was shown any more; empty where it is."""
    if present is None:
        return f"{shown.word} isn't listed any more."
    return "" if present.name == shown.name else f"Server {shown.id} is called {present.word} by now."
