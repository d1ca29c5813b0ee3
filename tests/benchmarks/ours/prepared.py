"""Our screen with decoded backups at hand: F9 shows them as it shows what a reading has brought, F8 shows none.

`python -m tests.benchmarks.ours.prepared 100000 2000`: so many backups of so many servers.
"""

import os
import sys
from typing import ClassVar

from textual.binding import Binding, BindingType

from tests.benchmarks.ours.rows import make_bodies, make_fleet
from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.api.decode import decode_backups
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.memory import give_back
from vpsbackup_tui.secret import Token
from vpsbackup_tui.session import Session
from vpsbackup_tui.ui.app import BackupsApp
from vpsbackup_tui.ui.main_screen import MainScreen
from vpsbackup_tui.ui.reading import Reading

LOAD, CLEAR = "\x1b[20~", "\x1b[19~"  # F9, F8
_BACKUPS = Backups()
_SERVERS: list[Server] = []


class PreparedScreen(MainScreen):
    """Shows the backups at hand when it is told to, and asks no service."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "show_all", show=False),
        Binding("f8", "show_none", show=False),
    ]

    async def _open_account(self) -> None:
        """Look for no token."""

    def action_show_all(self) -> None:
        """Take the backups for what a reading has brought."""
        self.take_reading(Reading(Fleet(_BACKUPS, _SERVERS, total=len(_BACKUPS)), "", complete=True))

    def action_show_none(self) -> None:
        """Take it that a reading has brought nothing."""
        self.take_reading(Reading(Fleet(total=0), "", complete=True))


class Prepared(BackupsApp):
    """Runs that screen."""

    def get_default_screen(self) -> MainScreen:
        """Return the screen."""
        return PreparedScreen(self.session)


def main(backups: int, servers: int) -> None:
    """Decode so many backups, and run the screen."""
    fleet = make_fleet(servers)
    for body in make_bodies(backups, fleet):
        _BACKUPS.extend(decode_backups(body).rows)
    _SERVERS.extend(Server(id=server.id, name=server.name, status=server.status) for server in fleet)
    settings = load_settings(environ=os.environ)
    give_back()
    session = Session(settings, Tokens(settings, {}), keep_journal=False)
    session.connect(Token("vps_none_is_needed"))  # a screen with lists has one
    app = Prepared(session)
    app.run()
    if app.bug is not None:
        raise app.bug


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
