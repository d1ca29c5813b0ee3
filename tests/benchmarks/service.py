"""The embedded service in a process of its own, so that its work and the measuring don't share an interpreter."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from vpsbackup_tui.demo import DemoService


class Served(NamedTuple):
    """Where a service is, and what opens it."""

    url: str
    token: str


@contextmanager
def serving(*, backups: int | None = None, servers: int = 12, latency: float = 0.0) -> Iterator[Served]:
    """Run a service with so many backups (None: a believable fleet) that takes `latency` seconds for an answer."""
    words = json.dumps({"backups": backups, "servers": servers, "latency": latency})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.service", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Served(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()


def _serve() -> None:
    with DemoService(**json.loads(sys.argv[1])) as demo:
        sys.stdout.write(json.dumps({"url": demo.url, "token": demo.token}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    _serve()
