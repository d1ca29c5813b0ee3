"""Ask which server to back up, and what to call the backup."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.fleet.models import MOST_OF_A_DESCRIPTION, Id, Server
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Facts, Standpoint, account_text, server_facts, server_text
from vpsbackup_tui.ui.dialogs.fields import BoundedField, Field, FieldRow
from vpsbackup_tui.ui.dialogs.lists import PickList


class CreateAnswer(NamedTuple):
    """What to back up, and the description to send exactly as it is."""

    server: Server
    description: str


class CreateDialog(Dialog[CreateAnswer]):
    """Asks for a server, unless one is `chosen`, and for an optional description.

    `running` are the ids of the servers of which a backup is being made now.
    """

    IS_HARMLESS = True

    def __init__(
        self,
        servers: Sequence[Server],
        chosen: Server | None,
        standpoint: Standpoint,
        *,
        running: Collection[Id] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("New backup", clock=clock)
        self._servers = servers
        self._matching = servers
        self._chosen = chosen
        self._standpoint = standpoint
        self._under_way = running

    @property
    def server(self) -> Server | None:
        """Return the server that a backup would be made of now."""
        if self._chosen is not None:
            return self._chosen
        picked = self.query_one(PickList).picked
        return self._matching[picked] if self._matching else None

    def compose_body(self) -> Iterable[Widget]:
        """Yield the facts, and the servers to choose from."""
        if self._chosen is not None:
            yield server_facts(self._chosen, self._standpoint)
        else:
            yield Facts([("Account", account_text(self._standpoint))])
            yield Static(Content("Server: type to narrow, ↑ ↓ to choose, enter to take."), markup=False)
            yield FieldRow(Field(self.gate, placeholder="name or id", id="filter"))
            yield PickList(self.gate, [server_text(server.name, server.id) for server in self._servers])

    def compose_form(self) -> Iterable[Widget]:
        """Yield the description, and what is chosen."""
        yield Static(Content("Description, optional; enter makes the backup:"), markup=False)
        yield FieldRow(BoundedField(self.gate, "a description", MOST_OF_A_DESCRIPTION, id="description"))
        yield Static(id="chosen", markup=False)

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that sends it."""
        yield DialogButton(self.gate, "Create", id="create", live=bool(self._chosen or self._servers))

    def on_mount(self) -> None:
        """Say what is chosen at first."""
        self._show_chosen()

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say how the server is chosen, and what makes the backup."""
        choosing = [] if self._chosen else [("letters ↑ ↓", "narrow the servers and choose one; enter takes it")]
        return [*choosing, ("enter", "in the description: make the backup")]

    def take_key(self, event: events.Key) -> bool:
        """Let the arrows move in the list while the filter is typed."""
        return self._chosen is None and self.focused is self.query_one("#filter") and self._move_list(event.key)

    def on_input_changed(self, message: Field.Changed) -> None:
        """Narrow the list, or forget what was said of an older text."""
        message.stop()
        if message.input.id == "filter":
            self._narrow(message.value)
        elif message.value:
            self.note("")

    def on_pick_list_picked(self, message: PickList.Picked) -> None:
        """Say what is chosen now."""
        message.stop()
        self._show_chosen()

    def pick(self, pick_list: PickList) -> None:
        """Take the server and go on to its description."""
        self.query_one("#description").focus()

    def enter(self, field: Field) -> None:
        """Go on to the description, or send."""
        if field.id == "filter":
            self.query_one("#description").focus()
        else:
            self._send()

    def press(self, button: DialogButton) -> None:
        """Send."""
        self._send()

    def _send(self) -> None:
        if self.server is None:
            self.note("No server is chosen: nothing is sent.")
        else:
            self.answer(CreateAnswer(self.server, self.query_one("#description", Field).value))

    def _move_list(self, key: str) -> bool:
        return self.query_one(PickList).move(key)

    def _narrow(self, text: str) -> None:
        """Show the servers in whose name or id every word occurs."""
        words = text.casefold().split()
        self._matching = [
            server
            for server in self._servers
            if all(word in f"{server.name} {server.hostname} {server.id}".casefold() for word in words)
        ]
        self.query_one(PickList).show([server_text(server.name, server.id) for server in self._matching])
        self.query_one("#create", DialogButton).disabled = not self._matching

    def _show_chosen(self) -> None:
        """Say what a backup would be made of, and whether one is being made already."""
        server = self.server
        if server is None:
            text = Content("No such server.")
        elif server.id in self._under_way:
            text = Content.assemble("A backup of ", (server.label, "bold"), " is being made, or may be.")
        elif self._chosen is not None:
            text = Content("")
        else:
            text = Content.assemble("Makes a backup of ", (server_text(server.name, server.id), "bold"))
        self.query_one("#chosen", Static).update(text)
