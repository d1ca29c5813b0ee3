"""What is leaned on of Textual is as it was; a Textual that has changed gets its own driver."""

import subprocess
import sys

import pytest

from vpsbackup_tui.ui.terminal.driver import TerminalDriver
from vpsbackup_tui.ui.terminal.stock import StockDriver, choose_driver, find_changes

CHANGES = [
    {"textual._parser": ("_timeout_time", "_deadline")},
    {"textual._parser": ("def tick(", "def look_at_clock(")},
    {
        "textual._xterm_parser": ("XTermParser", "TerminalParser"),
        "textual.drivers.linux_driver": ("XTermParser", "TerminalParser"),
    },
    {"textual.drivers.linux_driver": ("self._writer_thread", "self._writer")},
    {"textual.drivers.linux_driver": ("_run_input_thread", "_read_input")},
    {"textual.driver": ("self._app", "self._program")},
    {"textual.app": ("_check_bindings", "_find_bindings")},
    {"textual.app": ("_batch_count", "_batches")},
]
"""Modules of Textual, each with what is written there and what the next version might write."""

LATER_TEXTUAL = """
import importlib.util, sys
for name, (old, new) in {changes!r}.items():
    spec = importlib.util.find_spec(name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    source = open(spec.origin).read()
    assert old in source
    exec(compile(source.replace(old, new), spec.origin, "exec"), module.__dict__)
"""
"""Python after which modules of Textual are written otherwise."""


def test_textual_is_as_the_driver_needs_it() -> None:
    assert find_changes() == []
    assert choose_driver() is TerminalDriver


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_change_is_found_and_leads_to_the_driver_of_textual(changes: dict[str, tuple[str, str]]) -> None:
    code = LATER_TEXTUAL.format(changes=changes) + (
        "from vpsbackup_tui.ui.terminal.stock import choose_driver, find_changes\n"
        "print(choose_driver().__name__, find_changes())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith(StockDriver.__name__), ended
