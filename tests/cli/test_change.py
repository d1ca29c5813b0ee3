import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.conftest import CANARY
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import follow, looks

FIELDS = ["operation", "action", "outcome", "server", "backup", "description", "at", "message", "who", "reason"]
CUT_AFTER = Fault(method="POST", cut="after")
CUT_BEFORE = Fault(method="POST", cut="before")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at once into what became of a change."""
    monkeypatch.setattr(looks, "LOOKS", (0, 0))
    monkeypatch.setattr(follow, "PACE", 0.01)


def backups(demo: DemoService, server_id: int = 12345, status: str = "completed") -> list[int]:
    """Return the ids of a server's backups, oldest first."""
    return [each.id for each in demo.service.backups(server_id) if each.status == status]


def leave_only(demo: DemoService, server_id: int, *kept: int) -> None:
    """Let some backups be the last of their server."""
    for backup_id in set(backups(demo, server_id)) - set(kept):
        demo.service.delete(backup_id)


def changes(demo: DemoService) -> list[tuple[str, str]]:
    """Return method and path of every request that can change something."""
    return [(seen.method, seen.path) for seen in demo.requests if seen.method != "GET"]


def printed(out: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(out)
    assert list(record) == FIELDS
    return record


def test_a_create_prints_exactly_one_object(call: Call, service: DemoService) -> None:
    ended = call("create", "web-server-01", "--description", "Before the büro move", "--json")
    assert ended.code == Exit.DONE
    record = printed(ended.out)
    assert (record["action"], record["outcome"]) == ("create", "done")
    assert record["server"] == {"id": 12345, "name": "web-server-01"}
    assert record["backup"]["status"] == "in_progress"
    assert record["description"] == record["backup"]["description"] == "Before the büro move"
    assert record["at"].endswith("Z")
    sent = [json.loads(seen.body) for seen in service.requests if seen.method == "POST"]
    assert sent == [{"server_id": 12345, "description": "Before the büro move"}]


def test_a_create_says_started_and_not_done(call: Call, service: DemoService) -> None:
    assert call("create", "12345").out.startswith("started: Backup ")


def test_waiting_ends_with_the_completed_backup(call: Call, service: DemoService) -> None:
    service.service.backup_seconds = 0.0
    ended = call("create", "12345", "--wait", "--json")
    assert ended.code == Exit.DONE
    record = printed(ended.out)
    assert record["backup"]["status"] == "completed"
    assert record["backup"]["size_mb"] > 0
    assert "completed" in record["message"]


def test_waiting_for_a_backup_that_fails_is_1(call: Call, service: DemoService) -> None:
    made = {"id": 7777, "server": {"id": 12345}, "backup_type": "manual", "status": "in_progress", "size_mb": None}
    service.faults.add(Fault(method="POST", answer=made))
    listed = {"count": 1, "results": [made | {"status": "failed"}]}
    service.faults.add(Fault(method="GET", path="/backups/", after=1, times=None, answer=listed))
    ended = call("create", "12345", "--wait")
    assert ended.code == Exit.FAILED
    assert ended.out.startswith("started: ")
    assert "failed" in ended.err


def test_a_delete_of_what_is_being_restored_from_warns(call: Call, service: DemoService) -> None:
    first, second, *_ = backups(service)
    call("restore", str(first), "--yes")
    assert "restored from this backup since" in call("delete", str(first), "--yes").err
    assert "being restored, perhaps from this backup" in call("delete", str(second), "--yes").err


def test_a_delete_on_a_server_whose_restore_others_have_begun_warns_too(call: Call, service: DemoService) -> None:
    first, *_ = backups(service)
    service.service.restore(12345)
    assert "being restored, perhaps from this backup" in call("delete", str(first), "--yes").err


def test_a_restore_from_what_a_delete_may_still_take_says_so(call: Call, service: DemoService) -> None:
    first, *_ = backups(service)
    service.faults.add(Fault(method="DELETE", cut="before"))
    assert call("delete", str(first), "--yes").code == Exit.UNKNOWN
    ended = call("restore", str(first), "--yes")
    assert f"warning: It is not known what became of a delete of backup {first}" in ended.err
    assert ended.code == Exit.DONE


def test_waiting_for_a_restore_ends_with_it(call: Call, service: DemoService) -> None:
    service.service.restore_seconds = 0.0
    restoring = [{"id": 12345, "name": "web-server-01", "status": "restoring"}]
    # It is listed once before the change, to see whether it is this machine.
    service.faults.add(Fault(method="GET", path="/servers/", times=2, answer={"count": 1, "results": restoring}))
    ended = call("restore", str(backups(service)[-1]), "--yes", "--wait")
    assert ended.code == Exit.DONE
    assert "no longer reports a restore" in ended.out


def test_waiting_for_a_restore_that_is_never_reported_says_so_and_is_5(call: Call, service: DemoService) -> None:
    service.service.restore_seconds = 0.0
    ended = call("restore", str(backups(service)[-1]), "--yes", "--wait", "--json")
    assert ended.code == Exit.UNKNOWN
    assert "has reported no restore of web-server-01" in printed(ended.out)["message"]


def test_waiting_for_what_may_not_be_looked_at_is_5(call: Call, service: DemoService) -> None:
    service.service.forbidden.add("servers")
    ended = call("restore", str(backups(service)[-1]), "--yes", "--wait")
    assert ended.code == Exit.UNKNOWN
    assert "can't be followed any further" in ended.err


def test_waiting_for_a_restore_of_a_server_that_is_not_listed_is_5(call: Call, service: DemoService) -> None:
    service.faults.add(Fault(method="GET", path="/servers/", status=403))
    service.faults.add(Fault(method="GET", path="/servers/", times=None, answer={"count": 0, "results": []}))
    ended = call("restore", str(backups(service)[-1]), "--yes", "--wait")
    assert ended.code == Exit.UNKNOWN
    assert ended.out.startswith("started: ")
    assert "isn't listed" in ended.err


@pytest.mark.parametrize(
    ("words", "fault", "code", "outcome"),
    [
        (["create", "12345"], None, Exit.DONE, "done"),
        (["create", "12345"], CUT_AFTER, Exit.DONE, "done"),
        (["create", "12345"], CUT_BEFORE, Exit.UNKNOWN, "unknown"),
        (["create", "12345"], Fault(method="POST", status=502), Exit.UNKNOWN, "unknown"),
        (["create", "12345"], Fault(method="POST", status=400), Exit.REFUSED, "refused"),
        (["create", "12345"], Fault(method="POST", status=401), Exit.NO_TOKEN, "refused"),
        (["create", "12345"], Fault(method="POST", status=409), Exit.REFUSED, "refused"),
        (["create", "12345"], Fault(method="POST", status=429), Exit.REFUSED, "refused"),
        (["create", "12350"], None, Exit.REFUSED, "refused"),
        (["create", "12345", "--read-only"], None, Exit.REFUSED, "refused"),
        (["create", "12345"], Fault(method="GET", path="/backups/", status=401), Exit.NO_TOKEN, "not_sent"),
        (["create", "12345"], Fault(method="GET", path="/backups/", status=403), Exit.REFUSED, "not_sent"),
        (
            ["create", "12345"],
            Fault(method="GET", path="/backups/", status=200, body=b"?"),
            Exit.UNREACHABLE,
            "not_sent",
        ),
        (["restore", "ID", "--yes"], None, Exit.DONE, "done"),
        (["restore", "ID", "--yes"], CUT_AFTER, Exit.UNKNOWN, "unknown"),
        (["restore", "ID", "--yes", "--wait"], CUT_BEFORE, Exit.UNKNOWN, "unknown"),
        (["restore", "ID", "--yes"], Fault(method="POST", status=409), Exit.REFUSED, "refused"),
        (["restore", "ID", "--yes", "--read-only"], None, Exit.REFUSED, "refused"),
        (["delete", "ID", "--yes"], None, Exit.DONE, "done"),
        (["delete", "ID", "--yes"], Fault(method="DELETE", cut="after"), Exit.DONE, "done"),
        (["delete", "ID", "--yes"], Fault(method="DELETE", cut="before"), Exit.UNKNOWN, "unknown"),
        (["delete", "ID", "--yes"], Fault(method="DELETE", status=403), Exit.REFUSED, "refused"),
        (["delete", "ID", "--yes", "--read-only"], None, Exit.REFUSED, "refused"),
    ],
)
def test_the_exit_code_and_the_object_tell_what_became_of_a_change(
    call: Call, service: DemoService, words: list[str], fault: Fault | None, code: Exit, outcome: str
) -> None:
    if fault is not None:
        service.faults.add(replace(fault))  # a fault counts how often it struck
    wanted = str(backups(service)[-1])
    ended = call(*[wanted if word == "ID" else word for word in words], "--json")
    assert ended.code == code, ended.err
    assert printed(ended.out)["outcome"] == outcome
    sent = 0 if outcome == "not_sent" or "--read-only" in words else 1
    assert len(changes(service)) == sent


@pytest.mark.parametrize("words", [["create", "12345"], ["delete", "ID", "--yes"], ["restore", "ID", "--yes"]])
def test_a_token_that_may_only_read_sends_no_change(call: Call, service: DemoService, words: list[str]) -> None:
    account = {"account": {}, "token": {"name": "x", "permissions": ["servers:read"]}}
    service.faults.add(Fault(path="/account/me/", answer=account))
    ended = call(*[str(backups(service)[-1]) if word == "ID" else word for word in words])
    assert ended.code == Exit.REFUSED
    assert "this token may only read" in ended.err + ended.out
    assert changes(service) == []


def test_an_account_that_cannot_be_asked_for_forbids_nothing(call: Call, service: DemoService) -> None:
    service.faults.add(Fault(path="/account/me/", status=404, times=None))
    assert call("create", "12345").code == Exit.DONE


def test_a_token_that_the_service_repeats_is_neither_printed_nor_journalled(call: Call, service: DemoService) -> None:
    echo = {"detail": f"Invalid header: Authorization: Bearer {CANARY}"}
    service.faults.add(Fault(method="POST", path="/backups/", status=400, body=echo))
    service.faults.add(Fault(method="POST", path="/restore/", answer=echo))
    assert call("create", "12345").code == Exit.REFUSED
    assert call("restore", str(backups(service)[-1]), "--yes").code == Exit.DONE
    told = call("history").out
    assert told.count("Authorization: Bearer ***.") == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_refused_before_anything_is_asked_ends_it(call: Call, service: DemoService, status: int) -> None:
    service.faults.add(Fault(status=status, times=None))
    ended = call("delete", "501", "--yes")
    assert ended.code == (Exit.NO_TOKEN if status == 401 else Exit.REFUSED)
    assert not changes(service)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create", "nope"], Exit.REFUSED),
        (["create", "12345", "--description", "a\nb"], Exit.USAGE),
        (["create", "12345", "--description", "\x1b[2J"], Exit.USAGE),
        (["create", "12345", "--description", "x" * 256], Exit.USAGE),
        (["delete", "520", "--yes", "--reason", "a\nb"], Exit.USAGE),
        (["delete", "520", "--yes", "--reason", "x" * 256], Exit.USAGE),
        (["delete", "999999", "--yes"], Exit.REFUSED),
        (["delete", "501", "999999", "--yes"], Exit.REFUSED),
        (["restore", "999999", "--yes"], Exit.REFUSED),
        (["delete", "501"], Exit.REFUSED),
        (["restore", "501"], Exit.REFUSED),
        (["delete", "501", "--no-input"], Exit.REFUSED),
    ],
)
def test_what_is_wrong_or_not_confirmed_sends_nothing(
    call: Call, service: DemoService, words: list[str], code: Exit
) -> None:
    ended = call(*words)
    assert ended.code == code
    assert ended.out == ""
    assert "\x1b" not in ended.err
    assert not changes(service)


def test_only_a_completed_backup_can_be_restored_from(call: Call, service: DemoService) -> None:
    failed = next(each.id for each in service.service.backups() if each.status == "failed")
    ended = call("restore", str(failed), "--yes")
    assert ended.code == Exit.REFUSED
    assert "only a completed backup" in ended.err
    assert not changes(service)


def test_a_server_that_can_not_be_seen_is_left_to_the_service(call: Call, service: DemoService) -> None:
    service.service.forbidden.add("servers")
    assert call("create", "12356").code == Exit.DONE  # it has no backup, so no list names it
    assert call("create", "99999").code == Exit.REFUSED


def test_several_deletes_print_an_object_each(call: Call, service: DemoService) -> None:
    wanted = [str(each) for each in backups(service)[:3]]
    ended = call("delete", *wanted, wanted[0], "--yes", "--json")
    assert ended.code == Exit.DONE
    assert [str(printed(line)["backup"]["id"]) for line in ended.out.splitlines()] == wanted
    assert len(changes(service)) == 3


@pytest.mark.parametrize(
    ("fault", "sent", "code"),
    [
        (Fault(method="DELETE", status=403), 3, Exit.FAILED),  # as the others are done
        (Fault(method="DELETE", status=403, times=None), 3, Exit.REFUSED),
        (Fault(method="DELETE", cut="before"), 1, Exit.UNKNOWN),
        (Fault(method="DELETE", status=401), 1, Exit.NO_TOKEN),
    ],
)
def test_of_several_deletes_a_refusal_stops_none_and_doubt_stops_the_rest(
    call: Call, service: DemoService, fault: Fault, sent: int, code: Exit
) -> None:
    wanted = [str(each) for each in backups(service)[:3]]
    service.faults.add(fault)
    ended = call("delete", *wanted, "--yes")
    assert ended.code == code
    assert len(changes(service)) == sent
    assert ("nothing was sent for" in ended.err) == (sent == 1)


def test_yes_confirms_the_last_completed_backup_and_says_so(call: Call, service: DemoService) -> None:
    kept = backups(service)[-1]
    leave_only(service, 12345, kept)
    ended = call("delete", str(kept), "--yes")
    assert ended.code == Exit.DONE
    assert "warning: After this web-server-01 has no completed backup left." in ended.err


def test_a_backup_of_which_it_is_not_known_whether_it_goes_is_not_counted_as_left(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKS", (0, 0))
    first, second = backups(service)[:2]
    leave_only(service, 12345, first, second)
    service.faults.add(Fault(method="DELETE", status=500))
    assert call("delete", str(first), "--yes").code == Exit.UNKNOWN
    ended = call("delete", str(second), "--yes")
    assert ended.code == Exit.DONE
    assert "warning: After this web-server-01 has no completed backup left." in ended.err


def test_several_that_are_all_of_a_server_are_named_as_such(call: Call, service: DemoService) -> None:
    ended = call("delete", *map(str, backups(service)), "--yes")
    assert ended.code == Exit.DONE
    assert ended.err.count("has no completed backup left") == 1


def test_an_incomplete_list_is_no_ground_to_delete_on(call: Call, service: DemoService) -> None:
    row = {"id": 501, "server": {"id": 12345}, "backup_type": "manual", "status": "completed"}
    service.faults.add(Fault(path="/backups/", times=None, answer={"count": 7, "results": [row]}))
    ended = call("delete", "501", "--yes")
    assert ended.code == Exit.UNREACHABLE
    assert not changes(service)


def test_changes_work_on_the_demo(call: Call) -> None:
    assert call("create", "web-server-01", "--demo").code == Exit.DONE


def test_the_demo_goes_by_a_file_that_is_named(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert call("create", "web-server-01", "--demo", "--config", str(config)).code == Exit.USAGE
    config.write_text("read_only = true\n[accounts.default]\nbase_url = 'https://elsewhere.example/api/v1'\n")
    ended = call("create", "web-server-01", "--demo", "--config", str(config))
    assert ended.code == Exit.REFUSED
    assert "read-only" in ended.err


def test_a_safe_restore_makes_and_awaits_a_backup_first(call: Call, service: DemoService) -> None:
    service.service.backup_seconds = 0
    ended = call("restore", "520", "--yes", "--safe", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["safety_backup"]["status"] == "completed"
    assert service.count("POST", "/backups/") == 1
    assert service.count("POST", "/restore/") == 1


def test_a_safe_restore_restores_nothing_where_the_backup_before_it_is_refused(
    call: Call, service: DemoService
) -> None:
    service.faults.add(Fault(method="POST", path="/backups/", status=403, body={"detail": "No."}))
    ended = call("restore", "520", "--yes", "--safe")
    assert ended.code == 6
    assert "refused: Nothing was restored: the safety backup was refused." in ended.err
    assert service.count("POST", "/restore/") == 0


def test_a_safe_restore_that_is_refused_after_its_backup_was_made_says_so_and_is_1(
    call: Call, service: DemoService
) -> None:
    service.service.backup_seconds = 0
    service.faults.add(Fault(method="POST", path="/restore/", status=409, body={"detail": "Busy."}))
    ended = call("restore", "520", "--yes", "--safe")
    assert ended.code == 1
    made = service.service.backups(12345)[-1].id
    assert f"Backup {made} of web-server-01's present state is kept." in ended.err


def test_a_safe_restore_can_be_undone_once_and_again(call: Call, service: DemoService) -> None:
    service.service.backup_seconds = service.service.restore_seconds = 0
    safety = json.loads(call("restore", "520", "--yes", "--safe", "--json").out)["safety_backup"]["id"]
    undone = call("restore", "--undo", "web-server-01", "--yes", "--safe", "--json")
    assert undone.code == 0
    assert f"Backup {safety} is web-server-01 as it was before its last restore from backup 520." in undone.err
    assert json.loads(undone.out)["backup"]["id"] == safety
    second = json.loads(undone.out)["safety_backup"]["id"]
    assert json.loads(call("restore", "--undo", "web-server-01", "--yes", "--json").out)["backup"]["id"] == second


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ((), "No restore is known that could be undone."),
        (("restore", "520", "--yes"), "web-server-01 was not backed up before its last restore: that can't be undone."),
        (("restore", "520"), "No restore is known that could be undone."),
    ],
)
def test_what_can_not_be_undone_sends_nothing(
    call: Call, service: DemoService, before: tuple[str, ...], words: str
) -> None:
    if before:
        call(*before)
    sent = changes(service)
    ended = call("restore", "--undo", "web-server-01", "--yes")
    assert ended.code == 6
    assert words in ended.err
    assert changes(service) == sent


def test_a_copy_that_is_gone_undoes_nothing(call: Call, service: DemoService) -> None:
    service.service.backup_seconds = 0
    safety = json.loads(call("restore", "520", "--yes", "--safe", "--json").out)["safety_backup"]["id"]
    service.service.delete(safety)
    ended = call("restore", "--undo", "12345", "--yes")
    assert ended.code == 6
    assert f"Backup {safety}, made of web-server-01 before its last restore, is not listed any more." in ended.err


def test_the_machine_one_stands_on_needs_a_second_confirmation(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = service.service.backups(12345)[0]
    address = "203.0.113.10"  # that of server 12345
    monkeypatch.setenv("SSH_CONNECTION", f"198.51.100.7 50022 {address} 22")
    ended = call("restore", str(backup.id), "--yes")
    assert ended.code == 6
    assert "the machine you are standing on" in ended.err
    assert "It needs --yes --this-machine" in ended.err
    assert service.count("POST") == 0
    assert call("restore", str(backup.id), "--yes", "--this-machine").code == 0


def test_the_machine_one_stands_on_is_known_whether_its_id_comes_as_a_number_or_as_text(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = service.service.backups(12345)[0]
    servers = {"results": [{"id": "12345", "name": "web-server-01", "ip_address": "203.0.113.10"}], "count": 1}
    service.faults.add(Fault(method="GET", path="/servers/", status=200, body=servers, times=None))
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50022 203.0.113.10 22")
    ended = call("restore", str(backup.id), "--yes")
    assert ended.code == 6
    assert "the machine you are standing on" in ended.err


def test_a_server_that_is_gone_is_not_restored(call: Call, service: DemoService) -> None:
    backup = service.service.backups(12345)[0]
    service.service.remove_server(12345)
    ended = call("restore", str(backup.id), "--yes")
    assert ended.code == 6
    assert "nothing was sent: #12345 isn't listed any more, so it can't be restored" in ended.err
    assert service.count("POST") == 0


def test_a_restore_of_unknown_outcome_forbids_another_in_the_next_process_too(call: Call, service: DemoService) -> None:
    service.service.restore_seconds = 0
    service.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    assert call("restore", "520", "--yes").code == 5
    refused = call("restore", "520", "--yes")
    assert refused.code == 6
    what_next = "look at the server before anything else. Once you have looked, --again restores it all the same."
    assert what_next in refused.err
    assert what_next in json.loads(call("restore", "520", "--yes", "--json").out)["message"]
    assert service.count("POST", "/restore/") == 1
    assert call("restore", "520", "--yes", "--again").code == 0
    assert service.count("POST", "/restore/") == 2
    read_only = call("--read-only", "restore", "520", "--yes")
    assert "this account is opened read-only" in read_only.err
    assert "--again" not in read_only.err


def test_what_is_not_done_is_told_on_standard_error_beside_the_object(call: Call, service: DemoService) -> None:
    refused = call("--read-only", "create", "web-server-01", "--json")
    assert (refused.code, printed(refused.out)["outcome"]) == (6, "refused")
    assert (
        "refused: create a backup of web-server-01: Nothing was sent: this account is opened read-only." in refused.err
    )


def test_a_server_without_a_name_is_no_server(call: Call, service: DemoService) -> None:
    ended = call("create", " ")
    assert ended.code == 6
    assert "there is no server without a name; " in ended.err


def test_another_name_for_the_account_switches_no_guard_off(call: Call, service: DemoService) -> None:
    service.service.restore_seconds = 0
    service.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    assert call("restore", "520", "--yes").code == 5
    refused = call("--account", "slip", "restore", "520", "--yes")
    assert refused.code == 6
    assert "the last restore of web-server-01 (account default): look at the server" in refused.err
    assert call("--account", "slip", "restore", "520", "--yes", "--no-journal").code == 6
    assert service.count("POST", "/restore/") == 1
    assert call("--account", "slip", "restore", "520", "--yes", "--again").code == 0


def test_without_a_journal_a_change_is_made_only_where_that_is_asked_for(
    call: Call, service: DemoService, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = own_home / "blocked"
    blocked.touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    refused = call("create", "web-server-01")
    assert refused.code == 6
    assert "could not be journalled (--no-journal would go on without)" in refused.err
    assert service.count("POST") == 0
    made = call("create", "web-server-01", "--no-journal")
    assert made.code == 0
    assert "warning: no journal is kept (--no-journal)" in made.err
    assert service.count("POST") == 1


def test_with_no_journal_nothing_is_written_down(call: Call, service: DemoService, own_home: Path) -> None:
    assert call("create", "web-server-01", "--no-journal").code == 0
    assert not list(own_home.rglob("*.sqlite3"))
    assert call("create", "web-server-01").code == 0
    assert list(own_home.rglob("*.sqlite3"))


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (("restore", "520"), "refused"),
        (("delete", "999999", "--yes"), "refused"),
        (("create", "nosuch"), "refused"),
    ],
)
def test_a_change_that_never_begins_prints_its_object_too(
    call: Call, service: DemoService, words: tuple[str, ...], outcome: str
) -> None:
    ended = call(*words, "--json")
    assert ended.code == 6
    record = json.loads(ended.out)
    assert list(record) == FIELDS
    assert (record["operation"], record["outcome"], record["server"], record["backup"]) == (None, outcome, None, None)
    assert record["message"] in ended.err


def test_a_restore_of_unknown_outcome_keeps_no_backup_of_a_server_that_has_gone(
    call: Call, service: DemoService
) -> None:
    service.faults.add(Fault(method="POST", path="/restore/", cut="before"))
    assert call("restore", "520", "--yes").code == Exit.UNKNOWN
    kept = call("delete", "520", "--yes")
    assert kept.code == Exit.REFUSED
    assert "it is not known whether web-server-01 is being restored from this backup" in kept.err
    other = str(backups(service)[0])
    service.service.remove_server(12345)
    deleted = call("delete", "520", "--yes")
    assert "warning: #12345 isn't listed any more; what became of its restore" in deleted.err
    assert deleted.code == Exit.DONE
    assert "--again" in call("restore", other, "--yes").err


@pytest.mark.parametrize("description", ["nightly", "nightly [vb-1a2b3c4d]"])
def test_a_create_like_one_that_is_not_known_is_sent_and_says_so(
    call: Call, service: DemoService, description: str
) -> None:
    words = ("create", "12345", "--description", "nightly")
    service.faults.add(Fault(method="POST", path="/backups/", cut="before"))
    assert call(*words).code == Exit.UNKNOWN
    assert "equal backup" not in call("create", "12345", "--description", "another").err
    again = call("create", "12345", "--description", description)
    assert "it is not known what became of the last equal backup of web-server-01: this may be another one" in again.err
    assert again.code == Exit.DONE


NO_SERVER: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
ONE_SERVER = NO_SERVER | {"count": 1, "results": [{"id": 7, "name": "another", "status": "running"}]}


@pytest.mark.parametrize(("answer", "times"), [(NO_SERVER, None), (ONE_SERVER, 1)])
def test_one_list_of_servers_proves_no_server_gone(
    call: Call, service: DemoService, answer: dict[str, Any], times: int | None
) -> None:
    service.faults.add(Fault(method="POST", path="/restore/", cut="before"))
    assert call("restore", "520", "--yes").code == Exit.UNKNOWN
    service.faults.add(Fault(method="GET", path="/servers/", times=times, answer=answer))
    kept = call("delete", "520", "--yes")
    assert "it is not known whether web-server-01 is being restored from this backup" in kept.err
    assert kept.code == Exit.REFUSED


def test_without_a_journal_it_is_told_that_one_was_removed(call: Call, service: DemoService) -> None:
    assert call("create", "12345").code == Exit.DONE
    for journal in Path.home().rglob("*.sqlite3"):
        journal.unlink()
    made = call("create", "12345", "--no-journal")
    assert "was removed, and what may be under way is lost with it: look at the servers" in made.err
    assert "Nothing is forbidden by what it may hold." in made.err


ODD_TOKEN = "thistokenhasnothingthatmarksitasone"
LONG_TOKEN = "eyJhbGciOiJIUzI1NiJ9." + "longerthanwhatisshownofaname" * 30


@pytest.mark.parametrize(
    "words",
    [
        ["create", "12345", "--description", "{token}"],
        ["create", "12345", "--description", "for {capitals}"],
        ["delete", "520", "--yes", "--reason", "{token}"],
        ["create", "{token}"],
        ["--account", "{token}", "create", "12345"],
        ["--config", "/nowhere/{token}", "create", "12345"],
        ["restore", "{token}", "--yes"],
        ["list", "--server", "{token}"],
        ["list", "--type", "{token}"],
    ],
)
@pytest.mark.parametrize("token", [ODD_TOKEN, LONG_TOKEN], ids=["odd", "long"])
def test_a_token_in_use_is_sent_nowhere_else_and_not_shown_whatever_it_looks_like(
    call: Call, service: DemoService, monkeypatch: pytest.MonkeyPatch, words: list[str], token: str
) -> None:
    monkeypatch.setattr(service.endpoints, "_token", token)
    monkeypatch.setenv("VPS_API_TOKEN", token)
    for more in ([], ["--json"]):
        ended = call(*(word.format(token=token, capitals=token.upper()) for word in words), *more)
        assert ended.code in (Exit.USAGE, Exit.FAILED, Exit.REFUSED)
        assert token[:30].lower() not in (ended.out + ended.err).lower()
        assert changes(service) == []


def test_what_others_have_done_to_a_backup_and_its_server_is_told_before_a_restore(
    call: Call, service: DemoService
) -> None:
    service.service.lag.seconds, service.service.restore_seconds = 3600, 0
    first, second, *_ = backups(service)
    assert call("restore", str(first), "--yes").code == Exit.DONE
    assert call("delete", str(second), "--yes").code == Exit.DONE
    again = call("restore", str(second), "--yes")
    assert f"warning: A restore of web-server-01 from backup {first} was started at " in again.err
    assert f"warning: Backup {second} was deleted: the service's list may only lag behind." in again.err
