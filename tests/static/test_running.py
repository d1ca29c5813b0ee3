"""Nothing from outside is run as code: no text is evaluated, no shell reads it, no plug-in is loaded unasked."""

import ast
from collections.abc import Iterator

import pytest

from tests.static.source import Lint, Module, each, files, found_in, imported, is_constant, keyword

_EVALUATORS = {"eval", "exec", "compile", "__import__", "runpy.run_path", "runpy.run_module", "code.interact"}
_LOADERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle", "yaml"}
_SHELLS = ("os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty.spawn", "pty.fork")
_PROCESSES = {"subprocess", "multiprocessing", "pty"}
_PLUG_INS = {"entry_points", "import_module", "spec_from_file_location", "load_module", "ModuleType"}


def evaluated(module: Module) -> Iterator[ast.AST]:
    """Find text that is run as Python, and formats that hold code when they are read."""
    for call, name in module.calls():
        if name in _EVALUATORS or name.endswith("create_subprocess_shell"):
            yield call
    for node, name in imported(module):
        if name.split(".")[0] in _LOADERS:
            yield node


def shells(module: Module) -> Iterator[ast.AST]:
    """Find commands that a shell reads, or that take this process's place."""
    for call, name in module.calls():
        shell = keyword(call, "shell")
        if name.startswith(_SHELLS) or (shell is not None and not is_constant(shell, False)):
            yield call


def processes(module: Module) -> Iterator[ast.AST]:
    """Find what can start other programs."""
    for node, name in imported(module):
        if name.split(".")[0] in _PROCESSES or name == "concurrent.futures.ProcessPoolExecutor":
            yield node
    for call, name in module.calls():
        if "create_subprocess" in name or name.endswith((".subprocess_exec", ".subprocess_shell")):
            yield call


def plug_ins(module: Module) -> Iterator[ast.AST]:
    """Find code that is chosen while the program runs."""
    for call, name in module.calls():
        if name.rpartition(".")[2] in _PLUG_INS:
            yield call


def foreign_memory(module: Module) -> Iterator[ast.AST]:
    """Find calls past Python's own safety."""
    for node, name in imported(module):
        if name.split(".")[0] in ("ctypes", "cffi", "mmap"):
            yield node


ALLOWED: dict[Lint, set[str]] = {
    evaluated: set(),
    shells: {"cli/completion.py"},  # the shell that a completion script is for
    processes: {"accounts/child.py"},  # the keyring's helper and `token_command`, each a list of words
    plug_ins: {"cli/main.py"},  # the verb's module, named in our own table
    foreign_memory: {"accounts/hardening.py", "memory.py"},  # prctl, malloc_trim
}
PLANTED: dict[Lint, tuple[str, ...]] = {
    evaluated: (
        "eval(text)",
        "exec(text)",
        "import builtins\nbuiltins.eval(text)",
        "from builtins import exec as run\nrun(text)",
        "import pickle",
        "from marshal import loads",
        "import yaml",
    ),
    shells: (
        "import os\nos.system(text)",
        "from os import popen as go\ngo(text)",
        "import os\nos.execvp(text, [])",
        "run(text, shell=True)",
        "run(text, shell=maybe)",
    ),
    processes: (
        "import subprocess",
        "from subprocess import Popen",
        "import asyncio\nasyncio.create_subprocess_exec(text)",
        "import multiprocessing.pool",
    ),
    plug_ins: (
        "from importlib import import_module\nimport_module(text)",
        "import importlib.metadata\nimportlib.metadata.entry_points()",
    ),
    foreign_memory: ("import ctypes", "from ctypes import CDLL"),
}
_SOUND = """
import os, re, json
from os import open as open_file

re.compile("[a-z]+")
json.loads(text)
os.open(path, flags)
run(text, shell=False)
"""


@pytest.mark.parametrize("rule", ALLOWED)
def test_nothing_is_run_but_where_it_is_meant_to(rule: Lint) -> None:
    assert files(rule) == ALLOWED[rule]


@pytest.mark.parametrize(("rule", "text"), each(PLANTED))
def test_a_planted_way_to_run_text_is_found(rule: Lint, text: str) -> None:
    assert found_in(text, rule)


@pytest.mark.parametrize("rule", ALLOWED)
def test_reading_and_opening_is_not_found(rule: Lint) -> None:
    assert not found_in(_SOUND, rule)
