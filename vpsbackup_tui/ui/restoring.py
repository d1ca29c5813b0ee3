"""The story of a restore: what is asked before a server is overwritten, and what is done for the way back."""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen

from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.operation import Action, Operation
from vpsbackup_tui.ui.live_screen import LiveScreen

if TYPE_CHECKING:
    from vpsbackup_tui.operations.safe_restore import SafeRestore


class Restoring:
    """The restores of one screen; `finish` is told how each of them ended."""

    def __init__(self, screen: LiveScreen, finish: Callable[[Operation], None]) -> None:
        self._screen = screen
        self._finish = finish
        self._safe: dict[float, tuple[Operation, asyncio.Task[SafeRestore]]] = {}

    @property
    def planned(self) -> list[Operation]:
        """Return the restores that wait for a backup before them."""
        return [planned for planned, _ in self._safe.values()]

    async def settled(self) -> None:
        """Wait until no restore waits for a backup any more."""
        if self._safe:
            await asyncio.wait([work for _, work in self._safe.values()])  # whose end takes none of them along

    async def undo(self, history: Sequence[Operation], server_id: Id | None) -> None:
        """Ask for the server's name, and restore it from the copy that was made before its last restore."""
        from vpsbackup_tui.operations.safe_restore import (  # noqa: PLC0415 - behind the first frame
            NoWayBackError,
            way_back,
        )

        try:
            back = way_back(history, self._screen.fleet, server_id)
        except NoWayBackError as error:
            self._screen.say(error.message, alarm=True)
        else:
            await self.restore(back.copy, what_it_is=back.words)

    async def restore(self, backup: Backup, *, what_it_is: str = "") -> None:
        """Ask for the server's name, and restore it from the backup; `what_it_is` is said above the loss."""
        from vpsbackup_tui.operations.machine import this_machine  # noqa: PLC0415 - behind the first frame
        from vpsbackup_tui.ui.dialogs import restore as asking  # noqa: PLC0415

        screen = self._screen
        server = screen.fleet.server(backup.server_id)
        if server is None:
            screen.say("The backup's server is not known, so nothing can be restored.", alarm=True)
            return
        if self._waits(server):
            screen.say(f"A restore of {server.word} waits for its backup already.")
            return
        newer = screen.fleet.newer_restore_points(backup)
        likeness = this_machine(os.environ).likeness(server)
        dialog = asking.RestoreDialog(
            backup, server, screen.standpoint, newer_points=newer, likeness=likeness, what_it_is=what_it_is
        )
        answer = await screen.app.push_screen_wait(dialog)
        unknown = self._is_unknown(server)
        doubts = [asking.ask_about_ground(server, likeness)] if likeness else []
        doubts += [asking.ask_about_unknown(server)] if unknown else []
        if answer is None or not await self._means_it(doubts) or self._waits(server):
            screen.say("Nothing was restored.")
        elif answer.safe:
            await self._restore_safely(server, backup, despite_unknown=unknown)
        else:
            self._finish(await screen.session.operations.restore(backup, despite_unknown=unknown))

    async def _means_it(self, doubts: Sequence[Screen[bool | None]]) -> bool:
        """Ask each of these questions; tell whether the operator goes on after all of them."""
        for doubt in doubts:
            if not await self._screen.app.push_screen_wait(doubt):
                return False
        return True

    async def _restore_safely(self, server: Server, backup: Backup, *, despite_unknown: bool) -> None:
        """Back up the server's present state, and restore it once that is completed; quitting asks meanwhile."""
        from vpsbackup_tui.operations.safe_restore import safe_restore  # noqa: PLC0415 - behind the first frame

        screen = self._screen
        planned = Operation(
            id="", action=Action.RESTORE, server_id=server.id, server_name=server.name, backup=backup, at=screen.clock()
        )
        operations, service = screen.session.operations, screen.session.service
        work = asyncio.create_task(
            safe_restore(operations, service, server, backup, despite_unknown=despite_unknown, tell=self._tell_wait)
        )
        self._safe[planned.at] = (planned, work)
        try:
            result = await asyncio.shield(work)
        finally:
            del self._safe[planned.at]
        if result.restore is None:
            screen.say(f"Nothing was restored: {result.stopped}. {result.safety.message}", alarm=True)
            screen.reload()
        else:
            self._finish(result.restore)

    def _tell_wait(self, words: str) -> None:
        """Say what a safe restore waits for, and show the backup that it has made."""
        self._screen.say(words, alarm=True)
        self._screen.reload()

    def _waits(self, server: Server) -> bool:
        """Tell whether a confirmed restore of this server waits for the backup before it."""
        return any(planned.server_id == server.id for planned in self.planned)

    def _is_unknown(self, server: Server) -> bool:
        """Tell whether it is not known what became of a restore of this server."""
        return any(
            each.is_undecidable and each.server_id == server.id for each in self._screen.session.operations.recent
        )
