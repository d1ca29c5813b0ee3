"""The terminal, in spite of what a keyboard, a paste, a shell or a lost connection does to it.

It is Textual's driver for Linux, which reads, writes and stops in other ways. It writes to
standard output, so that `2>` may keep what is said there.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition
from textual.message import Message

from vpsbackup_tui.start import skeleton
from vpsbackup_tui.ui.terminal.keys import Keys, WakeUp, read_keys, without_waiting
from vpsbackup_tui.ui.terminal.loss import Losable
from vpsbackup_tui.ui.terminal.output import TerminalOutput
from vpsbackup_tui.ui.terminal.pace import Paced
from vpsbackup_tui.ui.terminal.receipts import Once, Receipts
from vpsbackup_tui.ui.terminal.reports import Asking
from vpsbackup_tui.ui.terminal.sequences import escape_delay

_LAST_WORDS = 2.0  # seconds that a terminal has to take what gives it back
_USUAL_SIZE = (80, 24)
_TURN = 0.001  # seconds after which threads that write and read get theirs; with Python's own five a frame is late
_EVERYTHING_OFF = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What Textual sends piece by piece to give the terminal back."""
_JOB_SIGNALS = (signal.SIGTSTP, signal.SIGCONT)


class TerminalDriver(Losable, Paced, LinuxDriver, Asking):
    """Sleeps until a key comes, never waits for the screen, and stops as a shell's job should."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._end = WakeUp()
        terminal = cast(TextIO, sys.__stdout__)  # the command line has looked
        self._output = TerminalOutput(terminal, on_gap=self._draw_anew, on_lost=self.lose_terminal)
        self._file = cast(Any, self._output)
        self._receipts = Receipts(os.environ)
        sys.setswitchinterval(_TURN)

    # Beginning and ending

    def start_application_mode(self) -> None:
        """Take the terminal, and remember how it was when it was first taken."""
        before = self.attrs_before
        self._size = self._get_terminal_size()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's
        if before is not None:
            self.attrs_before = before
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        loop.add_signal_handler(signal.SIGCONT, self._take_again)

    def stop_application_mode(self) -> None:
        """Give the terminal back; from then on a stop is no affair of ours, and nothing takes it again at the end."""
        try:
            loop = asyncio.get_running_loop()
            for number in _JOB_SIGNALS:
                loop.remove_signal_handler(number)
            super().stop_application_mode()
        except BaseException:  # raised again: a bug keeps the terminal no more than anything else
            skeleton.give_back(_EVERYTHING_OFF, self.attrs_before)
            raise

    def close(self) -> None:
        """End writing; a terminal that stands still is waited for no longer than a moment."""
        super().close()
        self._writer_thread = None
        took_all = self._output.drain(_LAST_WORDS)
        if self.is_lost or not took_all:
            self.fall_silent()

    def lose_terminal(self) -> None:
        """Expect no answer of a terminal that has gone, and tell that it has."""
        self.expect_no_answer()
        self._receipts.forget()
        super().lose_terminal()

    def disable_input(self) -> None:
        """End reading; an answer of the terminal that is on its way would be typed into the shell."""
        if not self.is_lost:
            self.wait_for_answers(self._receipts.patience)
            self._receipts.wait()
        super().disable_input()

    def write(self, data: str) -> None:
        """Write to the terminal, as long as it is ours; Textual's thread for that would only hand it on."""
        if self._writer_thread is not None:
            is_open = data == skeleton.OTHER_SCREEN and skeleton.is_standing()
            self._receipts.sent(data)
            self._output.write(skeleton.TAKEN_OVER if is_open else data)

    # How far the terminal has come

    @property
    def is_behind(self) -> bool:
        """Tell whether what was drawn waits for the terminal, here or on the way to it."""
        return self._receipts.is_full or self._output.is_behind

    def when_free(self, call: Callable[[], object]) -> None:
        """Call in the app, once more of it is through."""
        self._output.when_through(lambda: self._receipts.when_free(lambda: self._app.call_later(call)))

    def when_seen(self, call: Callable[[], object]) -> None:
        """Call in the app, once everything is on the screen, as far as the terminal tells."""
        call_once = Once(lambda: self._app.call_later(call))

        def hope_no_more() -> None:
            if not self._receipts.has_answered:
                call_once()

        self._output.when_through(lambda: self._receipts.when_seen(call_once))
        if hope := self._receipts.hope:
            self._app.set_timer(hope, hope_no_more)

    def question(self, columns: int) -> str:
        """Return what is to be sent behind a frame, so that this is known."""
        return self._receipts.question(columns)

    def give_up(self) -> float:
        """Wait no longer for what the terminal tells, unless it may still come for so many seconds, else 0."""
        return self._receipts.give_up(is_stuck=self._output.is_behind)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return columns and rows; ask the terminal alone, as with two answers Textual changes size for ever."""
        try:
            columns, rows = os.get_terminal_size(self._output.fileno())
        except OSError:  # it has gone
            columns, rows = self._size or _USUAL_SIZE
        return columns or _USUAL_SIZE[0], rows or _USUAL_SIZE[1]

    def _disable_mouse_support(self) -> None:
        """Disable mouse reports, those in pixels too."""
        super()._disable_mouse_support()
        if self._mouse_pixels:
            self.write("\x1b[?1016l")

    # Being stopped and going on

    def _suspend(self) -> None:
        """Give the terminal back and stop, with all that a shell takes for the same job."""
        self.suspend_application_mode()
        self.attrs_before = None  # the shell may have other wishes by then
        os.kill(0, signal.SIGTSTP)  # where there is no shell to go on from, this does nothing
        self._come_back()

    def _take_again(self) -> None:
        """Take the terminal anew, after a stop that left no time to give it back."""
        self.suspend_application_mode()
        self._come_back()

    def _come_back(self) -> None:
        """Go on as soon as the terminal is ours again; until then stay stopped."""
        if self._is_in_background():
            os.kill(os.getpid(), signal.SIGSTOP)
            asyncio.get_running_loop().call_soon(self._come_back)  # what else came meanwhile goes first
            return
        self._draw_anew()  # before what waits for an answer, which draws, too
        self._receipts.forget()
        self.resume_application_mode()

    def _is_in_background(self) -> bool:
        """Tell whether the terminal belongs to another job."""
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:  # it has gone, which reading will tell
            return False

    def _draw_anew(self) -> None:
        """Draw the whole screen: nobody knows what the terminal shows."""
        self._app.call_later(self._app.run_action, "app.draw_anew")

    # Reading

    def process_message(self, message: Message) -> None:
        """Hand a message on, unless it tells the place of the cursor: nobody else has asked, and it is no key."""
        if isinstance(message, CursorPosition):
            if not self._receipts.take(message.x):
                self.take_report(message.x, message.y)
        else:
            super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Put a message into the app's queue, from another thread; Textual makes a task of it first."""
        self._loop.call_soon_threadsafe(self._app.post_message, message)

    def _run_input_thread(self) -> None:
        """Read keys; a bug ends the program as any other does."""
        try:
            self.run_input_thread()
        except Exception as error:  # the edge of the thread
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal does."""
        keys = Keys(escape_delay(os.environ))
        with without_waiting(self.fileno) as terminal:
            is_there = read_keys(terminal, self._end, keys, self.process_message)
        if not is_there:
            self.lose_terminal()
