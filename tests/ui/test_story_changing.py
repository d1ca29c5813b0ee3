"""Changing what an account holds: each confirmed change is on the wire once, none that wasn't confirmed."""

from threading import Event

import pytest

from tests.ui.support import Story, telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.demo.records import server_object
from vpsbackup_tui.operations import follow, looks
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.secret import Token
from vpsbackup_tui.store.journal import Journal
from vpsbackup_tui.ui import turns
from vpsbackup_tui.ui.dialogs.activity import ActivityDialog
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog
from vpsbackup_tui.ui.dialogs.details import DetailsDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog


async def test_a_backup_is_made_of_the_chosen_server_with_the_description_as_typed(demo: DemoService) -> None:
    async with telling(demo, size=(130, 30)) as story:
        await story.choose_server("web-server-01")
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


async def test_a_second_backup_of_one_server_may_be_made_and_a_note_says_that_one_may_be_under_way(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    monkeypatch.setattr(turns, "TO_READ", 0.3)
    note = "A backup of web-server-01 is being made, or may be."
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        demo.faults.add(Fault(method="POST", cut="before", until=(let_go := Event())))
        await story.press("n")
        assert note not in story.text
        await story.press("enter")
        await story.until(lambda: len(story.changes) == 1)
        await story.press("n")
        assert note in story.text
        await story.press("enter")
        await story.sees("Refused: Nothing was sent: the same create is still under way.")
        let_go.set()
        await story.sees("Not known yet: web-server-01")
        await story.press("n")
        assert note in story.text
        await story.press("enter")
        await story.sees("Started: Backup")
        await story.settled()
        assert [
            each.outcome for each in story.app.session.operations.recent if each.outcome is not Outcome.REFUSED
        ] == [
            Outcome.DONE,
            Outcome.UNKNOWN,
        ]
    assert story.changes == ["POST /api/v1/backups/"] * 2


async def test_what_runs_is_followed_until_it_has_settled(demo: DemoService) -> None:
    async with telling(demo, refresh_seconds=0.05) as story:
        await story.choose_server("web-server-01")
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
        await story.choose_server("web-server-01")
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


@pytest.mark.parametrize("is_read_again", [True, False])
async def test_a_server_that_has_become_this_machine_since_it_was_read_is_asked_about(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, is_read_again: bool
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50022 203.0.113.77 22")
    server = next(each for each in demo.service.servers() if each.name == "web-server-01")
    async with telling(demo) as story:
        moved = {"results": [server_object(server) | {"ip_address": "203.0.113.77"}]}
        demo.faults.add(Fault("GET", "/servers/", answer=moved, times=None))
        demo.faults.add(Fault("GET", "/backups/", until=(let_go := Event())))
        await story.restore("web-server-01")
        await story.sees("web-server-01 was not restored: This is the machine you are standing on: it has the address")
        assert story.dialog is None
        if is_read_again:
            let_go.set()
            await story.settled()
        await story.restore("web-server-01")
        await story.sees("Restore all the same?", "the machine you are standing on")
        assert story.changes == []
        await story.type("overwrite this machine")
        await story.press("enter")
        await story.sees("Started:")
        let_go.set()


async def test_a_backup_that_another_instance_may_have_deleted_is_asked_about_before_it_is_restored_from(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0.01,))
    async with telling(demo, journal=True) as story:
        await story.choose_server("web-server-01")
        session = story.app.session
        other = Operations(session.service, journal=lambda: Journal(session.journal_path))
        demo.faults.add(Fault("DELETE", cut="before"))
        assert (await other.delete(story.cursor)).outcome is Outcome.UNKNOWN
        await story.press("R")
        assert "not known what became of a delete" not in " ".join(story.text.split())
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("web-server-01 was not restored: It is not known what became of a delete")
        assert demo.count("POST") == 0
        await story.press("R")
        assert "not known what became of a delete" in " ".join(story.text.split())
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("Started:")
        other.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "db-prod"}, "web-server-01 was not restored: Server 12345 is called db-prod by now."),
        ({"status": "restoring"}, "web-server-01 was not restored: web-server-01 is being restored."),
        ({"id": 7}, "web-server-01 was not restored: web-server-01 isn't listed any more."),
        ({"name": "web-server-01"}, "Started:"),
    ],
)
async def test_a_server_that_is_another_one_by_now_is_not_restored(
    demo: DemoService, changes: dict[str, object], words: str
) -> None:
    server = next(each for each in demo.service.servers() if each.name == "web-server-01")
    async with telling(demo, size=(120, 36)) as story:
        answer = {"results": [server_object(server) | changes]}
        demo.faults.add(Fault("GET", "/servers/", answer=answer))
        await story.restore("web-server-01")
        await story.until(lambda: words in " ".join(story.text.split()))
        assert demo.count("POST") == (words == "Started:")


@pytest.mark.parametrize(
    ("action", "words"),
    [("delete", "was deleted: the service's list may only lag behind."), ("restore", "was started at ")],
)
async def test_what_another_instance_has_done_meanwhile_is_told_before_a_server_is_restored(
    demo: DemoService, action: str, words: str
) -> None:
    demo.service.lag.seconds, demo.service.restore_seconds = 3600, 0
    async with telling(demo, journal=True) as story:
        await story.choose_server("web-server-01")
        await story.press("R")
        other = Operations(story.app.session.service, journal=lambda: Journal(story.app.session.journal_path))
        change = other.delete(story.cursor) if action == "delete" else other.restore(story.cursor)
        assert (await change).outcome is Outcome.DONE
        other.close()
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("web-server-01 was not restored: ")
        assert words in " ".join(story.text.split())
        assert demo.count("POST") == (action == "restore")
        await story.press("R")
        assert words in " ".join(story.text.split())


async def test_what_was_told_of_a_server_hides_nothing_that_comes_later(demo: DemoService) -> None:
    demo.service.restore_seconds = 0
    server = next(each for each in demo.service.servers() if each.name == "web-server-01")
    async with telling(demo, journal=True, size=(120, 36)) as story:
        restoring = server_object(server) | {"status": "restoring"}
        demo.faults.add(Fault("GET", "/servers/", answer={"results": [restoring]}))
        await story.restore("web-server-01")
        await story.sees("was not restored: web-server-01 is being restored.")
        await story.settled()
        await story.press("R")
        assert isinstance(story.dialog, RestoreDialog)
        assert len(story.dialog.query(".loss")) == 1  # nothing but what is overwritten
        await story.press("escape")
        await story.restore("web-server-01")
        await story.sees("Started:")
        await story.settled()
        await story.press("R")
        assert "and may still run." in " ".join(story.text.split())
        other = Operations(story.app.session.service, journal=lambda: Journal(story.app.session.journal_path))
        older = next(each for each in story.screen.fleet.of_server(12345) if each.is_completed and each != story.cursor)
        assert (await other.restore(older)).outcome is Outcome.DONE
        other.close()
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees(f"was not restored: A restore of web-server-01 from backup {older.id} was started at")
        assert demo.count("POST") == 2
        await story.settled()
        await story.restore("web-server-01")
        await story.until(lambda: demo.count("POST") == 3, "the restore that was asked for in spite of it")


async def restore_while_its_server_is_read(story: Story) -> Event:
    """Confirm a restore, whose server is read until the event that is returned is set."""
    story.demo.faults.add(Fault("GET", "/servers/", until=(let_go := Event())))
    await story.restore("web-server-01")
    await story.sees("z takes back: restore web-server-01 · not sent yet, reading once more what it does")
    return let_go


async def test_a_restore_can_be_taken_back_while_its_server_is_looked_at_once_more(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = await restore_while_its_server_is_read(story)
        await story.press("z")
        await story.sees("Nothing was restored.")
        let_go.set()
        await story.settled()
        assert story.changes == []


async def test_a_server_whose_restore_is_confirmed_is_not_asked_about_again(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = await restore_while_its_server_is_read(story)
        await story.press("R")
        assert story.dialog is None
        assert "A restore of web-server-01 is still under way." in story.text
        let_go.set()
        await story.sees("Started:")
        assert demo.count("POST") == 1


async def test_a_restore_whose_server_is_looked_at_is_not_sent_with_another_token(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = await restore_while_its_server_is_read(story)
        await story.screen.begin(Token(demo.token))
        let_go.set()
        await story.sees("Nothing was restored.")
        assert story.changes == []


async def test_leaving_while_a_server_is_looked_at_says_that_its_restore_was_not_sent(demo: DemoService) -> None:
    async with telling(demo) as story:
        let_go = await restore_while_its_server_is_read(story)
        await story.press("q")
        let_go.set()
        await story.until(lambda: story.has_ended)
    assert story.app.last_words == ["not sent: restore web-server-01: the screen was left before that"]
    assert story.changes == []


async def test_where_the_servers_can_not_be_read_again_a_restore_goes_by_those_that_are_shown(
    demo: DemoService,
) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault("GET", "/servers/", status=403, body={"detail": "No."}, times=None))
        await story.restore("web-server-01")
        await story.sees("Started:")


async def test_a_backup_that_its_server_is_restored_from_is_deleted_by_its_id_only(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
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


async def test_a_backup_that_an_earlier_run_had_its_server_restored_from_is_deleted_by_its_id_only(
    demo: DemoService,
) -> None:
    demo.service.restore_seconds = 0  # so that the server's status tells of no restore
    async with telling(demo, journal=True) as story:
        await story.restore("web-server-01")
        await story.sees("Started:")
    async with telling(demo, journal=True) as story:
        await story.choose_server("web-server-01")
        await story.press("D", "y")
        await story.sees("Refused: Nothing was sent: a restore of web-server-01 from this backup was started at")
        await story.press("D")
        assert "and may still run" in " ".join(story.text.split())
        await story.type(str(story.cursor.id))
        await story.press("enter")
        await story.until(lambda: demo.count("DELETE") == 1, "the delete to be sent")


async def test_only_completed_backups_offer_a_restore(demo: DemoService) -> None:
    demo.service.add_backup(demo.service.servers()[0].id, status="failed")
    async with telling(demo) as story:
        assert "(R Restore)" in story.text
        await story.press("R")
        assert story.dialog is None
        assert "Only a completed backup can be restored from" in story.text
        await story.press("j")
        assert "Only a completed backup" not in story.text


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
        await story.choose_server("web-server-01")
        await story.press("n", "enter")
        await story.sees("z takes back: create a backup of web-server-01 · not sent yet, asking what this")
        assert not story.screen.under_way
        answered.set()
        await story.sees("Refused: Nothing was sent: this token may only read.", "READ-ONLY")
        assert demo.count("GET", "/account/me/") == 1
        assert story.changes == []


async def test_a_change_is_sent_where_it_cannot_be_told_what_the_token_may_do(demo: DemoService) -> None:
    demo.faults.add(Fault(path="/account/me/", status=400, times=2))
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
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


async def test_what_was_confirmed_with_one_token_is_not_sent_with_another(demo: DemoService) -> None:
    answered = Event()
    demo.faults.add(Fault(path="/account/me/", until=answered))
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        await story.press("n", "enter")
        await story.sees("not sent yet")
        await story.screen.begin(Token(demo.token))
        await story.sees("No backup was made.")
        answered.set()
        await story.settled()
    assert story.changes == []


async def test_what_is_typed_for_another_window_makes_no_backup(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        for number, key in enumerate(["n", *"ew deploy", "enter"]):
            story.post_at(key, 0.12 * number)
            await story.settle()
        assert isinstance(story.dialog, CreateDialog)
        await story.press("escape")
        assert story.changes == []


async def test_keys_follow_the_keymap(demo: DemoService) -> None:
    async with telling(demo, keymap={"backup.delete": "X", "help": "", "filter": "f"}) as story:
        assert "X Delete" in story.text
        assert "f Filter" in story.text
        assert "Help" not in story.text
        await story.press("D", "delete", "?")
        assert story.dialog is None
        await story.press("X")
        assert isinstance(story.dialog, DeleteDialog)


async def test_what_to_do_next_is_told_by_the_keymap(demo: DemoService) -> None:
    keymap = {"back": "x", "type.previous": "1", "type.next": "2", "backup.create": "c", "activity": "a"}
    async with telling(demo, keymap=keymap) as story:
        await story.press("/")
        await story.type("none")
        await story.sees("Nothing matches the filter.", "esc clears it.")
        await story.press("enter")
        await story.sees("x clears it.")
        await story.press("x")
        demo.service.add_server(name="bare")
        await story.press("r")
        await story.settled()
        await story.choose_server("bare")
        await story.sees("c makes one.")
        await story.press("2")
        await story.sees("1 and 2 choose another type.")
        await story.press("a")
        await story.until(lambda: isinstance(story.dialog, ActivityDialog))
        await story.press("@")
        assert isinstance(story.dialog, ActivityDialog)
        await story.press("a")
        await story.until(lambda: story.dialog is None)


async def test_details_offer_what_can_be_done_with_their_backup_whatever_the_cursor_is_on(demo: DemoService) -> None:
    demo.service.add_backup(12345, status="in_progress")
    async with telling(demo) as story:
        busy = story.cursor
        assert busy.is_busy
        await story.press("enter")
        await story.until(lambda: isinstance(story.dialog, DetailsDialog))
        assert "[ Copy y ]" in story.text
        assert "[ Restore" not in story.text
        assert "[ Delete" not in story.text
        await story.press("D")
        await story.sees("is still being made; it can be deleted after that.")


async def test_a_safe_restore_waits_for_its_backup_and_quitting_asks_meanwhile(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.05)
    async with telling(demo) as story:
        await story.restore("web-server-01", safely=True)
        await story.sees("waiting until backup", "» waiting")
        await story.press("q")
        assert isinstance(story.dialog, QuitDialog)
        assert "restore web-server-01 from backup" in story.text
        await story.press("escape")
        await story.press("R")
        await story.sees("A restore of web-server-01 is still under way.")
        assert story.dialog is None
        await story.press("D")
        await story.sees("No delete: a restore on web-server-01 is still under way.")
        assert story.dialog is None
        assert demo.count("POST", "/restore/") == 0
        safety = demo.service.backups()[-1].id
        demo.service.change_backup(safety, status="completed", size_mb=4400, ready=None)
        await story.until(lambda: not story.screen.under_way, "the restore to be begun")
        assert demo.count("POST", "/restore/") == 1
        restored = story.screen.session.operations.recent[1]
        assert (restored.outcome, restored.safety and restored.safety.id) == (Outcome.DONE, safety)


async def test_the_last_restore_is_undone_through_the_same_dialog(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.01)
    demo.service.backup_seconds = 0
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
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


async def test_where_not_all_backups_are_listed_nothing_is_said_of_what_could_be_undone(demo: DemoService) -> None:
    demo.faults.add(Fault(path="/backups/", answer={"count": 9, "next": None, "results": []}, times=None))
    async with telling(demo, journal=True) as story:
        await story.press("U")
        await story.sees("Not all backups are known, so it is not known what to undo: r reads them again.")
        demo.faults.clear()
        await story.press("r")
        await story.settled()
        await story.press("U")
        await story.sees("No restore is known that could be undone.")


async def test_nothing_is_done_with_a_backup_in_whose_place_the_servers_stand(demo: DemoService) -> None:
    async with telling(demo, size=(60, 15)) as story:
        await story.press("tab")
        for key in ("D", "R", "y"):
            await story.press(key)
            assert story.dialog is None
            assert "The backups are not on the screen: → shows them." in story.text
        await story.press("right", "D")
        assert isinstance(story.dialog, DeleteDialog)


async def test_a_restore_from_what_a_delete_may_still_take_says_so(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0,))
    async with telling(demo, delete_grace_seconds=0.0) as story:
        demo.faults.add(Fault(method="DELETE", cut="before"))
        await story.choose_server("web-server-01")
        await story.press("D", "y")
        await story.sees("Not known yet:")
        await story.press("R")
        assert f"a delete of backup {story.cursor.id}: it may go" in " ".join(story.text.split())


ANOTHER_SERVER = {"count": 1, "results": [{"id": 7, "name": "another", "status": "running"}]}


async def test_a_restore_of_unknown_outcome_keeps_no_backup_of_a_server_that_has_gone(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=0.0) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        await story.press("D")
        assert story.dialog is None
        await story.settled()
        demo.service.remove_server(12345)
        await story.press("r")
        await story.until(lambda: not story.screen.why_not("backup.delete"))
        await story.press("D")
        assert "#12345 isn't listed any more; what became of its restore" in story.text
        await story.type(str(story.cursor.id))
        await story.press("enter")
        await story.until(lambda: demo.count("DELETE") == 1)
        await story.settled()
        deleted, restored = story.screen.session.operations.recent
        assert deleted.outcome is Outcome.DONE
        assert restored.is_undecidable


async def test_a_server_that_is_listed_again_while_it_is_asked_keeps_its_backup(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=0.0) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        await story.settled()
        demo.faults.add(Fault(method="GET", path="/servers/", times=None, answer=ANOTHER_SERVER))
        await story.press("r")
        await story.until(lambda: not story.screen.why_not("backup.delete"))
        await story.press("D")
        await story.type(str(story.cursor.id))
        demo.faults.clear()
        story.screen.reload()
        await story.until(lambda: bool(story.screen.why_not("backup.delete")))
        await story.press("enter")
        await story.sees("Refused:")
    assert demo.count("DELETE") == 0
