"""The story of a restore: what is asked before a server is overwritten, and what is done for the way back."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any
from weakref import ref

from textual.screen import Screen

from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.operation import Action, Operation, in_doubt
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.ui.doubts import Doubts, doubts, what_is_new
from vpsbackup_tui.ui.live_screen import LiveScreen


class Restoring:
    """The restores of one screen; `finish` is told how each of them ended.

    `may_begin` waits, for a confirmed change that it is given in words, until it may begin and
    what is to be looked at before is done, and tells whether it wasn't taken back.
    """

    def __init__(
        self,
        screen: LiveScreen,
        may_begin: Callable[[str, Callable[[], Coroutine[Any, Any, None]]], Awaitable[bool]],
        finish: Callable[[Operation], None],
    ) -> None:
        self._screen = screen
        self._may_begin = may_begin
        self._finish = finish
        self._changes: Sequence[Operation] = ()  # as they were last looked at, those of other instances too
        self._looked_at: dict[Id, tuple[ref[Fleet], Server]] = {}  # older lists, and a server of them as it was then
        self._confirmed: set[str] = set()  # the ids of servers whose restore waits until it may begin

    async def restore(self, backup: Backup, *, what_it_is: str = "") -> None:
        """Ask for the server's name, and restore it from the backup; `what_it_is` is said above the loss."""
        from vpsbackup_tui.ui.dialogs import restore as asking  # noqa: PLC0415 - behind the first frame

        screen = self._screen
        server = self._to_overwrite(backup)
        if server is None:
            return
        told, news, present = doubts(backup, server, self._known_changes), Doubts(), server
        dialog = asking.RestoreDialog(
            backup,
            server,
            screen.standpoint,
            newer_points=screen.fleet.newer_restore_points(backup),
            likeness=told.likeness,
            doubt=told.words,
            what_it_is=what_it_is,
        )

        async def look() -> None:
            nonlocal news, present
            listed = await self._as_listed_now(server)
            present = listed or server
            self._changes = await self._remembered()
            found = doubts(backup, present, self._known_changes)
            news = found._replace(server=what_is_new(server, listed) or found.server).since(told)

        answer = await screen.app.push_screen_wait(dialog)
        unknown = in_doubt(screen.session.operations.recent, server.id)
        questions = [asking.ask_about_ground(server, screen.standpoint, told.likeness)] if told.likeness else []
        questions += [asking.ask_about_unknown(server, screen.standpoint)] if unknown else []
        if answer is None or not (await self._means_it(questions) and await self._begins(server, look)):
            screen.say("Nothing was restored.")
        elif any(news):
            ground = news.likeness and asking.ground_text(news.likeness)
            words = " ".join(filter(None, (ground, news.words)))
            screen.say(f"{server.word} was not restored: {words} Asked for once more, that is told first.", alarm=True)
            self._looked_at[server.id] = ref(screen.fleet), present
            screen.reload()
        else:
            operations = screen.session.operations
            self._finish(await operations.restore(backup, safely=answer.safe, despite=unknown))

    def _to_overwrite(self, backup: Backup) -> Server | None:
        """Return the server of a backup; say why it can't be restored now, and return None, where it can't."""
        server = self._newest(self._screen.fleet.server(backup.server_id))
        if server is None:
            self._screen.say("The backup's server is not known, so nothing can be restored.", alarm=True)
            return None
        if self._runs(server):
            self._screen.say(f"A restore of {server.word} is still under way.")
            return None
        return server

    def _newest(self, server: Server | None) -> Server | None:
        """Return a server of the lists, or what was seen of it since they were read."""
        if server is None or server.id not in self._looked_at:
            return server
        older, newer = self._looked_at[server.id]
        return newer if older() is self._screen.fleet else server

    async def _begins(self, server: Server, look: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Wait until a confirmed restore may begin; tell whether it wasn't taken back."""
        self._confirmed.add(str(server.id))
        try:
            return await self._may_begin(f"restore {server.word}", look)
        finally:
            self._confirmed.discard(str(server.id))

    async def _as_listed_now(self, server: Server) -> Server | None:
        """Return a server as the service lists it now, as it was where that isn't told; None where it isn't there."""
        try:
            listing = await self._screen.session.service.list_servers(shared=True)
        except ServiceError:
            return server
        fleet = Fleet((), listing.items, servers_listed=listing.complete)
        return None if server.listed and fleet.has_lost(server.id) else fleet.server(server.id) or server

    @property
    def _known_changes(self) -> list[Operation]:
        """Return every change that is known here by now, newest first."""
        mine = self._screen.session.operations.recent
        known = {each.id: each for each in (*self._changes, *mine)}
        return sorted(known.values(), key=lambda each: each.at, reverse=True)

    async def _remembered(self) -> Sequence[Operation]:
        """Return every change that is remembered, those of other instances too where the journal can be read."""
        session = self._screen.session
        with suppress(JournalError):
            return await session.history()
        return session.operations.recent

    async def _means_it(self, doubts: Sequence[Screen[bool | None]]) -> bool:
        """Ask each of these questions; tell whether the operator goes on after all of them."""
        for doubt in doubts:
            if not await self._screen.app.push_screen_wait(doubt):
                return False
        return True

    def _runs(self, server: Server) -> bool:
        """Tell whether a restore of this server is under way, or confirmed, or waits for the backup before it."""
        if str(server.id) in self._confirmed:
            return True
        running = self._screen.session.operations.running
        return any(each.action is Action.RESTORE and str(each.server_id) == str(server.id) for each in running)
