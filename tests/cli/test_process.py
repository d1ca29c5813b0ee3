"""What only a process of its own shows: what is imported, what a pipe and a signal do."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from tests.process.running import until
from tests.terminal.program import Program
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.store.journal import Journal

COMMAND = [sys.executable, "-m", "vpsbackup_tui"]
HEAVY = ("textual", "rich", "httpx", "keyring", "msgspec", "asyncio", "importlib.metadata", "shtab", "ssl", "json")


def modules_after(*words: str) -> set[str]:
    """Return the modules that a command line imports."""
    code = f"""
import sys
from vpsbackup_tui.cli.main import run
run({list(words)!r})
print(*sys.modules, file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["list", "--help"]])
def test_help_and_version_import_next_to_nothing(words: list[str]) -> None:
    modules = modules_after(*words)
    assert not {heavy for heavy in HEAVY if heavy in modules}
    assert len(modules) < 110


def test_a_mistake_imports_next_to_nothing() -> None:
    assert not {heavy for heavy in HEAVY if heavy in modules_after("lst")}


def test_no_verb_imports_the_screen(service: DemoService) -> None:
    modules = modules_after("list", "--limit", "1")
    assert not {"textual", "keyring", "shtab"} & modules


@pytest.mark.parametrize("words", [[], ["--demo"]])
def test_the_screen_refuses_to_start_without_a_terminal(words: list[str]) -> None:
    ended = subprocess.run([*COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == Exit.USAGE
    assert "vpsbackup-tui list" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("term", ["dumb", ""])
def test_the_screen_refuses_a_terminal_that_can_not_draw(term: str) -> None:
    with Program(["--demo"], environment={"TERM": term}, columns=120) as program:
        assert program.wait() == Exit.USAGE
        assert "vpsbackup-tui list" in program.text()


def test_without_a_verb_the_screen_opens_and_no_variable_steers_it(tmp_path: Path) -> None:
    log = tmp_path / "textual.log"
    steering = {"TEXTUAL_PRESS": "q", "TEXTUAL_LOG": str(log), "TEXTUAL_SCREENSHOT": "1", "TEXTUAL": "debug,devtools"}
    with Program(["--demo"], environment=steering) as program:
        program.expect("web-server-01")
        program.quiet()
        program.send("q")
        assert program.wait() == Exit.DONE
    assert not log.exists()


def test_a_keymap_that_can_not_be_used_is_a_configuration_error(service: DemoService, own_home: Path) -> None:
    config = own_home / "config.toml"
    config.write_text('[keys]\nno_such_action = "x"\n')
    with Program(["--config", str(config)], columns=120) as program:
        assert program.wait() == Exit.USAGE
        assert "no_such_action" in program.text()


def test_a_reader_that_has_seen_enough_ends_it_quietly(service: DemoService) -> None:
    writer = subprocess.Popen([*COMMAND, "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait() == 128 + signal.SIGPIPE


@pytest.mark.parametrize("words", ["list", "--help", "--version"])
def test_a_full_disk_is_said(service: DemoService, words: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([*COMMAND, words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == Exit.FAILED
    assert ended.stderr == "vpsbackup-tui: the output could not be written: No space left on device\n"


@pytest.mark.parametrize("words", ["--json", ""])
@pytest.mark.parametrize(
    ("output", "trouble"),
    [
        (">/dev/full", "the output could not be written: No space left on device"),
        (">&-", "there is no standard output to print to"),
    ],
)
def test_a_change_whose_outcome_can_t_be_printed_is_told_once_and_not_taken_for_failed(
    service: DemoService, words: str, output: str, trouble: str
) -> None:
    command = " ".join([*COMMAND, "create", "web-server-01", words, output])
    ended = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True)
    assert ended.returncode == Exit.DONE
    assert ended.stderr.startswith(f"vpsbackup-tui: {trouble}; started: Backup ")
    assert ended.stderr.count("\n") == 1
    assert service.count("POST") == 1


def test_a_closed_output_is_said(service: DemoService) -> None:
    words = " ".join([*COMMAND, "list", ">&-"])
    ended = subprocess.run(["sh", "-c", words], stderr=subprocess.PIPE, text=True)
    assert ended.returncode == Exit.FAILED
    assert "no standard output" in ended.stderr


def test_a_closed_error_output_harms_nothing(service: DemoService) -> None:
    ended = subprocess.run(["sh", "-c", " ".join([*COMMAND, "list", "--limit", "1", "2>&-"])], stdout=subprocess.PIPE)
    assert ended.returncode == Exit.DONE
    assert ended.stdout.count(b"\n") == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [("create web-server-01", 0), ("restore 1 --yes", 6), ("list --nonsense", 2), ("create web-server-01 --json", 0)],
)
@pytest.mark.parametrize("output", ["", ">/dev/full"])
def test_a_full_disk_behind_standard_error_changes_no_exit_code(
    service: DemoService, words: str, code: int, output: str
) -> None:
    command = " ".join([*COMMAND, "--no-journal", words, output, "2>/dev/full"])
    assert subprocess.run(["sh", "-c", command], stdout=subprocess.DEVNULL).returncode == code


def test_what_became_of_a_journal_is_told_again_where_nobody_could_hear_it(
    service: DemoService, journal: Journal
) -> None:
    journal.close()
    journal.path.write_bytes(b"junk" * 1000)
    command = ["sh", "-c", " ".join([*COMMAND, "history", "2>&-"])]
    assert subprocess.run(command, capture_output=True).returncode == Exit.DONE
    for _ in range(2):  # a log, which may be read or not
        ended = subprocess.run([*COMMAND, "history"], capture_output=True)
        assert (ended.returncode, b"moved aside" in ended.stderr) == (Exit.DONE, True)
    restore = [*COMMAND, "restore", str(service.service.backups(12345)[0].id), "--yes"]
    for code in (Exit.REFUSED, Exit.DONE):
        ended = subprocess.run(restore, capture_output=True)
        assert (ended.returncode, b"moved aside" in ended.stderr) == (code, code is Exit.REFUSED)
    assert service.count("POST") == 1


def test_what_became_of_a_journal_is_told_once_on_a_terminal(service: DemoService, journal: Journal) -> None:
    journal.close()
    journal.path.write_bytes(b"junk" * 1000)
    for is_told in (True, False):
        with Program(["history"]) as program:
            assert program.wait() == Exit.DONE
            assert ("moved aside" in program.text()) is is_told


def test_an_output_that_lacks_letters_gets_question_marks(service: DemoService) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    ended = subprocess.run([*COMMAND, "servers"], capture_output=True, env=environment)
    assert ended.returncode == Exit.DONE
    assert b"????" in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_a_read_at_once(service: DemoService, number: signal.Signals) -> None:
    service.faults.add(Fault(method="GET", hold=True, times=None))
    process = subprocess.Popen([*COMMAND, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_requested(service, "GET", "/backups/")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert err == f"vpsbackup-tui: stopped by {number.name}\n"
    assert out == ""


def test_a_signal_waits_for_the_answer_to_a_change(service: DemoService) -> None:
    answered = Event()
    service.faults.add(Fault(method="POST", until=answered))
    process = subprocess.Popen([*COMMAND, "create", "12345"], stderr=subprocess.PIPE, text=True, bufsize=1)
    assert process.stderr is not None
    until_requested(service, "POST", "/backups/")
    process.send_signal(signal.SIGINT)
    assert "waiting for its answer" in process.stderr.readline()
    answered.set()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGINT
    assert re.search(r"stopped by SIGINT\nstarted: Backup \d+ of web-server-01", err)
    assert service.count("POST") == 1


@pytest.mark.parametrize(("signals", "outcome"), [(1, "done"), (2, "unknown")])
def test_a_change_that_a_signal_ends_is_an_object_in_json_too(service: DemoService, signals: int, outcome: str) -> None:
    answered = Event()
    service.faults.add(Fault(method="POST", until=answered))
    process = subprocess.Popen(
        [*COMMAND, "create", "12345", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stderr is not None
    until_requested(service, "POST", "/backups/")
    process.send_signal(signal.SIGTERM)
    assert "waiting for its answer" in process.stderr.readline()
    if signals == 1:
        answered.set()
    else:
        process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    answered.set()
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(out)["outcome"] == outcome


PLACES = {
    "it is about to end": ("before", "vpsbackup_tui.operations.engine", "Operations._acknowledge"),
    "it has just ended": ("after", "vpsbackup_tui.operations.engine", "Operations._steps"),
    "it is about to be told": ("before", "vpsbackup_tui.cli.telling", "Telling.tell"),
    "its object is about to be printed": ("before", "vpsbackup_tui.cli.telling", "print_json"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_signal_takes_no_word_of_a_change_that_ends(service: DemoService, place: tuple[str, str, str]) -> None:
    command = [sys.executable, "-m", "tests.cli.hit", *place, "create", "12345", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM" in ended.stderr
    shown = [json.loads(line)["outcome"] for line in ended.stdout.splitlines()]
    assert shown == ["done"] or (place[2] == "print_json" and "started: Backup " in ended.stderr)


def test_no_further_signal_takes_the_word_that_nothing_is_known(service: DemoService) -> None:
    service.faults.add(Fault(method="POST", hold=True))
    place = ("before", "vpsbackup_tui.session", "Session.aclose")
    command = [sys.executable, "-m", "tests.cli.hit", *place, "restore", "520", "--yes"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, bufsize=1)
    assert process.stderr is not None
    until_requested(service, "POST", "/restore/")
    process.send_signal(signal.SIGINT)
    while "waiting for its answer" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) == 128 + signal.SIGINT
    assert "stopped by SIGINT\nnot known yet: restore web-server-01 from backup 520" in rest


@pytest.mark.parametrize("words", [[], ["--json"]])
@pytest.mark.parametrize("reader", ["full", "closed", "gone"])
def test_each_change_is_told_though_nobody_reads_what_is_printed(
    service: DemoService, words: list[str], reader: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open("/dev/full" if reader == "full" else writing, "w") as stdout:
        ended = subprocess.run(
            [*COMMAND, "delete", "518", "519", "--yes", *words],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=(lambda: os.close(1)) if reader == "closed" else None,
        )
    assert ended.returncode == Exit.DONE
    assert re.findall(r"done: Backup (\d+) of \S+ is deleted", ended.stderr) == ["518", "519"]


def test_a_signal_between_two_changes_says_what_was_not_sent(service: DemoService) -> None:
    place = ("after", "vpsbackup_tui.operations.engine", "Operations._steps")
    command = [sys.executable, "-m", "tests.cli.hit", *place, "delete", "518", "519", "--yes"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM\nnothing was sent for 519\n" in ended.stderr
    assert "done: Backup 518 of " in ended.stderr + ended.stdout
    assert "Warning" not in ended.stderr
    assert service.count("DELETE") == 1


@pytest.mark.parametrize("reads", [True, False])
def test_a_signal_that_comes_while_an_object_is_printed_takes_nothing_back(service: DemoService, reads: bool) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        with suppress(BlockingIOError):
            while os.write(writer, b" " * size):
                pass
    os.set_blocking(writer, True)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(
        [*COMMAND, "create", "12345", "--json"], stdout=writer, stderr=subprocess.PIPE, text=True, env=environ
    )
    os.close(writer)
    until_requested(service, "POST", "/backups/")
    until(lambda: "pipe_write" in Path(f"/proc/{process.pid}/wchan").read_text(), "the full pipe")
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert "stopped by SIGTERM" in process.stderr.readline()
    assert "started: Backup " in process.stderr.readline()
    with open(reader, "rb") as stdout:
        assert not reads or json.loads(stdout.read())["outcome"] == "done"
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=20) == 128 + signal.SIGTERM


@pytest.mark.parametrize("closed", [True, False])
def test_a_change_that_a_signal_ends_says_so_where_its_object_can_not_be_printed(
    service: DemoService, closed: bool
) -> None:
    service.faults.add(Fault(method="POST", hold=True))
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [*COMMAND, "restore", "520", "--yes", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=(lambda: os.close(1)) if closed else None,
            bufsize=1,
        )
    until_requested(service, "POST", "/restore/")
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    while "waiting for its answer" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGTERM)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert "not known yet: restore web-server-01 from backup 520" in rest


def test_a_change_that_a_signal_ends_before_it_begins_is_an_object_in_json_too(service: DemoService) -> None:
    service.faults.add(Fault(path="/account/me/", hold=True))
    process = subprocess.Popen(
        [*COMMAND, "create", "12345", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until_requested(service, "GET", "/account/me/")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    shown = json.loads(out)
    assert (shown["operation"], shown["outcome"]) == (None, "not_sent")


def test_an_object_of_a_safe_restore_says_that_its_copy_is_not_known(service: DemoService) -> None:
    service.faults.add(Fault(method="POST", path="/backups/", hold=True))
    process = subprocess.Popen(
        [*COMMAND, "restore", "520", "--safe", "--yes", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    until_requested(service, "POST", "/backups/")
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    while "waiting for its answer" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    shown = json.loads(out)
    assert shown["outcome"] == "not_sent"
    assert shown["message"].endswith(" Whether a backup of its present state is being made is not known.")


@pytest.mark.parametrize("closed", [True, False])
def test_why_nothing_was_sent_is_said_where_its_object_can_not_be_printed(service: DemoService, closed: bool) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, "delete", "99999", "--yes", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=(lambda: os.close(1)) if closed else None,
        )
    assert ended.returncode == Exit.REFUSED
    assert "there is no backup 99999" in ended.stderr


def test_the_object_of_a_change_that_a_signal_ends_is_that_of_no_earlier_one(service: DemoService) -> None:
    service.service.lag.seconds = 600  # so that the one deleted before is still listed, and taken into account
    first, second, *_ = [backup.id for backup in service.service.backups(12345) if backup.status == "completed"]
    subprocess.run([*COMMAND, "delete", str(first), "--yes"], check=True, capture_output=True)
    service.faults.add(Fault(method="DELETE", hold=True))
    process = subprocess.Popen(
        [*COMMAND, "delete", str(second), "--yes", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stderr is not None
    until_requested(service, "DELETE", f"/{second}/")
    process.send_signal(signal.SIGTERM)
    assert "waiting for its answer" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    shown = json.loads(out)
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
    process = subprocess.Popen([*COMMAND, *words.split()], stderr=subprocess.PIPE, text=True, bufsize=1)
    assert process.stderr is not None
    until_requested(service, "POST", path)
    process.send_signal(signal.SIGINT)
    while "waiting for its answer" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) == 128 + signal.SIGINT
    assert "not known yet: " + ("create a backup of " if "create" in words else "restore ") + "web-server-01" in rest
    assert f": the program was ended before the outcome was known; {after}." in rest


def test_whoever_stops_waiting_still_learns_what_was_started(service: DemoService) -> None:
    service.service.backup_seconds = 10**9
    process = subprocess.Popen(
        [*COMMAND, "create", "12345", "--wait", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until_requested(service, "GET", "/servers/")
    until_requested(service, "POST", "/backups/")
    asked = len(service.requests)
    while len(service.requests) == asked:  # it follows the backup by now
        service.stopping.wait(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGINT
    assert json.loads(out)["outcome"] == "done"
    assert "goes on at the service" in err


def test_whoever_stops_a_safe_restore_learns_that_nothing_was_restored_and_what_was_made(service: DemoService) -> None:
    service.service.backup_seconds = 10**9
    process = subprocess.Popen([*COMMAND, "restore", "520", "--safe", "--yes"], stderr=subprocess.PIPE, text=True)
    until_requested(service, "POST", "/backups/")
    asked = len(service.requests)
    while len(service.requests) == asked:  # it follows the backup by now
        service.stopping.wait(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    made = service.service.backups(12345)[-1].id
    assert process.returncode == 128 + signal.SIGINT
    assert f"Nothing was restored: the program was ended before safety backup {made} was completed." in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_sound(shell: str) -> None:
    script = subprocess.run([*COMMAND, "completion", shell], capture_output=True, check=True).stdout
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed here")
    assert subprocess.run([program, "-n"], input=script, capture_output=True).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_server_says_where_it_is_and_serves_until_it_is_stopped(number: signal.Signals) -> None:
    words = ["demo-server", "--servers", "3", "--backups", "30", "--seed", "7", "--token", "vps_made_up_1"]
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    where = json.loads(process.stdout.readline())
    assert where == {"url": where["url"], "token": "vps_made_up_1"}
    environment = {**os.environ, "VPS_API_URL": where["url"], "VPS_API_TOKEN": where["token"]}
    listed = subprocess.run([*COMMAND, "list", "--json"], env=environment, capture_output=True, text=True)
    assert json.loads(listed.stdout)["count"] == 30
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == 128 + number


def test_a_port_in_use_is_said(service: DemoService) -> None:
    port = service.url.split(":")[2].partition("/")[0]
    ended = subprocess.run([*COMMAND, "demo-server", "--port", port], capture_output=True, text=True)
    assert ended.returncode == Exit.FAILED
    assert f"port {port}" in ended.stderr


def until_requested(service: DemoService, method: str, path: str) -> None:
    """Wait until a request has come."""
    while not service.count(method, path):
        service.stopping.wait(0.01)


def test_a_token_is_not_read_where_there_is_no_input(service: DemoService) -> None:
    command = " ".join([*COMMAND, "login", "--token-stdin", "<&-"])
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert ended.returncode == Exit.USAGE
    assert ended.stderr == "vpsbackup-tui: there is no standard input to read the token from\n"
