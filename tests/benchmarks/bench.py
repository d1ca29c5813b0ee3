"""How programs are started: ours and the references alike, in one clean environment."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.service import Served
from tests.benchmarks.terminal import Terminal

_REFERENCES = Path(__file__).parent / "references"
_ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "VIRTUAL_ENV")
# No reading by itself while keys are timed, and no grace of a delete.
_CONFIG = "refresh_seconds = 0\n"


class Bench:
    """A home of its own for one run of the benchmark; `quick` takes fewer samples."""

    def __init__(self, *, quick: bool = False) -> None:
        self.quick = quick
        self._home = tempfile.TemporaryDirectory(prefix="benchmark-")

    def __enter__(self) -> Self:
        folder = Path(self._home.name) / ".config" / "vpsbackup-tui"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(_CONFIG)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._home.cleanup()

    def samples(self, usual: int) -> int:
        """Return how many samples to take where `usual` of them are enough for certain."""
        return max(3, usual // 5) if self.quick else usual

    def forget(self) -> None:
        """Forget the rows that the program has seen in earlier runs."""
        for folder in (".local", ".cache"):
            shutil.rmtree(Path(self._home.name) / folder, ignore_errors=True)

    def environment(self, served: Served | None = None, *, from_keyring: bool = False) -> dict[str, str]:
        """Return the variables of a program: a plain terminal as over SSH, and nobody's settings."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        kept |= {"HOME": self._home.name, "TERM": "xterm-256color", "SHELL": "/bin/sh", "PYTHONPATH": str(_ROOT)}
        if served is None:
            return kept
        kept["VPS_API_URL"] = served.url
        if from_keyring:
            return kept | {"PYTHON_KEYRING_BACKEND": "tests.benchmarks.ours.held.Held", "BENCHMARK_TOKEN": served.token}
        return kept | {"VPS_API_TOKEN": served.token}

    def ours(
        self,
        served: Served,
        *words: str,
        rows: int = 24,
        columns: int = 80,
        python: tuple[str, ...] = (),
        from_keyring: bool = False,
    ) -> Terminal:
        """Return the program at a service; `python` are options of the interpreter, whose words are then kept apart."""
        argv = [sys.executable, *python, "-m", "vpsbackup_tui", *words]
        environment = self.environment(served, from_keyring=from_keyring)
        return Terminal(argv, environment, rows=rows, columns=columns, errors=bool(python))

    def prepared(self, backups: int, servers: int, *, rows: int = 24, columns: int = 80) -> Terminal:
        """Return our screen with decoded backups at hand."""
        argv = [sys.executable, "-m", "tests.benchmarks.ours.prepared", str(backups), str(servers)]
        return Terminal(argv, self.environment(), rows=rows, columns=columns)

    def reference(
        self, name: str, *words: str, served: Served | None = None, rows: int = 24, columns: int = 80
    ) -> Terminal:
        """Return one of the programs in `references`."""
        argv = [sys.executable, str(_REFERENCES / f"{name}.py"), *words]
        return Terminal(argv, self.environment(served), rows=rows, columns=columns)

    def python(self, code: str) -> Terminal:
        """Return an interpreter that runs some code."""
        return Terminal([sys.executable, "-c", code], self.environment(), rows=24, columns=80)


def in_turns(times: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Take each measure in turn, so many times over (A B A B …): what else the machine does strikes all alike."""
    figures: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(times):
        for name, measure in measures.items():
            figures[name].append(measure())
    return figures
