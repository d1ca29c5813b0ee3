"""Draw every picture of this folder anew: `python screenshots/draw.py` (PNG needs Chromium).

The pictures show the embedded service with a fixed seed and clock, so that they change
only when the program does.
"""

import asyncio
import html
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from textual.pilot import Pilot

from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.session import Session
from vpsbackup_tui.ui.app import BackupsApp
from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.main_screen import MainScreen
from vpsbackup_tui.ui.widths.kinds import Widths
from vpsbackup_tui.ui.widths.tables import lay_out_by

HERE = Path(__file__).parent
NOW = datetime(2025, 1, 16, 14, 2, 11, tzinfo=UTC).timestamp()
PORT = 18080
TOKEN = "vps_picture"  # noqa: S105 - it opens nothing

_CELL = 12.2  # units of the SVG
_TEXT = re.compile(r'(<text [^>]*?x=")([\d.]+)(" y="[\d.]+" textLength=")[\d.]+"([^>]*>)([^<]*)</text>')
# From Hebrew to Khmer: scripts in which signs join, stack and change places.
_SHAPED = re.compile("([\u0590-\u109f\u1780-\u17ff]+)")


class _Clock:
    """Stands still at a moment, in Unix seconds."""

    def __init__(self, moment: float) -> None:
        self.moment = moment

    def __call__(self) -> float:
        return self.moment


_CLOCK = _Clock(NOW)


class Picture(NamedTuple):
    """What is drawn: a name, the size in columns and rows, the keys pressed before, and of how many backups."""

    name: str
    columns: int
    rows: int
    keys: Sequence[str] = ()
    typed: str = ""
    backups: int | None = None


PICTURES = (
    Picture("main", 120, 30, ("h", "j", "j", "j", "j", "l")),
    Picture("narrow", 60, 15),
    Picture("filter", 100, 24, ("slash",), "schema"),
    Picture("details", 100, 24, ("j", "enter")),
    Picture("create", 100, 24, ("h", "G", "k", "k", "l", "n"), "Before the upgrade"),
    Picture("restore", 100, 24, ("h", "G", "k", "k", "l", "j", "R")),
    Picture("delete", 100, 24, ("j", "D")),
    Picture("token", 100, 24),
    Picture("copy", 100, 24, ("y",)),
    Picture("activity", 100, 24, ("at",)),
    Picture("palette", 100, 24, ("colon",)),
    Picture("help", 100, 36, ("question_mark",)),
    Picture("error", 100, 24),
    Picture("empty", 100, 24, backups=0),
)


async def draw(picture: Picture) -> str:
    """Return a picture as SVG."""
    with DemoService(seed=1, clock=_CLOCK, port=PORT, token=TOKEN, backups=picture.backups) as demo:
        if picture.name == "error":
            demo.faults.add(Fault(status=503, body={"detail": "Down for maintenance."}, times=None))
        settings = load_settings(account="prod", base_url=demo.url, environ={})
        environ = {} if picture.name == "token" else {"VPS_API_TOKEN": TOKEN}
        app = BackupsApp(Session(settings, Tokens(settings, environ)), clock=_CLOCK)
        async with app.run_test(size=(picture.columns, picture.rows)) as pilot:
            main = app.main_screen
            await _until(pilot, lambda: isinstance(app.screen, Dialog) or main.is_settled)
            if picture.name == "activity":
                await _change_something(main, demo)
                await _until(pilot, lambda: main.is_settled)
            await pilot.press(*picture.keys)
            await pilot.pause()
            await _until(pilot, lambda: not isinstance(app.screen, Dialog) or app.screen.is_ready)
            await pilot.press(*picture.typed)
            await pilot.pause()
            return _in_cells(_without_fonts(app.export_screenshot(title="VPS Backups")))


async def _change_something(main: MainScreen, demo: DemoService) -> None:
    """Make changes that end in different ways."""
    operations, fleet = main.session.operations, main.fleet
    server = next(each for each in fleet.servers if each.name == "web-server-01")
    manual = [each for each in fleet.of_server(server.id) if each.is_completed and each.type == "manual"]
    _CLOCK.moment = NOW - 7200
    await operations.delete(manual[-1], reason="kept for the audit, which is over")
    _CLOCK.moment = NOW - 300
    await operations.create(server, "Before the upgrade")
    _CLOCK.moment = NOW - 60
    demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
    await operations.restore(manual[0])
    _CLOCK.moment = NOW
    main.say("")
    main.action_refresh_lists()


async def _until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    """Wait until something is so; raise `TimeoutError` where it doesn't come to that."""
    async with asyncio.timeout(30):
        while not is_so():
            await pilot.pause(0.02)


def _without_fonts(svg: str) -> str:
    """Return a picture that fetches no font: a viewer's own monospaced one is as good."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _in_cells(svg: str) -> str:
    """Return a picture in which each text is as long as its cells, and one that a browser shapes moves no other."""
    return _TEXT.sub(_split_text, svg)


def _split_text(found: re.Match[str]) -> str:
    start, x, middle, end, content = found.groups()
    place = float(x)
    parts = []
    for text in _SHAPED.split(html.unescape(content)):
        length = width(text) * _CELL
        if text.strip("\xa0"):
            adjust = ' lengthAdjust="spacingAndGlyphs"' if _SHAPED.fullmatch(text) else ""
            content = html.escape(text).replace("\xa0", "&#160;")
            parts.append(f'{start}{place:g}{middle}{length:g}"{adjust}{end}{content}</text>')
        place += length
    return "".join(parts)


@contextmanager
def _home() -> Iterator[None]:
    """Give everything an empty home whose name is always the same, as a picture shows it."""
    home = Path(tempfile.gettempdir(), "home-of-ops")
    home.mkdir(mode=0o700)
    os.environ["HOME"] = str(home)
    try:
        yield
    finally:
        shutil.rmtree(home)


def _to_png(svg: Path) -> None:
    """Draw a picture's PNG with Chromium, at the size that the SVG names."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text())
    if box is None:
        raise ValueError(f"{svg.name} names no size")
    wide, high = (round(float(side)) for side in box.groups())
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [
                *(_chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
                *(f"--user-data-dir={profile}", f"--window-size={wide},{high}"),
                *(f"--screenshot={svg.with_suffix('.png')}", svg.as_uri()),
            ],
            check=True,
            capture_output=True,
        )


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("Chromium is needed for the PNG files: the SVG files are drawn already")
    return found


def main(names: Sequence[str]) -> None:
    """Draw the pictures with these names; all of them where none is named."""
    lay_out_by(Widths())  # as most terminals do
    time.time = _CLOCK
    pwd.getpwuid = lambda number: pwd.struct_passwd(("ops", "x", number, number, "", "/", "/bin/sh"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "DBUS_SESSION_BUS_ADDRESS"):
        os.environ.pop(name, None)
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    for picture in chosen:
        with _home():
            (HERE / f"{picture.name}.svg").write_text(asyncio.run(draw(picture)))
    for picture in chosen:
        with _home():
            _to_png(HERE / f"{picture.name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
