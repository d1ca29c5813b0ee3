"""`history`: what was changed, what was tried, and what became of it."""

import json
import os
import pwd
import sqlite3

import pytest

from tests.cli.conftest import Call
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.store.journal import Entry, Journal

SERVER = 12345


def open_delete(service: DemoService) -> Entry:
    """A delete of a server's oldest backup that was begun, and of which nothing more is known."""
    ids = [backup.id for backup in service.service.backups(SERVER)]
    operation = {
        "id": "op-1",
        "action": "delete",
        "server_id": SERVER,
        "server_name": "web-server-01",
        "backup": {"id": ids[0], "server_id": SERVER, "status": "completed"},
        "at": 1.0,
    }
    return Entry("op-1", 1.0, True, {"operation": operation, "known": ids})


def test_every_change_is_listed_newest_first(call: Call, service: DemoService) -> None:
    call("create", "web-server-01", "--description", "first")
    service.faults.add(Fault(method="DELETE", status=409, body={"detail": "Busy."}))
    call("delete", "520", "--yes")
    found = json.loads(call("history", "--json").out)
    assert found["count"] == 2
    assert [(each["action"], each["outcome"]) for each in found["results"]] == [
        ("delete", "refused"),
        ("create", "done"),
    ]
    assert set(found["results"][0]) == {
        *("operation", "action", "outcome", "server", "backup", "description", "at", "message", "who", "reason"),
    }
    table = call("history").out
    assert "first" not in table.splitlines()[0]
    assert "refused" in table.splitlines()[1]


def test_a_deleted_backup_leaves_its_whole_record_who_did_it_and_why(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    listed = json.loads(call("list", "--json", "--filter", "520").out)["results"][0]
    call("delete", "520", "--yes", "--reason", "Too [b]old[/b].")
    kept = json.loads(call("history", "--json").out)["results"][0]
    assert kept["backup"] == listed
    assert kept["reason"] == "Too [b]old[/b]."
    user = pwd.getpwuid(os.getuid()).pw_name
    assert kept["who"] == {"account": "default", "email": "ops@example.com", "user": user, "sudo_user": "alice"}
    (sent,) = [seen for seen in service.requests if seen.method == "DELETE"]
    assert (sent.path, sent.body) == ("/api/v1/backups/520/", b"")
    head, row = call("history").out.splitlines()
    assert {"BY", "REASON"} <= set(head.split())
    assert f"  alice as {user} (ops@example.com)  Too [b]old[/b].  " in row


def test_changes_of_several_accounts_are_told_apart_and_looked_into_by_their_own(
    call: Call, service: DemoService
) -> None:
    call("create", "web-server-01")
    assert "ACCOUNT" not in call("history").out
    service.service.restore_seconds = 0
    service.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    call("--account", "lab", "restore", "520", "--yes")
    for words in (["history"], ["--account", "lab", "history"]):
        shown = call(*words)
        head, *rows = shown.out.splitlines()
        at = head.index("ACCOUNT")
        assert [row[at:].split()[0] for row in rows] == ["lab", "default"]
        assert "looks into it" not in shown.err  # no list can tell of a restore
        assert "not known yet: restore on 20" in shown.err
        assert "UTC: web-server-01: look at it before anything else, as no list can show whether" in shown.err
    assert service.count("POST", "/restore/") == 1


@pytest.mark.parametrize(
    ("account", "email"), [("lab", ""), ("lab", "lab@example.com"), ("default", "lab@example.com")]
)
def test_what_another_account_has_left_open_says_who_can_look_into_it(
    call: Call, service: DemoService, journal: Journal, account: str, email: str
) -> None:
    left = open_delete(service)
    left.known["operation"] |= {"who": {"account": account, "email": email}}
    journal.write(left)
    journal.close()
    way = f"the account name {account} is open: `vpsbackup-tui --account {account} history` looks into it"
    assert way + (f" with the token of {email}\n" if email else "\n") in call("history").err
    assert service.count("DELETE") == 0


def test_a_table_without_any_reason_has_no_column_for_it(call: Call, service: DemoService) -> None:
    call("delete", "520", "--yes")
    assert "REASON" not in call("history").out


def test_a_change_that_an_older_version_wrote_is_listed_without_who_and_why(
    call: Call, service: DemoService, journal: Journal
) -> None:
    journal.write(open_delete(service))
    result = json.loads(call("history", "--json").out)["results"][0]
    assert (result["who"], result["reason"], result["backup"]["id"]) == (
        None,
        "",
        open_delete(service).known["known"][0],
    )
    journal.close()


def test_without_any_change_it_says_so_and_asks_nobody(call: Call, service: DemoService) -> None:
    ended = call("history")
    assert ended.code == 0
    assert "no change is known" in ended.err
    assert service.requests == []


def test_a_journal_that_was_moved_aside_is_told_of_and_nothing_is_claimed(
    call: Call, service: DemoService, journal: Journal
) -> None:
    journal.close()
    journal.path.write_bytes(b"junk" * 1000)
    ended = call("history")
    assert ended.code == 0
    assert "it was moved aside to" in ended.err
    assert "no change is known" not in ended.err


def test_a_command_that_finds_the_journal_lost_sends_nothing_and_the_next_one_does(
    call: Call, service: DemoService, journal: Journal
) -> None:
    journal.close()
    journal.path.write_bytes(b"junk" * 1000)
    undone = call("restore", "--undo", str(SERVER), "--yes")
    assert "No restore is known" in undone.err
    assert "it was moved aside to" in undone.err
    journal.path.write_bytes(b"junk" * 1000)
    first, second, third = (str(backup.id) for backup in service.service.backups(SERVER)[:3])
    ended = call("delete", first, second, third, "--yes")
    assert ended.code == Exit.REFUSED
    assert "it was moved aside to" in ended.err
    assert service.count("DELETE") == 0
    assert call("delete", first, second, "--yes").code == Exit.DONE
    assert service.count("DELETE") == 2


def test_a_change_that_is_refused_for_something_else_tells_nobody_of_a_loss(
    call: Call, service: DemoService, journal: Journal
) -> None:
    journal.close()
    journal.path.write_bytes(b"junk" * 1000)
    assert "it was moved aside to" in call("restore", "520", "--yes", "--read-only").err
    ended = call("restore", "520", "--yes")
    assert ended.code == Exit.REFUSED
    assert "what the journal held is lost" in ended.err
    assert call("restore", "520", "--yes").code == Exit.DONE
    assert service.count("POST") == 1


def test_there_is_no_history_without_a_journal(call: Call, service: DemoService) -> None:
    ended = call("history", "--no-journal")
    assert ended.code == 2
    assert "the history is the journal" in ended.err


def test_an_open_change_is_looked_into_and_settled(call: Call, service: DemoService, journal: Journal) -> None:
    journal.write(open_delete(service))
    service.service.delete(service.service.backups(SERVER)[0].id)
    journal.close()
    result = json.loads(call("history", "--json").out)["results"][0]
    assert result["outcome"] == "done"
    assert service.count("DELETE") == 0


def test_an_open_change_of_a_live_instance_is_left_alone(call: Call, service: DemoService, journal: Journal) -> None:
    journal.write(open_delete(service))
    result = json.loads(call("history", "--json").out)["results"][0]
    assert result["outcome"] == "running"
    journal.close()


def test_another_service_has_another_history(call: Call, service: DemoService, journal: Journal) -> None:
    journal.write(open_delete(service))
    journal.close()
    assert "no change is known" in call("history", "--base-url", "http://127.0.0.1:9/api/v1").err


def test_a_journal_that_may_only_be_read_is_shown_and_that_is_told(
    call: Call, service: DemoService, journal: Journal
) -> None:
    journal.write(open_delete(service))
    journal.close()
    with sqlite3.connect(journal.path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    ended = call("history", "--json")
    assert ended.code == Exit.DONE
    assert [each["outcome"] for each in json.loads(ended.out)["results"]] == ["unknown"]
    assert "was written by a newer version of this program: use that one. It was only read." in ended.err
    assert "what became of the open changes was not looked into: The journal" in ended.err
