"""Ask whether a server is to be overwritten with a backup."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.fleet.formats import long_span_text
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.fleet.names import GROUND_TO_TYPE, text_to_type
from vpsbackup_tui.ui.dialogs.facts import Standpoint, backup_facts, moment_text, server_facts, short_name
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.lists import PickList
from vpsbackup_tui.ui.dialogs.typed import TypedDialog

_WAYS = ("restore at once", "back up its present state first, wait for that, then restore")
_AGAIN = "restore again"


def ground_text(likeness: str) -> str:
    """Return the warning that a server is the machine the operator stands on."""
    return f"This is the machine you are standing on: {likeness}."


class RestoreAnswer(NamedTuple):
    """That the server is to be restored, and whether its present state is to be backed up first."""

    safe: bool


class RestoreDialog(TypedDialog[RestoreAnswer]):
    """Asks for the server's name, and whether to back up its present state first.

    `newer_points` is how many completed backups of the server are newer than this one;
    `likeness` is what the server has in common with the machine that the program runs on, `doubt` what
    else speaks against it;
    `what_it_is` is said of the backup where there is more to say than its record does.
    """

    DEFAULT_CSS = """
    RestoreDialog.-low #way { max-height: 1; }
    """

    def __init__(
        self,
        backup: Backup,
        server: Server,
        standpoint: Standpoint,
        *,
        newer_points: int,
        likeness: str = "",
        doubt: str = "",
        what_it_is: str = "",
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
        self._likeness = likeness
        self._doubt = doubt
        self._what_it_is = what_it_is

    def compose_body(self) -> Iterable[Widget]:
        """Yield what the backup is for, the record, and what there is beside it."""
        if self._what_it_is:
            yield Static(Content(self._what_it_is), id="what-it-is", markup=False)
        yield backup_facts(self._backup, self._standpoint)
        yield Static(Content(self._newer()), id="newer", markup=False)

    def compose_form(self) -> Iterable[Widget]:
        """Yield what is lost, which never scrolls away, and the field."""
        yield Static(self._loss(), classes="loss", markup=False)
        for beware in filter(None, (self._likeness and ground_text(self._likeness), self._doubt)):
            yield Static(Content(beware), classes="loss", markup=False)
        yield from super().compose_form()
        yield PickList(self.gate, _WAYS, id="way")

    def confirmed(self) -> RestoreAnswer:
        """Return in which way the server is to be restored."""
        return RestoreAnswer(safe=bool(self.query_one("#way", PickList).picked))

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what confirms it, and how the way is chosen."""
        return [*super().explain(), ("tab ↑ ↓", "choose whether the server is backed up before")]

    def pick(self, pick_list: PickList) -> None:
        """Confirm, if the name was typed."""
        self.enter(self.query_one("#typed", Field))

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


class SecondThoughtDialog(TypedDialog[bool]):
    """Asks once more, in other words, for a restore that is worse than others; answers True to go on."""

    def __init__(
        self,
        server: Server,
        standpoint: Standpoint,
        warning: str,
        expected: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            "Restore all the same?",
            verb="Go on",
            prompt=Content.assemble("To go on, type: ", (expected, "bold")),
            expected=expected,
            clock=clock,
        )
        self._server = server
        self._standpoint = standpoint
        self._warning = warning

    def compose_body(self) -> Iterable[Widget]:
        """Yield whose server it is, and the warning."""
        yield server_facts(self._server, self._standpoint)
        yield Static(Content(self._warning), classes="loss", markup=False)

    def confirmed(self) -> bool:
        """Return that the operator means it."""
        return True


def ask_about_ground(server: Server, standpoint: Standpoint, likeness: str) -> SecondThoughtDialog:
    """Return the question before the machine is overwritten that the operator stands on."""
    name = short_name(server.label)
    words = f"{ground_text(likeness)} A restore of {name} ends this program, and your way in may be gone."
    return SecondThoughtDialog(server, standpoint, words, GROUND_TO_TYPE)


def ask_about_unknown(server: Server, standpoint: Standpoint) -> SecondThoughtDialog:
    """Return the question before a server is restored whose last restore may still be under way."""
    name = short_name(server.label)
    words = f"It is not known what became of the last restore of {name}: it may be under way. Look at the server first."
    return SecondThoughtDialog(server, standpoint, words, _AGAIN)
