"""Changing what an account holds: each confirmed change is on the wire once, none that wasn't confirmed."""

import os
import pwd
import sqlite3
from contextlib import closing
from threading import Event

import pytest
from textual.css.query import NoMatches

from tests.ui.support import Story, telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import follow, looks
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.secret import Token
from vpsbackup_tui.store.journal import Entry, Journal
from vpsbackup_tui.ui import changing_screen
from vpsbackup_tui.ui.dialogs import quitting
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog


async def choose_server(story: Story, name: str) -> None:
    """Move to a server in the sidebar, and on to its backups."""
    server = next(server for server in story.screen.fleet.servers if server.name == name)
    story.screen.servers.choose(server.id)
    await story.settle()
    await story.press("l")


async def test_a_backup_is_made_of_the_chosen_server_with_the_description_as_typed(demo: DemoService) -> None:
    async with telling(demo, size=(130, 30)) as story:
        await choose_server(story, "web-server-01")
        await story.press("n")
        await story.type("[/x] & [b]y")
        await story.press("enter")
        await story.sees("Started: Backup", "in progress", "1 running")
        assert story.changes == ["POST /api/v1/backups/"]
        made = story.demo.service.backups()[-1]
        assert made.description == "[/x] & [b]y"
        assert "[/x] & [b]y" in story.text


async def test_without_a_chosen_server_the_dialog_asks_which(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("n")
        await story.type("git")
        await story.press("enter", "enter")
        await story.sees("Started: Backup")
        assert story.demo.service.backups()[-1].description == ""
        assert story.changes == ["POST /api/v1/backups/"]


async def test_what_runs_is_followed_until_it_has_settled(demo: DemoService) -> None:
    async with telling(demo, refresh_seconds=0.05) as story:
        await choose_server(story, "web-server-01")
        await story.press("n", "enter")
        await story.sees("in progress")
        demo.service.change_backup(demo.service.backups()[-1].id, status="completed", size_mb=4400, ready=None)
        await story.sees(f"Backup {demo.service.backups()[-1].id} of web-server-01 completed, 4.3 GB")


async def test_an_ordinary_delete_takes_a_y_and_one_request(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("j", "j")
        target = story.cursor
        await story.press("D")
        assert f"Delete backup {target.id}" in story.text
        await story.press("y")
        await story.sees(f"Done: Backup {target.id} of {target.server_name} is deleted.")
        await story.settled()
        assert story.changes == [f"DELETE /api/v1/backups/{target.id}/"]
        assert story.screen.fleet.backup(target.id) is None
        assert story.screen.table.cursor_backup is None


async def test_escape_deletes_nothing(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("D", "escape")
        await story.sees("Nothing was deleted.")
        assert story.changes == []


async def test_a_deleted_backup_that_a_list_still_shows_is_marked_and_not_offered_again(demo: DemoService) -> None:
    demo.service.lag.lists = 3
    async with telling(demo) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.sees("Done: Backup")
        await story.settled()
        assert story.screen.fleet.backup(target.id) is not None
        assert story.cursor.id == target.id
        assert "deleted" in story.text
        await story.press("D")
        assert story.dialog is None
        assert "only lags behind" in story.text


async def test_a_server_that_is_gone_is_not_restored(demo: DemoService) -> None:
    demo.service.remove_server(12345)
    async with telling(demo) as story:
        story.screen.servers.choose(12345)
        await story.settle()
        await story.press("l", "g", "R")
        assert story.dialog is None
        assert "not among the servers any more" in story.text


async def test_a_delete_counts_down_and_z_takes_it_back(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {target.id} in 5 s, z takes it back: {target.server_word}")
        await story.press("z")
        await story.sees(f"Taken back: backup {target.id} of {target.server_word} is not deleted.")
        assert story.changes == []
        await story.press("z")
        assert "Nothing counts down, or waits for the token's rights." in story.text


async def test_of_several_deletes_that_count_down_the_one_on_the_screen_is_taken_back(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    said: set[str] = set()
    async with telling(demo, delete_grace_seconds=60.0) as story:
        first = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {first.id} in 60 s, z takes it back")
        await story.press("j")
        last = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {last.id} in 60 s, z takes it back", " 2 count down ")

        def counts_down() -> bool:
            said.add(story.screen.status.message)
            return any("in 58 s" in words for words in said)

        await story.until(counts_down, "two seconds more")
        assert all(f"backup {last.id} " in words for words in said)
        await story.press("z")
        await story.sees(f"Taken back: backup {last.id} of {last.server_word} is not deleted.")
        await story.sees(f"Deleting backup {first.id} in ", "z takes it back")
        assert "count down" not in story.text
        await story.burst("z", "z")
        await story.sees(f"Taken back: backup {first.id} of {first.server_word} is not deleted.")
        assert story.changes == []


async def test_what_was_refused_is_not_replaced_by_a_countdown_nor_by_what_is_done(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    monkeypatch.setattr(changing_screen, "_TO_READ", 30)
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
        await story.until(lambda: len(story.screen.untold) == 1)
        assert "Refused: Backup " in story.text
        assert " 1 under way " not in story.text


@pytest.mark.parametrize("leaves", [False, True])
async def test_an_outcome_below_a_dialog_is_told_once_that_is_closed_or_as_the_screen_is_left(
    demo: DemoService, leaves: bool
) -> None:
    async with telling(demo, size=(60, 15)) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after", until=(let_go := Event())))
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.until(lambda: bool(story.changes))
        await story.press("n")
        assert isinstance(story.dialog, CreateDialog)
        let_go.set()
        await story.until(lambda: not story.screen.under_way)
        await story.until(lambda: len(story.screen.untold) == 1)
        if leaves:
            await story.press("ctrl+q")
        else:
            await story.press("escape")
            await story.sees("Not known yet: web-server-01: look at it before")
            assert story.screen.untold == []
            await story.sees("No backup was made.")
    if leaves:
        (told,) = story.app.last_words
        assert told.startswith("not known yet: web-server-01: look at it before anything else")
    assert story.changes == ["POST /api/v1/servers/12345/restore/"]


async def test_what_counts_down_is_told_on_a_terminal_that_has_become_too_small(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60.0) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.pilot.resize_terminal(50, 10)
        await story.sees("The terminal is too small", f"Deleting backup {target.id} in ", "z takes it back")
        await story.press("z")
        await story.sees("Taken back: backup")
        assert not story.changes


async def test_z_takes_a_delete_back_from_any_dialog(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    async with telling(demo, delete_grace_seconds=5.0) as story:
        for key in ("at", "question_mark", "y"):
            await story.press("j", "D", "y")
            await story.press(key)
            assert story.dialog is not None
            await story.press("z", "escape")
            await story.sees("is not deleted.")
        assert story.changes == []


async def test_z_is_a_letter_where_text_is_typed(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "n")
        await story.type("az")
        assert "az" in story.text
        assert "Deleting backup" in story.screen.status.message


async def test_the_confirming_key_pressed_twice_does_nothing_more(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "y")
        assert story.dialog is None


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


async def test_a_change_is_refused_for_an_entry_that_cannot_be_read_until_that_was_told(demo: DemoService) -> None:
    async with telling(demo, size=(200, 30), journal=True) as story:
        await choose_server(story, "web-server-01")
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


async def test_of_two_deletes_that_count_down_z_takes_back_the_last(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=3.0) as story:
        first = story.cursor
        await story.press("D", "y", "j", "D", "y", "z")
        await story.until(lambda: bool(story.changes), "the first one to be sent")
        await story.settled()
        assert story.changes == [f"DELETE /api/v1/backups/{first.id}/"]


async def test_what_may_be_going_is_not_counted_among_what_is_left(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await choose_server(story, "web-server-01")
        for each in demo.service.backups(12345)[2:]:
            demo.service.delete(each.id)
        await story.press("r")
        await story.sees("2 of 337 shown")
        await story.press("G", "D", "y", "k", "D")
        assert "the server's last completed backup" in story.text


async def test_a_backup_whose_delete_counts_down_is_not_asked_about_again(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "D")
        assert story.dialog is None
        assert "counting down already" in story.text


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
        await choose_server(story, "web-server-01")
        await story.press("n", "enter")
        await story.until(lambda: bool(story.changes))
        await story.press("D", "y", "q")
        assert isinstance(story.dialog, QuitDialog)
        await story.until(lambda: "Deleting" not in story.screen.status.message, "the end of the countdown")
        assert "Taken back: backup" in story.screen.status.message
        assert story.changes == ["POST /api/v1/backups/"]
        await story.press("escape")
        await story.sees("Taken back: delete backup ")


async def test_a_burst_of_keys_sends_nothing(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.burst("D", "y", "y", "enter", "D", "y")
        await story.press("escape")
        assert story.changes == []


async def test_a_burst_of_confirmations_sends_one_request_at_most(demo: DemoService) -> None:
    async with telling(demo) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.burst(*"yyyyyy", "enter")
        await story.settled()
        assert story.changes == [f"DELETE /api/v1/backups/{target.id}/"]


async def test_a_refresh_while_the_dialog_is_open_does_not_change_its_target(demo: DemoService) -> None:
    async with telling(demo) as story:
        target = story.cursor
        await story.press("D")
        demo.service.add_backup(demo.service.servers()[0].id, description="newer")
        story.screen.reload()
        await story.settled()
        await story.press("y")
        await story.sees("Done")
        assert story.changes == [f"DELETE /api/v1/backups/{target.id}/"]


async def test_a_target_that_has_gone_is_not_deleted(demo: DemoService) -> None:
    async with telling(demo) as story:
        target = story.cursor
        assert isinstance(target.id, int)
        await story.press("D")
        demo.service.delete(target.id)
        await story.press("y")
        await story.sees("Refused: Nothing was sent")
        assert story.changes == []


async def test_a_restore_takes_the_typed_name_of_the_server(demo: DemoService) -> None:
    async with telling(demo, size=(130, 30)) as story:
        await choose_server(story, "web-server-01")
        await story.press("j")
        target = story.cursor
        await story.press("R")
        assert isinstance(story.dialog, RestoreDialog)
        await story.press("enter")
        assert story.changes == []
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Started:")
        assert story.changes == [f"POST /api/v1/servers/{target.server_id}/restore/"]
        await story.settled()
        assert "restoring" in story.text


async def test_a_backup_that_its_server_is_restored_from_is_deleted_by_its_id_only(demo: DemoService) -> None:
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        target = story.cursor
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Started:")
        await story.settled()
        await story.press("D")
        assert "web-server-01 is being restored from this backup since" in " ".join(story.text.split())
        await story.press("y", "enter")
        assert isinstance(story.dialog, DeleteDialog)
        assert demo.count("DELETE") == 0
        await story.press("backspace")
        await story.type(str(target.id))
        await story.press("enter")
        await story.until(lambda: demo.count("DELETE") == 1, "the delete to be sent")


async def test_only_completed_backups_offer_a_restore(demo: DemoService) -> None:
    demo.service.add_backup(demo.service.servers()[0].id, status="failed")
    async with telling(demo) as story:
        assert "(R Restore)" in story.text
        await story.press("R")
        assert story.dialog is None
        assert "Only a completed backup can be restored from" in story.text


async def test_an_unknown_outcome_is_not_called_done_or_failed(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
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
        await choose_server(story, "web-server-01")
        demo.faults.add(Fault(method="POST", path="/restore/", status=404, body={"detail": "Not found."}))
        reads = demo.count("GET", "/servers/")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Refused:", "Not found.")
        await story.settled()
        assert demo.count("GET", "/servers/") == reads + 1


async def test_read_only_dims_every_change_and_says_why(demo: DemoService) -> None:
    async with telling(demo, read_only=True) as story:
        assert "READ-ONLY" in story.lines[0]
        for key, hint in (("n", "(n New)"), ("R", "(R Restore)"), ("D", "(D Delete)")):
            assert hint in story.lines[-1]
            await story.press(key)
            assert story.dialog is None
            assert "read-only" in story.text
        assert story.changes == []


async def test_a_token_that_may_only_read_changes_nothing_and_another_one_may(demo: DemoService) -> None:
    demo.faults.add(Fault(path="/account/me/", answer=account_with("servers:read", "backups:read")))
    async with telling(demo) as story:
        await story.sees("READ-ONLY", "(n New)")
        await story.press("n")
        await story.sees("this token may only read")
        assert story.changes == []
        demo.faults.add(Fault(status=401))
        await story.press("r")
        await story.sees("Token")
        await story.type(demo.token)
        await story.press("enter")
        await story.sees("Keep the token")  # there is no keyring here
        await story.press("enter")
        await story.until(lambda: "READ-ONLY" not in story.lines[0], "the other token's permissions")
        await story.press("n")
        assert isinstance(story.dialog, CreateDialog)


async def test_no_change_is_sent_before_it_is_known_what_the_token_may_do(demo: DemoService) -> None:
    answered = Event()
    may_only_read = account_with("servers:read", "backups:read")
    demo.faults.add(Fault(path="/account/me/", answer=may_only_read, until=answered))
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("n", "enter")
        await story.sees("Not sent yet, z takes it back: create a backup of web-server-01 · asking what this to")
        assert not story.screen.under_way
        answered.set()
        await story.sees("Refused: Nothing was sent: this token may only read.", "READ-ONLY")
        assert demo.count("GET", "/account/me/") == 1
        assert story.changes == []


async def test_a_change_that_waits_to_know_what_the_token_may_do_is_taken_back_as_a_countdown_is(
    demo: DemoService,
) -> None:
    answered = Event()
    demo.faults.add(Fault(path="/account/me/", until=answered))
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("n", "enter", "z")
        await story.sees("No backup was made.")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Not sent yet", "restore web-server-01")
        await story.press("z")
        await story.sees("Nothing was restored.")
        await story.press("D", "y")
        await story.sees("Not sent yet", "delete backup")
        await story.press("D")
        assert story.dialog is None
        await story.press("q")
    answered.set()
    assert story.app.return_value == 0
    assert story.changes == []


async def test_a_change_is_sent_where_it_cannot_be_told_what_the_token_may_do(demo: DemoService) -> None:
    demo.faults.add(Fault(path="/account/me/", status=400, times=2))
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.until(lambda: demo.count("GET", "/account/me/") == 1, "the first question")
        await story.press("n", "enter")
        await story.sees("Started: Backup")
        assert demo.count("GET", "/account/me/") == 2
        await story.press("D", "y")
        await story.sees("Done: Backup", "ops@example.com")
        assert demo.count("GET", "/account/me/") == 3


def account_with(*permissions: str) -> dict[str, object]:
    """Return an answer about a token with these permissions."""
    return {"account": {"email": "ops@example.com"}, "token": {"name": "x", "permissions": list(permissions)}}


async def test_a_screen_without_a_journal_says_so_all_the_time(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        assert "NO JOURNAL" not in story.text
    async with telling(demo, journal=False) as story:
        assert "[NO JOURNAL] prod" in story.text


async def test_details_lead_on_to_a_delete_that_asks_again(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("enter")
        assert "Pre-" in story.text or "Automatic daily" in story.text
        await story.press("D")
        await story.until(lambda: isinstance(story.dialog, DeleteDialog))
        assert story.changes == []


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
    assert told.startswith("not sent: Delete backup ")
    assert told.endswith(": nothing was sent: the program was ended before that.")
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
    assert told.startswith("not known yet: Delete backup ")
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


async def test_a_change_left_open_by_an_earlier_run_is_looked_into(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Not known yet:")
    async with telling(demo, journal=True) as story:
        await story.sees("Not known yet:")
        await story.press("@")
        await story.sees("not known yet")
        await story.press("escape")
        await choose_server(story, "web-server-01")
        await story.press("D")
        await story.sees("Nothing can be deleted here: it is not known whether web-server-01 is being restored from")
        assert story.dialog is None


async def test_a_journal_that_could_not_be_opened_at_the_start_is_looked_into_once_it_can(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    journal = Journal(path)
    restore = {"id": "op-1", "action": "restore", "server_id": 12345, "backup": {"id": 520}, "at": 1.0}
    journal.write(Entry("op-1", 1.0, True, {"operation": restore}))
    journal.close()
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
        journal = Journal(story.app.session.journal_path)
        restore = {"id": "op-1", "action": "restore", "server_id": 12345, "backup": {"id": 520}, "at": 1.0}
        journal.write(Entry("op-1", 1.0, True, {"operation": restore}))
        journal.close()
        await story.press("r")
        await story.sees("Not known yet:")


@pytest.mark.parametrize("seconds", [0.3, 30])
async def test_how_a_change_ended_stands_before_what_another_run_left_is_told(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(changing_screen, "_TO_READ", seconds)
    async with telling(demo, journal=True) as story:
        await story.settled()
        demo.faults.add(Fault(method="DELETE", until=(let_go := Event())))
        await story.press("D", "y")
        await story.until(lambda: bool(story.changes))
        journal = Journal(story.app.session.journal_path)
        for number in (1, 2):
            restore = {"id": f"op-{number}", "action": "restore", "server_id": number, "backup": {"id": 520}, "at": 1.0}
            journal.write(Entry(f"op-{number}", 1.0, True, {"operation": restore}))
        journal.close()
        let_go.set()
        await story.sees("Done: Backup")
        await story.until(lambda: len(story.app.session.operations.recent) == 3)
        await story.settled()
        if seconds < 1:
            await story.sees("Not known yet:")
        else:
            await story.until(lambda: len(story.screen.untold) == 2)
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
    monkeypatch.setattr(changing_screen, "_TO_READ", seconds)
    running = demo.service.add_backup(12345, status="in_progress", size_mb=None)
    async with telling(demo) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", until=(let_go := Event()), cut="after"))
        await choose_server(story, "web-server-01")
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
    monkeypatch.setattr(changing_screen, "_TO_HEAR", 0)
    async with telling(demo, journal=True) as story:
        path = story.app.session.journal_path
    journal = Journal(path)
    restore = {"id": "op-1", "action": "restore", "server_id": 12345, "backup": {"id": 520}, "at": 1.0}
    journal.write(Entry("op-1", 1.0, True, {"operation": restore}))
    journal.close()
    demo.faults.add(Fault(path="/account/me/", until=(answered := Event())))
    async with telling(demo, journal=True) as story:
        await story.sees("Not known yet:")
        answered.set()


async def test_what_was_confirmed_with_one_token_is_not_sent_with_another(demo: DemoService) -> None:
    answered = Event()
    demo.faults.add(Fault(path="/account/me/", until=answered))
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("n", "enter")
        await story.sees("Not sent yet")
        await story.screen.begin(Token(demo.token))
        await story.sees("No backup was made.")
        answered.set()
        await story.settled()
    assert story.changes == []


async def test_an_unknown_outcome_is_told_once_a_later_reading_proves_it(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        demo.faults.add(Fault(method="POST", cut="before"))
        await story.press("n")
        await story.type("late")
        await story.press("enter")
        await story.sees("Not known yet:")
        demo.service.add_backup(12345, description="late")
        await story.press("r")
        await story.sees("Started:")
    assert demo.count("POST") == 1


async def test_a_change_left_open_is_looked_into_though_the_load_is_stopped(demo: DemoService) -> None:
    async with telling(demo, journal=True) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
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


async def test_keys_follow_the_keymap(demo: DemoService) -> None:
    async with telling(demo, keymap={"backup.delete": "X", "help": "", "filter": "f"}) as story:
        assert "X Delete" in story.text
        assert "f Filter" in story.text
        assert "Help" not in story.text
        await story.press("D", "delete", "?")
        assert story.dialog is None
        await story.press("X")
        assert isinstance(story.dialog, DeleteDialog)


@pytest.mark.parametrize(("keys", "words"), [("Z", "Z takes it back"), ("", "token's rights” takes it back")])
async def test_what_is_told_of_a_key_follows_the_keymap(demo: DemoService, keys: str, words: str) -> None:
    async with telling(demo, keymap={"delete.undo": keys, "quit": "Q"}, delete_grace_seconds=5) as story:
        await story.press("ctrl+c")
        assert "Press Q to quit." in story.text
        await story.press("D", "y")
        assert words in story.screen.status.message


async def test_a_safe_restore_waits_for_its_backup_and_quitting_asks_meanwhile(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.05)
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("tab", "down", "enter")
        await story.sees("waiting until backup", "» waiting")
        await story.press("q")
        assert isinstance(story.dialog, QuitDialog)
        assert "restore web-server-01 from backup" in story.text
        await story.press("escape")
        await story.press("R")
        await story.sees("A restore of web-server-01 is still under way.")
        assert story.dialog is None
        await story.press("D")
        await story.sees("A restore of web-server-01 is under way: no delete on it meanwhile")
        assert story.dialog is None
        assert demo.count("POST", "/restore/") == 0
        safety = demo.service.backups()[-1].id
        demo.service.change_backup(safety, status="completed", size_mb=4400, ready=None)
        await story.until(lambda: not story.screen.under_way, "the restore to be begun")
        assert demo.count("POST", "/restore/") == 1
        restored = story.screen.session.operations.recent[1]
        assert (restored.outcome, restored.safety and restored.safety.id) == (Outcome.DONE, safety)


async def test_leaving_while_a_safe_restore_waits_says_that_nothing_was_sent_and_what_is_kept(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.05)
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("tab", "down", "enter")
        await story.sees("waiting until backup", "» waiting")
        safety, wanted = demo.service.backups()[-1].id, story.cursor.id
        await story.press("ctrl+q", "ctrl+q")
        await story.until(lambda: story.has_ended)
    assert story.app.return_value == 0
    kept = f"Backup {safety} of web-server-01's present state is being made, and is kept."
    assert story.app.last_words == [
        f"not sent: Restore web-server-01 from backup {wanted}: nothing was restored: the program was ended before"
        f" that. {kept}"
    ]
    assert demo.count("POST", "/restore/") == 0


async def test_the_last_restore_is_undone_through_the_same_dialog(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.01)
    demo.service.backup_seconds = 0
    async with telling(demo) as story:
        await choose_server(story, "web-server-01")
        await story.press("U")
        await story.sees("No restore is known that could be undone.")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("tab", "down", "enter")
        await story.until(lambda: demo.count("POST", "/restore/") == 1, "the restore to be sent")
        await story.settled()
        restored = story.screen.session.operations.recent[1]
        assert restored.safety is not None
        await story.press("U")
        assert isinstance(story.dialog, RestoreDialog)
        await story.sees(f"Restore from backup {restored.safety.id}", "as it was before its last restore")
        await story.type("web-server-01")
        await story.press("enter")
        await story.until(lambda: demo.count("POST", "/restore/") == 2, "the undoing restore to be sent")
        await story.settled()
        assert story.screen.session.operations.recent[0].backup == restored.safety


async def test_nothing_is_done_with_a_backup_in_whose_place_the_servers_stand(demo: DemoService) -> None:
    async with telling(demo, size=(60, 15)) as story:
        await story.press("tab")
        for key in ("D", "R", "y"):
            await story.press(key)
            assert story.dialog is None
            assert "The backups are not on the screen: → shows them." in story.text
        await story.press("right", "D")
        assert isinstance(story.dialog, DeleteDialog)
