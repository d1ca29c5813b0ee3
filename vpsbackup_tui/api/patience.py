"""How long to wait for what, apart from everything that waits, as it is needed before anything is loaded."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

LONGEST_ASKED_WAIT: Final = 30.0
"""Seconds for which a read waits by itself at the most, where the service asks to."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for what, in seconds, and what waiting and chance are made of."""

    connect: float = 5.0
    write: float = 10.0
    read: float = 20.0
    pool: float = 5.0
    whole_read: float = 30.0
    """For a GET with all its retries, without the waits between them."""
    whole_change: float = 60.0
    pause: Callable[[float], Awaitable[Any]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.time
