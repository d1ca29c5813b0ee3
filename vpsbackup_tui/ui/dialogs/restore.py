"""Ask whether a server is to be overwritten with a backup."""

import time
from collections.abc import Callable, Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.fleet.formats import long_span_text
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.fleet.names import hides_characters, is_typeable
from vpsbackup_tui.ui.dialogs.facts import Standpoint, backup_facts, moment_text, short_name
from vpsbackup_tui.ui.dialogs.typed import TypedDialog


def text_to_type(server: Server) -> str:
    """Return what confirms a restore: the server's name, or its id where the name can't be typed exactly."""
    return server.name if is_typeable(server.name) and not hides_characters(server) else str(server.id)


class RestoreDialog(TypedDialog):
    """Asks for the server's name; answers True to restore it from the backup.

    `newer_points` is how many completed backups of the server are newer than this one.
    """

    def __init__(
        self,
        backup: Backup,
        server: Server,
        standpoint: Standpoint,
        *,
        newer_points: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        expected = text_to_type(server)
        noun = "name" if expected == server.name else "id"
        super().__init__(
            f"Restore from backup {backup.id}",
            verb="Restore",
            prompt=Content.assemble(f"To overwrite the server, type its {noun}: ", (expected, "bold")),
            expected=expected,
            clock=clock,
        )
        self._backup = backup
        self._server = server
        self._standpoint = standpoint
        self._newer_points = newer_points

    def compose_body(self) -> Iterable[Widget]:
        """Yield the record."""
        yield backup_facts(self._backup, self._standpoint)

    def compose_form(self) -> Iterable[Widget]:
        """Yield what is lost, which never scrolls away, and the field."""
        yield Static(self._loss(), classes="loss", markup=False)
        yield Static(Content(self._newer()), id="newer", markup=False)
        yield from super().compose_form()

    def _loss(self) -> Content:
        """Return what is overwritten."""
        created = self._backup.created
        if created is None:
            since = " since this backup was made (when is not known)"
        else:
            span = long_span_text(self._standpoint.now - created)
            since = f" since {moment_text(created, self._standpoint.zone)} ({span})"
        return Content(f"Everything on {short_name(self._server.label)}{since} is overwritten.")

    def _newer(self) -> str:
        count = self._newer_points
        if not count:
            return "No newer restore point of this server is listed."
        return f"This server has {count:,} newer restore {'point' if count == 1 else 'points'}."
