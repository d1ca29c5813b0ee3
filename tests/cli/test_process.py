"""What only a process of its own shows: what is imported, what a pipe and a signal do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from vpsbackup_tui.cli.exits import Exit

COMMAND = [sys.executable, "-m", "vpsbackup_tui"]
HEAVY = ("textual", "rich", "httpx", "keyring", "msgspec", "asyncio", "importlib.metadata", "shtab", "ssl", "json")


def modules_after(*words: str) -> set[str]:
    """Return the modules that a command line imports."""
    code = f"""
import sys
from vpsbackup_tui.cli.main import run
run({list(words)!r})
print(*sys.modules, file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["list", "--help"]])
def test_help_and_version_import_next_to_nothing(words: list[str]) -> None:
    modules = modules_after(*words)
    assert not {heavy for heavy in HEAVY if heavy in modules}
    assert len(modules) < 110


def test_a_mistake_imports_next_to_nothing() -> None:
    assert not {heavy for heavy in HEAVY if heavy in modules_after("lst")}


@pytest.mark.parametrize("words", [[], ["--demo"]])
def test_the_screen_refuses_to_start_without_a_terminal(words: list[str], tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(tmp_path)
    )
    assert ended.returncode == Exit.USAGE
    assert "vpsbackup-tui list" in ended.stderr
    assert ended.stdout == ""
