"""A terminal for one command: what it prints is read, what is typed waits for the words it answers."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from types import TracebackType
from typing import Self

PATIENCE = 20.0


class Terminal:
    """A command in a pseudo-terminal of its own; standard output may be a pipe."""

    def __init__(self, *words: str, env: dict[str, str], piped_output: bool = False) -> None:
        self.seen = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x18\x00\x64\x00\x00\x00\x00\x00")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vpsbackup_tui", *words],
            stdin=theirs,
            stdout=subprocess.PIPE if piped_output else theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        os.close(self._ours)

    def expect(self, words: str) -> str:
        """Return all that was printed once `words` have been."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert self._read(deadline), f"{words!r} never came: {self.seen!r}"
        return self.seen

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._ours, text.encode())

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        self._process.send_signal(number)

    def echoes(self) -> bool:
        """Tell whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def end(self) -> int:
        """Return the exit code once the command has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self._process.wait(timeout=PATIENCE)

    def _read(self, deadline: float) -> bool:
        """Read what has come and tell whether more may come."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            text = os.read(self._ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            return False
        self.seen += text.decode(errors="replace")
        return bool(text)
