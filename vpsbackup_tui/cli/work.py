"""Run what a verb asks for on one event loop, so that a prompt may stand between two requests.

A signal ends what only reads at once. A change that is under way is waited for: it has
been sent, and only its answer tells what became of it. A second signal ends the wait.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from vpsbackup_tui.cli.output import note
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError, heeded
from vpsbackup_tui.threads import DaemonThreads

_T = TypeVar("_T")


class Work:
    """An opened account and the loop that its requests run on; a context manager that closes both."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._runner = asyncio.Runner()
        self._signals: list[int] = []

    def __enter__(self) -> Self:
        self._runner.get_loop().set_default_executor(DaemonThreads())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._runner:
            self._runner.run(self.session.aclose())

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return what `work` returns; raise `SignalledError` where a signal ended it, or the one before."""
        if self._signals:
            work.close()
            raise SignalledError(self._signals[0], "nothing more was sent")
        return self._runner.run(self._supervise(work))

    async def _supervise(self, work: Coroutine[Any, Any, _T]) -> _T:
        signals = self._signals
        task = asyncio.create_task(work)
        current: asyncio.Task[Any] = task

        def stop(number: int) -> None:
            signals.append(number)
            if self.session.connected:
                self.session.operations.stop()
            current.cancel()

        with _telling_of_signals(stop):
            try:
                return await task
            except asyncio.CancelledError:
                if not signals:
                    raise
            under_way = self._under_way()
            current = asyncio.create_task(self._wait_for_changes(len(under_way)))
            with suppress(asyncio.CancelledError):
                await current
        raise SignalledError(signals[0], self._what_became_of(under_way))

    def _under_way(self) -> list[str]:
        """Return the ids of the changes whose outcome isn't known yet."""
        return [each.id for each in self.session.operations.running] if self.session.connected else []

    async def _wait_for_changes(self, count: int) -> None:
        if count:
            note("a change is under way: waiting for its answer (once more to stop waiting)")
            await self.session.operations.finish()

    def _what_became_of(self, ids: list[str]) -> str:
        """Return what is to be said of these changes."""
        if not ids:
            return ""
        operations = self.session.operations
        known = [operations.as_left(each) for each in operations.recent if each.id in ids]
        return "\n".join(f"{each.word}: {each.message}" for each in known)


@contextmanager
def _telling_of_signals(tell: Callable[[int], None]) -> Iterator[None]:
    """Tell of ending signals between two steps of the running loop, instead of raising anywhere."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in heeded()}
    try:
        for number in before:
            loop.add_signal_handler(number, tell, int(number))
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
