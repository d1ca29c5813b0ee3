"""Textual's own driver, for a Textual that isn't what ours leans on; and how that is found out."""

import select
from collections.abc import Iterator, Sequence
from functools import cache
from threading import Thread
from types import FunctionType

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from vpsbackup_tui.ui.terminal.loss import Losable

_FIELDS = {
    Driver: {"_app", "_loop", "_size"},
    LinuxDriver: {"_file", "fileno", "attrs_before", "exit_event", "_writer_thread", "_mouse_pixels"},
}
"""What the two classes set when they are made, and the driver reads or sets."""
_USES = {
    "start_application_mode": {"_get_terminal_size", "_run_input_thread", "_writer_thread", "attrs_before", "_file"},
    "stop_application_mode": {"disable_input", "attrs_before"},
    "disable_input": {"_disable_mouse_support", "exit_event", "set", "join", "clear"},
    "_disable_mouse_support": {"write"},
    "_run_input_thread": {"run_input_thread"},
    "process_message": {"process_message", "_enable_mouse_pixels"},
    "send_message": {"run_coroutine_threadsafe", "_post_message", "_loop"},
    "suspend_application_mode": {"stop_application_mode", "close"},
    "resume_application_mode": {"start_application_mode"},
    "close": {"_writer_thread", "stop"},
}
"""The methods that the driver calls or replaces, and what each of them must go on using."""
_USES_OF_APP = {
    "on_event": {"_check_bindings"},
    "_begin_batch": {"_batch_count"},
    "_end_batch": {"_batch_count"},
}
"""The same of the app, for what takes turns and keeps pace (`pace.py`)."""


class StockDriver(Losable, LinuxDriver):
    """Textual's driver with what guards can be put around it: odd bytes, and a terminal that goes.

    It polls, it writes to standard error, and it waits for a terminal that stands still.
    """

    def start_application_mode(self) -> None:
        """Take the terminal, and watch whether it goes."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's
        Thread(target=self._watch, daemon=True, name="terminal-watch").start()

    def write(self, data: str) -> None:
        """Write to the terminal unless it has gone: whoever writes would wait for ever."""
        if not self.is_lost:
            super().write(data)

    def close(self) -> None:
        """End writing."""
        super().close()
        if self.is_lost:
            self.fall_silent()

    def run_input_thread(self) -> None:
        """Read keys, and begin anew after a byte that is none."""
        while True:
            try:
                return super().run_input_thread()
            except (ValueError, OverflowError):
                continue
            except OSError:
                return self.lose_terminal()

    def _watch(self) -> None:
        """Sleep until the terminal hangs up."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        poll.poll()
        self.lose_terminal()


def choose_driver() -> type[LinuxDriver]:
    """Return our driver, or Textual's where Textual has changed."""
    if find_changes():
        return StockDriver
    from vpsbackup_tui.ui.terminal.driver import TerminalDriver  # noqa: PLC0415 - fails with another Textual

    return TerminalDriver


@cache
def find_changes() -> Sequence[str]:
    """Return in what Textual isn't what the driver leans on; nothing where all is well."""
    return [*_changed_fields(), *_changed_methods(), *_changed_parser()]


def _changed_fields() -> Iterator[str]:
    for owner, fields in _FIELDS.items():
        for field in sorted(fields - _names_in(owner.__init__)):
            yield f"{owner.__name__} has no field {field}"


def _changed_methods() -> Iterator[str]:
    for owner, methods in ((LinuxDriver, _USES), (App, _USES_OF_APP)):
        for method, uses in methods.items():
            for name in sorted(uses - _names_in(getattr(owner, method, None))):
                yield f"{owner.__name__}.{method} uses no {name}"


def _names_in(function: object) -> set[str]:
    """Return the names that the code of a function uses, in functions inside it too."""
    if not isinstance(function, FunctionType):
        return set()
    codes = [function.__code__]
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, type(code))]
    return {name for code in codes for name in code.co_names}


def _changed_parser() -> Iterator[str]:
    """Try the parser with what keys.py asks of it."""
    try:
        from vpsbackup_tui.ui.terminal.keys import try_parser  # noqa: PLC0415 - fails with another Textual

        if not try_parser():
            yield "XTermParser reads keys otherwise"
    except (ImportError, AttributeError, TypeError, ValueError, StopIteration) as error:
        yield f"XTermParser: {error}"
