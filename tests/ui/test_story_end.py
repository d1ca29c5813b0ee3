"""What ends the program and what doesn't: a bug, bytes that nobody typed, standard error elsewhere."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.terminal.program import Program
from vpsbackup_tui.demo import DemoService

_PLAIN = """
import sys
from vpsbackup_tui.cli.main import run
sys.exit(run([]))
"""
_BUG = """
import sys
from vpsbackup_tui.cli.main import run
from vpsbackup_tui.ui.main_screen import MainScreen

def fail(screen):
    token = sys.modules["os"].environ.get("COPY_OF_TOKEN")
    raise ValueError("[/x] holds " + token)

async def fail_later(screen):
    fail(screen)

def call_off(screen):
    raise sys.modules["asyncio"].CancelledError

MainScreen.action_copy_backup = lambda screen: sys.modules["threading"].Thread(target=call_off, args=[screen]).start()
MainScreen.action_show_activity = fail
MainScreen.action_show_help = lambda screen: screen.run_story(fail_later(screen))
async def call_off_later(screen):
    call_off(screen)

MainScreen.action_sort_next = lambda screen: screen.run_story(call_off_later(screen))
MainScreen.action_change_times = lambda screen: screen.set_timer(0.01, lambda: fail(screen))
sys.exit(run([]))
"""
_RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1004l", b"\x1b[?2004l", b"\x1b[?1000l")


class Code(Program):
    """The program, started by some code of the test's."""

    def __init__(self, code: str, **environment: str) -> None:
        super().__init__([], environment=environment, columns=100)
        self._argv = [sys.executable, "-c", code]


@contextmanager
def running(demo: DemoService, code: str = _PLAIN, **environment: str) -> Iterator[Code]:
    """Run the program in a terminal, until it shows the backups."""
    with Code(code, VPS_API_URL=demo.url, VPS_API_TOKEN=demo.token, **environment) as program:
        program.expect("q Quit", "completed")
        yield program


def is_restored(program: Code) -> bool:
    """Tell whether the terminal was given back as it was."""
    return all(mode in program.output for mode in _RESTORED)


@pytest.mark.parametrize(
    ("key", "bug"),
    [
        ("@", "ValueError"),
        ("?", "ValueError"),
        ("t", "ValueError"),
        ("y", "CancelledError"),
        ("s", "CancelledError"),
    ],
)
def test_a_bug_ends_it_in_one_line_without_data(demo: DemoService, own_home: Path, key: str, bug: str) -> None:
    with running(demo, _BUG, COPY_OF_TOKEN=demo.token) as program:
        program.send(key)
        assert program.wait() == 70
        assert is_restored(program)
        assert demo.token.encode() not in program.output
        said = program.output.rpartition(b"\x1b[?1004l")[2].decode()
        assert "bug" in said
        assert "Traceback" not in said
        assert len(said.strip().splitlines()) == 1
    reports = [path for path in own_home.rglob("*.txt") if bug in path.read_text("utf-8")]
    assert [path.stat().st_mode & 0o777 for path in reports] == [0o600]


def test_no_byte_from_the_keyboard_ends_it(demo: DemoService) -> None:
    with running(demo) as program:
        for keys in (b"\xff", b"\xc3a", b"\x1b[1114112u", b"\x1b[99999999999999u", b"\x00\x01\x02", b"\x1b[200~no end"):
            program.send(keys)
            program.quiet(0.1)
            assert program.exit_code is None, keys
        program.send(b"\x1b[201~")
        program.quiet(0.2)
        program.send("q")
        assert program.wait() == 0


def test_standard_error_may_go_elsewhere(demo: DemoService, tmp_path: Path) -> None:
    code = f"import os\nos.dup2(os.open({str(tmp_path / 'said')!r}, os.O_CREAT | os.O_WRONLY), 2)\n{_PLAIN}"
    with running(demo, code) as program:
        program.send("q")
        assert program.wait() == 0
    assert (tmp_path / "said").read_bytes() == b""


def test_the_first_frame_waits_for_no_library_of_the_network_or_the_keyring() -> None:
    code = "import sys, vpsbackup_tui.ui.app; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"httpx", "httpcore", "anyio", "keyring", "importlib.metadata", "tomlkit", "humanize", "truststore"}
    assert not heavy & set(ended.stdout.split())
