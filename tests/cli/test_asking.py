"""What a person at a terminal is asked, and which answers count."""

import os
import signal
import subprocess

import pytest

from tests.cli.processes import COMMAND
from tests.cli.test_change import backups, changes, leave_only
from tests.process.running import PATIENCE
from tests.terminal.program import Program
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault


@pytest.mark.parametrize(("answer", "code"), [("y", Exit.DONE), ("yes", Exit.DONE), ("", 6), ("n", 6), ("delete", 6)])
def test_an_ordinary_delete_takes_a_y(service: DemoService, answer: str, code: int) -> None:
    wanted = backups(service)[0]
    with Program(["delete", str(wanted)], columns=120) as program:
        program.expect("Delete it? [y/N]", f"{wanted} · ", "web-server-01 · id 12345", "default · 127.0.0.1:")
        program.send(answer + "\r")
        assert program.wait() == code
    assert len(changes(service)) == (code == Exit.DONE)


@pytest.mark.parametrize(("answer", "code"), [("ID", Exit.DONE), ("y", Exit.REFUSED)])
def test_the_last_completed_backup_takes_its_id(service: DemoService, answer: str, code: Exit) -> None:
    kept = backups(service)[-1]
    leave_only(service, 12345, kept)
    with Program(["delete", str(kept)]) as program:
        program.expect("has no completed backup left", "type the backup's id")
        program.send((str(kept) if answer == "ID" else answer) + "\r")
        assert program.wait() == code
    assert len(changes(service)) == (code is Exit.DONE)


@pytest.mark.parametrize(("answer", "sent"), [("delete 2", 2), ("y", 0), ("delete 3", 0)])
def test_several_take_their_number(service: DemoService, answer: str, sent: int) -> None:
    with Program(["delete", *map(str, backups(service)[:2])]) as program:
        program.expect("type `delete 2`")
        program.send(answer + "\r")
        assert program.wait() == (Exit.DONE if sent else Exit.REFUSED)
    assert len(changes(service)) == sent


@pytest.mark.parametrize(
    ("answer", "code"), [("web-server-01", Exit.DONE), ("12345", 6), ("WEB-SERVER-01", 6), ("y", 6)]
)
def test_a_restore_takes_the_name_of_the_server(service: DemoService, answer: str, code: int) -> None:
    wanted = backups(service)[0]
    with Program(["restore", str(wanted)], columns=120) as program:
        program.expect("Everything on web-server-01 since", "is overwritten", "newer restore points", "type its name")
        program.send(answer + "\r")
        assert program.wait() == code
    assert len(changes(service)) == (code == Exit.DONE)


def test_a_safe_restore_says_what_is_made_before_it(service: DemoService) -> None:
    with Program(["restore", str(backups(service)[0]), "--safe"], columns=120) as program:
        program.expect("Before that its present state is backed up", "type its name")
        program.send("\r")
        assert program.wait() == Exit.REFUSED
    assert not changes(service)


def test_a_restore_that_is_forbidden_anyway_asks_nothing(service: DemoService) -> None:
    wanted = str(backups(service)[0])
    service.service.restore_seconds = 0
    service.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    for words, code in ((["--yes"], 5), ([], 6)):
        with Program(["restore", wanted, *words], columns=120) as program:
            assert program.wait() == code
    with Program(["restore", wanted, "--again"], columns=120) as program:
        program.expect("type its name")
        program.send("\r")
        assert program.wait() == 6
    assert len(changes(service)) == 1


def test_a_name_that_can_not_be_typed_takes_the_id(service: DemoService) -> None:
    server_id = 12355
    with Program(["restore", str(backups(service, server_id)[0])], columns=120) as program:
        program.expect(f"type its id ({server_id})")
        program.send(f"{server_id}\r")
        assert program.wait() == Exit.DONE


def test_what_was_typed_before_the_question_confirms_nothing(service: DemoService) -> None:
    service.latency = 0.2
    with Program(["delete", str(backups(service)[0])]) as program:
        program.send("y\r" * 20)
        program.expect("Delete it? [y/N]")
        program.send("\r")
        assert program.wait() == Exit.REFUSED
    assert not changes(service)


@pytest.mark.parametrize(
    "pasted",
    [
        "\x1b[200~y\x1b[201~\r",
        "\x1b[200~y\r\x1b[201~",
        "\x1b[200~x\x15y\r\x1b[201~",
        "\x1b[200~" + "\x7f" * 8 + "y\r\x1b[201~",
        "y\rrm -rf x\r",
        "y\rrm -rf x",
    ],
)
def test_what_is_pasted_confirms_nothing_and_goes_to_no_shell(service: DemoService, pasted: str) -> None:
    with Program(["delete", str(backups(service)[0])], columns=120) as program:
        program.expect("Delete it? [y/N]")
        assert b"\x1b[?2004h" in program.output
        program.send(pasted)
        assert program.wait() == Exit.REFUSED
        assert "what is pasted is no answer" in program.text()
        assert program.output.rindex(b"\x1b[?2004l") > program.output.rindex(b"\x1b[?2004h")
    assert not changes(service)


def test_a_paste_is_taken_up_to_its_end_however_late_that_comes(service: DemoService) -> None:
    with Program(["delete", str(backups(service)[0])], columns=120) as program:
        program.expect("Delete it? [y/N]")
        program.send("\x1b[200~y\r")
        for number in range(4):
            program.quiet()
            program.send(f"rm {number}\rrm")
        program.quiet()
        assert b"not confirmed" not in program.output
        program.send("rm -rf x\r\x1b[201~")
        assert program.wait() == Exit.REFUSED
        assert "not confirmed" in program.text()
    assert not changes(service)


def test_after_a_stop_pastes_are_marked_again_and_what_was_typed_before_is_no_answer(service: DemoService) -> None:
    with Program(["delete", str(backups(service)[0])], columns=120) as program:
        program.expect("Delete it? [y/N]")
        program.send("y\x1a")  # nobody could let it go on here, so that it isn't stopped
        while program.output.count(b"Delete it? [y/N]") < 2:
            program.quiet()
        first, second = program.output.split(b"\x1b[?2004l")
        assert first.count(b"\x1b[?2004h") == second.count(b"\x1b[?2004h") == 1
        program.send("\r")
        assert program.wait() == Exit.REFUSED
    assert not changes(service)


def test_where_the_terminal_can_not_be_read_any_more_nothing_is_confirmed(service: DemoService) -> None:
    ours, theirs = os.openpty()
    command = [*COMMAND, "delete", str(backups(service)[0])]
    process = subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True)
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 4096)
    os.close(ours)
    assert process.wait(PATIENCE) == Exit.REFUSED
    assert not changes(service)


@pytest.mark.parametrize("key", ["\x04", "\x03"])
def test_the_end_of_input_and_ctrl_c_confirm_nothing(service: DemoService, key: str) -> None:
    with Program(["delete", str(backups(service)[0])]) as program:
        program.expect("Delete it? [y/N]")
        program.send(key)
        assert program.wait() == (Exit.REFUSED if key == "\x04" else 128 + signal.SIGINT)
    assert not changes(service)


def test_no_input_asks_nothing_even_on_a_terminal(service: DemoService) -> None:
    with Program(["delete", str(backups(service)[0]), "--no-input"]) as program:
        assert program.wait() == Exit.REFUSED
    assert not changes(service)


def test_read_only_is_said_without_a_question(service: DemoService) -> None:
    with Program(["delete", str(backups(service)[0]), "--read-only"]) as program:
        assert program.wait() == Exit.REFUSED
        assert "read-only" in program.text()
