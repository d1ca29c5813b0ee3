"""Leaving in the middle of a change: nothing more is sent, and what is not known is said."""

import asyncio
import inspect
import sqlite3
from threading import Event

import pytest
from textual.css.query import NoMatches

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import follow, looks
from vpsbackup_tui.store.journal import Journal, read_only
from vpsbackup_tui.ui.dialogs import quitting
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog


async def test_quitting_during_the_countdown_sends_nothing(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        backup = story.screen.table.cursor_backup
        await story.press("D", "y", "q")
    assert backup is not None
    assert story.app.return_value == 0
    assert story.app.last_words == [
        f"not sent: delete backup {backup.id} of {backup.server_word}: the screen was left before that"
    ]
    assert story.changes == []


async def test_what_counts_down_is_not_sent_while_quitting_waits_for_another_change(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        demo.faults.add(Fault(method="POST", hold=True))
        await story.choose_server("web-server-01")
        await story.press("n", "enter")
        await story.until(lambda: bool(story.changes))
        await story.press("D", "y", "q")
        assert isinstance(story.dialog, QuitDialog)
        await story.until(lambda: "Deleting" not in story.screen.status.message, "the end of the countdown")
        assert "Taken back: backup" in story.screen.status.message
        assert story.changes == ["POST /api/v1/backups/"]
        await story.press("escape")
        await story.sees("Taken back: delete backup ")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [(None, 0, "done: Backup"), (409, 0, "refused: Backup"), (500, 5, "not known yet: Backup")],
)
async def test_quitting_while_a_change_runs_waits_for_it_and_says_how_it_ended(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, status: int | None, code: int, words: str
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0.01, 0.01))
    async with telling(demo) as story:
        let_go = Event()
        demo.faults.add(Fault(method="DELETE", until=let_go, status=status))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        await story.press("q")
        assert isinstance(story.dialog, QuitDialog)
        let_go.set()
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == code
    (told,) = story.app.last_words
    assert told.startswith(words)


async def test_a_signal_behind_the_end_of_the_wait_takes_no_word_of_it(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = Event()
        demo.faults.add(Fault(method="DELETE", until=let_go))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        await story.press("q")
        let_go.set()
        await story.until(lambda: story.has_ended)
        story.app.end_by_signal(15)
    assert story.app.return_value == 143
    (told,) = story.app.last_words
    assert told.startswith("done: Backup ")


@pytest.mark.parametrize("leaves", ["at once", "by a signal"])
async def test_leaving_before_anything_is_sent_sends_nothing_and_says_so(demo: DemoService, leaves: str) -> None:
    async with telling(demo) as story:
        let_go = Event()
        demo.faults.add(Fault(path="server_id", until=let_go))
        await story.press("D", "y")
        await story.sees("reading the list once more before anything is sent")
        await story.press("z")
        await story.sees("Too late to take back what is under way: delete backup ")
        if leaves == "at once":
            await story.press("q")
            await story.sees("Quitting before sends nothing.")
            await story.press("ctrl+q")
        else:
            story.app.end_by_signal(15)
        let_go.set()
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == (0 if leaves == "at once" else 143)
    (told,) = story.app.last_words
    assert told.startswith("not sent: delete backup ")
    assert told.endswith(": nothing was sent: the program was ended before that.")
    assert not story.changes


async def test_a_change_that_ends_as_the_screen_is_taken_down_is_journalled(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        let_go, loop = Event(), asyncio.get_running_loop()
        await story.app.session.history()  # for which the journal is opened
        demo.faults.add(Fault(path="server_id", until=let_go))
        await story.press("D", "y")
        await story.sees("reading the list once more before anything is sent")
        path, operations = story.app.session.journal_path, story.app.session.operations
        others = sqlite3.connect(path, isolation_level=None)
        others.execute("BEGIN IMMEDIATE")
        let_go.set()
        await story.until(lambda: bool(operations._claimed))
        story.app.end_by_signal(15)
        loop.call_later(0.3, others.close)
    assert [(each.entry.open, each.entry.known["operation"]["outcome"]) for each in read_only(path)] == [
        (False, "not_sent")
    ]
    assert not story.changes


async def test_a_story_that_finds_its_widgets_gone_as_the_program_ends_is_no_bug(demo: DemoService) -> None:
    async with telling(demo) as story:
        story.app.exit(0)
        story.app._handle_exception(NoMatches("no #header"))
    assert story.app.bug is None
    assert story.app.return_value == 0


@pytest.mark.parametrize("again", [True, False])
async def test_a_second_quit_or_the_end_of_the_wait_leaves_the_intent_for_the_next_start(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    if not again:
        monkeypatch.setattr(quitting, "_SECOND", 0.01)
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="DELETE", hold=True))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        await story.press("ctrl+q")
        if again:
            assert "at the latest" in story.text
            await story.press("f1", "ctrl+q")
            assert isinstance(story.dialog, QuitDialog)
            await story.press("ctrl+q")
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == 5
    (told,) = story.app.last_words
    assert told.startswith("not known yet: delete backup ")
    assert told.endswith(": the program was ended before the outcome was known; `history` looks into it.")
    journal = Journal(story.app.session.journal_path)
    assert [entry.known["sent"] for entry in journal.adopt_left_behind()] == [True]
    journal.close()


async def test_quitting_can_be_thought_better_of(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = Event()
        demo.faults.add(Fault(method="DELETE", until=let_go))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        await story.press("q", "escape")
        let_go.set()
        await story.sees("Done:")
        assert story.app.return_value is None


async def test_ctrl_q_asks_too_when_a_dialog_is_open(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="DELETE", hold=True))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        await story.press("n")
        assert isinstance(story.dialog, CreateDialog)
        await story.press("ctrl+q")
        assert isinstance(story.dialog, QuitDialog)


async def test_leaving_while_a_safe_restore_waits_says_that_nothing_was_sent_and_what_is_kept(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.05)
    async with telling(demo) as story:
        await story.restore("web-server-01", safely=True)
        await story.sees("waiting until backup", "» waiting")
        safety, wanted = demo.service.backups()[-1].id, story.cursor.id
        await story.press("ctrl+q", "ctrl+q")
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == 0
    kept = f"Backup {safety} of web-server-01's present state is being made, and is kept."
    assert story.app.last_words == [
        f"not sent: restore web-server-01 from backup {wanted}: nothing was restored: the program was ended before"
        f" that. {kept}"
    ]
    assert demo.count("POST", "/restore/") == 0


async def test_a_story_that_the_end_comes_before_is_dropped_without_a_word(demo: DemoService) -> None:
    async def story_of_nothing() -> None:
        """Do nothing."""

    never_begun = story_of_nothing()
    async with telling(demo) as story:
        story.screen.run_story(never_begun)
        story.app.workers.cancel_all()
    assert inspect.getcoroutinestate(never_begun) == inspect.CORO_CLOSED
