"""A stage for stories: keys into the whole program, requests to the embedded service and a screen out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip

from tests.ui.idle import idle
from vpsbackup_tui.accounts.settings import Settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.session import Session
from vpsbackup_tui.store.journal import Entry, Journal
from vpsbackup_tui.ui.app import BackupsApp
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.frame_screen import Report, unreported
from vpsbackup_tui.ui.main_screen import MainScreen

PATIENCE = 20.0
"""Seconds after which what was waited for counts as never coming."""
_TO_LET_GO = 2.0
"""Seconds in which what the end of the program has cancelled closes its connections."""


def leave_restore(path: Path, number: int = 1, *, server_id: int = 12345) -> None:
    """Put a restore into a journal that was sent by a run of which nothing more is known."""
    operation = {"id": f"op-{number}", "action": "restore", "server_id": server_id, "backup": {"id": 520}, "at": 1.0}
    journal = Journal(path)
    journal.write(Entry(f"op-{number}", 1.0, True, {"operation": operation}))
    journal.close()


class Story:
    """The running program; keys are a second apart by their own time, so that no story waits for the clock."""

    def __init__(self, app: BackupsApp, pilot: Pilot[int], demo: DemoService) -> None:
        self.app = app
        self.pilot = pilot
        self.demo = demo
        self._time = time.monotonic() + 1

    @property
    def screen(self) -> MainScreen:
        """Return the main screen."""
        return self.app.main_screen

    @property
    def dialog(self) -> Dialog[Any] | None:
        """Return the open dialog, if any."""
        return self.app.screen if isinstance(self.app.screen, Dialog) else None

    @property
    def has_ended(self) -> bool:
        """Tell whether the program is on its way out."""
        return self.app.return_value is not None or self.app.bug is not None

    @property
    def text(self) -> str:
        """Return what is on the screen, a line a row."""
        strips: list[Strip] = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    @property
    def lines(self) -> list[str]:
        """Return the lines of the screen."""
        return self.text.splitlines()

    @property
    def cursor(self) -> Backup:
        """Return the backup under the cursor."""
        backup = self.screen.table.cursor_backup
        assert backup is not None
        return backup

    @property
    def changes(self) -> list[str]:
        """Return the requests that could change something, as `METHOD path`."""
        return [f"{seen.method} {seen.path}" for seen in list(self.demo.requests) if seen.method != "GET"]

    @property
    def reads(self) -> int:
        """Return how many times the list of backups was begun to be read."""
        return sum("/backups/" in seen.path and "page=" not in seen.path for seen in list(self.demo.requests))

    async def choose_server(self, name: str) -> None:
        """Move to a server in the sidebar, and on to its backups."""
        server = next(server for server in self.screen.fleet.servers if server.name == name)
        self.screen.servers.choose(server.id)
        await self.settle()
        await self.press("l")

    def hear(self) -> list[str]:
        """Return a list of what the status line says from now on."""
        said: list[str] = []
        status = self.screen.status
        say = status.say

        def hear(message: str, *, alarm: bool = False) -> None:
            said.append(message)
            say(message, alarm=alarm)

        status.say = hear  # type: ignore[method-assign]
        return said

    async def restore(self, name: str, *, safely: bool = False) -> None:
        """Confirm the restore of a server from its first backup in the table."""
        await self.choose_server(name)
        await self.press("R")
        await self.type(name)
        await self.press(*(("tab", "down") if safely else ()), "enter")

    async def press(self, *keys: str) -> None:
        """Press keys as a person does, each after what the one before has done."""
        for key in keys:
            self._let_a_second_pass()
            self._post(_key(key), self._time)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text as a person does."""
        await self.press(*text)

    async def burst(self, *keys: str) -> None:
        """Send keys in one go."""
        self._let_a_second_pass()
        for index, key in enumerate(keys):
            self._post(_key(key), self._time + index / 1_000_000)
        await self.settle()

    async def paste(self, text: str) -> None:
        """Send a marked paste."""
        self._let_a_second_pass()
        self._post(events.Paste(text), self._time)
        await self.settle()

    async def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(columns, rows)
        await self.settle()

    async def settle(self) -> None:
        """Wait until every message is handled, and a dialog is painted and has made up its mind."""
        await idle(self.app)
        while not self.has_ended and (dialog := self.dialog) and (not dialog.gate.is_painted or dialog.is_deciding):
            await asyncio.sleep(0.005)
            await idle(self.app)

    async def until(self, condition: Callable[[], bool], what: str = "a condition") -> None:
        """Wait for a condition; fail with the screen where it never comes true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            await self.settle()
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited for {what}; the screen shows:\n{self.text}")
            await asyncio.sleep(0.005)  # the service answers in a thread of its own
        await self.settle()

    async def sees(self, *texts: str) -> None:
        """Wait until the screen shows every one of these texts."""
        await self.until(lambda: all(text in self.text for text in texts), f"{texts}")

    def post_at(self, key: str, seconds: float) -> None:
        """Send a key that was pressed so many seconds from now, by the clock by which is painted."""
        self._post(_key(key), time.monotonic() + seconds)

    async def settled(self) -> None:
        """Wait until a reading has ended, no other is under way, and nothing is being changed."""
        session = self.app.session
        await self.until(
            lambda: self.screen.is_settled and not (session.connected and session.operations.running), "quiet"
        )

    def _let_a_second_pass(self) -> None:
        """Move the keys' own time on, to a second after whatever has been painted so far."""
        self._time = max(self._time, time.monotonic()) + 1

    def _post(self, event: events.Event, at: float) -> None:
        event.time = at
        self.app.post_message(event)


@asynccontextmanager
async def telling(
    demo: DemoService,
    *,
    size: tuple[int, int] = (100, 30),
    token: str | None = "",
    settled: bool = True,
    journal: bool = False,
    keep_lists: bool = False,
    environ: Mapping[str, str] | None = None,
    report: Report = unreported,
    **settings: Any,
) -> AsyncIterator[Story]:
    """Run the whole program on the embedded service; by default nothing is read or waits unless a key asks for it.

    `token` None is a start without one. `environ` is the rest of the environment, and
    `report` is where bugs go that don't end the program. `settings` are fields of `Settings`.
    """
    session = Session(
        settings_for(demo, **settings),
        Tokens(
            settings_for(demo, **settings),
            dict(environ or {}) | ({} if token is None else {"VPS_API_TOKEN": token or demo.token}),
        ),
        keep_journal=journal,
        keep_lists=keep_lists,
    )
    app = BackupsApp(session, clock=demo.now, report=report)
    before = asyncio.all_tasks()
    async with app.run_test(size=size) as pilot:
        story = Story(app, pilot, demo)
        if settled and token is not None:
            await story.settled()
        yield story
    if left := asyncio.all_tasks() - before:
        await asyncio.wait(left, timeout=_TO_LET_GO)


def settings_for(demo: DemoService, **fields: Any) -> Settings:
    """Return settings of an account at the embedded service, in the home of the test."""
    folder = Path.home()
    given: dict[str, Any] = {
        "account": "prod",
        "base_url": demo.url,
        "account_url": demo.url,
        "config_file": folder / "config" / "config.toml",
        "config_dir": folder / "config",
        "state_dir": folder / "state",
        "refresh_seconds": 0.0,
        "delete_grace_seconds": 0.0,
    }
    return Settings(**(given | fields))


def _key(key: str) -> events.Key:
    """Return the event of a key: a character, or Textual's name of a key."""
    if len(key) == 1:
        return events.Key(_character_to_key(key), key)
    return events.Key(key, "\r" if key == "enter" else None)
