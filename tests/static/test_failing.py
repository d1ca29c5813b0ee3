"""No fault is swallowed and no work is lost: broad catches stand at edges only, and each task has a holder."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.static.source import Lint, Module, each, found_in, is_constant, keyword, places

_BROAD = {"Exception", "BaseException"}
_STARTERS = ("create_task", "ensure_future", "run_coroutine_threadsafe")


def broad_catches(module: Module) -> Iterator[ast.AST]:
    """Find whatever catches every exception."""
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _names_any(module, node.type)):
            yield node
    for call, name in module.calls():
        if name == "contextlib.suppress" and any(_names_any(module, caught) for caught in call.args):
            yield call


def _names_any(module: Module, caught: ast.expr) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(module.named(kind) in _BROAD for kind in kinds)


def lost_tasks(module: Module) -> Iterator[ast.AST]:
    """Find tasks that nothing refers to once they are started: asyncio may throw them away half-way."""
    if not any(name.endswith(_STARTERS) for _, name in module.calls()):
        return
    for scope in module.nodes:
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            names = Counter(node.id for node in ast.walk(scope) if isinstance(node, ast.Name))
            yield from (node for node in ast.walk(scope) if _loses_a_task(module, node, names))


def _loses_a_task(module: Module, node: ast.AST, names: Counter[str]) -> bool:
    if not isinstance(node, ast.Expr | ast.Assign) or not isinstance(node.value, ast.Call):
        return False
    if module.named(node.value.func).rpartition(".")[2] not in _STARTERS:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else []
    return all(isinstance(target, ast.Name) and names[target.id] == 1 for target in targets)


def exclusive_workers(module: Module) -> Iterator[ast.AST]:
    """Find workers that cancel the ones before them, which may be in the middle of a change."""
    for call, _ in module.calls():
        given = keyword(call, "exclusive")
        if given is not None and not is_constant(given, False):
            yield call


def threads_that_hold_up_the_end(module: Module) -> Iterator[ast.AST]:
    """Find threads that the process would wait for."""
    for call, name in module.calls():
        if name == "threading.Thread" and not is_constant(keyword(call, "daemon"), True):
            yield call


def assertions(module: Module) -> Iterator[ast.AST]:
    """Find checks that `python -O` takes away."""
    for node in module.nodes:
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id == "__debug__"):
            yield node


EDGES: dict[Lint, set[str]] = {
    broad_catches: {
        "__main__.py: main",  # of the process
        "__main__.py: _ended_by",  # of what tells bugs there
        "cli/main.py: run",  # of the command
        "cli/bug.py: tell_bug",  # of the report of a bug, which is told all the same
        "accounts/child.py: run_child.converse",  # of a thread; whoever awaits it gets the exception
        "start/signals.py: EndingSignals.raising",  # raises again
        "cli/telling.py: telling",  # raises again
        "accounts/keyring_helper.py: _answer",  # of its process; plug-ins raise what they like
        "threads.py: DaemonThreads.submit.run",  # of a thread; whoever awaits it gets the exception
        "ui/app.py: BackupsApp._leave_at_bug",  # of the last words after a bug, which is told all the same
        "ui/terminal/driver.py: TerminalDriver._run_input_thread",  # of a thread; the app gets it
        "ui/terminal/driver.py: TerminalDriver.stop_application_mode",  # raises again
        "store/journal.py: Journal._connect",  # raises again
        "ui/refresher.py: Refresher._read",  # of a reading; told, reported, and what is shown counts as old
    },
    lost_tasks: set(),
    exclusive_workers: set(),
    threads_that_hold_up_the_end: set(),
    assertions: set(),
}
PLANTED: dict[Lint, tuple[str, ...]] = {
    broad_catches: (
        "try: ...\nexcept Exception: ...",
        "try: ...\nexcept: ...",
        "try: ...\nexcept (OSError, BaseException) as error: ...",
        "from contextlib import suppress\nwith suppress(Exception): ...",
        "import contextlib\nwith contextlib.suppress(OSError, Exception): ...",
    ),
    lost_tasks: (
        "import asyncio\nasyncio.create_task(work())",
        "from asyncio import ensure_future as go\ngo(work())",
        "def start():\n    task = create_task(work())",
        "def start():\n    loop.create_task(work())",
    ),
    exclusive_workers: ("self.run_worker(work(), exclusive=True)", "@work(exclusive=EXCLUSIVE)\ndef go(): ..."),
    threads_that_hold_up_the_end: (
        "from threading import Thread\nThread(target=work).start()",
        "import threading\nthreading.Thread(target=work, daemon=False)",
    ),
    assertions: ("assert sound(text)", "if __debug__: check(text)"),
}
_SOUND = """
import asyncio
from contextlib import suppress
from threading import Thread

async def start(self):
    with suppress(OSError, ValueError):
        task = asyncio.create_task(work())
        self.tasks.add(task)
        self.task = asyncio.create_task(work())
    self.run_worker(work())
    Thread(target=work, daemon=True).start()
    return asyncio.create_task(work())
"""


@pytest.mark.parametrize("rule", EDGES)
def test_no_fault_is_swallowed_and_no_work_is_lost(rule: Lint) -> None:
    assert places(rule) == EDGES[rule]


@pytest.mark.parametrize(("rule", "text"), each(PLANTED))
def test_a_planted_way_to_lose_something_is_found(rule: Lint, text: str) -> None:
    assert found_in(text, rule)


@pytest.mark.parametrize("rule", EDGES)
def test_what_holds_on_to_it_is_not_found(rule: Lint) -> None:
    assert not found_in(_SOUND, rule)
