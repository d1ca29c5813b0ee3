"""The screen as a process: however it ends, it ends soon, and the terminal is as it was."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.process import confirming
from tests.process.blows import World, check_truth
from tests.process.running import processor_seconds, until
from tests.process.terminal import LEFT_ON, Terminal
from vpsbackup_tui.demo import DemoService, Fault

SERVER = "web-server-01"
CTRL_Z = "\x1a"
_KNOWN = {"create": "Started: ", "delete": "Done: ", "restore": "Started: "}
"""How the screen says that a change was made."""
_IN_BAND_RESIZE = "\x1b[?2048;2$y"
"""How a terminal says that it can tell of a new size by itself."""

_ENDING_LATE = """
import select, signal, sys
from vpsbackup_tui.cli.main import run
from vpsbackup_tui.ui import app

def run_screen(*arguments, **options):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    code = run_there(*arguments, **options)
    sys.stdout.write("ended\\n")
    terminal = select.poll()
    terminal.register(0, select.POLLHUP)
    terminal.poll()
    return code

run_there, app.run_screen = app.run_screen, run_screen
sys.exit(run([]))
"""
"""The program, which waits for its terminal to go once its screen has ended."""


def opened(program: Terminal) -> None:
    """Wait until the screen shows the service's data and is at rest."""
    program.expect(SERVER)
    program.quiet()


def test_q_leaves_the_terminal_as_it_was(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        assert {b"1049", b"1000", b"1003", b"1006", b"2004"} <= program.modes
        assert b"25" not in program.modes
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_terminal_of_many_talents_is_left_as_it_was(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        program.send(_IN_BAND_RESIZE)
        program.quiet()
        assert {b"2048", b"1016"} <= program.modes
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_it_with_its_code_and_gives_the_terminal_back(service: DemoService, number: int) -> None:
    with Terminal([]) as program:
        opened(program)
        program.hit(number)
        assert program.wait() == 128 + number
        program.check_restored()


@pytest.mark.parametrize("name", ["HUP", "INT"])
def test_a_signal_that_it_was_started_to_ignore_does_not_end_it(service: DemoService, name: str) -> None:
    with Terminal([]).through_shell(f"trap '' {name}; exec $P") as program:
        opened(program)
        program.hit(signal.Signals[f"SIG{name}"])
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def confirm_delete(program: Terminal) -> None:
    """Answer the question before the delete of the first backup."""
    opened(program)
    program.send("D")
    program.expect("Delete backup")
    program.quiet(0.5)
    program.send("y")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_in_the_middle_of_a_change_leaves_its_intent_for_the_next_start(
    service: DemoService, own_home: Path, number: int
) -> None:
    config = own_home / "config.toml"
    config.write_text("delete_grace_seconds = 0\n")
    service.faults.add(Fault(method="DELETE", hold=True))
    with Terminal(["--config", str(config)], columns=120) as program:
        confirm_delete(program)
        until(lambda: service.count("DELETE"), "the request")
        program.hit(number)
        assert program.wait() == 128 + number
        program.check_restored()
        told = program.output.decode().partition("not known yet: delete backup ")[2]
        assert "the program was ended before the outcome was known; `history` looks into it" in told
    (journal,) = (own_home / ".local/state/vpsbackup-tui").glob("*.sqlite3")
    with closing(sqlite3.connect(journal)) as database:
        assert database.execute("SELECT count(*) FROM changes WHERE open").fetchone() == (1,)
    with Terminal(["--config", str(config)], columns=120) as program:
        program.expect("Done: ")
        program.send("q")
        assert program.wait() == 0
    assert service.count("DELETE") == 1


@pytest.mark.parametrize("pasted", ["{}", "{}\r", "{}\ry\r", "dy", "dy\r", "web-server-01\r"])
def test_a_paste_that_the_terminal_does_not_mark_confirms_no_delete(
    service: DemoService, own_home: Path, pasted: str
) -> None:
    config = own_home / "config.toml"
    config.write_text("delete_grace_seconds = 0\n")
    service.service.clear_backups()
    last = service.service.add_backup(12345, created=service.now() - 3600)
    with Terminal(["--config", str(config)], columns=120) as program:
        program.expect(SERVER, " D Delete ")
        program.quiet()
        program.send("D")
        program.expect("type the backup's id")
        program.quiet(0.5)
        program.send(pasted.format(last))
        program.quiet()
        program.escape_from("type the backup's id")
        program.send("q")
        assert program.wait() == 0
    assert service.count("DELETE") == 0


@pytest.mark.parametrize(("number", "code"), [(None, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_whoever_leaves_in_a_countdown_is_told_that_nothing_was_sent(
    service: DemoService, own_home: Path, number: int | None, code: int
) -> None:
    config = own_home / "config.toml"
    config.write_text("delete_grace_seconds = 60\n")
    with Terminal(["--config", str(config)], columns=120) as program:
        confirm_delete(program)
        program.expect("z takes it back")
        if number is None:
            program.send("q")
        else:
            program.hit(number)
        assert program.wait() == code
        program.check_restored()
        told = program.output.decode().partition("not sent: delete backup ")[2]
        assert ": the screen was left before that" in told
    assert service.count("DELETE") == 0


@pytest.mark.parametrize("step", range(3))
def test_a_signal_ends_it_while_it_starts(service: DemoService, step: int) -> None:
    with Terminal([]) as program:
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 0.3 + step * 0.24, "the moment")
        program.hit(signal.SIGTERM)
        assert program.wait() in (143, -signal.SIGTERM)
        program.check_restored()


@pytest.mark.parametrize("before", ["", "trap '' HUP; "])
def test_without_a_terminal_it_ends_soon_and_without_spinning(service: DemoService, before: str) -> None:
    with Terminal([]).through_shell(f"{before}exec $P") as program:
        opened(program)
        used = processor_seconds(program.pid)
        program.close()
        until(lambda: program.has_ended or processor_seconds(program.pid) - used > 1, "its end", 5)
        assert program.ended(0) == 129


def test_a_stalled_terminal_does_not_keep_it_from_ending(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        stall(program)
        program.hit(signal.SIGTERM)
        assert program.ended(5) == 143


def test_a_stalled_terminal_that_goes_away_does_not_keep_it_from_ending(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        stall(program)
        program.close()
        assert program.ended(5) == 129


def test_a_terminal_that_stalled_for_a_while_shows_everything_again(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        stall(program)
        program.resize(24, 80)
        opened(program)
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def stall(program: Terminal) -> None:
    """Make it draw more than its terminal takes while nobody reads."""
    used = processor_seconds(program.pid)
    for step in range(1000):
        program.resize(20 + step % 5, 80)
        if processor_seconds(program.pid) - used > 0.5:
            break
        time.sleep(0.01)


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(service: DemoService) -> None:
    script = 'set -m; $P; read line; echo "$line: $(stty -a)"; fg; echo "ended: $?"'
    with Terminal([]).through_shell(script) as program:
        opened(program)
        program.send(CTRL_Z)
        program.listen_until(lambda: program.modes == LEFT_ON, "the terminal to be given back")
        program.send("typed\n")
        program.listen_until(lambda: b"icanon" in program.output, "the shell to go on")
        assert b"typed: speed" in program.output
        assert b" icanon" in program.output  # and not "-icanon"
        before = program.output.index(b" icanon")
        program.listen_until(lambda: b"1049" in program.modes, "the terminal to be taken back")
        drawn = (b"VPS Backups", SERVER.encode(), b"Quit")
        program.listen_until(lambda: all(each in program.output[before:] for each in drawn), "the screen")
        program.send("q")
        assert program.wait() == 0
        assert b"ended: 0" in program.output
        program.check_restored()


@pytest.mark.parametrize("cut", ["", "after"])
@pytest.mark.parametrize("action", ["create", "delete", "restore"])
def test_ctrl_z_while_a_change_is_under_way_sends_it_once_and_fg_tells_the_truth(
    service: DemoService, own_home: Path, action: str, cut: Literal["", "after"]
) -> None:
    config = own_home / "config.toml"
    config.write_text("refresh_seconds = 0\ndelete_grace_seconds = 0\n")
    service.service.clear_backups()  # so that what is changed is of the one server that has any
    for age in (2, 1):
        service.service.add_backup(12345, created=service.now() - age * 3600)
    world = World(service, own_home, (action,))
    method = "DELETE" if action == "delete" else "POST"
    service.faults.add(Fault(method=method, cut=cut, until=(let_go := Event())))
    script = 'set -m; $P; echo "left: $?"; read line; fg; echo "ended: $?"'
    with Terminal(["--config", str(config)], columns=120).through_shell(script) as program:
        confirming.opened(program)
        key = confirming.fill_in(program, action, backup=world.backup, types_id=False)
        confirming.confirm(program, key, action, lambda: world.sent)
        program.send(CTRL_Z)
        program.listen_until(lambda: b"left: 148" in program.output, "the shell to go on")
        assert program.modes == LEFT_ON
        let_go.set()
        until(lambda: world.is_made, "the service to make what it was sent")
        stopped = len(program.output)
        program.send("\n")
        known = "Not known yet: " if (action, cut) == ("restore", "after") else _KNOWN[action]
        drawn = (b"VPS Backups", SERVER.encode(), b"Quit")
        program.listen_until(lambda: all(each in program.output[stopped:] for each in drawn), "the screen")
        program.expect(known)
        assert b"1049" in program.modes
        code = confirming.leave(program)
        program.check_restored()
        assert b"ended: %d" % (5 if known.startswith("Not") else 0) in program.output
    assert code == 0
    check_truth(world)
    (entry,) = world.entries()
    assert entry.open == known.startswith("Not")


def test_ctrl_z_where_there_is_no_shell_to_go_on_from_does_not_freeze_it(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        program.send(CTRL_Z)
        program.quiet()
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_stop_that_it_can_not_see_coming_harms_nothing(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        program.hit(signal.SIGSTOP)
        os.waitpid(program.pid, os.WUNTRACED)
        program.hit(signal.SIGCONT)
        program.quiet()
        program.send("q")
        assert program.wait() == 0
        program.check_restored()


def test_a_terminal_that_goes_as_the_screen_has_ended_changes_nothing(service: DemoService) -> None:
    with Terminal([]).run_code(_ENDING_LATE) as program:
        opened(program)
        program.send("q")
        program.listen_until(lambda: b"ended" in program.output, "the screen to end")
        program.close()
        assert program.ended(10) == 0


def test_a_stop_while_it_ends_does_not_keep_it_from_ending(service: DemoService) -> None:
    with Terminal([]) as program:
        opened(program)
        program.answers = False  # so that the end waits for what the terminal has to say of the last frame
        program.send("jq")
        program.listen_until(lambda: b"2004" not in program.modes, "the terminal to be given back")
        program.hit(signal.SIGSTOP)
        os.waitpid(program.pid, os.WUNTRACED)
        program.hit(signal.SIGCONT)
        assert program.ended(10) == 0
        program.quiet(0)
        program.check_restored()


def test_the_screen_says_that_a_damaged_journal_was_moved_aside(service: DemoService, own_home: Path) -> None:
    place = urlsplit(service.url).netloc.replace(":", "_")
    journal = own_home / f".local/state/vpsbackup-tui/{place}.sqlite3"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"junk" * 1000)
    with Terminal([], columns=120) as program:
        program.expect(SERVER, "moved aside")
        program.send("q")
        assert program.wait() == 0
    assert len(list(journal.parent.glob("*.damaged-*"))) == 1
