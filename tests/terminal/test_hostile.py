"""A service whose every string is hostile: what reaches the terminal is only what the program itself may send."""

import subprocess
import sys

import pytest

from tests.conftest import CANARY
from tests.terminal.oracle import foreign
from tests.terminal.program import Program
from vpsbackup_tui.demo import DemoService, Fault

HOSTILE = (
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]0;PWNED\x07\x1b[2J\x1b[31mred",
    "\x9b31m\x9d0;PWNED\x9c\x90q\x9c",
    "\x1b[6n\x1bP$qm\x1b\\\x05",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "[/nope] [red]x[/] [link=http://x] [@click=app.quit]y[/]",
    "\u202egnp.exe\u2066\u200b\u200d\ufeff\U000e0041",
    "a\x00b\x08c\x0bd\x0ce\x7ff\rg\nh\ti\x85j\u2028k",
    "\ud800lone",
    "e" + "\u0301" * 200,
    "x" * 100_000,
    "✓ deleted",
)
SIZES = ((15, 60), (24, 80), (36, 120))


@pytest.fixture
def hostile(demo: DemoService) -> DemoService:
    """The embedded service with a server and a backup for each hostile string."""
    for number, text in enumerate(HOSTILE):
        demo.service.add_raw_server({"id": 90000 + number, "name": text, "hostname": text, "status": text})
        demo.service.add_raw_backup(
            {
                "id": 80000 + number,
                "server": {"id": 90000 + number, "name": text},
                "backup_type": "manual" if number % 2 else text,
                "status": "completed" if number % 3 else text,
                "size_mb": text if number % 4 == 3 else 100 + number,
                "created_at": "2025-01-16T11:00:00Z" if number % 5 else text,
                "expires_at": text,
                "description": text,
            }
        )
    return demo


def environment(demo: DemoService) -> dict[str, str]:
    return {"VPS_API_URL": demo.url, "VPS_API_TOKEN": CANARY, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_the_screen_sends_nothing_that_the_service_chose(hostile: DemoService, rows: int, columns: int) -> None:
    with Program([], environment=environment(hostile), rows=rows, columns=columns) as program:
        program.expect("as of" if columns > 60 else "read ")
        for keys in ("G", "g", "S", "jjj"):
            program.send(keys)
            program.quiet()
        for key, heading in (
            ("\r", "Description"),
            ("y", "Copy backup"),
            ("D", "Delete backup"),
            ("R", "Restore from"),
        ):
            open_and_close(program, key, heading)
        program.send("h")
        open_and_close(program, "n", "New backup")
        hostile.faults.add(Fault(status=500, body={"detail": HOSTILE[0] + HOSTILE[5]}, times=None))
        program.send("r")
        program.expect("failed")
        program.send("q")
        assert program.wait() == 0
    assert foreign(program.output) == []
    assert CANARY.encode() not in program.output


def open_and_close(program: Program, key: str, heading: str) -> None:
    """Open a dialog with a key and close it."""
    program.send(key)
    program.expect(heading, "[ C")  # Cancel or Close
    program.escape_from("[ C")


@pytest.mark.parametrize(
    "words",
    [["list"], ["list", "--json"], ["list", "--csv"], ["servers"], ["servers", "--json"], ["delete", "80000", "--yes"]],
)
def test_the_command_line_sends_nothing_that_the_service_chose(hostile: DemoService, words: list[str]) -> None:
    with Program(words, environment=environment(hostile), columns=120) as program:
        assert program.wait() == 0
    assert foreign(program.output) == []
    assert CANARY.encode() not in program.output


@pytest.mark.parametrize("text", HOSTILE[:9])
def test_an_error_of_the_service_sends_nothing_that_it_chose(demo: DemoService, text: str) -> None:
    demo.faults.add(Fault(status=400, body={"detail": text, text: [text]}, times=None, headers={"Retry-After": "x"}))
    with Program(["list"], environment=environment(demo)) as program:
        assert program.wait() == 6
    assert foreign(program.output) == []


def test_json_keeps_the_raw_values_in_ascii(hostile: DemoService) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vpsbackup_tui", "list", "--json", "--filter", "80000"],
        env=environment(hostile) | {"PATH": ""},
        capture_output=True,
        check=True,
    )
    assert done.stdout.isascii()
    assert b"\\u001b]52;c;cm0gLXJmIC8=\\u0007" in done.stdout
