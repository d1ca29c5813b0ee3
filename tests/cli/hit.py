"""Run the program and hit it with SIGTERM: `python -m tests.cli.hit before|after MODULE NAME.NAME WORDS…`."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any

from vpsbackup_tui.cli.main import run


def hit_at(when: str, module: str, name: str) -> None:
    """Hit the program each time that the function of this name is called, or each time that what it begins is done."""
    *path, last = name.split(".")
    owner = reduce(getattr, path, import_module(module))
    setattr(owner, last, {"before": _hit_before, "after": _hit_after}[when](getattr(owner, last)))


def _hit_before(really: Callable[..., Any]) -> Callable[..., Any]:
    def hit(*arguments: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return really(*arguments, **options)

    return hit


def _hit_after(really: Callable[..., Any]) -> Callable[..., Any]:
    async def hit(*arguments: Any, **options: Any) -> Any:
        result = await really(*arguments, **options)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)  # so that the loop hears of it before whoever waits for the result
        return result

    return hit


if __name__ == "__main__":
    hit_at(*sys.argv[1:4])
    sys.exit(run(sys.argv[4:]))
