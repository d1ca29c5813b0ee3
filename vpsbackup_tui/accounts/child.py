"""Run another program for one answer: never on our terminal, never beyond its limit, never left behind."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
from typing import IO, NamedTuple, cast

from vpsbackup_tui.threads import as_ordinary

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
    # Not asyncio's subprocesses: one that is cancelled while it starts is never seen to end (CPython 3.11).
    process = Popen(  # noqa: ASYNC220, S603 - it starts within milliseconds; no shell reads the words
        argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environ, start_new_session=True
    )
    loop = asyncio.get_running_loop()
    over: asyncio.Future[Answer] = loop.create_future()

    def converse() -> None:
        try:
            tell = partial(over.set_result, _converse(process, question, most_bytes))
        except BaseException as error:  # whatever it is, it belongs to whoever waits for the answer
            tell = partial(over.set_exception, as_ordinary(error))
        with suppress(RuntimeError):  # The loop is closed: nobody waits for the answer any more.
            loop.call_soon_threadsafe(tell)

    Thread(target=converse, daemon=True).start()
    answer = None
    try:
        async with asyncio.timeout(seconds):
            answer = await asyncio.shield(over)
    except TimeoutError as error:
        raise TookTooLongError from error
    finally:
        if answer is None:
            _kill_group(process.pid)
            await asyncio.wait([over], timeout=_BURIAL_SECONDS)
    if len(answer.output) > most_bytes:
        raise SaidTooMuchError
    return answer


def _converse(process: Popen[bytes], question: bytes, most_bytes: int) -> Answer:
    """Ask, listen until the program and whoever holds its output are gone, and return what was said."""
    stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    with process:
        with suppress(BrokenPipeError):
            stdin.write(question)
            stdin.close()
        output = stdout.read(most_bytes + 1)
        if len(output) > most_bytes:
            _kill_group(process.pid)
    return Answer(output, process.returncode)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
