"""The start as a process: something to see before Textual is there, and nothing left of it where no screen follows."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.process.running import PATIENCE, until
from tests.process.terminal import Terminal
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService

OTHER_SCREEN, BACK = b"\x1b[?1049h", b"\x1b[?1049l"
TITLE = "VPS Backups"
PALETTE = {"TERM": "xterm-256color", "COLORTERM": ""}
CTRL_C, CTRL_S, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x13", "\x1a", "\x1c"

WAIT = """
import os, signal, sys, time

def wait():
    open({reached!r}, "w").close()
    while not os.path.exists({go!r}):
        time.sleep(0.005)
"""
AT_IMPORT = """
class Waiting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            wait()

sys.meta_path.insert(0, Waiting())
"""
AT_HAND_OVER = """
set_mask = signal.pthread_sigmask

def set_and_wait(how, mask):
    before = set_mask(how, mask)
    if signal.SIGTSTP in before and how == signal.SIG_SETMASK and signal.SIGTSTP not in mask:
        wait()
    return before

signal.pthread_sigmask = set_and_wait
"""


@pytest.fixture
def textual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is imported in place of Textual."""
    module = tmp_path / "first" / "textual" / "__init__.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(module.parent.parent))
    return module


class Hold:
    """A start that stands still at the place that `place` finds, until it is let go."""

    def __init__(self, module: Path, place: str) -> None:
        """Put the code that holds it into a module that it imports."""
        self._reached, self._go = module.with_name("reached"), module.with_name("go")
        module.write_text(WAIT.format(reached=str(self._reached), go=str(self._go)) + place)

    def wait(self) -> None:
        """Wait until the start has come so far."""
        until(self._reached.exists, "the start to come so far")

    def let_go(self) -> None:
        """Let the start go on, now or when it comes so far."""
        self._go.touch()


@pytest.fixture
def held(textual: Path) -> Hold:
    """A start that stands still at the import of Textual; when it is let go there is none."""
    return Hold(textual, "wait()\nraise ImportError('no Textual')\n")


@pytest.fixture
def held_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Hold]:
    """Return a function that makes the start stand still at a place, and go on when it is let go."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return lambda place: Hold(tmp_path / "sitecustomize.py", place)


def test_the_skeleton_becomes_the_screen_without_leaving_it(service: DemoService) -> None:
    with Terminal([]) as program:
        program.expect("web-server-01")
        program.quiet()
        program.send("q")
        assert program.wait() == 0
        program.check_restored()
        before, after = program.output.split(b"\x1b[?1004h", 1)
        assert before.index(OTHER_SCREEN) < before.index(TITLE.encode())
        assert program.output.count(OTHER_SCREEN) == program.output.count(BACK) == 1
        assert b"\x1b[2J" not in after


def test_the_skeleton_stands_while_textual_is_read(held: Hold, service: DemoService) -> None:
    with Terminal([]) as program:
        program.expect(TITLE, "starting")
        held.let_go()
        assert program.wait() == Exit.BUG
        program.check_restored()


@pytest.fixture
def seen(service: DemoService) -> None:
    """Let the lists have been seen once."""
    with Terminal([]) as program:
        program.expect("web-server-01", "as of")
        program.quiet()
        program.send("q")
        assert program.wait() == 0


def test_the_rows_last_seen_stand_while_textual_is_read_and_what_is_typed_is_not_drawn(
    seen: None, held: Hold, service: DemoService
) -> None:
    with Terminal([], environment=PALETTE) as program:
        program.expect(" seen ", "web-server-01", "completed", "q Quit")
        held.wait()
        program.quiet()
        before = program.output
        program.send("jj\r")
        program.quiet()
        assert program.output == before
        held.let_go()
        assert program.wait() == Exit.BUG
        program.check_restored()


@pytest.mark.parametrize(("keys", "opens"), [("\r", True), ("\x11", False), ("jq", False)])
def test_what_is_typed_while_the_early_frame_stands_goes_to_the_screen_as_typed(
    seen: None, held_at: Callable[[str], Hold], service: DemoService, keys: str, opens: bool
) -> None:
    held = held_at(AT_IMPORT.format(module="textual"))
    with Terminal([], environment=PALETTE) as program:
        held.wait()
        program.expect(" seen ")
        program.send(keys)
        held.let_go()
        if opens:
            program.expect("Close", "Copy")
            program.quiet(0.5)
            program.send("\x1b")
            program.quiet(0.5)
            program.send("q")
        assert program.wait() == 0
        program.check_restored()


@pytest.mark.parametrize(("keys", "number"), [(CTRL_C, signal.SIGINT), (CTRL_BACKSLASH, signal.SIGQUIT)])
def test_a_signal_takes_the_early_frame_away(
    seen: None, held: Hold, service: DemoService, keys: str, number: signal.Signals
) -> None:
    with Terminal([], environment=PALETTE) as program:
        held.wait()
        program.expect(" seen ")
        program.send(keys)
        program.until_waits(number)
        held.let_go()
        assert program.wait() == 128 + number
        program.check_restored()
        assert f"stopped by {number.name}".encode() in program.output.partition(BACK)[2]


def test_the_screen_goes_on_from_the_early_frame_and_ends_on_the_terminal_as_it_was(
    seen: None, service: DemoService
) -> None:
    with Terminal([], environment=PALETTE) as program:
        program.expect("as of")
        program.quiet()
        program.send("q")
        assert program.wait() == 0
        program.check_restored()
        before, after = program.output.split(b"\x1b[?1004h", 1)
        assert b"web-server-01" in before
        assert b"web-server-01" not in after


@pytest.mark.parametrize("place", [AT_IMPORT.format(module="textual"), AT_HAND_OVER], ids=["before", "after"])
def test_a_terminal_that_was_resized_meanwhile_is_drawn_anew(
    seen: None, service: DemoService, held_at: Callable[[str], Hold], place: str
) -> None:
    held = held_at(place)
    with Terminal([], environment=PALETTE) as program:
        held.wait()
        program.expect(" seen ")
        rows, columns = program.screen.lines, program.screen.columns
        program.resize(rows + 2, columns + 2)
        program.resize(rows, columns)
        held.let_go()
        program.expect("as of")
        assert b"web-server-01" in program.output.split(b"\x1b[?1004h", 1)[1]
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_terminal_that_stands_still_does_not_hold_the_start(
    seen: None, service: DemoService, held_at: Callable[[str], Hold]
) -> None:
    held, before = held_at(AT_IMPORT.format(module="argparse")), len(service.requests)
    with Terminal([], environment=PALETTE) as program:
        held.wait()
        program.send(CTRL_S)
        held.let_go()
        until(lambda: len(service.requests) > before, "the screen to ask for the lists")
        program.hit(signal.SIGTERM)
        assert program.ended(PATIENCE) == 128 + signal.SIGTERM


def test_the_early_frame_is_in_the_encoding_of_the_screen(seen: None, service: DemoService) -> None:
    with Terminal([], environment=PALETTE | {"PYTHONIOENCODING": "ascii"}) as program:
        program.expect("as of")
        program.send("q")
        assert program.wait() == 0
        assert program.output.isascii()


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1"}, {"TERM": "xterm", "COLORTERM": ""}], ids=["no colours", "few colours"]
)
def test_with_other_colours_the_skeleton_stands(
    seen: None, held: Hold, service: DemoService, environment: dict[str, str]
) -> None:
    with Terminal([], environment=PALETTE | environment) as program:
        held.wait()
        program.expect("starting")
        assert b"web-server-01" not in program.output
        held.let_go()
        assert program.wait() == Exit.BUG
        program.check_restored()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--config", "/nowhere/config.toml"], b"/nowhere/config.toml"),
        (["--base-url", "http://example.com"], b"https://"),
        (["--account", "a/b"], b"account"),
    ],
)
def test_a_wrong_setting_is_told_on_the_terminal_as_it_was(words: list[str], says: bytes) -> None:
    with Terminal(words) as program:
        assert program.wait() == Exit.USAGE
        program.check_restored()
        _, back, said = program.output.partition(BACK)
        assert back
        assert says in said


def test_a_module_that_is_missing_is_told_on_the_terminal_as_it_was(textual: Path, service: DemoService) -> None:
    textual.write_text("raise ImportError('no Textual')\n")
    with Terminal([]) as program:
        assert program.wait() == Exit.BUG
        program.check_restored()
        assert b"a bug in this program (ImportError)" in program.output.partition(BACK)[2]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["list", "--demo"], ["--wrong"]])
def test_what_needs_no_screen_gets_no_skeleton(words: list[str]) -> None:
    with Terminal(words) as program:
        program.wait()
        assert OTHER_SCREEN not in program.output


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_without_talents_gets_no_skeleton(name: str) -> None:
    with Terminal([], environment={"TERM": name}) as program:
        assert program.wait() == Exit.USAGE
        assert OTHER_SCREEN not in program.output


def test_in_the_background_nothing_is_drawn(service: DemoService) -> None:
    with Terminal([]).through_shell("set -m; $P --config /nowhere/config.toml & wait $!; exit $?") as program:
        assert program.wait() == Exit.USAGE
        assert OTHER_SCREEN not in program.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_while_textual_is_read_gives_the_terminal_back(
    held: Hold, service: DemoService, number: signal.Signals
) -> None:
    with Terminal([]) as program:
        program.expect(TITLE)
        held.wait()
        program.hit(number)
        assert not program.has_ended
        held.let_go()
        assert program.wait() == 128 + number
        program.check_restored()
        assert f"stopped by {number.name}".encode() in program.output.partition(BACK)[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_at_the_first_sight_gives_the_terminal_back(
    held: Hold, service: DemoService, number: signal.Signals
) -> None:
    held.let_go()
    with Terminal([]) as program:
        program.expect(TITLE)
        program.hit(number)
        assert program.wait() in (128 + number, Exit.BUG)
        program.check_restored()


def test_keys_that_are_signals_give_the_terminal_back_too(held: Hold, service: DemoService) -> None:
    with Terminal([]) as program:
        held.wait()
        program.send(CTRL_BACKSLASH)
        program.send(CTRL_C)
        program.quiet()
        assert not program.has_ended
        held.let_go()
        assert program.wait() in (128 + signal.SIGINT, 128 + signal.SIGQUIT)
        program.check_restored()


def test_a_job_that_is_stopped_at_its_start_stops_on_the_terminal_as_it_was(held: Hold, service: DemoService) -> None:
    with Terminal([]).through_shell("set -m; $P; echo stopped; fg; exit $?") as program:
        held.wait()
        program.send(CTRL_Z)
        program.quiet()
        held.let_go()
        program.expect("stopped")
        assert program.wait() == Exit.BUG
        assert program.output.index(BACK) < program.output.index(b"stopped")
        program.check_restored()
