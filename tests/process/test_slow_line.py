"""A line that takes what is drawn slowly, or not at all for a while: nothing piles up, and only what is seen counts."""

import array
import fcntl
import os
import termios
import time
import tty
from pathlib import Path

import pytest

from tests.process.running import until, until_at_rest
from tests.process.terminal import Terminal
from vpsbackup_tui.demo import DemoService

DRAW_ANEW = "\x0c"
_A_TERMINAL_HOLDS = 20_000  # bytes that the system keeps between a program and whoever reads its terminal
_A_LINE_HOLDS = 16_384  # bytes that this program sends ahead to a terminal that answers quickly
_A_SCREEN = 5_000  # bytes of a whole screen, at most


class Far(Terminal):
    """A terminal at the far end of a connection, which takes everything at once, and shows it when it is let through.

    What shows it is that its questions are answered then: the screen here is ahead of the one there.
    """

    def press_far(self, keys: str) -> None:
        """Press keys, each once the one before it has been acted on, and let nothing through."""
        self.answers = False
        for key in keys:
            self.send(key)
            self.quiet(0.05)


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


def test_of_frames_that_are_still_on_their_way_to_a_far_terminal_only_the_newest_follows() -> None:
    with Far(["--demo"]) as program:
        opened(program)
        before = len(program.output)
        program.press_far(DRAW_ANEW * 15 + "j" * 10)
        assert len(program.output) - before < _A_LINE_HOLDS + 2 * _A_SCREEN
        program.answers = True
        program.tell_place()
        program.listen_until(lambda: "▕›" in panes(program)[2 + 10], "the cursor to come down")
        program.quiet()
        shown = panes(program)
        program.screen.reset()
        program.send(DRAW_ANEW)
        program.listen_until(lambda: panes(program) == shown, "the same once more")
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_dialog_that_is_not_on_a_far_terminal_yet_is_answered_by_no_key(
    service: DemoService, at_once: list[str]
) -> None:
    with Far(at_once) as program:
        opened(program)
        for key in "Dyy":
            program.press_far(key)
            let_pass(0.6)
        program.expect("Delete backup")
        assert service.count("DELETE") == 0
        program.answers = True
        program.tell_place()
        let_pass(0.5)
        program.send("y")
        program.expect("Done: ")
        assert service.count("DELETE") == 1


def test_a_dialog_that_a_slow_line_is_late_with_is_answered_by_no_key(service: DemoService, at_once: list[str]) -> None:
    with Far(at_once) as program:
        opened(program)
        program.press_far("jjjD")
        for _ in range(2):
            let_pass(4)
            program.tell_place(1)  # so the line is slow, and not lost
        for key in "yy":
            let_pass(0.6)
            program.press_far(key)
        assert service.count("DELETE") == 0
        program.answers = True
        program.tell_place()
        let_pass(0.5)
        program.send("y")
        program.expect("Done: ")
        assert service.count("DELETE") == 1


def test_no_backup_is_made_of_a_server_that_a_far_terminal_does_not_show_yet(service: DemoService) -> None:
    with Far([]) as program:
        opened(program)
        program.send("n")
        program.expect("Makes a backup of ")
        program.quiet()
        let_pass(0.5)
        shown = program.text()
        program.press_far("db")
        for _ in range(2):
            program.press_far("\r")
            let_pass(0.2)
        assert service.count("POST") == 0
        program.answers = True
        program.tell_place()
        program.expect_change(shown)
        program.expect("press it again")
        for _ in range(2):
            let_pass(0.2)
            program.send("\r")
        program.listen_until(lambda: service.count("POST"), "the backup")


def test_no_answer_of_a_far_terminal_is_left_for_the_shell(service: DemoService) -> None:
    with Far([]) as program:
        opened(program)
        there = os.open(os.readlink(f"/proc/{program.pid}/fd/0"), os.O_RDWR | os.O_NOCTTY)
        program.press_far("j")
        let_pass(0.8)  # so long may an answer take from now on
        program.tell_place()
        program.press_far("kq")
        let_pass(0.5)
        program.tell_place()
        assert program.wait() == 0
        tty.setraw(there)
        left = array.array("i", [0])
        fcntl.ioctl(there, termios.FIONREAD, left)
        os.close(there)
        assert left[0] == 0
