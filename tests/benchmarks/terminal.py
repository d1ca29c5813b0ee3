"""A program in a pseudo-terminal, with the time at which each piece of what it writes came.

What comes is kept and only drawn (by pyte, which is slow) when the program is quiet, so
that drawing delays no reading. Where the program asks for the place of the cursor it is
answered, as by any terminal: by a second screen, which is drawn on only then.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

import pyte

from tests.benchmarks.processes import is_working

PATIENCE = 120.0
"""Seconds after which what is waited for counts as never coming."""
QUIET = 0.08
"""Seconds without a byte after which what a key did counts as done."""

# Keyboard protocols on and off: pyte knows none, and would draw the last letter.
_KEYBOARD = re.compile(rb"\x1b\[[<=>][0-9;]*u")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"
_IS_IT_THERE = re.compile(rb"\x1b\[(\d+)G\x1b\[6n")
_REST = 0.3  # seconds

Look = Callable[[str], bool]


def anything(text: str) -> bool:
    """Be content with whatever the screen shows."""
    return True


class Reaction(NamedTuple):
    """What a key did: seconds until its last byte had come, and how many bytes."""

    seconds: float
    size: int


class Piece(NamedTuple):
    """Some bytes, and when they came."""

    at: float
    data: bytes


class Answers(pyte.Screen):
    """A screen that says where its cursor is when it is asked."""

    def __init__(self, master: int, rows: int, columns: int) -> None:
        super().__init__(columns, rows)
        self._master = master
        self._stream = pyte.ByteStream(self)
        self._heard: list[bytes] = []

    def write_process_input(self, data: str) -> None:
        """Answer."""
        os.write(self._master, data.encode())

    def hear(self, data: bytes) -> None:
        """Take what a program has written; answer where it asks, and at once where it names the column itself."""
        for question in _IS_IT_THERE.finditer(data):
            os.write(self._master, b"\x1b[1;%bR" % question[1])
        data = _IS_IT_THERE.sub(b"", data)
        self._heard.append(data)
        if _WHERE_IS_THE_CURSOR in data:
            self._stream.feed(_KEYBOARD.sub(b"", b"".join(self._heard)))
            self._heard.clear()


class Terminal:
    """A program from its start to its end; `errors` keeps what it writes to standard error out of the terminal."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], *, rows: int, columns: int, errors: bool = False
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.total = 0
        """Bytes that have come."""
        self.last = 0.0
        """When the last of them came."""
        self.said: list[Piece] = []
        """What came on standard error."""
        self._stream = pyte.ByteStream(self.screen)
        self._pending: list[Piece] = []
        self._argv = list(argv)
        self._environment = dict(environment)
        self._size = (rows, columns)
        self._errors = os.pipe() if errors else None
        self._is_there = True

    def __enter__(self) -> Self:
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:  # the child becomes the program
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
            if self._errors is not None:
                os.dup2(self._errors[1], 2)
            os.execvpe(self._argv[0], self._argv, self._environment)  # noqa: S606
        self._answers = Answers(self._master, *self._size)
        self._process = os.pidfd_open(self.pid)
        self._sources = [self._master]
        if self._errors is not None:
            os.close(self._errors[1])
            self._sources.append(self._errors[0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_there:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._process)
        os.close(self._master)
        if self._errors is not None:
            os.close(self._errors[0])

    # What is on the screen

    @property
    def text(self) -> str:
        """Return what the screen shows, a line a row."""
        self._draw(anything)
        return self._display

    def seen(self, look: Look, what: str) -> float:
        """Wait for a screen that `look` is content with; return when the piece came that completed it."""
        deadline = time.perf_counter() + PATIENCE
        while (at := self._draw(look)) is None:
            if time.perf_counter() > deadline or self._master not in self._sources:
                raise TimeoutError(f"waited for {what}; the screen shows:\n{self.text}")
            self.quiet(QUIET)
        return at

    def shows(self, *texts: str) -> float:
        """Wait until the screen shows all of these texts; return when it first did."""
        return self.seen(lambda text: all(each in text for each in texts), " and ".join(texts))

    def quiet(self, seconds: float) -> float | None:
        """Read until nothing has come for some seconds; return when the last piece came, None where there was none."""
        last: float | None = None
        deadline = time.perf_counter() + PATIENCE
        while (at := self._read(seconds)) is not None:
            last = at
            if at > deadline:
                raise TimeoutError("the program is never quiet")
        return last

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size, and wait for the new picture."""
        self._draw(anything)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)
        self.quiet(0.5)

    # What keys do

    def press(self, keys: str, look: Look = anything, *, quiet: float = QUIET) -> Reaction:
        """Write keys and wait until the program is quiet and asleep again, at a screen that `look` is content with."""
        before = self.total
        start = time.perf_counter()
        os.write(self._master, keys.encode())
        last = self._read(PATIENCE)
        if last is None:
            raise TimeoutError(f"nothing came after {keys!r}; the screen shows:\n{self.text}")
        while True:
            last = self.quiet(quiet) or last
            if not is_working(self.pid) and (look is anything or look(self.text)):
                return Reaction(last - start, self.total - before)
            if time.perf_counter() - start > PATIENCE or self._master not in self._sources:
                raise TimeoutError(f"{keys!r} did not do what it should; the screen shows:\n{self.text}")

    def type(self, keys: str) -> None:
        """Write keys whose time doesn't matter, and wait for what they do."""
        os.write(self._master, keys.encode())
        self.rest()

    def rest(self) -> None:
        """Wait until the program is quiet and asleep."""
        self.quiet(_REST)
        while is_working(self.pid):
            self.quiet(_REST)

    def listen(self, seconds: float) -> int:
        """Read for some seconds and return how many bytes came."""
        before, deadline = self.total, time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)
        return self.total - before

    def wait_for_end(self, keys: str = "") -> float:
        """Write keys if any, wait until the program has ended, and return when it had."""
        start = time.perf_counter()
        os.write(self._master, keys.encode())
        while self._process not in self._ready(PATIENCE, self._process):
            if time.perf_counter() > start + PATIENCE:
                raise TimeoutError(f"the program did not end; the screen shows:\n{self.text}")
        at = time.perf_counter()
        os.waitpid(self.pid, 0)
        self._is_there = False
        return at

    def _read(self, seconds: float) -> float | None:
        """Read what comes within some seconds; return when it came, None where nothing did."""
        return time.perf_counter() if self._master in self._ready(seconds) else None

    def _ready(self, seconds: float, *others: int) -> list[int]:
        """Return which descriptors have something within some seconds; what the program wrote is taken."""
        ready = select.select([*self._sources, *others], [], [], seconds)[0]
        at = time.perf_counter()
        for source in [each for each in self._sources if each in ready]:
            self._take(source, at)
        return ready

    def _take(self, source: int, at: float) -> None:
        try:
            data = os.read(source, 65536)
        except OSError:  # the program has closed the terminal
            data = b""
        if not data:
            self._sources.remove(source)
        elif source == self._master:
            self.total += len(data)
            self.last = at
            self._pending.append(Piece(at, data))
            self._answers.hear(data)
        else:
            self.said.append(Piece(at, data))

    @property
    def _display(self) -> str:
        return "\n".join(self.screen.display)

    def _draw(self, look: Look) -> float | None:
        """Draw all that has come; return the time of the piece with which `look` was content first."""
        found = None if self._pending or not look(self._display) else time.perf_counter()
        for at, data in self._pending:
            self._stream.feed(_KEYBOARD.sub(b"", data))
            if found is None and look(self._display):
                found = at
        self._pending.clear()
        return found
