"""Random walks over the whole screen: what is sent shows, cell by cell, what Textual's own output shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.events import Resize
from textual.geometry import Size

from tests.ui.picture.terminal import Terminal
from tests.ui.support import Story, telling
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.ui.picture.app import PicturedApp
from vpsbackup_tui.ui.picture.picture import Picture
from vpsbackup_tui.ui.picture.picture import Size as PictureSize
from vpsbackup_tui.ui.picture.stock import Filter

NAMES = (
    "漢字サーバー-01",
    "e\u0301te\u0301-ü",
    "한국어 서버",
    "web│01 ›●",
    "சென்னை-தளம்",
    "नमस्ते-01",
    "ไทย-เซิร์ฟเวอร์",
    "a🙂b🙂c",
)
KEYS = (
    "j", "k", "g", "G", "h", "l", "tab", "0", "s", "S", "t", "[", "]", "escape", "pagedown", "ctrl+u", "r", "n", "R",
    "D", "y", "@", "?", ":", "/", "w", "字", "backspace", "enter", "left", "right", "ctrl+l",
)  # fmt: skip
SIZES = ((60, 15), (80, 24), (120, 36), (59, 14), (101, 25))
STEPS = 25


class Taps:
    """Stands between the app and its output, and shows on two terminals what each way of sending makes of an update."""

    def __init__(self, story: Story, only_changes: Filter) -> None:
        self._console = story.app.console
        self._only_changes = only_changes
        self.size = (0, 0)
        self.stock_bytes = self.ours_bytes = 0
        self._is_spoilt = False

    def resize(self, columns: int, rows: int) -> None:
        """Begin with two terminals on which something else is written."""
        self.size = columns, rows
        self.stock, self.ours = Terminal(columns, rows), Terminal(columns, rows)
        for terminal in (self.stock, self.ours):
            for y in range(rows):
                terminal.feed(f"\x1b[{y + 1}H" + "\x1b[45m~\x1b[m" * columns)

    def spoil(self) -> None:
        """Write something else on both terminals: until all is drawn anew, ours shows only what has changed since."""
        self.resize(80, 24)
        self._is_spoilt = True

    def __call__(self, renderable: RenderableType | None) -> RenderableType | None:
        if isinstance(renderable, CompositorUpdate):
            stock = renderable.render_segments(self._console)
            changed: Any = self._only_changes(renderable)
            ours = changed.render_segments(self._console)
            for terminal, text in ((self.stock, stock), (self.ours, ours)):
                terminal.feed(text.replace("\n", "\r\n"))
            self.stock_bytes += len(stock.encode())
            self.ours_bytes += len(ours.encode())
            self._is_spoilt = self._is_spoilt and not self.has_drawn_all()
            assert self._is_spoilt or self.ours.shown() == self.stock.shown()
        return renderable

    def has_drawn_all(self) -> bool:
        """Tell whether nothing is left of what else was written."""
        return not any(cell.bg == "magenta" for row in self.ours.shown() for cell in row)

    def draws_nothing(self, renderable: RenderableType | None, app: App[Any]) -> bool:
        return False

    def ask_behind(self, renderable: RenderableType, question: str) -> None:
        pass


@asynccontextmanager
async def tapped(demo: DemoService) -> AsyncIterator[tuple[Story, Taps]]:
    """Run the program with servers of difficult names, and tap what it draws."""
    for number, name in enumerate(NAMES):
        demo.service.add_raw_server({"id": 90000 + number, "name": name, "hostname": name, "status": "running"})
        for turn in range(3):
            demo.service.add_raw_backup(
                {
                    "id": 80000 + number * 10 + turn,
                    "server": {"id": 90000 + number, "name": name},
                    "backup_type": "manual",
                    "status": ("completed", "failed", name)[turn],
                    "size_mb": 100 + number,
                    "created_at": f"2025-01-16T11:00:{number:02}Z",
                    "expires_at": None,
                    "description": f"{name} {NAMES[number - turn]}",
                }
            )
    async with telling(demo, size=(80, 24)) as story:
        taps = Taps(story, story.app._only_changes)
        taps.spoil()
        story.app._only_changes = taps
        await story.press("ctrl+l")
        await story.until(taps.has_drawn_all, "the whole screen")
        yield story, taps


@pytest.mark.parametrize("seed", range(2))
async def test_a_random_walk_shows_what_textual_itself_would_show(demo: DemoService, seed: int) -> None:
    random = Random(seed)
    async with tapped(demo) as (story, taps):
        for _ in range(STEPS):
            if random.random() < 0.08:
                taps.resize(*random.choice(SIZES))
                await story.resize(*taps.size)
            else:
                await story.press(random.choice(KEYS))
        assert taps.ours_bytes < taps.stock_bytes / 3


async def test_the_key_for_it_sends_the_whole_screen_in_a_dialog_too(demo: DemoService) -> None:
    async with tapped(demo) as (story, taps):
        for keys in ((), ("n",), ("escape", "?")):
            await story.press(*keys)
            taps.spoil()
            await story.press("ctrl+l")
            await story.until(taps.has_drawn_all, "the whole screen")


async def test_a_terminal_that_was_given_its_old_size_again_is_drawn_anew(demo: DemoService) -> None:
    async with tapped(demo) as (story, taps):
        taps.spoil()
        story.app.post_message(Resize(Size(80, 24), Size(80, 24)))
        await story.until(taps.has_drawn_all, "the whole screen")


async def test_a_frame_that_changes_nothing_sends_nothing(demo: DemoService) -> None:
    async with tapped(demo) as (story, taps):
        before = taps.ours_bytes
        story.app.refresh()
        await story.settle()
        assert taps.ours_bytes == before


async def test_a_picture_that_was_drawn_early_is_void_where_the_terminal_was_resized_meanwhile() -> None:
    picture, app = Picture(erases=True), PicturedApp()
    picture.changes(PictureSize(80, 24), [])
    app.go_on_from(picture, lambda: True)
    async with app.run_test(size=(80, 24)):
        assert not app.stands_early
        assert picture.size == (0, 0)
