"""Signals that ask the process to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def heeded() -> list[signal.Signals]:
    """Return the ending signals but those that this process was started to ignore, as by `nohup` or `trap '' INT`."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


class SignalledError(BaseException):
    """A signal asked the process to end; `number` is the signal's, `message` says what else is to be known."""

    def __init__(self, number: int, message: str = "") -> None:
        super().__init__(number)
        self.number = number
        self.message = message


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Turn each ending signal into `SignalledError`, so that a prompt gives the terminal back."""
    before = {number: signal.getsignal(number) for number in heeded()}
    heard: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        raise SignalledError(number)

    try:
        for number in before:
            signal.signal(number, end)
        yield
    except Exception as error:
        if heard:  # on its way it was made another error, as Python does while a class is being made
            raise SignalledError(heard[0]) from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def holding_signals() -> Iterator[None]:
    """Let ending signals wait until this is done: an import that is cut in half can crash a compiled module."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
