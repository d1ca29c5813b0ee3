"""Signals that ask the process to end."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_Handler = Callable[[int, FrameType | None], object] | int | None
_AGAIN = 0.01  # seconds after which a signal is sent again that Python has dropped


def heeded() -> list[signal.Signals]:
    """Return the ending signals but those that this process was started to ignore, as by `nohup` or `trap '' INT`."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def let_interrupts_end() -> None:
    """Let SIGINT end the process at once where nobody hears it: Python would leave a traceback behind its end."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


class SignalledError(BaseException):
    """A signal asked the process to end; `number` is the signal's, `message` says what else is to be known."""

    def __init__(self, number: int, message: str = "") -> None:
        super().__init__(number)
        self.number = number
        self.message = message


class EndingSignals:
    """Hears signals that ask the process to end: inside `raising` each is raised, outside it is only noted."""

    def __init__(self) -> None:
        self._heard: list[int] = []
        self._raises = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Hear a signal."""
        self._heard.append(number)
        if self._raises:
            raise SignalledError(number)

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Turn each signal into `SignalledError`, so that a prompt gives the terminal back.

        Where it falls into a destructor Python drops what is raised: then the signal is sent again, and at the end
        none is forgotten.
        """
        self._raises = True
        try:
            with _sent_again_where_dropped():
                yield
        except Exception as error:
            if self._heard:  # on its way it was made another error, as Python does while a class is being made
                raise SignalledError(self._heard[0]) from error
            raise
        finally:
            self._raises = False
        if self._heard:
            raise SignalledError(self._heard[0])


@contextmanager
def hearing_signals() -> Iterator[EndingSignals]:
    """Hear each ending signal in place of being ended by it, until this is done."""
    signals = EndingSignals()
    with _handled_by(signals):
        yield signals


@contextmanager
def noting_signals(note: Callable[[int], object]) -> Iterator[None]:
    """Note each ending signal in place of raising wherever it falls; only what is `interruptible` it still ends.

    What is raised anywhere leaves a lock, a loop or an account of what was sent half made.
    """

    def hear(number: int, frame: FrameType | None) -> None:
        note(number)
        _noted.append(number)
        if _waits:
            raise SignalledError(number)

    try:
        with _handled_by(hear):
            yield
    finally:
        _noted.clear()


_noted: list[int] = []
_waits: list[bool] = []


@contextmanager
def interruptible(*, by_earlier: bool = False) -> Iterator[None]:
    """Let a signal end this wait by `SignalledError`; with `by_earlier` one that came before ends it, too."""
    _waits.append(by_earlier)
    try:
        if by_earlier and _noted:
            raise SignalledError(_noted[0])
        yield
    finally:
        _waits.pop()


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in heeded()}
    try:
        for number in before:
            signal.signal(number, handler)
        yield
    finally:
        _give_back(before)


def _give_back(handlers: dict[signal.Signals, _Handler]) -> None:
    """Set all of these handlers, though what one of them raises comes in between; that is raised when they are set."""
    left, raised = [*handlers.items()], None
    while left:
        try:
            while left:
                signal.signal(*left[-1])
                left.pop()
        except SignalledError as ended:
            raised = ended
    if raised is not None:
        raise raised


@contextmanager
def _sent_again_where_dropped() -> Iterator[None]:
    before = sys.unraisablehook
    takes_back: list[Callable[[], object]] = []

    def heard(dropped: "sys.UnraisableHookArgs") -> None:
        from threading import Timer  # noqa: PLC0415 - it is there by then, but not at the first sight

        if isinstance(dropped.exc_value, SignalledError) and not _noted:
            again = Timer(_AGAIN, os.kill, (os.getpid(), dropped.exc_value.number))
            again.daemon = True
            again.start()
            takes_back.append(again.cancel)
        elif not isinstance(dropped.exc_value, SignalledError):
            before(dropped)

    sys.unraisablehook = heard
    try:
        yield
    finally:
        sys.unraisablehook = before
        for take_back in takes_back:
            take_back()


@contextmanager
def holding_signals() -> Iterator[None]:
    """Let ending signals wait until this is done: an import that is cut in half can crash a compiled module."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
