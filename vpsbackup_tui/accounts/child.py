"""Run another program for one answer: never on our terminal, never beyond its limit, never left behind."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from subprocess import DEVNULL, PIPE
from typing import NamedTuple, cast

# A killed process is gone within milliseconds, unless the kernel itself holds it.
_BURIAL_SECONDS = 0.5


class TookTooLongError(Exception):
    """The program was still at work at its limit, and was killed."""


class SaidTooMuchError(Exception):
    """The program wrote more than it may, and was killed."""


class Answer(NamedTuple):
    """What a program wrote to its standard output, and its exit status (-n: ended by signal n)."""

    output: bytes
    status: int


async def run_child(
    argv: Sequence[str], *, environ: Mapping[str, str], question: bytes, seconds: float, most_bytes: int
) -> Answer:
    """Run `argv` with `question` as its standard input, in a session of its own, and return its answer.

    It has no terminal, and its standard error goes nowhere. At the limit, on a
    cancellation and on too much output its whole process group is killed. Raises
    `TookTooLongError`, `SaidTooMuchError`, and `OSError` where it can't be started.
    """
    transport, talk = await asyncio.get_running_loop().subprocess_exec(
        lambda: _Conversation(most_bytes),
        *argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environ,
        start_new_session=True,
    )
    try:
        stdin = cast(asyncio.WriteTransport, transport.get_pipe_transport(0))
        stdin.write(question)
        stdin.close()
        async with asyncio.timeout(seconds):
            await talk.over.wait()
    except TimeoutError as error:
        raise TookTooLongError from error
    finally:
        if not talk.ended:
            await _kill_group(transport.get_pid(), talk)
        transport.close()
    if talk.too_much:
        raise SaidTooMuchError
    return Answer(bytes(talk.said), transport.get_returncode() or 0)


async def _kill_group(group: int, talk: "_Conversation") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    # Closing the transport of a process that asyncio hasn't seen end makes it warn on standard error.
    with suppress(TimeoutError):
        async with asyncio.timeout(_BURIAL_SECONDS):
            await talk.exited.wait()


class _Conversation(asyncio.SubprocessProtocol):
    """Collects what a program says until it has ended and nothing holds its output open."""

    def __init__(self, most_bytes: int) -> None:
        self.said = bytearray()
        self.too_much = False
        self.ended = False
        self.over = asyncio.Event()
        self.exited = asyncio.Event()
        self._most_bytes = most_bytes

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep what came, and end the conversation at too much of it."""
        if len(self.said) + len(data) > self._most_bytes:
            self.too_much = True
            self.over.set()
        else:
            self.said += data

    def process_exited(self) -> None:
        """Note that the program itself is gone."""
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that everything is gone and everything was said."""
        self.ended = True
        self.over.set()
