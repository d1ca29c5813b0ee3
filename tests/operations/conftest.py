"""A bench for the tests of the engine, and a folder for journals by the thousand."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

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


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: a schedule kills the program, not the power."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)
