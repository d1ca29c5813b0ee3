"""Signals that ask the process to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalledError(BaseException):
    """A signal asked the process to end; `number` is the signal's, `message` says what else is to be known."""

    def __init__(self, number: int, message: str = "") -> None:
        super().__init__(number)
        self.number = number
        self.message = message


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Turn each ending signal into `SignalledError`, so that a prompt gives the terminal back."""
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        for number in ENDING:
            # A command started with `nohup` or `trap '' INT` goes on ignoring what it was told to ignore.
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, _raise)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    raise SignalledError(number)
