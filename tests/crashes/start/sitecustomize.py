"""Plant bugs in a program that is started with this folder in `PYTHONPATH`: Python imports this first of all.

`PLANTED` names the places, apart by blanks: `module:function`, `module:Class.method`, or `module:` for its import; with
`@2` only the second call fails, with `!KeyError` in another way than by a `ZeroDivisionError`. Each fails once, with
the token in its words, a note, a cause, and in the locals, arguments and closures of its frames. `PLANTED_MARK` is a
file that the place is written to when it is reached. `PLANTED_TOKEN` is the token in hexadecimal digits, so that the
environment doesn't hold it as such.
"""

import base64
import builtins
import functools
import importlib
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_COROUTINE = 0x80  # in the flags of a function's code
_TOKEN = bytes.fromhex(os.environ.get("PLANTED_TOKEN", "")).decode()


def _fail(place: str, token: str) -> None:
    """Raise what no code of the program foresees, from frames that hold the token in every way there is."""
    file = os.open(os.environ["PLANTED_MARK"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(file, f"{place}\n".encode())
    os.close(file)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        int(headers["Authorization"])
    except ValueError as cause:
        coded = base64.b64encode(token.encode()).decode()
        kind = place.partition("!")[2] or "ZeroDivisionError"
        home = builtins if hasattr(builtins, kind) else importlib.import_module("asyncio")
        bug: BaseException = getattr(home, kind)(f"[/] \x1b[2J {headers} {coded} {token.replace('_', '%5F')}", token)
        bug.add_note(token)
        raise bug from cause


def _failing(place: str, original: Any, call: int) -> Any:
    """Return what stands in the place of a function, a method or a property, and fails once."""
    token = _TOKEN  # held by what follows
    calls = itertools.count(1)
    if isinstance(original, staticmethod | classmethod):
        return type(original)(_failing(place, original.__func__, call))
    if isinstance(original, property):
        return property(_failing(place, original.fget, call), original.fset)

    def come_to_it() -> None:
        if next(calls) == call:
            _fail(place, token)

    @functools.wraps(original)
    def function(*arguments: Any, **options: Any) -> Any:
        come_to_it()
        return original(*arguments, **options)

    @functools.wraps(original)
    async def coroutine(*arguments: Any, **options: Any) -> Any:
        come_to_it()
        return await original(*arguments, **options)

    code = getattr(original, "__code__", None)
    return coroutine if code is not None and code.co_flags & _COROUTINE else function


def _plant(place: str, module: ModuleType) -> None:
    """Put what fails in its place in a module that has just been loaded."""
    path, _, call = place.partition("!")[0].partition(":")[2].partition("@")
    if not path:
        _fail(place, _TOKEN)
    owner: Any = module
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    setattr(owner, name, _failing(place, vars(owner)[name], int(call or 1)))


class _Planter:
    """Finds modules as Python does, and plants what belongs in them as soon as they are loaded."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = places

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        planted = [place for place in self._places if place.partition(":")[0] == name]
        finders = [finder for finder in sys.meta_path if finder is not self] if planted else []
        found = (finder.find_spec(name, path, target) for finder in finders)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = self._loading(spec.loader.exec_module, planted)  # type: ignore[method-assign, assignment]
        return spec

    def _loading(self, load: Callable[[ModuleType], None], places: Sequence[str]) -> Callable[[ModuleType], None]:
        def load_planted(module: ModuleType) -> None:
            load(module)
            for place in places:
                _plant(place, module)

        return load_planted


sys.meta_path.insert(0, _Planter(os.environ.get("PLANTED", "").split()))
