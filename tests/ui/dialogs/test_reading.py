"""The dialogs that show something: details, help, what was done, copying, quitting."""

import pytest
from msgspec.structs import replace

from tests.ui.dialogs.stage import BACKUP, HERE, HOSTILE, NOW, OLDER, backup, showing
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.ui.actions import HelpEntry
from vpsbackup_tui.ui.dialogs import quitting as quitting_module
from vpsbackup_tui.ui.dialogs.activity import ActivityDialog
from vpsbackup_tui.ui.dialogs.copying import CopyDialog
from vpsbackup_tui.ui.dialogs.details import DetailsDialog
from vpsbackup_tui.ui.dialogs.gate import Gate, Pace
from vpsbackup_tui.ui.dialogs.help import HelpDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog

RUNNING = Operation(id="a", action=Action.CREATE, server_id=1, server_name=HOSTILE, at=NOW - 20)
UNKNOWN = Operation(
    id="b",
    action=Action.DELETE,
    server_id=12345,
    server_name="web-server-01",
    backup=OLDER,
    outcome=Outcome.UNKNOWN,
    message="No complete answer came.",
    at=NOW - 300,
)
STARTED = Operation(
    id="c",
    action=Action.RESTORE,
    server_id=12345,
    server_name="web-server-01",
    backup=BACKUP,
    outcome=Outcome.DONE,
    at=NOW - 9000,
)


def copying() -> CopyDialog:
    return CopyDialog(BACKUP, "vpsbackup-tui list")


def quitting() -> QuitDialog:
    return QuitDialog([RUNNING], seconds=60)


async def test_details_show_every_field_and_the_words_of_the_service() -> None:
    shown = backup(description="x" * 200, status="half_done", expires_at="soon")
    async with showing(lambda: DetailsDialog(shown, HERE), size=(80, 30)) as stage:
        for fact in ("half_done", "4,523 MB", "sent as 2025-01-16T03:00:00Z", "can't be read; sent as soon", "12345"):
            assert fact in stage.words
        assert stage.screen_text.count("x") >= 200


async def test_enter_that_is_held_does_not_close_the_details_that_it_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=3600))
    async with showing(lambda: DetailsDialog(BACKUP, HERE)) as stage:
        await stage.press("enter", "enter")
        assert stage.answers == []
        await stage.press("escape")
        assert stage.answers == [None]


@pytest.mark.parametrize(("key", "answer"), [("y", "copy"), ("R", "restore"), ("D", "delete"), ("enter", None)])
async def test_details_answer_what_is_next(key: str, answer: str | None) -> None:
    async with showing(lambda: DetailsDialog(BACKUP, HERE)) as stage:
        await stage.press(key)
        assert stage.answers == [answer]


@pytest.mark.parametrize(("key", "answers"), [("D", []), ("delete", []), ("x", ["delete"]), ("R", []), ("y", ["copy"])])
async def test_details_take_the_keys_of_the_keymap(key: str, answers: list[str]) -> None:
    keymap = {"backup.delete": "x", "backup.restore": ""}
    async with showing(lambda: DetailsDialog(BACKUP, HERE, keymap=keymap)) as stage:
        assert "[ Restore ]  [ Delete x ]" in stage.screen_text
        await stage.press(key)
        assert stage.answers == answers


async def test_details_offer_only_what_can_be_done() -> None:
    forbidden = {"backup.restore": "it is too soon", "backup.delete": "it is too late"}
    async with showing(lambda: DetailsDialog(BACKUP, HERE, forbidden=forbidden)) as stage:
        await stage.press("R", "D")
        assert stage.answers == []
        assert "it is too late" in stage.screen_text


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["enter"], "id"), (["down", "enter"], "json"), (["j", "j", "enter"], "command"), (["2"], "json"), (["n"], None)],
)
async def test_copying_answers_which_form(keys: list[str], answer: str | None) -> None:
    async with showing(copying) as stage:
        await stage.press(*keys)
        assert stage.answers == [answer]


async def test_the_key_that_opened_copying_copies_nothing() -> None:
    async with showing(copying) as stage:
        await stage.press("y", "y")
        assert stage.answers == []


async def test_help_shows_groups_and_scrolls() -> None:
    entries = [HelpEntry("Move", "j k", "down, up"), *(HelpEntry("Change", "n", f"thing {i}") for i in range(40))]
    async with showing(lambda: HelpDialog(entries)) as stage:
        assert "Move" in stage.screen_text
        assert "thing 39" not in stage.screen_text
        await stage.press("G")
        await stage.settle()  # it scrolls after it has been drawn
        assert "thing 39" in stage.screen_text
        await stage.press("question_mark")
        assert stage.answers == [None]


async def test_what_was_done_is_shown_in_the_exact_words() -> None:
    async with showing(lambda: ActivityDialog([RUNNING, UNKNOWN, STARTED], HERE)) as stage:
        text = stage.screen_text
        assert f"… running: create a backup of {HOSTILE}" in text
        assert "? not known yet: delete backup 499 of web-server-01" in text
        assert "No complete answer came." in text
        assert "✓ started: restore web-server-01 from backup 501" in text
        assert text.index("running") < text.index("not known yet") < text.index("started")


async def test_what_is_said_of_a_change_stays_below_its_head_where_it_takes_several_lines() -> None:
    done = replace(STARTED, message="Nothing else is known of it " * 9)
    async with showing(lambda: ActivityDialog([done], HERE)) as stage:
        lines = [line.partition("│")[2] for line in stage.screen_text.splitlines() if "else is" in line]
        assert len(lines) > 2
        assert {len(line) - len(line.lstrip()) for line in lines} == {3}


async def test_nothing_done_is_said() -> None:
    async with showing(lambda: ActivityDialog([], HERE)) as stage:
        assert "No change is known" in stage.screen_text


async def test_where_the_history_is_not_read_nothing_is_said_of_what_was_done_before() -> None:
    async with showing(lambda: ActivityDialog([], HERE, unread="The journal is a link: remove it.")) as stage:
        assert stage.words.startswith("! The history can't be read. The journal is a link: remove it.")
        assert "open this list again" in stage.words
        assert "Since this program began, nothing was changed, and nothing was tried." in stage.words


async def test_only_the_newest_changes_are_shown() -> None:
    async with showing(lambda: ActivityDialog([UNKNOWN] * 101, HERE)) as stage:
        await stage.press("G")
        await stage.settle()  # it scrolls after it has been drawn
        assert "newest 100" in stage.screen_text


async def test_what_is_open_is_shown_however_long_ago_it_was() -> None:
    done = replace(UNKNOWN, outcome=Outcome.DONE)
    async with showing(lambda: ActivityDialog([done] * 100 + [UNKNOWN, done], HERE)) as stage:
        await stage.press("G")
        await stage.settle()  # it scrolls after it has been drawn
        assert stage.screen_text.count("not known yet") == 1


@pytest.mark.parametrize("key", ["enter", "escape", "n"])
async def test_quitting_waits_by_default(key: str) -> None:
    async with showing(quitting) as stage:
        await stage.press(key)
        assert stage.answers == [None]


async def test_neither_letters_nor_the_mouse_quit_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "pace", Pace(settle=0))
    async with showing(quitting) as stage:
        await stage.press("q", "y")
        await stage.burst("ctrl+q", "ctrl+q")
        await stage.pilot.click("#quit", times=2)
        assert stage.answers == []


@pytest.mark.parametrize("keys", [["tab", "enter"], ["ctrl+q"]])
async def test_a_move_and_enter_or_a_second_quit_leave_at_once(keys: list[str]) -> None:
    async with showing(quitting) as stage:
        await stage.press(*keys)
        assert stage.answers == [True]


async def test_quitting_counts_down_in_whole_seconds_and_leaves_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quitting_module, "_SECOND", 3600)
    dialog = QuitDialog([RUNNING], seconds=3)
    async with showing(lambda: dialog) as stage:
        for left in (3, 2, 1):
            assert f"as soon as the outcome is known, in {left} s at the latest" in stage.words
            assert stage.answers == []
            dialog.count_down()
            await stage.settle()
        assert stage.answers == [True]


async def test_the_wait_does_not_pass_while_a_restore_waits_and_says_so_until_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quitting_module, "_SECOND", 3600)
    waiting = [RUNNING]
    dialog = QuitDialog([RUNNING], seconds=2, waits=lambda: bool(waiting), journalled=False)
    async with showing(lambda: dialog) as stage:
        for _ in range(3):
            dialog.count_down()
            await stage.settle()
        assert "at the latest" not in stage.words
        assert "A restore waits for its backup first." in stage.words
        assert "without a journal nothing will tell" in stage.words
        assert "begins no restore that waits; what is sent may still be carried out" in stage.words
        waiting.clear()
        dialog.count_down()
        await stage.settle()
        assert "in 1 s at the latest" in stage.words
        assert "doesn't take it back: it may still be carried out" in stage.words
        assert stage.answers == []
