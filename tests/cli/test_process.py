"""What only a process of its own shows: what is imported, and what a pipe, a full disk and a terminal do."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import COMMAND
from tests.terminal.program import Program
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.store.journal import Journal

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


def test_a_token_is_not_read_where_there_is_no_input(service: DemoService) -> None:
    command = " ".join([*COMMAND, "login", "--token-stdin", "<&-"])
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert ended.returncode == Exit.USAGE
    assert ended.stderr == "vpsbackup-tui: there is no standard input to read the token from\n"
