"""What a signal does to a command, and what is told of the changes that it ends."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from tests.cli.conftest import Ended
from tests.cli.processes import (
    COMMAND,
    end_of,
    hit_twice,
    started,
    until_it_waits,
    until_requested,
    until_requested_again,
)
from tests.process.running import PATIENCE, until
from vpsbackup_tui.demo import DemoService, Fault

HIT = [sys.executable, "-m", "tests.cli.hit"]
INTERRUPTED_AT_ITS_END = """
import atexit, os, signal, sys
from vpsbackup_tui.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests were started with
atexit.register(os.kill, os.getpid(), signal.SIGINT)
sys.exit(main())
"""
PLACES = {
    "it is about to end": ("before", "vpsbackup_tui.operations.engine", "Operations._settle"),
    "it has just ended": ("after", "vpsbackup_tui.operations.engine", "Operations._steps"),
    "it is about to be told": ("before", "vpsbackup_tui.cli.telling", "Telling.tell"),
    "its object is about to be printed": ("before", "vpsbackup_tui.cli.telling", "print_json"),
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_a_read_at_once(service: DemoService, number: signal.Signals) -> None:
    service.faults.add(Fault(method="GET", hold=True, times=None))
    process = started([*COMMAND, "list"], stdout=subprocess.PIPE)
    until_requested(service, "GET", "/backups/")
    process.send_signal(number)
    assert end_of(process) == Ended(128 + number, "", f"vpsbackup-tui: stopped by {number.name}\n")


def test_a_signal_waits_for_the_answer_to_a_change(service: DemoService) -> None:
    answered = Event()
    service.faults.add(Fault(method="POST", until=answered))
    process = started([*COMMAND, "create", "12345"])
    until_requested(service, "POST", "/backups/")
    process.send_signal(signal.SIGINT)
    assert until_it_waits(process) == []
    answered.set()
    ended = end_of(process)
    assert ended.code == 128 + signal.SIGINT
    assert re.search(r"stopped by SIGINT\nstarted: Backup \d+ of web-server-01", ended.err)
    assert service.count("POST") == 1


def test_a_signal_does_not_wait_for_a_change_that_is_not_sent(service: DemoService) -> None:
    service.faults.add(Fault(path="server_id", status=429, headers={"Retry-After": "29"}, times=None))
    process = started([*COMMAND, "delete", "520", "--yes", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "GET", "server_id")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGINT
    assert json.loads(out)["outcome"] == "not_sent"
    assert "stopped by SIGINT" in err
    assert "under way" not in err
    assert service.count("GET", "server_id") == 1
    assert not service.count("DELETE")


@pytest.mark.parametrize(("signals", "outcome"), [(1, "done"), (2, "unknown")])
def test_a_change_that_a_signal_ends_is_an_object_in_json_too(service: DemoService, signals: int, outcome: str) -> None:
    answered = Event()
    service.faults.add(Fault(method="POST", until=answered))
    process = started([*COMMAND, "create", "12345", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "POST", "/backups/")
    process.send_signal(signal.SIGTERM)
    assert until_it_waits(process) == []
    if signals == 1:
        answered.set()
    else:
        process.send_signal(signal.SIGTERM)
    ended = end_of(process)
    answered.set()
    assert ended.code == 128 + signal.SIGTERM
    assert json.loads(ended.out)["outcome"] == outcome


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_signal_takes_no_word_of_a_change_that_ends(service: DemoService, place: tuple[str, str, str]) -> None:
    command = [*HIT, *place, "create", "12345", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM" in ended.stderr
    shown = [json.loads(line)["outcome"] for line in ended.stdout.splitlines()]
    assert shown == ["done"] or (place[2] == "print_json" and "started: Backup " in ended.stderr)


@pytest.mark.parametrize("function", ["_signalled", "hand_over"])
def test_no_further_signal_takes_the_words_for_the_first(service: DemoService, function: str) -> None:
    service.faults.add(Fault(method="GET", hold=True, times=None))
    process = started([*HIT, "before", "vpsbackup_tui.cli.main", function, "list"], stdout=subprocess.PIPE)
    until_requested(service, "GET", "/backups/")
    process.send_signal(signal.SIGINT)
    assert end_of(process) == Ended(128 + signal.SIGINT, "", "vpsbackup-tui: stopped by SIGINT\n")


def test_a_signal_that_falls_into_the_closing_of_a_connection_leaves_no_traceback(service: DemoService) -> None:
    place = ("before", "asyncio.selector_events", "_SelectorSocketTransport._call_connection_lost")
    ended = end_of(started([*HIT, *place, "list"], stdout=subprocess.PIPE))
    assert ended.code == 128 + signal.SIGTERM
    assert ended.err == "vpsbackup-tui: stopped by SIGTERM\n"


def test_no_further_signal_takes_the_word_that_nothing_is_known(service: DemoService) -> None:
    service.faults.add(Fault(method="POST", hold=True))
    place = ("before", "vpsbackup_tui.session", "Session.aclose")
    process = started([*HIT, *place, "restore", "520", "--yes"])
    until_requested(service, "POST", "/restore/")
    ended = hit_twice(process, signal.SIGINT)
    assert ended.code == 128 + signal.SIGINT
    assert "stopped by SIGINT\nnot known yet: restore web-server-01 from backup 520" in ended.err


def test_a_signal_between_two_changes_says_what_was_not_sent(service: DemoService) -> None:
    place = ("after", "vpsbackup_tui.operations.engine", "Operations._steps")
    command = [*HIT, *place, "delete", "518", "519", "--yes"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM\nnothing was sent for 519\n" in ended.stderr
    assert "done: Backup 518 of " in ended.stderr + ended.stdout
    assert "Warning" not in ended.stderr
    assert service.count("DELETE") == 1


def full_pipe() -> tuple[int, int]:
    """Return the reading and the writing end of a pipe that takes nothing before it was read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for size in (4096, 1):
        with suppress(BlockingIOError):
            while os.write(writing, b" " * size):
                pass
    os.set_blocking(writing, True)
    return reading, writing


@pytest.mark.parametrize("reader", ["reads", "leaves", "waits"])
def test_a_signal_that_comes_while_an_object_is_printed_takes_nothing_back(service: DemoService, reader: str) -> None:
    reading, writer = full_pipe()
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    process = started([*COMMAND, "create", "12345", "--json"], stdout=writer, env=environ)
    os.close(writer)
    until_requested(service, "POST", "/backups/")
    until(lambda: "pipe_write" in Path(f"/proc/{process.pid}/wchan").read_text(), "the full pipe")
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert "stopped by SIGTERM" in process.stderr.readline()
    assert "started: Backup " in process.stderr.readline()
    with open(reading, "rb") as stdout:
        if reader == "reads":
            assert json.loads(stdout.read())["outcome"] == "done"
        elif reader == "waits":
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert end_of(process) == Ended(128 + signal.SIGTERM, "", "")


@pytest.mark.parametrize("closed", [True, False])
def test_a_change_that_a_signal_ends_says_so_where_its_object_can_not_be_printed(
    service: DemoService, closed: bool
) -> None:
    service.faults.add(Fault(method="POST", hold=True))
    with Path("/dev/full").open("w") as full:
        process = started(
            [*COMMAND, "restore", "520", "--yes", "--json"],
            stdout=full,
            preexec_fn=(lambda: os.close(1)) if closed else None,
        )
    until_requested(service, "POST", "/restore/")
    ended = hit_twice(process, signal.SIGTERM)
    assert ended.code == 128 + signal.SIGTERM
    assert "not known yet: restore web-server-01 from backup 520" in ended.err


def test_a_change_that_a_signal_ends_before_it_begins_is_an_object_in_json_too(service: DemoService) -> None:
    service.faults.add(Fault(path="/account/me/", hold=True))
    process = started([*COMMAND, "create", "12345", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "GET", "/account/me/")
    process.send_signal(signal.SIGTERM)
    ended = end_of(process)
    assert ended.code == 128 + signal.SIGTERM
    shown = json.loads(ended.out)
    assert (shown["operation"], shown["outcome"]) == (None, "not_sent")


def test_one_signal_ends_a_command_whose_object_nobody_reads(service: DemoService) -> None:
    service.faults.add(Fault(path="/account/me/", hold=True))
    reading, writing = full_pipe()
    process = started([*COMMAND, "create", "12345", "--json"], stdout=writing)
    os.close(writing)
    until_requested(service, "GET", "/account/me/")
    process.send_signal(signal.SIGTERM)
    ended = end_of(process)
    os.close(reading)
    assert ended.code == 128 + signal.SIGTERM
    assert ended.err.endswith("stopped by SIGTERM\n")


def test_the_answer_to_a_change_is_taken_in_though_nobody_reads_that_it_is_waited_for(service: DemoService) -> None:
    answered = Event()
    service.faults.add(Fault(method="POST", until=answered))
    reading, writing = full_pipe()
    process = subprocess.Popen(
        [*COMMAND, "create", "12345", "--json"], stdout=subprocess.PIPE, stderr=writing, text=True
    )
    os.close(writing)
    until_requested(service, "POST", "/backups/")
    process.send_signal(signal.SIGTERM)
    answered.set()
    out, _ = process.communicate(timeout=PATIENCE)
    os.close(reading)
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(out)["outcome"] == "done"


def test_an_interrupt_behind_the_end_leaves_no_traceback(service: DemoService) -> None:
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED_AT_ITS_END, "list"], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")
    assert "web-server-01" in ended.stdout


def test_an_object_of_a_safe_restore_says_that_its_copy_is_not_known(service: DemoService) -> None:
    service.faults.add(Fault(method="POST", path="/backups/", hold=True))
    process = started([*COMMAND, "restore", "520", "--safe", "--yes", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "POST", "/backups/")
    shown = json.loads(hit_twice(process, signal.SIGTERM).out)
    assert shown["outcome"] == "not_sent"
    assert shown["message"].endswith(" Whether a backup of its present state is being made is not known.")


def test_the_object_of_a_change_that_a_signal_ends_is_that_of_no_earlier_one(service: DemoService) -> None:
    service.service.lag.seconds = 600  # so that the one deleted before is still listed, and taken into account
    first, second, *_ = [backup.id for backup in service.service.backups(12345) if backup.status == "completed"]
    subprocess.run([*COMMAND, "delete", str(first), "--yes"], check=True, capture_output=True)
    service.faults.add(Fault(method="DELETE", hold=True))
    process = started([*COMMAND, "delete", str(second), "--yes", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "DELETE", f"/{second}/")
    process.send_signal(signal.SIGTERM)
    assert until_it_waits(process) == []
    process.send_signal(signal.SIGTERM)
    shown = json.loads(end_of(process).out)
    assert (shown["backup"]["id"], shown["outcome"]) == (second, "unknown")


@pytest.mark.parametrize(
    ("words", "path", "after"),
    [
        ("create 12345", "/backups/", "`history` looks into it"),
        ("create 12345 --no-journal", "/backups/", "the list may tell"),
        ("restore 520 --yes", "/restore/", "look at the server before anything else"),
    ],
)
def test_a_second_signal_stops_waiting_and_says_that_nothing_is_known(
    service: DemoService, words: str, path: str, after: str
) -> None:
    service.faults.add(Fault(method="POST", hold=True))
    process = started([*COMMAND, *words.split()])
    until_requested(service, "POST", path)
    ended = hit_twice(process, signal.SIGINT)
    assert ended.code == 128 + signal.SIGINT
    what = "create a backup of " if "create" in words else "restore "
    assert f"not known yet: {what}web-server-01" in ended.err
    assert f": the program was ended before the outcome was known; {after}." in ended.err


def test_whoever_stops_waiting_still_learns_what_was_started(service: DemoService) -> None:
    service.service.backup_seconds = 10**9
    process = started([*COMMAND, "create", "12345", "--wait", "--json"], stdout=subprocess.PIPE)
    until_requested(service, "GET", "/servers/")
    until_requested(service, "POST", "/backups/")
    until_requested_again(service)  # it follows the backup by now
    process.send_signal(signal.SIGINT)
    ended = end_of(process)
    assert ended.code == 128 + signal.SIGINT
    assert json.loads(ended.out)["outcome"] == "done"
    assert "goes on at the service" in ended.err


def test_whoever_stops_a_safe_restore_learns_that_nothing_was_restored_and_what_was_made(service: DemoService) -> None:
    service.service.backup_seconds = 10**9
    process = started([*COMMAND, "restore", "520", "--safe", "--yes"])
    until_requested(service, "POST", "/backups/")
    until_requested_again(service)  # it follows the backup by now
    process.send_signal(signal.SIGINT)
    ended = end_of(process)
    made = service.service.backups(12345)[-1].id
    assert ended.code == 128 + signal.SIGINT
    assert f"Nothing was restored: the program was ended before safety backup {made} was completed." in ended.err
