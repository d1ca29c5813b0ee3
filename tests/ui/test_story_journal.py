"""What an earlier run, or another one, has left in the journal."""

import sqlite3
from contextlib import closing
from threading import Event
from typing import Any

import pytest

from tests.ui.support import leave_restore, telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import looks
from vpsbackup_tui.store.journal import Entry, Journal
from vpsbackup_tui.ui import telling_screen
from vpsbackup_tui.ui.dialogs.activity import ActivityDialog
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog
from vpsbackup_tui.ui.dialogs.dialog import Dialog


async def test_a_change_is_refused_for_an_entry_that_cannot_be_read_until_that_was_told(demo: DemoService) -> None:
    async with telling(demo, size=(200, 30), journal=True) as story:
        await story.choose_server("web-server-01")
        Journal(story.app.session.journal_path).close()  # so that it is there
        with closing(sqlite3.connect(story.app.session.journal_path)) as journal, journal:
            journal.execute("INSERT INTO changes VALUES ('op-1', 1, 1, 'gone', 'no json')")
        await story.press("n", "enter")
        await story.sees("Refused: Nothing was sent: the journal's open entry op-1 can't be read")
        assert story.changes == []
        await story.press("n", "enter")
        await story.sees("Started: Backup")


@pytest.mark.parametrize(("key", "then"), [("@", "No change is known."), ("U", "No restore is known")])
async def test_while_another_program_holds_the_journal_it_says_that_it_waits_for_it(
    demo: DemoService, key: str, then: str
) -> None:
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
        Journal(path).close()  # so that it is there
        with closing(sqlite3.connect(path, isolation_level=None)) as journal:
            journal.execute("BEGIN EXCLUSIVE")
            await story.press(key)
            await story.sees(f"Reading the history: waiting for the journal {path.name}.")
            journal.execute("ROLLBACK")
        await story.sees(then)
        assert "Reading the history" not in story.text


async def test_reading_the_history_is_said_no_more_once_it_is_read_though_an_outcome_had_the_line(
    demo: DemoService,
) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        with closing(sqlite3.connect(story.app.session.journal_path, isolation_level=None)) as journal:
            journal.execute("BEGIN EXCLUSIVE")
            await story.press("@")
            await story.until(lambda: story.screen.turns.holds_words)
            journal.execute("ROLLBACK")
        await story.until(lambda: story.dialog is not None)
        assert not story.screen.turns.holds_words


async def test_undo_is_of_the_server_of_its_key_press_and_opens_nothing_over_another_question(
    demo: DemoService,
) -> None:
    async with telling(demo, journal=True) as story:
        Journal(story.app.session.journal_path).close()  # so that it is there
        await story.choose_server("web-server-01")
        with closing(sqlite3.connect(story.app.session.journal_path, isolation_level=None)) as journal:
            journal.execute("BEGIN EXCLUSIVE")
            await story.press("U")
            await story.sees("Reading the history")
            await story.press("D")
            assert isinstance(story.dialog, DeleteDialog)
            journal.execute("ROLLBACK")
        await story.until(lambda: "another question was asked" in story.screen.status.message)
        assert isinstance(story.dialog, DeleteDialog)


@pytest.mark.parametrize(("key", "opens"), [("n", CreateDialog), ("at", ActivityDialog)])
async def test_the_history_opens_over_no_other_question_and_only_once(
    demo: DemoService, key: str, opens: type[Dialog[Any]]
) -> None:
    async with telling(demo, journal=True) as story:
        Journal(story.app.session.journal_path).close()  # so that it is there
        with closing(sqlite3.connect(story.app.session.journal_path, isolation_level=None)) as journal:
            journal.execute("BEGIN EXCLUSIVE")
            await story.press("at")
            await story.sees("Reading the history")
            await story.press(key)
            journal.execute("ROLLBACK")
        await story.until(lambda: isinstance(story.dialog, opens))
        await story.settled()
        assert len(story.app.screen_stack) == 2
        if key == "n":
            await story.until(lambda: "another question was asked" in story.screen.status.message)
            await story.press("escape")
            await story.sees("The history is not shown: another question was asked meanwhile.")


async def test_a_change_left_open_by_an_earlier_run_is_looked_into(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
    async with telling(demo, journal=True) as story:
        await story.sees("Not known yet:")
        await story.press("@")
        await story.sees("not known yet")
        await story.press("escape")
        await story.choose_server("web-server-01")
        await story.press("D")
        await story.sees("No delete: it is not known whether web-server-01 is being restored from")
        assert story.dialog is None


async def test_a_journal_that_could_not_be_opened_at_the_start_is_looked_into_once_it_can(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    leave_restore(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    async with telling(demo, journal=True) as story:
        await story.sees("newer version")
        await story.press("D", "y")
        await story.sees("Refused: Nothing was sent, as it could not be journalled")
        await story.settled()
        await story.press("r")
        await story.settled()
        assert "Refused: Nothing was sent, as it could not be journalled" in story.text
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 2")
        await story.press("r")
        await story.sees("Not known yet:")


async def test_what_another_run_leaves_open_meanwhile_is_looked_into_at_the_next_reading(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        await story.settled()
        leave_restore(story.app.session.journal_path)
        await story.press("r")
        await story.sees("Not known yet:")


async def test_a_change_is_sent_once_one_was_refused_for_the_journal_that_was_lost(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    path.write_bytes(b"no database at all, but long enough" * 40)
    for _ in range(2):  # the second operator doesn't know what the first one was told
        async with telling(demo, journal=True) as story:
            await story.sees("it was moved aside to")
    async with telling(demo, journal=True) as story:
        await story.sees("it was moved aside to")
        await story.press("D", "y")
        await story.sees("Refused: Nothing was sent: what the journal held is lost")
        assert not story.changes
        await story.press("D", "y")
        await story.sees("Done: Backup")
    journal = Journal(path)
    assert journal.notice == ""
    journal.close()


async def test_what_a_run_before_left_open_is_looked_into_once_it_is_known_whose_the_token_is(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0, 0))
    answered = Event()
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    journal = Journal(path)
    delete = {"id": "op-1", "action": "delete", "server_id": 12345, "backup": {"id": 9999, "server_id": 12345}}
    known = {"operation": delete | {"at": 1.0, "who": {"email": "ops@example.com"}}, "known": [9999]}
    journal.write(Entry("op-1", 1.0, True, known))
    journal.close()
    demo.faults.add(Fault(path="/account/me/", until=answered))
    async with telling(demo, journal=True) as story:
        assert "ops@example.com" not in story.text
        answered.set()
        await story.sees("Done:", "the service no longer lists it")


async def test_what_a_run_before_left_open_is_told_though_nobody_says_whose_the_token_is(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling_screen, "_TO_HEAR", 0)
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    leave_restore(path)
    demo.faults.add(Fault(path="/account/me/", until=(answered := Event())))
    async with telling(demo, journal=True) as story:
        await story.sees("Not known yet:")
        answered.set()


async def test_a_change_left_open_is_looked_into_though_the_load_is_stopped(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
    demo.service.largest_page = 20
    gate = Event()
    demo.faults.add(Fault(path="page=2", until=gate, times=None))
    async with telling(demo, journal=True, settled=False) as story:
        await story.sees("esc stops")
        await story.press("escape")
        gate.set()
        await story.sees("Not known yet:")
        await story.settled()
