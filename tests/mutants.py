"""Run the tests against mutants: a plugin of pytest, in place of mutmut's own loop, which collects for each anew.

`python -m tests.mutation` starts it among the mutants. The tests are collected once; for
each mutant a process is forked in which only those of its part of the program run that go
through its function, until one fails: first those that have killed others of it, then the
quickest. A test that fails or hangs is run again, after the one before it only, whose
leavings it may show, and then both without the mutant: what fails only once was the
machine's doing, and kills no mutant.
"""

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

SURVIVED, KILLED, NO_TESTS, TIME_UP = 0, 1, 33, 36  # as mutmut calls them
_LEAST_SECONDS = 15.0  # for a test that takes none; a busy machine takes a few
_TIMES_AS_LONG = 10.0
_LATE = ("httpcore", "httpx", "idna", "encodings.idna", "concurrent.futures.thread", "vpsbackup_tui.api.transport")
"""Modules that most tests import late: imported once, before any fork."""
_RANDOM = hypothesis.settings(
    max_examples=30,
    deadline=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
"""Few random cases, as slow as they like, and none made smaller."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


@dataclass
class Job:
    """A mutant, and the tests that are still to be run against it.

    `doubted` is the test that has failed once, behind the one that ran before it; `code` is
    what becomes of the mutant if it fails again, and `bare` tells that these two are run
    without the mutant now.
    """

    mutant: str
    tests: list[str]
    doubted: tuple[str, ...] = ()
    code: int = SURVIVED
    bare: bool = False


@dataclass
class Running:
    """A process in which tests run, and the folder in which it tells which."""

    job: Job
    folder: Path

    def tests(self) -> tuple[str, ...]:
        """Return which test runs, or has failed, behind the one that ran before it."""
        return tuple((self.folder / "test").read_text().splitlines())

    def seconds(self) -> float:
        """Return for how long that test has run."""
        return time.time() - (self.folder / "test").stat().st_mtime


class Loop:
    """Run jobs, some at a time, in forks of a session."""

    def __init__(self, session: pytest.Session, durations: dict[str, float]) -> None:
        self._session = session
        self._items = {item.nodeid: item for item in session.items}
        self._durations = durations
        self._running: dict[int, Running] = {}
        self._sound: set[tuple[str, ...]] = set()  # tests that pass without a mutant
        self._killers: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by function, and by module

    def run(self, jobs: list[Job]) -> Iterator[tuple[str, int]]:
        """Yield each mutant with what became of it."""
        most = 3 * (os.cpu_count() or 1)  # those that hang, and those that wait for a socket, leave room for others
        while jobs or self._running:
            while jobs and len(self._running) < most:
                self._start(jobs.pop())
            for pid in list(self._running):
                code = self._ended(pid)
                if code is None:
                    continue
                running = self._running.pop(pid)
                following = self._after(running.job, running.tests(), code)
                if isinstance(following, Job):
                    jobs.append(following)
                else:
                    yield running.job.mutant, following
                shutil.rmtree(running.folder, ignore_errors=True)
            time.sleep(0.01)

    def _after(self, job: Job, last: tuple[str, ...], code: int) -> Job | int:
        """Return what is still to be run of a mutant, or what became of it where that is certain."""
        if not job.doubted:
            return code if code == SURVIVED else Job(job.mutant, job.tests, last, code)
        if job.bare and code == SURVIVED:
            self._sound.add(job.doubted)
        if (job.bare or code != SURVIVED) and job.doubted in self._sound:
            for where in _places(job.mutant):
                self._killers[where][job.doubted[-1]] += 1
            return job.code
        if not job.bare and code != SURVIVED:
            return Job(job.mutant, job.tests, job.doubted, code, bare=True)
        print(f"\n{job.doubted[-1]} fails now and then: it did with {job.mutant}", file=sys.stderr)
        left = [each for each in job.tests if each != job.doubted[-1]]
        return Job(job.mutant, left) if left else SURVIVED

    def _start(self, job: Job) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mutant-", dir=_MEMORY if _MEMORY.is_dir() else None))
        killers = [self._killers[where] for where in _places(job.mutant)]
        job.tests.sort(key=lambda test: (*(-each[test] for each in killers), self._durations.get(test, 0), test))
        items = [self._items[test] for test in job.doubted or job.tests]
        (folder / "test").write_text(items[0].nodeid)
        pid = os.fork()
        if pid:
            self._running[pid] = Running(job, folder)
            return
        os.setsid()  # what a test starts ends with it
        os.environ["MUTANT_UNDER_TEST"] = "" if job.bare else job.mutant
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os._exit(self._in_child(items, folder))

    def _in_child(self, items: list[pytest.Item], folder: Path) -> int:
        """Run tests until one fails; return the exit code."""
        try:
            for before, item, following in zip([None, *items], items, [*items[1:], None], strict=False):
                (folder / "test").write_text(f"{before.nodeid if before else ''}\n{item.nodeid}".lstrip())
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._session.testsfailed:
                    return KILLED
                gc.collect()  # so that the next test shows at once what this one has left open
        except BaseException:
            return KILLED
        return SURVIVED

    def _ended(self, pid: int) -> int | None:
        """Return what became of a process that has ended, or that hangs and is ended; None for one that runs."""
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return SURVIVED if status == 0 else KILLED
        running = self._running[pid]
        if running.seconds() < _LEAST_SECONDS + _TIMES_AS_LONG * self._durations.get("".join(running.tests()[-1:]), 0):
            return None
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return TIME_UP


def _places(mutant: str) -> tuple[str, str]:
    """Return the names of a mutant's function, as mutmut calls it, and of its module."""
    function = mutant.rpartition("__mutmut_")[0]
    return function, function.rpartition(".")[0]


def _own_tests(mutant: str) -> tuple[str, ...]:
    """Return where the tests of a mutant's part of the program are; those of other parts would take hours."""
    part = mutant.split(".")[1]
    return f"tests/{part}/", f"tests/test_{part}.py", *(["tests/wire/"] if part == "api" else [])


def _keep(mutant: str, code: int) -> None:
    """Keep what became of a mutant where mutmut keeps it."""
    path = Path(*mutant.rpartition(".")[0].split(".")).with_suffix(".py.meta")
    meta = json.loads(path.read_text())
    meta["exit_code_by_key"][mutant] = code
    path.write_text(json.dumps(meta))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the mutants that `MUTANTS` names, instead of the tests."""
    stats = json.loads(Path("mutmut-stats.json").read_text())
    jobs: list[Job] = []
    for mutant in Path(os.environ["MUTANTS"]).read_text().split():
        tests = stats["tests_by_mangled_function_name"].get(_places(mutant)[0], [])
        own = [test for test in tests if test.startswith(_own_tests(mutant))]
        if tests:
            jobs.append(Job(mutant, own or tests))
        else:
            _keep(mutant, NO_TESTS)
    loop = Loop(session, stats["duration_by_test"])
    number = len(jobs)
    hypothesis.settings.register_profile("mutants", _RANDOM)
    hypothesis.settings.load_profile("mutants")
    for name in _LATE:
        importlib.import_module(name)
    gc.freeze()
    for done, (mutant, code) in enumerate(loop.run(jobs[::-1]), start=1):
        _keep(mutant, code)
        print(f"\r{done} of {number} mutants", end="", file=sys.stderr)
    return True
