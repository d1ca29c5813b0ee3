"""A change as it is told: its word, and the object that `--json` prints."""

import time
from pathlib import Path

import pytest
from msgspec import structs

from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations import operation
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome, boot

BACKUP = Backup(id=501, server_id=7, server_name="web", type="manual", status="completed")
OPERATION = Operation(
    id="op-1", action=Action.RESTORE, server_id=7, server_name="web", backup=BACKUP, description="before",
    outcome=Outcome.NOT_SENT, message="Nothing was sent.", at=1737028801.0,
    who=Actor(account="prod", email="ops@example.com", user="root", sudo_user="alice"), reason="Too old.",
)  # fmt: skip


def test_the_record_of_a_change_is_exactly_this() -> None:
    assert OPERATION.record() == {
        "operation": "op-1",
        "action": "restore",
        "outcome": "not_sent",
        "server": {"id": 7, "name": "web"},
        "backup": BACKUP.record(),
        "description": "before",
        "at": "2025-01-16T12:00:01Z",
        "message": "Nothing was sent.",
        "who": {"account": "prod", "email": "ops@example.com", "user": "root", "sudo_user": "alice"},
        "reason": "Too old.",
    }


def test_the_record_of_a_change_without_a_backup_says_null() -> None:
    assert structs.replace(OPERATION, backup=None).record()["backup"] is None


def test_the_record_of_a_change_by_nobody_known_says_null() -> None:
    assert structs.replace(OPERATION, who=None).record()["who"] is None


def test_a_safety_backup_is_in_the_record_where_there_is_one() -> None:
    safety = structs.replace(BACKUP, id=502)
    assert structs.replace(OPERATION, safety=safety).record() == OPERATION.record() | {"safety_backup": safety.record()}


@pytest.mark.parametrize(
    ("action", "outcome", "word"),
    [
        (Action.CREATE, Outcome.DONE, "started"),
        (Action.RESTORE, Outcome.DONE, "started"),
        (Action.DELETE, Outcome.DONE, "done"),
        (Action.DELETE, Outcome.RUNNING, "running"),
        (Action.DELETE, Outcome.REFUSED, "refused"),
        (Action.DELETE, Outcome.NOT_SENT, "not sent"),
        (Action.DELETE, Outcome.UNKNOWN, "not known yet"),
    ],
)
def test_each_outcome_has_its_exact_word(action: Action, outcome: Outcome, word: str) -> None:
    assert structs.replace(OPERATION, action=action, outcome=outcome).word == word


def test_a_safe_restore_and_its_copy_tell_of_each_other_as_far_as_they_came_to_be() -> None:
    restore = structs.replace(OPERATION, message="Begun.", safety=structs.replace(BACKUP, id=502))
    copy = structs.replace(OPERATION, message="Begun.", action=Action.CREATE, part_of="op-1")
    for outcome in (Outcome.DONE, Outcome.UNKNOWN):
        told = structs.replace(restore, outcome=outcome)
        assert told.words == "Begun. Backup 502 is the server as it was before."
        told = structs.replace(copy, outcome=outcome)
        assert told.words == "Begun. It was asked for before a restore, as the way back."
    for each in (restore, copy, structs.replace(restore, safety=None, outcome=Outcome.DONE)):
        assert each.words == "Begun."


@pytest.mark.parametrize(
    ("action", "backup", "what"),
    [
        (Action.DELETE, BACKUP, "delete backup 501 of web"),
        (Action.DELETE, None, "delete a backup of web"),
        (Action.CREATE, BACKUP, "create a backup of web"),
        (Action.RESTORE, BACKUP, "restore web from backup 501"),
    ],
)
def test_what_was_asked_for_goes_into_a_sentence(action: Action, backup: Backup | None, what: str) -> None:
    assert structs.replace(OPERATION, action=action, backup=backup).what == what


@pytest.mark.parametrize(
    ("action", "backup", "subject"),
    [
        (Action.DELETE, BACKUP, "Backup 501 of web"),
        (Action.DELETE, None, "web"),
        (Action.CREATE, BACKUP, "web"),
        (Action.RESTORE, BACKUP, "web"),
    ],
)
def test_what_a_change_is_about_begins_a_sentence(action: Action, backup: Backup | None, subject: str) -> None:
    assert structs.replace(OPERATION, action=action, backup=backup).subject == subject


@pytest.mark.parametrize(
    ("message", "last_word"),
    [
        ("Backup 501 of web is deleted.", "done: Backup 501 of web is deleted."),
        ("delete backup 501 of web: it went well.", "done: delete backup 501 of web: it went well."),
        ("It is gone.", "done: delete backup 501 of web: It is gone."),
    ],
)
def test_the_last_word_of_a_change_names_it(message: str, last_word: str) -> None:
    deleted = structs.replace(OPERATION, action=Action.DELETE, outcome=Outcome.DONE, backup=BACKUP, message=message)
    assert deleted.last_word == last_word


def test_a_moment_is_told_by_both_clocks() -> None:
    earliest = Moment(time.time(), time.monotonic())
    now = Moment.now()
    latest = Moment(time.time(), time.monotonic())
    assert earliest.at <= now.at <= latest.at
    assert earliest.uptime <= now.uptime <= latest.uptime
    assert now.boot == boot()


def test_each_start_of_the_machine_has_its_name_where_the_system_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "_BOOT", tmp_path / "boot_id")
    assert boot.__wrapped__() == ""
    (tmp_path / "boot_id").write_text("0b1e\n")
    assert boot.__wrapped__() == "0b1e"
