"""How a change has ended is told in its words, and for as long as it takes to read them."""

import os
import pwd
import sqlite3
from contextlib import closing
from threading import Event

import pytest

from tests.ui.support import leave_restore, telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import looks
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.ui import changing_screen, turns
from vpsbackup_tui.ui.dialogs.create import CreateDialog


async def test_what_was_refused_is_not_replaced_by_a_countdown_nor_by_what_is_done(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    monkeypatch.setattr(turns, "TO_READ", 30)
    async with telling(demo, delete_grace_seconds=0.0) as story:
        demo.faults.add(Fault(method="DELETE", status=409, until=(refuse := Event())))
        await story.press("D", "y", "j")
        await story.until(lambda: len(story.changes) == 1)
        assert " 1 under way " in story.text
        await story.press("n", "escape")
        assert "No backup was made." in story.text
        assert " 1 under way " in story.text
        demo.faults.add(Fault(method="DELETE", until=(let_go := Event())))
        await story.press("D", "y")
        await story.until(lambda: len(story.changes) == 2)
        assert " 2 under way " in story.text
        refuse.set()
        await story.sees("Refused: Backup ", " 1 under way ")
        let_go.set()
        await story.until(lambda: not story.screen.under_way)
        await story.until(lambda: len(story.screen.turns.untold) == 2)
        assert "Refused: Backup " in story.text
        assert " 1 under way " not in story.text


async def test_words_of_a_copy_are_not_said_once_the_restore_has_ended(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TO_READ", 0.5)
    async with telling(demo, delete_grace_seconds=0.0) as story:
        said = story.hear()
        demo.faults.add(Fault(method="DELETE", status=409, until=(refuse := Event())))
        demo.faults.add(Fault(method="POST", path="/backups/", status=409, until=(refuse_too := Event())))
        await story.press("D", "y")
        await story.until(lambda: len(story.changes) == 1)
        await story.restore("web-server-01", safely=True)
        await story.until(lambda: len(story.changes) == 2)
        refuse.set()
        await story.sees("Refused: Backup ")
        refuse_too.set()
        await story.until(lambda: not story.screen.under_way)
        await story.until(lambda: not story.screen.turns.untold)
        assert [words.partition(":")[0] for words in said[-2:]] == ["Refused", "Refused"]


async def test_too_late_to_take_it_back_is_not_said_once_it_has_ended(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)
    monkeypatch.setattr(turns, "TO_READ", 0.5)
    async with telling(demo, delete_grace_seconds=0.0) as story:
        said = story.hear()
        demo.faults.add(Fault(method="DELETE", status=409, until=(refuse := Event())))
        demo.faults.add(Fault(method="DELETE", until=(let_go := Event())))
        for count, keys in ((1, "Dy"), (2, "jDy")):
            await story.press(*keys)
            await story.until(lambda count=count: len(story.changes) == count)  # type: ignore[misc]
        refuse.set()
        await story.sees("Refused: Backup ")
        await story.press("z")
        let_go.set()
        await story.sees("Done: Backup ")
        assert not [words for words in said if words.startswith("Too late")]


@pytest.mark.parametrize("leaves", [False, True])
async def test_what_has_started_below_a_dialog_is_told_once_that_is_closed_or_as_the_screen_is_left(
    demo: DemoService, leaves: bool
) -> None:
    async with telling(demo, size=(60, 15)) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", until=(let_go := Event())))
        await story.restore("web-server-01")
        await story.until(lambda: bool(story.changes))
        await story.press("n")
        let_go.set()
        await story.until(lambda: not story.screen.under_way)
        await story.press("ctrl+q" if leaves else "escape")
        if not leaves:
            await story.sees("Started: web-server-01")
            await story.sees("No backup was made.")
    if leaves:
        assert [words.partition(" is ")[0] for words in story.app.last_words] == ["started: web-server-01"]
    assert story.app.return_value in (None, 0)


@pytest.mark.parametrize("leaves", [False, True])
async def test_an_outcome_below_a_dialog_is_told_once_that_is_closed_or_as_the_screen_is_left(
    demo: DemoService, leaves: bool
) -> None:
    async with telling(demo, size=(60, 15)) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after", until=(let_go := Event())))
        await story.restore("web-server-01")
        await story.until(lambda: bool(story.changes))
        await story.press("n")
        assert isinstance(story.dialog, CreateDialog)
        let_go.set()
        await story.until(lambda: not story.screen.under_way)
        await story.until(lambda: len(story.screen.turns.untold) == 1)
        if leaves:
            await story.press("ctrl+q")
        else:
            await story.press("escape")
            await story.sees("Not known yet: web-server-01: look at it before")
            await story.sees("No backup was made.")
            assert story.screen.turns.untold == []
    if leaves:
        assert story.app.return_value == 5
        (told,) = story.app.last_words
        assert told.startswith("not known yet: web-server-01: look at it before anything else")
    assert story.changes == ["POST /api/v1/servers/12345/restore/"]


async def test_what_was_done_is_told_as_it_is_now_and_of_earlier_sessions_too(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("D", "w")
        await story.type("Too old.")
        await story.press("enter", "y")
        await story.sees("Done: Backup")
        let_go = Event()
        demo.faults.add(Fault(method="DELETE", until=let_go))
        await story.press("j", "D", "y", "at")
        await story.sees("running: delete")
        let_go.set()
        await story.until(lambda: "running: delete" not in story.text, "the dialog to be brought up to date")
        assert story.text.count("done: delete") == 2
        assert story.text.count(f"by {pwd.getpwuid(os.getuid()).pw_name} (ops@example.com) · Backup") == 2
        assert story.text.count("Why: Too old.") == 1


async def test_what_the_history_does_not_tell_is_not_known_and_what_this_run_did_is(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.sees("Done: Backup")
        with closing(sqlite3.connect(story.app.session.journal_path)) as journal:
            journal.execute("DROP TABLE changes")
        await story.press("r")
        await story.sees("no such table")
        await story.press("U")
        await story.sees("The history can't be read, so it is not known what to undo")
        assert story.dialog is None
        await story.press("@")
        await story.sees("The history can't be read", "no such table", f"done: delete backup {target.id}")


async def test_whoever_leaves_at_once_is_told_once_more_of_what_is_not_known(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        await story.press("q")
    assert story.app.return_value == 5
    (told,) = story.app.last_words
    assert told.startswith("not known yet: web-server-01: look at it before anything else")


async def test_what_is_not_known_is_told_though_the_journal_does_not_take_it_before_the_screen_is_left(
    demo: DemoService,
) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after", until=(let_go := Event())))
        await story.restore("web-server-01")
        await story.until(lambda: bool(story.changes))
        with closing(sqlite3.connect(story.app.session.journal_path, isolation_level=None)) as journal:
            journal.execute("BEGIN EXCLUSIVE")
            let_go.set()
            await story.until(lambda: story.screen.session.operations.recent[0].outcome is Outcome.UNKNOWN)
            assert story.screen.under_way
            await story.press("ctrl+q", "ctrl+q")
            await story.until(lambda: story.has_ended)
            journal.execute("ROLLBACK")
    assert story.app.return_value == 5
    (told,) = story.app.last_words
    assert told.startswith("not known yet: web-server-01: look at it before anything else")


async def test_a_copy_that_is_not_known_is_told_as_the_screen_is_left(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    async with telling(demo) as story:
        demo.faults.add(Fault(path="server_id", until=(let_go := Event())))
        demo.faults.add(Fault(method="POST", path="/backups/", cut="before"))
        await story.restore("web-server-01", safely=True)
        await story.sees("reading the list once more")
        await story.press("q")
        let_go.set()
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == 5
    assert [words.partition(":")[0] for words in story.app.last_words] == ["not known yet", "not sent"]


async def test_a_copy_that_is_not_known_is_told_with_the_restore_that_was_not_sent_for_it(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/backups/", cut="before"))
        await story.restore("web-server-01", safely=True)
        await story.sees("Not sent: ")
        await story.press("q")
    assert story.app.return_value == 5
    assert [words.partition(":")[0] for words in story.app.last_words] == ["not sent", "not known yet"]


async def test_of_several_changes_that_are_not_sent_each_is_named_as_the_screen_is_left(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(path="server_id", status=403, times=2, until=(let_go := Event())))
        first = story.cursor.id
        await story.press("D", "y", "j")
        await story.until(lambda: len(story.screen.under_way) == 1)
        second = story.cursor.id
        await story.pilot.pause(1)
        await story.press("D", "y")
        await story.until(lambda: len(story.screen.under_way) == 2)
        await story.press("q")
        let_go.set()
        await story.until(lambda: story.has_ended)
    words = [told.partition(" of ")[0] for told in story.app.last_words]
    assert sorted(words) == sorted(f"not sent: delete backup {each}" for each in (first, second))


async def test_an_unknown_outcome_is_not_called_done_or_failed(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        assert story.screen.session.operations.recent[0].outcome is Outcome.UNKNOWN
        await story.press("@")
        await story.sees("? not known yet")


async def test_a_refusal_shows_the_words_of_the_service(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="DELETE", status=409, body={"detail": "A [b]restore[/b] uses it."}))
        await story.press("D", "y")
        await story.sees("Refused:", "A [b]restore[/b] uses it.")


async def test_after_a_restore_that_was_refused_the_lists_are_read_again_at_once(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        demo.faults.add(Fault(method="POST", path="/restore/", status=404, body={"detail": "Not found."}))
        reads = demo.count("GET", "/servers/")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Refused:", "Not found.")
        await story.settled()
        assert demo.count("GET", "/servers/") == reads + 2, "once before it was sent, too"


@pytest.mark.parametrize("seconds", [0.3, 30])
async def test_how_a_change_ended_stands_before_what_another_run_left_is_told(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(turns, "TO_READ", seconds)
    async with telling(demo, journal=True) as story:
        await story.settled()
        demo.faults.add(Fault(method="DELETE", until=(let_go := Event())))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        for number in (1, 2):
            leave_restore(story.app.session.journal_path, number, server_id=number)
        let_go.set()
        await story.sees("Done: Backup")
        await story.until(lambda: len(story.app.session.operations.recent) == 3)
        await story.settled()
        if seconds < 1:
            await story.sees("Not known yet:")
        else:
            await story.until(lambda: len(story.screen.turns.untold) == 2)
            assert "Done: Backup" in story.text
        await story.press("q")
    if seconds > 1:
        untold = [f"not known yet: #{number}: look at it before anything else" for number in (1, 2)]
        assert [words.partition(",")[0] for words in story.app.last_words] == untold


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("seconds", [0.3, 30])
async def test_an_unknown_outcome_stands_before_what_the_reading_after_it_tells(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, seconds: float, fails: bool
) -> None:
    monkeypatch.setattr(turns, "TO_READ", seconds)
    running = demo.service.add_backup(12345, status="in_progress", size_mb=None)
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", until=(let_go := Event()), cut="after"))
        await story.choose_server("web-server-01")
        await story.press("j", "R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.until(lambda: bool(story.changes))
        reads = story.reads
        if fails:
            demo.faults.add(Fault(path="/backups/", status=403, body={"detail": "No."}, times=None))
        else:
            demo.service.change_backup(running, status="completed")
        let_go.set()
        await story.until(lambda: story.reads > reads)
        await story.settled()
        told = "refused (403)" if fails else f"Backup {running} of web-server-01 completed"
        await story.until(lambda: (told if seconds < 1 else "Not known yet:") in story.screen.status.message)


async def test_an_unknown_outcome_is_told_once_a_later_reading_proves_it(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        demo.faults.add(Fault(method="POST", cut="before"))
        await story.press("n")
        await story.type("late")
        await story.press("enter")
        await story.sees("Not known yet:")
        demo.service.add_backup(12345, description="late")
        await story.press("r")
        await story.sees("Started:")
    assert demo.count("POST") == 1
