"""What the program says goes through one door each: the screen's driver, or the command line's output."""

import ast
from collections.abc import Iterator

import pytest

from tests.static.source import Lint, Module, each, files, found_in, imported

_STREAMS = {f"sys.{stream}" for stream in ("stdout", "stderr", "__stdout__", "__stderr__")}
_HARMLESS = {"encoding", "flush"}
_PRINTERS = {"print", "input", "breakpoint", "os.write", "os.writev", "os.sendfile", "traceback.print_exc"}
_KEEPERS = {"logging", "syslog", "faulthandler", "cgitb"}


def streams_in_use(module: Module) -> Iterator[ast.AST]:
    """Find standard output and error wherever more is done than to ask whether a terminal is there."""
    asked = {id(call.args[0]) for call, name in module.calls() if name.endswith(".is_terminal") and call.args}
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in _HARMLESS:
            asked.add(id(node.value))
        if isinstance(node, ast.Attribute | ast.Name) and module.named(node) in _STREAMS and id(node) not in asked:
            yield node


def printers(module: Module) -> Iterator[ast.AST]:
    """Find calls that write to the terminal by themselves."""
    for call, name in module.calls():
        if name in _PRINTERS:
            yield call


def log_keepers(module: Module) -> Iterator[ast.AST]:
    """Find imports of what keeps logs, and calls of Textual's own log."""
    for node, name in imported(module):
        if name.split(".")[0] in _KEEPERS or name in ("textual.log", "textual.logging", "warnings.warn"):
            yield node
    for call, name in module.calls():
        if name in ("self.log", "self.app.log", "app.log", "warnings.warn"):
            yield call


def prompts(module: Module) -> Iterator[ast.AST]:
    """Find questions that are asked past the door."""
    for call, name in module.calls():
        if name.startswith("getpass."):
            yield call


DOORS: dict[Lint, set[str]] = {
    streams_in_use: {
        "cli/output.py",
        "cli/main.py",  # what the encoding lacks
        "ui/terminal/driver.py",
    },
    printers: {
        "ui/terminal/output.py",
        "ui/terminal/keys.py",  # to a pipe of its own
        "start/skeleton.py",  # a fixed picture, before there is a screen, and what puts the terminal back
        "__main__.py",  # that there is a bug, where what tells it is what fails
    },
    log_keepers: set(),
    prompts: {"cli/account.py"},  # the token
}
PLANTED: dict[Lint, tuple[str, ...]] = {
    streams_in_use: (
        "import sys\nsys.stdout.write(name)",
        "from sys import stderr as out\nout.write(name)",
        "import csv, sys\ncsv.writer(sys.stdout)",
        "import sys\nsys.stdout.buffer.write(name)",
        "import sys\nout = sys.__stdout__",
    ),
    printers: ("print(name)", "import os\nos.write(1, name)", "from os import write\nwrite(1, name)"),
    log_keepers: (
        "import logging",
        "from logging import getLogger",
        "import logging.handlers",
        "from textual import log",
        "self.log(name)",
        "import warnings\nwarnings.warn(name)",
    ),
    prompts: ("import getpass\ngetpass.getpass()",),
}
_SOUND = """
import sys
from vpsbackup_tui.cli.output import is_terminal, say

say(sys.stdout.encoding)
is_terminal(sys.stdout)
sys.stdout.flush()
file.write(name)
"""


@pytest.mark.parametrize("rule", DOORS)
def test_nothing_is_said_but_through_its_door(rule: Lint) -> None:
    assert files(rule) == DOORS[rule]


@pytest.mark.parametrize(("rule", "text"), each(PLANTED))
def test_planted_talk_is_found(rule: Lint, text: str) -> None:
    assert found_in(text, rule)


@pytest.mark.parametrize("rule", DOORS)
def test_talk_through_the_door_is_not_found(rule: Lint) -> None:
    assert not found_in(_SOUND, rule)
