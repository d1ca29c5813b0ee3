"""The way to the terminal: it sleeps when nothing happens, and Textual's own driver does where ours can't."""

import re
from pathlib import Path

import pytest

from tests.process.running import until
from tests.process.terminal import Terminal
from tests.ui.terminal.test_stock import LATER_TEXTUAL
from vpsbackup_tui.demo import DemoService

SERVER = "web-server-01"
_WATCHED = 1.5  # seconds, in which one tick of the ages may come
_WAKE_UPS_OF_A_TICK = 12


@pytest.fixture
def on_later_textual(service: DemoService) -> Terminal:
    """The program on a Textual whose parser has another field for its time, and whose app another method for keys."""
    changes = {"textual._parser": ("_timeout_time", "_deadline"), "textual.app": ("_check_bindings", "_find_bindings")}
    later = LATER_TEXTUAL.format(changes=changes)
    return Terminal([]).run_code(f"{later}\nfrom vpsbackup_tui.cli.main import run\nsys.exit(run([]))")


def wake_ups(pid: int) -> int:
    """Return how often the threads of a process have gone to sleep, and so were woken."""
    said = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(count) for text in said for count in re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.M))


def test_nothing_is_sent_and_nothing_wakes_it_while_nothing_happens(service: DemoService) -> None:
    with Terminal([]) as program:
        program.expect(SERVER, "as of")
        program.quiet(0.5)
        before = wake_ups(program.pid)
        program.quiet(_WATCHED)
        assert wake_ups(program.pid) - before <= _WAKE_UPS_OF_A_TICK
        program.send("q")
        assert program.wait() == 0


def test_on_another_textual_no_byte_ends_it_and_the_terminal_is_given_back(on_later_textual: Terminal) -> None:
    with on_later_textual as program:
        program.expect(SERVER)
        program.quiet()
        for odd in (b"\xff", b"\xc3a", b"\x1b[1114112u", b"\x1b[99999999999999u"):
            program.send(odd)
            program.quiet(0.3)
        program.send("?")
        program.expect("Help")
        program.quiet(0.5)
        program.send("\x1b")
        program.quiet(0.5)
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_on_another_textual_it_ends_with_its_terminal(on_later_textual: Terminal) -> None:
    with on_later_textual.through_shell("trap '' HUP; exec $P") as program:
        program.expect(SERVER)
        program.quiet()
        program.close()
        until(lambda: program.has_ended, "its end", 5)
        assert program.ended(0) == 129
