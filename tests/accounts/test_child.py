import asyncio
import logging
import os
import select
from pathlib import Path

import pytest

from tests.accounts.conftest import python
from vpsbackup_tui.accounts.child import Answer, SaidTooMuchError, TookTooLongError, run_child

ENVIRON = {"PATH": os.environ["PATH"]}
GENEROUS = 30.0


class Lifeline:
    """A FIFO that a program and its children hold open: it closes when the last of them is gone."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def command(self) -> list[str]:
        return ["sh", "-c", f'exec 3>"{self.path}"; sleep 60 & echo up >&3; echo "$$"; wait']

    async def up(self) -> None:
        """Wait until the program and its child hold the line."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._descriptor, ready.set)
        await ready.wait()
        loop.remove_reader(self._descriptor)
        assert os.read(self._descriptor, 10) == b"up\n"

    def cut(self) -> bool:
        """Tell whether everybody who held the line is gone, waiting a while for it."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(GENEROUS * 1000)) and os.read(self._descriptor, 10) == b""

    def close(self) -> None:
        os.close(self._descriptor)


async def test_the_answer_is_the_output_and_the_status() -> None:
    code = "import sys; print(sys.stdin.read()[::-1], end=''); sys.exit(3)"
    answer = await run_child(python(code), environ=ENVIRON, question=b"abc", seconds=GENEROUS, most_bytes=10)
    assert answer == Answer(b"cba", 3)


async def test_a_program_that_doesnt_listen_may_still_answer() -> None:
    answer = await run_child(
        ["sh", "-c", "exec <&-; echo yes"], environ=ENVIRON, question=b"x" * 1_000_000, seconds=GENEROUS, most_bytes=10
    )
    assert answer == Answer(b"yes\n", 0)


async def test_a_program_has_no_terminal_and_a_session_of_its_own() -> None:
    code = """
import os
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError:
    print(os.getsid(0) == os.getpid(), os.readlink("/proc/self/fd/2"))
"""
    answer = await run_child(python(code), environ=ENVIRON, question=b"", seconds=GENEROUS, most_bytes=100)
    assert answer.output == b"True /dev/null\n"


async def test_a_program_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TookTooLongError):
        await run_child(["sleep", "60"], environ=ENVIRON, question=b"", seconds=0.05, most_bytes=10)


async def test_a_program_that_says_too_much_is_stopped() -> None:
    with pytest.raises(SaidTooMuchError):
        await run_child(["yes"], environ=ENVIRON, question=b"", seconds=GENEROUS, most_bytes=1000)


async def test_a_cancelled_program_and_its_children_are_gone(tmp_path: Path) -> None:
    lifeline = Lifeline(tmp_path / "line")
    task = asyncio.create_task(
        run_child(lifeline.command(), environ=ENVIRON, question=b"", seconds=GENEROUS, most_bytes=100)
    )
    await lifeline.up()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert lifeline.cut()
    lifeline.close()


def test_a_loop_that_ends_leaves_no_program_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lifeline = Lifeline(tmp_path / "line")

    async def program() -> None:
        child = run_child(lifeline.command(), environ=ENVIRON, question=b"", seconds=GENEROUS, most_bytes=100)
        forgotten = asyncio.create_task(child)
        await lifeline.up()
        assert not forgotten.done()

    asyncio.run(program())
    assert lifeline.cut()
    lifeline.close()
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


async def test_a_program_that_isnt_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        await run_child(["/nowhere/at-all"], environ=ENVIRON, question=b"", seconds=GENEROUS, most_bytes=10)
