"""A command line as a process of its own, to be hit by signals and to lose its terminal."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 20.0
"""Seconds after which what is waited for counts as never coming."""
_PACE = 0.005
# A session's leader takes the first terminal that it opens for its own.
_IN_TERMINAL = 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>&1'


def until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something holds; fail with `what` otherwise."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(_PACE)


class Running:
    """`vpsbackup-tui` with arguments, in a session of its own; whatever of it is left at the end is killed."""

    def __init__(self, *words: str, environment: Mapping[str, str] | None = None, in_terminal: bool = False) -> None:
        self._argv = [sys.executable, "-m", "vpsbackup_tui", *words]
        self._environment = {**os.environ, **(environment or {})}
        self._master = -1
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the process
        self._kept = ""
        if in_terminal:
            self._master, slave = os.openpty()
            self._argv = ["sh", "-c", _IN_TERMINAL, "sh", os.ttyname(slave), *self._argv]
            self._slave = slave

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._argv,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self.hang_up()
        self._kept = self.said
        self._said.close()

    def __repr__(self) -> str:
        return f"{' '.join(self._argv)}, which said:\n{self.said}"

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Tell whether the process has ended."""
        return self._process.poll() is not None

    @property
    def said(self) -> str:
        """Return what it has printed, when it isn't in a terminal."""
        if self._said.closed:
            return self._kept
        self._said.seek(0)
        return self._said.read().decode()

    def hit(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        self._process.send_signal(number)

    def hang_up(self) -> None:
        """Close its terminal."""
        if self._master >= 0:
            os.close(self._slave)
            os.close(self._master)
            self._master = -1

    def stop(self) -> None:
        """Stop it as ctrl-z does, and wait until it stands."""
        self.hit(signal.SIGSTOP)
        until(lambda: self.has_ended or stands(self.pid), "the process to stand")

    def code(self, patience: float = PATIENCE) -> int:
        """Wait some seconds for its end and return its exit code as a shell shows it."""
        code = self._process.wait(patience)
        return 128 - code if code < 0 else code

    def members(self) -> list[int]:
        """Return the processes of its session that are alive."""
        return members_of(self.pid)


def members_of(session: int) -> list[int]:
    """Return the processes of a session that are alive."""
    return [pid for pid in _pids() if _status(pid)[3:4] == [str(session)] and _status(pid)[0] != "Z"]


def at_home_in(home: Path) -> list[int]:
    """Return the processes that were started with this home, in whatever session; none that may not be looked at."""
    mark = b"\0HOME=%b\0" % os.fsencode(home)
    return [pid for pid in _pids() if mark in b"\0" + _environment_of(pid)]


def stands(pid: int) -> bool:
    """Tell whether a process is stopped."""
    return _status(pid)[0] == "T"


def processor_seconds(pid: int) -> float:
    """Return how much of a processor's time a process has used."""
    user, system = _status(pid)[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def until_at_rest(pid: int, seconds: float = 0.1) -> None:
    """Wait until a process has used no processor and wanted none for some seconds."""
    used, since = processor_seconds(pid), time.monotonic()

    def is_at_rest() -> bool:
        nonlocal used, since
        before, used = used, processor_seconds(pid)
        if used != before or wants_processor(pid):
            since = time.monotonic()
        return time.monotonic() - since > seconds

    until(is_at_rest, "the process to rest")


def wants_processor(pid: int) -> bool:
    """Tell whether a thread of a process runs, or would if it were let."""
    return any(_fields(path)[0] == "R" for path in Path(f"/proc/{pid}/task").glob("*/stat"))


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment_of(pid: int) -> bytes:
    """Return the environment that a process began with; nothing where it has gone or may not be looked at."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def _status(pid: int) -> list[str]:
    return _fields(Path(f"/proc/{pid}/stat"))


def _fields(path: Path) -> list[str]:
    """Return what is said of a process after its name: state, parent, group, session, …; nothing where it has gone."""
    try:
        return path.read_text().rpartition(") ")[2].split()
    except OSError:
        return [""]
