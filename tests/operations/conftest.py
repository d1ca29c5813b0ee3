"""A bench for the tests of the engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operations.bench import Bench
from vpsbackup_tui.demo import DemoService


@pytest.fixture
async def bench(demo: DemoService, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(demo, tmp_path / "state" / "journal.sqlite3")
    yield bench
    for instance in bench.instances:
        instance.close()
    await bench.service.aclose()
