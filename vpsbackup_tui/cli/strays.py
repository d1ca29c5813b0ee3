"""Bugs that nobody waits for, in a thread or a task that was let go of: Python would print them, with all they say."""

import threading
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Strays:
    """Hears of such bugs; a connection that breaks while it is let go of is none."""

    def __init__(self) -> None:
        self._heard: list[BaseException] = []

    def hear(self, error: BaseException | None) -> None:
        """Take note of what was raised where nobody waits for it."""
        if error is not None and not isinstance(error, OSError):
            self._heard.append(error)

    def listen_to(self, loop: AbstractEventLoop) -> None:
        """Hear of what is raised on a loop."""

        def hear(_: AbstractEventLoop, context: dict[str, Any]) -> None:
            self.hear(context.get("exception"))

        loop.set_exception_handler(hear)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Hear of what is raised in threads, and raise at the end the first of all that was heard of."""
        before = threading.excepthook
        threading.excepthook = lambda stray: self.hear(stray.exc_value)
        try:
            yield
        finally:
            threading.excepthook = before
        if self._heard:
            raise self._heard[0]
