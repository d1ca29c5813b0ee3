"""The program in a real pseudo-terminal: keys in, bytes and a screen out."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

import pyte

PATIENCE = 30.0
"""Seconds after which what was waited for counts as never coming."""
_QUESTION = re.compile(rb"\x1b\[(\d+)G\x1b\[6n")
_TOO_EARLY = 0.4  # seconds after a dialog was drawn
_AGAIN = 5.0  # seconds


class Program:
    """`vpsbackup-tui` with arguments, in a terminal of its own; everything it wrote is kept in `output`."""

    answers = True
    """Whether it tells how far it has come as soon as it has read that."""
    _answered = 0

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        rows: int = 24,
        columns: int = 80,
    ) -> None:
        self.output = b""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._size = (rows, columns)
        self._argv = [sys.executable, "-m", "vpsbackup_tui", *arguments]
        self._environment = {**os.environ, "TERM": "xterm-256color", **(environment or {})}
        self.exit_code: int | None = None

    def __enter__(self) -> Self:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the program
            os.execve(self._argv[0], self._argv, self._environment)  # noqa: S606
        self.resize(*self._size)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self.terminal, keys.encode() if isinstance(keys, str) else keys)

    def text(self) -> str:
        """Return what the screen shows, a line a row."""
        cells = self.screen.buffer  # pyte's own `display` stumbles over half a wide character
        rows, columns = range(self.screen.lines), range(self.screen.columns)
        return "\n".join("".join(cells[row][column].data for column in columns) for row in rows)

    def expect(self, *texts: str) -> None:
        """Wait until the screen shows every one of these texts; fail with the screen otherwise."""
        self._wait_until(lambda: all(text in self.text() for text in texts), f"{texts} on the screen")

    def expect_gone(self, *texts: str) -> None:
        """Wait until the screen shows none of these texts; fail with the screen otherwise."""
        self._wait_until(lambda: not any(text in self.text() for text in texts), f"{texts} to leave the screen")

    def expect_change(self, before: str) -> None:
        """Wait until the screen shows something else than `before`, and no more comes; fail where it never does."""
        self._wait_until(lambda: self.text() != before, "a change of the screen")
        self.quiet()

    def escape_from(self, text: str) -> None:
        """Press escape until the screen shows a text no more, as a dialog takes no key that comes too early.

        It is pressed anew only after long waiting: the next key would come so close behind it that they were one.
        """
        while text in self.text():
            self.quiet(_TOO_EARLY)
            self.send("\x1b")
            deadline = time.monotonic() + _AGAIN
            while text in self.text() and time.monotonic() < deadline:
                self._read(0.2)

    def quiet(self, seconds: float = 0.1) -> None:
        """Wait until nothing has been written for some seconds."""
        while self._read(seconds):
            pass

    def wait(self) -> int:
        """Wait for the program's end, and for all that it wrote, and return its exit code.

        It is minus the signal where one killed it.
        """
        deadline = time.monotonic() + PATIENCE
        while self.exit_code is None:
            self._read(0.05)
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError(f"The program did not end; it shows:\n{self.text()}")
        while self._read(0):  # also where its end was seen before
            pass
        return self.exit_code

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline or self._read(0.2) is None:
                raise AssertionError(f"Waited for {what}; it shows:\n{self.text()}")

    def _read(self, seconds: float) -> bytes | None:
        """Take in what comes within some seconds; None where the terminal is closed."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return None
        self.output += data
        self._stream.feed(data)
        if self.answers:
            self.tell_place()
        return data

    def tell_place(self, frames: int | None = None) -> None:
        """Tell the place of the cursor where that was asked behind a frame, as a terminal does; for so many, or all."""
        for question in islice(_QUESTION.finditer(self.output, self._answered), frames):
            self._answered = question.end()
            self.send(b"\x1b[1;%bR" % question[1])
