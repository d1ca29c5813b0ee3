"""A stage for one dialog: keys in, the answer and the screen out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.strip import Strip

from tests.ui.idle import idle
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Standpoint

NOW = datetime(2025, 1, 18, 7, tzinfo=UTC).timestamp()
HERE = Standpoint("prod · ops@example.com", "admin.vps.org", NOW)
SERVER = Server(id=12345, name="web-server-01", hostname="web01.example.com", status="active")
HOSTILE = "[/x][@click=app.quit]db"


def backup(**changes: Any) -> Backup:
    """Return the backup of the vendor's example, with changes."""
    made: dict[str, Any] = {
        "id": 501,
        "server_id": 12345,
        "server_name": "web-server-01",
        "type": "automatic",
        "status": "completed",
        "size_mb": 4523,
        "created_at": "2025-01-16T03:00:00Z",
        "expires_at": "2025-02-16T03:00:00Z",
        "description": "Automatic daily backup",
    }
    return Backup(**(made | changes))


BACKUP = backup()
OLDER = backup(id=499, type="manual", created_at="2025-01-14T10:30:00Z", description="Pre-update backup")


class Host(App[None], inherit_bindings=False):
    """Nothing but a dialog, opened by `D` or by the test."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("D", "open")]

    def __init__(self, make: Callable[[], Dialog[Any]]) -> None:
        super().__init__()
        self.animation_level = "none"
        self._make = make
        self.dialog = make()
        self.answers: list[object] = []

    def action_open(self) -> None:
        """Open the dialog."""
        self.push_screen(self.dialog, self.answers.append)


class Stage:
    """Presses keys that are a second apart by their own time, so that no test waits for the clock."""

    def __init__(self, app: Host, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self._time = time.monotonic() + 1

    @property
    def dialog(self) -> Dialog[Any]:
        """Return the dialog under test."""
        return self.app.dialog

    @property
    def answers(self) -> list[object]:
        """Return the answers given: one at most."""
        return self.app.answers

    @property
    def screen_text(self) -> str:
        """Return what is on the screen, a line a row."""
        strips: list[Strip] = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    @property
    def words(self) -> str:
        """Return what the dialog says, as if it had one long line."""
        lines = [
            line.split("│")[1].strip(" ▁▂▃▄▅▆▇█") for line in self.screen_text.splitlines() if line.count("│") == 2
        ]
        return " ".join(" ".join(lines).split())

    def post(self, key: str, after: float = 1) -> None:
        """Send a key that was read so many seconds after the last one."""
        self._time = max(self._time, time.monotonic() if after >= 1 else 0) + after
        self._post(_key(key), self._time)

    async def press(self, *keys: str) -> None:
        """Press keys as a person does."""
        for key in keys:
            self.post(key)
            if len(key) > 1:
                await self.settle()
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text as a person does."""
        await self.press(*text)

    async def burst(self, *keys: str) -> None:
        """Send keys in one go, as a paste does that the terminal doesn't mark."""
        self._time = max(self._time, time.monotonic()) + 1
        for index, key in enumerate(keys):
            self._post(_key(key), self._time + index / 1_000_000)
        await self.settle()

    async def paste(self, text: str) -> None:
        """Send a marked paste."""
        self._time = max(self._time, time.monotonic()) + 1
        self._post(events.Paste(text), self._time)
        await self.settle()

    async def settle(self) -> None:
        """Wait until the dialog has made up its mind."""
        await idle(self.app)
        while self.dialog.is_deciding:
            await asyncio.sleep(0.005)
            await idle(self.app)

    def _post(self, event: events.Event, at: float) -> None:
        event.time = at
        self.app.post_message(event)


@asynccontextmanager
async def showing(make: Callable[[], Dialog[Any]], size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """Show a dialog that has just been painted."""
    app = Host(make)
    async with app.run_test(size=size) as pilot:
        app.action_open()
        while not app.dialog.gate.is_painted:
            await asyncio.sleep(0.005)
            await idle(app)
        yield Stage(app, pilot)


def _key(key: str) -> events.Key:
    """Return the event of a key: a character, or the name of a key."""
    names = {" ": "space", "-": "minus", "_": "underscore", ".": "full_stop"}
    if len(key) == 1:
        return events.Key(names.get(key, key), key)
    return events.Key(key, "\r" if key == "enter" else None)
