"""When a program in a test has nothing left to do but wait."""

import asyncio
from typing import Any

from textual.app import App

_ROUNDS = 3
"""Turns of the loop without anything to do after which it counts as waiting."""


async def idle(app: App[Any]) -> None:
    """Wait until the app waits too: for a key, the service, a thread or a timer; then let it draw.

    Textual's own `pilot.pause` looks at the processor's time, for 20 ms at least.
    """
    await _nothing_ready()
    app.screen._on_timer_update()
    await _nothing_ready()


async def _nothing_ready() -> None:
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # asyncio's
    rounds = 0
    while rounds < _ROUNDS:
        await asyncio.sleep(0)
        rounds = 0 if ready else rounds + 1
