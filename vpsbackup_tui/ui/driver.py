"""The terminal, in spite of what a keyboard, a paste or a lost connection sends.

Textual's driver for Linux ends the program at a byte that isn't UTF-8 and at a key code
that isn't a character, and spins when the terminal has gone. This one changes only how
bytes are read, and where the screen is written to: standard output, so that `2>` may keep
what is said there.
"""

import codecs
import os
import selectors
import sys
from collections.abc import Callable, Iterable
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_POLL = 0.1  # seconds: how long a lone escape byte waits for the rest of a key
_AT_ONCE = 4096  # bytes


class TerminalDriver(LinuxDriver):
    """Reads keys so that no byte ends the program, and ends it when the terminal has gone."""

    on_terminal_lost: Callable[[], object] | None = None
    """Called once, from the reading thread, when the terminal can't be read any more."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = sys.__stdout__
        self._is_lost = False

    def write(self, data: str) -> None:
        """Write to the terminal, as long as there is one: nobody takes from the queue of one that has gone."""
        if not self._is_lost:
            super().write(data)

    def _run_input_thread(self) -> None:
        """Read keys; a bug ends the program as any other does."""
        try:
            self.run_input_thread()
        except Exception as error:  # the edge of the thread
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal does."""
        parser = XTermParser(self._debug)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_POLL):
                    data = self._read()
                    if not data:
                        self._lose_terminal()
                        return
                    parser = self._feed(parser, decoder.decode(data))
                self._pass_on(parser.tick())

    def _read(self) -> bytes:
        """Return what was typed; nothing where the terminal has gone."""
        try:
            return os.read(self.fileno, _AT_ONCE)
        except OSError:
            return b""

    def _feed(self, parser: XTermParser, text: str) -> XTermParser:
        """Pass on what was typed; return the parser to go on with, a new one where a key code names no character."""
        try:
            self._pass_on(parser.feed(text))
        except (ValueError, OverflowError):
            return XTermParser(self._debug)
        return parser

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _lose_terminal(self) -> None:
        self._is_lost = True
        if self.on_terminal_lost is not None:
            self.on_terminal_lost()
