"""Ask the OS keyring, in a helper process that is killed when it takes too long."""

import asyncio
import sys
from collections.abc import Mapping
from math import ceil
from typing import Any

import msgspec

from vpsbackup_tui.accounts.keyring_problems import KeyringProblemError, Problem
from vpsbackup_tui.text import clean

PATIENCE = 3.0  # seconds, where nobody is told to unlock anything
_MOST_BYTES = 16_384
# -P keeps the folder we were started in out of the module path; -I would lose packages installed with --user.
_HELPER = ("-P", "-m", "vpsbackup_tui.accounts.keyring_helper")


class _Reply(msgspec.Struct):
    """What the helper process answers."""

    backend: str = ""
    named: str = ""
    token: str | None = None
    removed: bool = False
    problem: Problem | None = None
    error: str = ""


class Keyring:
    """The OS keyring, asked for one thing at a time; every method raises `KeyringProblemError`.

    `environ` is what the helper process gets: it needs the address of the session bus, and no token.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        # Two calls at once would ask to unlock twice, and look like a hang.
        self._turn = asyncio.Lock()

    async def get(self, service: str, user: str, *, patience: float = PATIENCE) -> tuple[str | None, str]:
        """Return the token kept under these names, or None, and the name of the keyring that was asked."""
        reply = await self._ask(patience, do="get", service=service, user=user)
        return reply.token, reply.backend

    async def set(self, service: str, user: str, token: str, *, patience: float = PATIENCE) -> str:
        """Keep the token under these names and return the name of the keyring."""
        return (await self._ask(patience, do="set", service=service, user=user, token=token)).backend

    async def delete(self, service: str, user: str, *, patience: float = PATIENCE) -> str | None:
        """Remove the token kept under these names and return the keyring's name; None where there was no token."""
        reply = await self._ask(patience, do="delete", service=service, user=user)
        return reply.backend if reply.removed else None

    async def name(self, *, patience: float = PATIENCE) -> str:
        """Return the name of the keyring that would be asked."""
        return (await self._ask(patience, do="name")).backend

    async def _ask(self, patience: float, **question: Any) -> _Reply:
        # The helper ends itself a little later, should we be killed before we can end it.
        asked = msgspec.json.encode({**question, "seconds": ceil(patience) + 1})
        async with self._turn:
            reply = await self._reply(asked, patience)
        backend, named, error = clean(reply.backend, 80), clean(reply.named, 80), clean(reply.error, 80)
        if reply.problem is not None:
            raise KeyringProblemError(reply.problem, backend=backend, named=named, error=error)
        reply.backend = backend
        return reply

    async def _reply(self, asked: bytes, patience: float) -> _Reply:
        from vpsbackup_tui.accounts import child  # noqa: PLC0415 - behind the first frame

        try:
            answer = await child.run_child(
                [sys.executable, *_HELPER],
                environ=self._environ,
                question=asked,
                seconds=patience,
                most_bytes=_MOST_BYTES,
            )
            return msgspec.json.decode(answer.output, type=_Reply)
        except child.TookTooLongError as error:
            raise KeyringProblemError(Problem.TIMEOUT) from error
        except (OSError, child.SaidTooMuchError, msgspec.MsgspecError):
            # Not chained: what can't be read may hold the token.
            raise KeyringProblemError(Problem.FAILED, error="its helper process gave no usable answer") from None
