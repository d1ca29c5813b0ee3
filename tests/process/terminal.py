"""The program in a terminal that is looked at closely: its modes, its end, and the shell around it."""

import os
import re
import shlex
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.process.running import until
from tests.terminal.program import Program

_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KEYBOARD_ON, _KEYBOARD_OFF = re.compile(rb"\x1b\[>\d+u"), re.compile(rb"\x1b\[<\d*u")
_PACE = 0.005  # seconds
LEFT_ON = {b"25", b"7"}
"""The modes of a terminal that nobody has touched: cursor and line wrap."""


class Terminal(Program):
    """The program in a terminal whose modes and flags are compared with those before the start."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._flags_before = self.flags()
        self._is_closed = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_closed:  # its number may belong to another file by now
            self.terminal = os.open(os.devnull, os.O_RDWR)
        super().__exit__(kind, error, trace)

    def through_shell(self, script: str) -> Self:
        """Start a shell script, in which `$P` is the program, in its place."""
        self._argv = ["/bin/sh", "-c", script.replace("$P", shlex.join(self._argv))]
        return self

    def run_code(self, code: str) -> Self:
        """Start some Python in place of the program."""
        self._argv = [sys.executable, "-c", code]
        return self

    def flags(self) -> list[Any]:
        """Return the flags of the terminal's line."""
        return termios.tcgetattr(self.terminal)

    def close(self) -> None:
        """Take the terminal away."""
        os.close(self.terminal)
        self._is_closed = True

    def hit(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def until_waits(self, number: int) -> None:
        """Wait until a signal that the program holds back has reached it: a terminal sends one at its leisure."""
        until(lambda: bool(self._held_back >> (number - 1) & 1), "the signal to reach the program")

    @property
    def _held_back(self) -> int:
        """Return the set of signals that wait for the program to take them."""
        (line,) = re.findall(r"^ShdPnd:\s*(\w+)$", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        return int(line, 16)

    def ended(self, patience: float) -> int:
        """Wait for the end without reading what is written; return the exit code as a shell shows it."""
        until(lambda: self.has_ended, "the program to end", patience)
        assert self.exit_code is not None
        return 128 - self.exit_code if self.exit_code < 0 else self.exit_code

    @property
    def has_ended(self) -> bool:
        """Tell whether the program has ended, without reading what it writes."""
        if self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self.exit_code is not None

    @property
    def modes(self) -> set[bytes]:
        """Return the private modes that the terminal is in after all that was written."""
        modes = set(LEFT_ON)
        for numbers, switch in _MODE.findall(self.output):
            for number in numbers.split(b";"):
                (modes.add if switch == b"h" else modes.discard)(number)
        return modes

    def listen_until(self, condition: Callable[[], object], what: str) -> None:
        """Take in what it writes until something holds; fail with `what` otherwise."""
        self._wait_until(lambda: bool(condition()), what)

    def hears(self, condition: Callable[[], object], seconds: float) -> bool:
        """Take in what it writes until something holds; tell whether it did, within some seconds and before its end."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or self._read(_PACE) is None:
                return False
        return True

    def check_restored(self) -> None:
        """Fail where the terminal isn't as it was before the program."""
        assert self.modes == LEFT_ON
        assert len(_KEYBOARD_ON.findall(self.output)) == len(_KEYBOARD_OFF.findall(self.output))
        assert self.flags() == self._flags_before
