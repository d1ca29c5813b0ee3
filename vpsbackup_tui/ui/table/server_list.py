"""The sidebar: all servers, then each with its state and how many backups it has."""

from textual.message import Message

from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Id
from vpsbackup_tui.ui.runs import Run
from vpsbackup_tui.ui.table.rows import RowList
from vpsbackup_tui.ui.words import all_servers_runs, server_runs


class ServerList(RowList):
    """List the servers of a fleet; the one under the cursor is the chosen one.

    The cursor belongs to a server and not to a place. When its server is gone, all
    servers are chosen.
    """

    class Chosen(Message):
        """Another server was chosen; None is all of them."""

        def __init__(self, server_id: Id | None) -> None:
            super().__init__()
            self.server_id = server_id

    class Entered(Message):
        """`enter` or a double click: on to the backups of the chosen server."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._fleet = Fleet()
        self._chosen: Id | None = None
        self._cursor = 0

    @property
    def chosen(self) -> Id | None:
        """Return the id of the chosen server; None where all are chosen."""
        return self._chosen

    def show(self, fleet: Fleet) -> None:
        """Show the servers of `fleet`; the chosen one stays chosen as long as there is one."""
        if fleet is self._fleet:
            return  # another view of the same
        self._fleet = fleet
        self.forget_strips()
        self._message = None
        self.place_cursor(self._row_of(self._chosen), still=True)
        self.cursor_moved()

    def choose(self, server_id: Id | None) -> None:
        """Choose a server without a key; None is all of them, and so is one that isn't there."""
        self.place_cursor(self._row_of(server_id))
        self.cursor_moved()

    def cursor_moved(self) -> None:
        """Post which server is chosen, if that is news."""
        index = self._cursor or 0
        chosen = self._fleet.servers[index - 1].id if index else None
        if chosen != self._chosen:
            self._chosen = chosen
            self.post_message(self.Chosen(chosen))

    def action_open(self) -> None:
        """Go on to the backups of the chosen server."""
        self.post_message(self.Entered())

    @property
    def row_count(self) -> int:
        """Return how many rows there are: all servers, and each of them."""
        return len(self._fleet.servers) + 1

    def paint_row(self, index: int, cells: int) -> list[Run]:
        """Return one server as runs of (style, text)."""
        fleet = self._fleet
        if not index:
            return all_servers_runs(len(fleet.backups) if fleet.servers else None, cells)
        server = fleet.servers[index - 1]
        return server_runs(server, fleet.count_of(server.id), cells, listed=fleet.servers_listed)

    def _row_of(self, server_id: Id | None) -> int:
        """Return the row of a server; that of all servers where it isn't there."""
        ids = (row for row, server in enumerate(self._fleet.servers, start=1) if server.id == server_id)
        return 0 if server_id is None else next(ids, 0)
