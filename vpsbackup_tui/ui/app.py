"""The program around the screen: how it starts, how it ends, and what a bug does to it."""

import asyncio
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.drivers.linux_driver import LinuxDriver
from textual.worker import WorkerFailed

from vpsbackup_tui.session import Session
from vpsbackup_tui.start import skeleton
from vpsbackup_tui.start.signals import heeded
from vpsbackup_tui.threads import DaemonThreads, as_ordinary
from vpsbackup_tui.ui.frame_screen import Report, unreported
from vpsbackup_tui.ui.keymap import textual_keymap
from vpsbackup_tui.ui.main_screen import MainScreen
from vpsbackup_tui.ui.picture.picture import Picture
from vpsbackup_tui.ui.terminal.loss import Losable
from vpsbackup_tui.ui.terminal.pace import PacedApp, TurnTakingApp
from vpsbackup_tui.ui.terminal.stock import choose_driver
from vpsbackup_tui.ui.widths.app import MeasuringApp

_A_MOMENT = 0.02  # seconds
_BUG = 70
"""The exit code of a bug, as for the commands."""


class BackupsApp(TurnTakingApp, PacedApp, MeasuringApp, inherit_bindings=False):
    """Runs the main screen of one account; ends with an exit code, or with `bug`."""

    TITLE = "VPS Backups"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # Works in every dialog, and cannot be remapped away.
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(
        self,
        session: Session,
        *,
        demo: bool = False,
        clock: Callable[[], float] = time.time,
        report: Report = unreported,
        early: Picture | None = None,
    ) -> None:
        """Prepare the screen, to go on from an early frame where there is one.

        Raises `ConfigError` for an unsound keymap.
        """
        super().__init__(driver_class=choose_driver())
        self.session = session
        self.bug: BaseException | None = None
        self._demo = demo
        self._clock = clock
        self._report = report
        self._main: MainScreen | None = None
        if early is not None:
            self.go_on_from(early, skeleton.heed_resizes)
        self.animation_level = "none"
        self.set_keymap(textual_keymap(session.settings.keymap))

    @property
    def main_screen(self) -> MainScreen:
        """Return the screen below all dialogs; raise `RuntimeError` before it is there."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                return screen
        raise RuntimeError("the main screen isn't there yet")

    @property
    def last_words(self) -> list[str]:
        """Return what the operator has left without having been told."""
        return self._main.last_words if self._main else []

    def get_default_screen(self) -> MainScreen:
        """Return the one screen of the program."""
        self._main = MainScreen(self.session, demo=self._demo, clock=self._clock, report=self._report)
        return self._main

    def on_load(self) -> None:
        """Let signals, and bugs wherever they are, end the program in good order and soon."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        for number in heeded():
            loop.add_signal_handler(number, self.end_by_signal, number)
        loop.set_exception_handler(lambda _, context: self._end_by_stray(context.get("exception")))
        threading.excepthook = lambda stray: loop.call_soon_threadsafe(self._end_by_stray, stray.exc_value)

    def on_mount(self) -> None:
        """Take the terminal over; end when it goes, or has gone already."""
        if (line := skeleton.line_before()) is not None and isinstance(self._driver, LinuxDriver):
            self._driver.attrs_before = line
        skeleton.hand_over(resizes_wait=self.stands_early)
        if isinstance(self._driver, Losable):
            loop = asyncio.get_running_loop()
            self._driver.on_terminal_lost = lambda: loop.call_soon_threadsafe(self.end_by_signal, signal.SIGHUP)
            if self._driver.is_lost:
                self.end_by_signal(signal.SIGHUP)

    async def on_unmount(self) -> None:
        """Let go of the service and the journal."""
        await self.session.aclose()

    def end_by_signal(self, number: int) -> None:
        """End with the code of a signal, if need be once the screen is there; the terminal is restored on the way."""
        if self.screen_stack and self.screen_stack[0]._is_mounted:
            self.main_screen.leave(128 + number)
        else:  # a screen that is being put together must not be pulled down
            asyncio.get_running_loop().call_later(_A_MOMENT, self.end_by_signal, number)

    async def action_quit(self) -> None:
        """Leave, in good order."""
        self.main_screen.action_quit_program()

    def action_show_help(self) -> None:
        """Show help for what has the focus, in any dialog."""
        self.main_screen.action_show_help()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let the question that ctrl+q has asked hear it, too: pressed once more, it is the answer."""
        if action == "quit" and getattr(self.screen, "HEARS_QUIT", False):
            return False
        return super().check_action(action, parameters)

    def action_take_back(self) -> None:
        """Take back a delete that counts down, from any dialog."""
        self.main_screen.action_take_back()

    def action_help_quit(self) -> None:
        """Say how to quit, where ctrl+c was pressed."""
        self.main_screen.say(f"Press {self.main_screen.key_of('quit')} to quit.")

    def _leave_at_bug(self) -> None:
        """Send nothing from now on, and put together what of the changes nobody has been told."""
        if self._main is not None and not self._exit:
            with suppress(Exception):  # what fails here may be the bug itself
                self._main.leave(_BUG, awaited=[*self._main.unfinished.values()])

    def _end_by_stray(self, error: BaseException | None) -> None:
        """End at a bug that nobody waited for; a connection that breaks while it is let go of is none."""
        if error is not None and not isinstance(error, OSError):
            self._handle_exception(as_ordinary(error))

    def _handle_exception(self, error: Exception) -> None:
        """End at a bug and show nothing of it: Textual would print every local variable, a token among them."""
        bug = error.error if isinstance(error, WorkerFailed) else error
        if (self._exit or not self.is_running) and isinstance(bug, NoMatches):
            return  # a story that goes on as the program ends finds no widget left to be told on
        if self._exception is None:
            self.bug = bug
            self._exception = error
            self._exception_event.set()
            self._leave_at_bug()
        self._close_messages_no_wait()


def run_screen(
    session: Session,
    *,
    demo: bool = False,
    report: Report = unreported,
    early: Picture | None = None,
    tell: Callable[[str], object] = lambda words: None,
) -> int:
    """Run the screen until it ends and return the exit code; the terminal is then as it was.

    `report` writes down a bug that doesn't end it, `tell` tells what was left untold. Raises
    `ConfigError` for an unsound keymap, and what any other bug of this program has raised.
    """
    if not sys.warnoptions:
        # A story that was begun as the program ends is never told; Python would say so on the operator's terminal.
        warnings.simplefilter("ignore")
    app = BackupsApp(session, demo=demo, report=report, early=early)
    app.know_terminal(None if demo else session.settings.state_dir)
    code = app.run()
    for words in app.last_words:
        tell(words)
    if app.bug is not None:
        raise app.bug
    return code or 0
