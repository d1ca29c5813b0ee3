"""Run what a verb asks for on one event loop, so that a prompt may stand between two requests.

A signal ends what only reads at once. A change that is under way is waited for: it has
been sent, and only its answer tells what became of it. A second signal ends the wait.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from vpsbackup_tui.cli.output import for_a_moment, note
from vpsbackup_tui.cli.strays import Strays
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError, noting_signals
from vpsbackup_tui.threads import DaemonThreads

_T = TypeVar("_T")
_AT_ONCE = 64  # signals


class Work:
    """An opened account and the loop that its requests run on; a context manager that closes both.

    Until its end a signal is noted: it stops what runs, lets nothing more begin, and ends the command. One that
    comes while it is closed ends that.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._runner = asyncio.Runner()
        self._signals: list[int] = []
        self._stop: Callable[[], object] = _nothing_runs
        self._open = ExitStack()

    def __enter__(self) -> Self:
        strays = Strays()
        self._open.enter_context(noting_signals(self._hear))
        self._open.enter_context(strays.raised())
        self._open.enter_context(self._runner)
        loop = self._runner.get_loop()
        strays.listen_to(loop)
        self._open.enter_context(_woken_by_signals(loop))
        loop.set_default_executor(DaemonThreads())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open, suppress(asyncio.CancelledError):
            self._runner.run(self._close())
        if self._signals and error is None:  # the last step has outlived it
            raise SignalledError(self._signals[0])

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return what `work` returns; raise `SignalledError` where a signal ended it, or came before."""
        if self._signals:
            work.close()
            raise SignalledError(self._signals[0], "nothing more was sent")
        return self._runner.run(self._supervise(work))

    async def _close(self) -> None:
        """Close the account, unless a signal ends that: the journal may be held by others, or its disk stand still."""
        closing = asyncio.create_task(self.session.aclose())
        self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, closing.cancel)
        try:
            await closing
        finally:
            self._stop = _nothing_runs

    def _hear(self, number: int) -> None:
        self._signals.append(number)
        self._stop()

    async def _supervise(self, work: Coroutine[Any, Any, _T]) -> _T:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(work)
        current: asyncio.Task[Any] = task

        def stop() -> None:
            if self.session.connected:
                self.session.operations.stop()
            current.cancel()

        self._stop = lambda: loop.call_soon_threadsafe(stop)
        if self._signals:  # it has just come
            stop()
        try:
            return await task
        except asyncio.CancelledError:
            if not self._signals:
                raise
            current = asyncio.create_task(self._wait_for_changes())
            with suppress(asyncio.CancelledError):
                await current
        finally:
            self._stop = _nothing_runs
        raise SignalledError(self._signals[0])

    async def _wait_for_changes(self) -> None:
        """Wait for the answers to changes that are sent; the others, which may wait for long, never are."""
        operations = self.session.operations if self.session.connected else None
        if operations is None or not operations.running:
            return
        if len(operations.running) > len(operations.unsent):
            with for_a_moment():  # the answer is taken in though nobody reads this
                note("a change is under way: waiting for its answer (once more to stop waiting)")
        await operations.answered()


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Wake a loop at each signal: of one that comes just before it waits, or to another thread, it would hear later.

    Where no file can be opened any more, it does.
    """
    try:
        pipe = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        pipe = None
    if pipe is None:
        yield
        return
    reading, writing = pipe
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    loop.add_reader(reading, os.read, reading, _AT_ONCE)
    try:
        yield
    finally:
        loop.remove_reader(reading)
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def _nothing_runs() -> None:
    """Stop nothing."""
