"""A bug anywhere in the screen ends it in one line with code 70, the terminal is as it was, and no token shows."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import CANARY
from tests.crashes.planting import Planted, check_hidden, check_told, reports_in, without_sequences
from tests.process.running import PATIENCE
from tests.process.terminal import Terminal
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService

_READY = ("web-server-01", " D Delete ")
_ASKS = "Test and keep"
_TOO_EARLY = 0.45  # seconds after which a dialog takes keys
_AGAIN = 5.0  # seconds
_ATTEMPTS = 4
_KEYS = {"enter": "\r", "esc": "\x1b", "ctrl-z": "\x1a", "the-token": f"\x1b[200~{CANARY}\x1b[201~"}
"""What is pressed, or pasted, by its name; everything else is a key."""
BUGS = {
    "": [
        "start.skeleton:_drawn",
        "cli.main:",
        "cli.screen:",
        "ui.early_frame:draw",
        "ui.app:",
        "ui.app:BackupsApp.get_default_screen",
        "ui.app:BackupsApp.on_load",
        "ui.app:BackupsApp.on_mount",
        "ui.terminal.driver:TerminalDriver.start_application_mode",
        "ui.terminal.driver:TerminalDriver.write@20",
        "ui.terminal.driver:TerminalDriver.run_input_thread",
        "ui.terminal.output:TerminalOutput.write@20",
        "ui.terminal.receipts:Receipts.take",
        "ui.picture.updates:ChangesOnly.__call__",
        "ui.picture.picture:Picture.changes",
        "ui.frame_screen:FrameScreen.compose",
        "ui.frame_screen:FrameScreen.on_resize",
        "ui.lines:HeaderLine.runs",
        "ui.lines:KeyLine.runs",
        "ui.table.rows:RowList.render_line",
        "ui.table.server_list:ServerList.paint_row",
        "ui.behind:read",
        "ui.dialogs.restore:",
        "kept_lists:KeptLists.keep",
        "accounts.tokens:Tokens.find",
        "session:Session.connect",
        "api.decode:decode_account",
        "ui.live_screen:LiveScreen.take_reading",
        "ui.refresher:Refresher._plan",
    ],
    "j": [
        "ui.terminal.keys:Keys.feed",
        "ui.browse_screen:BrowseScreen.on_backup_table_highlighted",
        "ui.terminal.pace:TurnTakingApp._hand_on",
    ],
    "s": ["fleet.index:Fleet._ordered@2"],
    "/ w": ["fleet.search:Search.containing"],
    "y": ["ui.dialogs.copying:CopyDialog.compose_body"],
    "?": ["ui.dialogs.dialog:Dialog.compose"],
    "? x": ["ui.dialogs.dialog:Dialog.on_key"],
    "? esc": ["ui.dialogs.dialog:Dialog._leave"],
    ": x": ["ui.dialogs.palette:PaletteDialog.on_input_changed"],
    "@": ["operations.ledger:Ledger.history"],
    "enter": ["ui.dialogs.details:DetailsDialog.compose_body"],
    "n": ["ui.dialogs.create:CreateDialog.on_mount"],
    "D": ["ui.dialogs.gate:Gate.painted"],
    "D y": ["ui.dialogs.delete:DeleteDialog.confirmed"],
    "R": ["ui.restoring:Restoring.restore"],
    "R w": ["ui.dialogs.typed:TypedDialog.on_input_changed"],
    "ctrl-z": ["ui.terminal.driver:TerminalDriver._suspend"],
    "q": [
        "ui.main_screen:MainScreen.leave",
        "session:Session.aclose",
        "ui.terminal.receipts:Receipts.wait",
        "ui.terminal.driver:TerminalDriver.close",
    ],
}
"""The places of the bugs, by the keys that come to them."""
AT_A_LATER_START = [
    "ui.early_frame:frame",
    "start.skeleton:draw_over",
    "kept_lists:fleet_of",
]
"""The same where there are lists last seen, which are drawn before anything else."""
IN_THE_TOKEN_DIALOG = [
    "ui.dialogs.token:TokenDialog.on_input_changed",
    "ui.dialogs.fields:Field.on_paste",
    "ui.dialogs.token:TokenDialog._finish",
    "ui.account_screen:AccountScreen._keep_token",
    "ui.dialogs.fields:SecretField.on_unmount",
]
ON_A_SIGNAL = [
    (signal.SIGTERM, "ui.app:BackupsApp.end_by_signal"),
    (signal.SIGINT, "ui.main_screen:MainScreen.leave"),
]
IN_READING = [
    "api.decode:decode_backups",
    "ui.reading:read_lists",
    "ui.table.backup_table:BackupTable.paint_row",
]
AROUND_A_DELETE = {
    "not known yet": [
        "operations.changes:Delete.send",
        "operations.rules:answered",
    ],
    "not sent": [
        "store.journal:Journal.claim",
        "operations.looks:Looks.complete_list",
    ],
    "done": [
        "operations.engine:Operations._settle",
        "ui.telling_screen:TellingScreen.finish",
    ],
}


@contextmanager
def running(planted: Planted, keys: str, ready: Sequence[str] = _READY) -> Iterator[Terminal]:
    """Run the program, and press keys until it has come to its bug."""
    with Terminal([], columns=120, environment=planted.environment) as program:
        program.hears(lambda: planted.is_reached or all(each in program.text() for each in ready), PATIENCE)
        for key in keys.split():
            press(program, _KEYS.get(key, key), planted)
        program.hears(lambda: planted.is_reached, _AGAIN)
        assert planted.is_reached, program.text()
        yield program


def press(program: Terminal, keys: str, planted: Planted) -> None:
    """Press keys once the screen is at rest, unless the bug is reached by then; fail where they have no effect."""
    for _ in range(_ATTEMPTS):
        program.quiet(_TOO_EARLY)
        before = program.text()
        if planted.is_reached:
            return
        program.send(keys)
        if has_effect(program, before, planted):
            return
    raise AssertionError(f"{keys!r} has no effect; it shows:\n{program.text()}")


def has_effect(program: Terminal, before: str, planted: Planted) -> bool:
    """Wait until the screen isn't as before, or the bug is reached; tell whether that came soon enough."""
    return program.hears(lambda: planted.is_reached or program.text() != before, _AGAIN)


def check_ended(program: Terminal, home: Path, *before: str) -> None:
    """Fail unless it has ended with a line on a bug, behind lines that match `before`, and gives nothing away."""
    assert program.wait() == Exit.BUG, program.text()
    program.check_restored()
    check_hidden(home, program.output, program.text())
    said = without_sequences(program.output.rpartition(b"\x1b[?1049l")[2].decode())
    check_told(said.strip(), home, *before)


@pytest.mark.parametrize(("keys", "places"), [(keys, each) for keys, places in BUGS.items() for each in places])
def test_a_bug_in_the_screen_ends_it_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, keys: str, places: str
) -> None:
    with running(Planted(places, tmp_path), keys) as program:
        check_ended(program, own_home)


@pytest.mark.parametrize("place", AT_A_LATER_START)
def test_a_bug_in_what_was_last_seen_ends_it_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, place: str
) -> None:
    with Terminal([], columns=120) as program:
        program.listen_until(lambda: list(own_home.rglob("*.seen")), "the lists to be kept")
        program.send("q")
        assert program.wait() == Exit.DONE
    with running(Planted(place, tmp_path), "") as program:
        check_ended(program, own_home)


@pytest.mark.parametrize("place", IN_THE_TOKEN_DIALOG)
def test_a_bug_where_the_token_is_typed_ends_it_in_one_line_that_does_not_hold_it(
    service: DemoService, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.delenv("VPS_API_TOKEN")
    with running(Planted(place, tmp_path), "the-token enter", ready=[_ASKS]) as program:
        check_ended(program, own_home)


@pytest.mark.parametrize(("number", "place"), ON_A_SIGNAL)
def test_a_bug_where_a_signal_is_heard_ends_it_in_one_line_that_holds_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, number: int, place: str
) -> None:
    planted = Planted(place, tmp_path)
    with Terminal([], columns=120, environment=planted.environment) as program:
        program.expect(*_READY)
        program.quiet()
        program.hit(number)
        check_ended(program, own_home)
    assert planted.is_reached


@pytest.mark.parametrize("place", IN_READING)
def test_a_bug_in_reading_the_lists_marks_them_as_old_and_shows_no_token(
    service: DemoService, own_home: Path, tmp_path: Path, place: str
) -> None:
    with running(Planted(place, tmp_path), "") as program:
        program.expect("bug: last try failed", "this is a bug in this program (ZeroDivisionError)")
        program.listen_until(lambda: reports_in(own_home), "the report")
        program.send("q")
        assert program.wait() == Exit.DONE
        program.check_restored()
        check_hidden(own_home, program.output, program.text())


@pytest.mark.parametrize(
    ("told", "place"), [(told, each) for told, places in AROUND_A_DELETE.items() for each in places]
)
def test_a_bug_around_a_delete_hides_nothing_of_its_outcome(
    service: DemoService, own_home: Path, tmp_path: Path, told: str, place: str
) -> None:
    folder = own_home / ".config/vpsbackup-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("delete_grace_seconds = 0\n")
    with running(Planted(place, tmp_path), "D y") as program:
        check_ended(program, own_home, f"vpsbackup-tui: {told}: ")
