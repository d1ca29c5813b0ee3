"""What a keyboard, a terminal and an environment may do to the screen without ending or steering it."""

import re
import time
from random import Random

import pytest

from tests.process.running import processor_seconds, wants_processor
from tests.process.terminal import Terminal
from tests.scale import cases
from vpsbackup_tui.demo import DemoService

SERVER = "web-server-01"
BURSTS = 200
# q, ctrl+q and ctrl+z end or stop it on purpose.
_BYTES = bytes(byte for byte in range(256) if byte not in b"qQ\x11\x1a")
_SEQUENCES = (
    b"\xff",
    b"\xc3a",
    b"\xed\xa0\x80",
    b"\x1b[1114112u",
    b"\x1b[99999999999999u",
    b"\x1b[<0;1;1M\x1b[<0;1;1m",
    b"\x1b[<64;5;5M",
    b"\x1b[<-1;999999;0M",
    b"\x1b[M\xff\xff\xff",
    b"\x1b[200~a paste\x1b[201~",
    b"\x1b]52;c;AAAA\x07",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b[" + b"9" * 5000 + b"A",
    b"\x1b[?2026;2$y",
    b"\x1b[I\x1b[O",
    b"\x00" * 50,
)


def until_it_has_acted(program: Terminal) -> None:
    """Wait until all that was typed has done what it does: what is typed ahead of a dialog doesn't count."""
    is_working = True
    while is_working and not program.has_ended:
        used = processor_seconds(program.pid)
        program.quiet(0.4)
        is_working = not program.has_ended and (processor_seconds(program.pid) != used or wants_processor(program.pid))


def leave(program: Terminal) -> None:
    """End a paste, and all dialogs that are open or still to come, then the program."""
    program.send(b"\x1b[201~")
    for _ in range(20):
        for key in (b"\x1b", b"\x1b", b"q"):
            until_it_has_acted(program)
            if not program.has_ended:
                program.send(key)
        if program.has_ended:
            break
    assert program.wait() == 0
    program.check_restored()


@pytest.mark.parametrize("seed", cases(2))
def test_no_bytes_from_a_keyboard_end_it(service: DemoService, seed: int) -> None:
    random = Random(seed)
    with Terminal([]) as program:
        program.expect(SERVER)
        for _ in range(BURSTS // 2):
            burst = bytes(random.choices(_BYTES, k=random.randrange(1, 12)))
            program.send(burst + random.choice(_SEQUENCES) if random.random() < 0.5 else burst)
            program.quiet(0.01)
            if program.has_ended:
                break
        assert not program.has_ended, program.text()
        leave(program)


@pytest.mark.parametrize("keys", [b"\x1b[200~" + b"never ended" * 20, b"\x1b[200~" + b"long " * 40_000 + b"\x1b[201~"])
def test_no_paste_ends_it_or_presses_keys(service: DemoService, keys: bytes) -> None:
    with Terminal([]) as program:
        program.expect(SERVER)
        for start in range(0, len(keys), 1000):
            program.send(keys[start : start + 1000])
            program.quiet(0)
        program.quiet()
        program.send(b"\x1b[201~")
        program.quiet()
        program.send("q")  # at once: the paste has opened nothing
        assert program.wait() == 0
    assert service.count("DELETE") + service.count("POST") == 0


def test_a_storm_of_sizes_does_not_end_it(service: DemoService) -> None:
    random = Random(1)
    sizes = [(1, 1), (2, 500), (200, 1), (15, 60), (14, 59), (100, 300)]
    with Terminal([]) as program:
        program.expect(SERVER)
        for step in range(100):
            rows, columns = random.choice(sizes) if step % 2 else (random.randrange(1, 60), random.randrange(1, 200))
            program.resize(rows, columns)
            program.quiet(0.01)
        program.resize(24, 80)
        program.expect(SERVER)
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_size_that_lasts_for_a_moment_only_leaves_nothing_undrawn(service: DemoService) -> None:
    with Terminal([]) as program:
        program.expect(SERVER)
        program.quiet()
        for milliseconds in range(10):
            before = len(program.output)
            program.resize(20, 70)
            ends = time.monotonic() + milliseconds / 1000
            while time.monotonic() < ends:
                pass
            program.resize(24, 80)
            program.screen.reset()
            program.listen_until(lambda: SERVER in program.text(), f"all of it after {milliseconds} ms")
            assert len(program.output) > before
            program.quiet()
        leave(program)


def test_a_terminal_without_a_size_is_no_reason_to_fail(service: DemoService) -> None:
    with Terminal([], rows=24, columns=80).through_shell("stty rows 0 cols 0; exec $P") as program:
        program.expect(SERVER)
        program.send("q")
        assert program.wait() == 0


def test_the_keys_do_no_harm_on_a_terminal_of_one_cell(service: DemoService) -> None:
    with Terminal([]) as program:
        program.expect(SERVER)
        program.resize(1, 1)
        program.quiet()
        for key in "sSjkGghl[]0/t":
            program.send(key)
            program.quiet(0.02)
        program.resize(24, 80)
        leave(program)


@pytest.mark.parametrize("press", ["D,y", "D,enter,y,enter", "n,enter,enter", "q"])
def test_no_variable_presses_keys(service: DemoService, press: str) -> None:
    steering = {"TEXTUAL_PRESS": press, "TEXTUAL": "devtools,debug", "TEXTUAL_DRIVER": "no.such:Driver"}
    with Terminal([], environment=steering) as program:
        program.expect(SERVER)
        program.quiet()
        program.send("q")
        assert program.wait() == 0
    assert service.count("DELETE") + service.count("POST") == 0


def test_no_variable_gives_it_another_size_than_the_terminal_has(service: DemoService) -> None:
    with Terminal([], environment={"COLUMNS": "20", "LINES": "5"}) as program:
        program.expect(SERVER)
        program.send("q")
        assert program.wait() == 0


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "POSIX"},
        {"TERM": "vt100"},
        {"TERM": "no-such-terminal"},
    ],
    ids=str,
)
def test_a_poor_terminal_shows_the_screen_too(service: DemoService, variables: dict[str, str]) -> None:
    with Terminal([], environment=variables) as program:
        program.expect(SERVER)
        program.send("q")
        assert program.wait() == 0


def test_without_colours_only_shades_of_grey_are_sent(service: DemoService) -> None:
    with Terminal([], environment={"NO_COLOR": "1"}) as program:
        program.expect(SERVER)
        program.send("q")
        assert program.wait() == 0
    shades = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", program.output)
    assert all(red == green == blue for red, green, blue in shades)
    numbered = {int(number) for number in re.findall(rb"[34]8;5;(\d+)", program.output)}
    assert numbered <= {*range(232, 256), 16, 59, 102, 145, 188, 231}
    assert not re.search(rb"\x1b\[(?:1;)?[34][1-7]m", program.output)


@pytest.mark.parametrize("after", [0.0, 0.1, 0.2])
def test_a_terminal_that_goes_while_it_starts_takes_it_along(service: DemoService, after: float) -> None:
    with Terminal([]).through_shell("trap '' HUP; exec $P") as program:
        program.listen_until(lambda: b"2004" in program.modes, "the screen")
        program.quiet(after)
        program.close()
        assert program.ended(5) == 129


def test_a_terminal_that_goes_before_there_is_a_screen_leaves_no_program_behind(service: DemoService) -> None:
    with Terminal([]).through_shell("trap '' HUP; exec $P") as program:
        program.listen_until(lambda: b"1049" in program.modes, "the frame")
        program.close()
        assert program.ended(10) != 0


def test_a_bug_shows_nothing_of_what_it_is_about(service: DemoService) -> None:
    code = _BUG
    for place in ("timer", "task", "thread", "signal"):
        program = Terminal([], environment={"PLACE": place})
        program.run_code(code)
        with program:
            assert program.wait() == 70, place
        said = program.output.rpartition(b"\x1b[?1004l")[2]
        assert b"bug in this program" in said, place
        assert b"PWNED" not in program.output
        assert b"Traceback" not in program.output


_BUG = r"""
import asyncio, os, sys, threading
from vpsbackup_tui.cli.main import run
from vpsbackup_tui.ui.main_screen import MainScreen

token, place = os.environ["VPS_API_TOKEN"], os.environ["PLACE"]

def fail():
    held = token
    raise ValueError(f"\x1b]52;c;PWNED\x07 {held} [/nope]")

async def fail_later():
    fail()

class Failing(MainScreen):
    def tick(self):
        pass

    def on_mount(self):
        self.set_timer(0.5, self.begin)

    def begin(self):
        if place == "timer":
            fail()
        if place == "task":
            self.kept = asyncio.create_task(fail_later())
            self.set_timer(0.2, self.lose)
        if place == "thread":
            threading.Thread(target=fail).start()
        if place == "signal":
            asyncio.get_running_loop().call_soon(fail)

    def lose(self):
        self.kept = None

import vpsbackup_tui.ui.app as app
app.MainScreen = Failing
sys.exit(run([]))
"""
