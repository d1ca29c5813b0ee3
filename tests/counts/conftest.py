"""The program in a plain terminal, as over SSH, at a service of its own."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tests.benchmarks.terminal import Terminal
from tests.conftest import CANARY
from tests.counts.painting import Painted
from vpsbackup_tui.demo import DemoService

Start = Callable[..., Terminal]


@pytest.fixture
def today() -> Iterator[DemoService]:
    """The embedded service, believable today: what is counted is what an operator gets."""
    with DemoService(seed=1, token=CANARY) as service:
        yield service


@pytest.fixture
def start(today: DemoService, own_home: Path) -> Iterator[Start]:
    """Return a function that starts the program, or some Python in its place, in a terminal of a size."""
    config = own_home / "config.toml"
    config.write_text("refresh_seconds = 0\n")
    environment = {name: value for name, value in os.environ.items() if name != "COLORTERM"}
    environment |= {"TERM": "xterm-256color", "VPS_API_URL": today.url, "VPS_API_TOKEN": today.token}
    with ExitStack() as stack:

        def start_program(*python: str, rows: int = 24, columns: int = 80, **more: str) -> Terminal:
            argv = [sys.executable, *(python or ("-m", "vpsbackup_tui")), "--config", str(config)]
            return stack.enter_context(Terminal(argv, environment | more, rows=rows, columns=columns))

        yield start_program


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Painted:
    """Return the list of all that is sent to the terminal from now on by a program that runs in the test itself."""
    sent: Painted = []
    monkeypatch.setattr(HeadlessDriver, "is_headless", False)
    monkeypatch.setattr(HeadlessDriver, "write", lambda driver, data: sent.append(data))
    return sent
