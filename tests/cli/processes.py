"""A command as a process of its own, whose outputs are read apart: start it, hit it, wait for what it does."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.cli.conftest import Ended
from tests.process.running import PATIENCE, until
from vpsbackup_tui.demo import DemoService

COMMAND = [sys.executable, "-m", "vpsbackup_tui"]
_WAITS = "waiting for its answer"


def started(argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """Start a process whose standard error is read while it works."""
    process: subprocess.Popen[str] = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, **options)
    return process


def until_requested(service: DemoService, method: str, path: str) -> None:
    """Wait until a request has come."""
    until(lambda: service.count(method, path), f"{method} {path}")


def until_requested_again(service: DemoService) -> None:
    """Wait until one more request has come, whichever it is, than have come so far."""
    so_far = len(service.requests)
    until(lambda: len(service.requests) > so_far, "one more request")


def until_it_waits(process: subprocess.Popen[str]) -> list[str]:
    """Read until a process that was hit says that it waits for the answer to its change; return the lines before."""
    assert process.stderr is not None
    before: list[str] = []
    for line in process.stderr:
        if _WAITS in line:
            return before
        before.append(line)
    raise AssertionError(f"It ended without {_WAITS}, and said {before}")


def hit_twice(process: subprocess.Popen[str], number: int) -> Ended:
    """Send a signal to a process that makes a change, and once more when it says that it waits; return how it ended."""
    process.send_signal(number)
    until_it_waits(process)
    process.send_signal(number)
    return end_of(process)


def end_of(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a process; return how it ended, with what it printed that nobody has read before."""
    assert process.stderr is not None
    err = process.stderr.read()  # `communicate` would lose what came in together with a line that was read
    out, _ = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out or "", err)
