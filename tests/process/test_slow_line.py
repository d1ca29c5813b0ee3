"""A line that takes what is drawn slowly, or not at all for a while: nothing piles up, and only what is seen counts."""

import time
from pathlib import Path

import pytest

from tests.process.running import until, until_at_rest
from tests.process.terminal import Terminal
from vpsbackup_tui.demo import DemoService

DRAW_ANEW = "\x0c"
_A_TERMINAL_HOLDS = 20_000  # bytes that the system keeps between a program and whoever reads its terminal
_A_SCREEN = 5_000  # bytes of a whole screen, at most


@pytest.fixture
def at_once(own_home: Path) -> list[str]:
    """Options with which a delete doesn't count down."""
    config = own_home / "config.toml"
    config.write_text("delete_grace_seconds = 0\n")
    return ["--config", str(config)]


def opened(program: Terminal) -> None:
    """Wait until the screen shows the service's data and is at rest."""
    program.expect("web-server-01")
    program.quiet()


def panes(program: Terminal) -> list[str]:
    """Return the lines of the panes: between the header, which tells an age, and the line of messages."""
    return program.text().splitlines()[1:-2]


def press_unseen(program: Terminal, service: DemoService, keys: str) -> None:
    """Press keys while nobody reads the terminal, each once the one before it has been acted on."""
    for key in keys:
        program.send(key)
        asked = service.count("GET")
        while service.count("GET") == asked:  # so the key was read, too
            program.send("r")
            until_at_rest(program.pid)


def let_pass(seconds: float) -> None:
    """Wait without reading the terminal."""
    began = time.monotonic()
    until(lambda: time.monotonic() - began > seconds, "the moment")


def test_of_frames_for_which_a_line_has_no_room_only_the_newest_is_sent(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        before = len(program.output)
        press_unseen(program, service, DRAW_ANEW * 15 + "j" * 10)
        program.listen_until(lambda: "▕›" in panes(program)[2 + 10], "the cursor to come down")
        program.quiet()
        assert len(program.output) - before < _A_TERMINAL_HOLDS + 2 * _A_SCREEN
        shown = panes(program)
        program.screen.reset()
        program.send(DRAW_ANEW)
        program.listen_until(lambda: panes(program) == shown, "the same once more")
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_dialog_that_no_line_has_taken_yet_is_answered_by_no_key(service: DemoService, at_once: list[str]) -> None:
    with Terminal(at_once) as program:
        opened(program)
        press_unseen(program, service, DRAW_ANEW * 10)
        for key in "Dyy":
            program.send(key)
            let_pass(0.6)
        program.expect("Delete backup")
        program.quiet(0.5)
        assert service.count("DELETE") == 0
        program.send("y")
        program.expect("Done: ")
        assert service.count("DELETE") == 1
