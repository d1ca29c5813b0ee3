"""Threads for what can't be awaited, which keep nobody from leaving.

A lookup of a name can take a minute and can't be called off. The threads that asyncio
uses by itself are waited for without a limit, by its loop and again by the interpreter.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Thread
from time import monotonic
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DaemonThreads(ThreadPoolExecutor):
    """Run each call in a daemon thread of its own; set it as the default executor of a loop, which takes no other kind.

    At the end, calls under way have `moment` seconds, enough for a write to the disk;
    the others are left behind and end with the process.
    """

    def __init__(self, moment: float = 1.0) -> None:
        super().__init__()
        self._moment = moment
        self._lock = Lock()
        self._running: set[Thread] = set()
        self._has_ended = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Start a call and return its future; raise `RuntimeError` after the end."""
        future: Future[_T] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:  # whatever it is, it belongs to whoever awaits the call
                    future.set_exception(as_ordinary(error))
            with self._lock:
                self._running.discard(thread)

        thread = Thread(target=run, daemon=True)
        with self._lock:
            if self._has_ended:
                raise RuntimeError("no call is taken on after the end")
            self._running.add(thread)
            thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take on nothing more, and wait a moment for what is under way."""
        with self._lock:
            self._has_ended = True
            left = list(self._running)
        deadline = monotonic() + (self._moment if wait else 0.0)
        for thread in left:
            thread.join(max(0.0, deadline - monotonic()))


def as_ordinary(error: BaseException) -> Exception:
    """Return what a call in a thread has raised as an error that whoever awaits it can raise.

    No future can carry a `StopIteration`: it would never be done. What is no ordinary error
    would call off, or end, more than the call.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    bug = RuntimeError(f"a call in a thread has raised {type(error).__name__}")
    bug.__cause__ = error
    return bug
