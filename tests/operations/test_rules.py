"""What forbids a change, what an answer proves, and what a list proves: every rule, in its exact words."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import structs

from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotFoundError,
    NotSentError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TokenRefusedError,
    TooManyRequestsError,
    UnreachableError,
    UnusableAnswerError,
)
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.operations import rules
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.operations.rules import Finding

SERVER = 7
OLD = Backup(id=1, server_id=SERVER, type="automatic", status="completed", created_at="T1")
WANTED = Backup(id=2, server_id=SERVER, type="manual", status="completed", created_at="T2")
BUSY = Backup(id=3, server_id=SERVER, type="manual", status="in_progress", created_at="T3")
CUT = NoAnswerError("The connection was cut.")
NOT_FOUND = NotFoundError("Not found.", 404)


def change(
    action: Action, backup: Backup | None = None, outcome: Outcome = Outcome.RUNNING, *, server_id: Id = SERVER
) -> Operation:
    return Operation(
        id=f"op-{action}-{outcome}", action=action, server_id=server_id, server_name="web", backup=backup,
        outcome=outcome, at=1.0,
    )  # fmt: skip


CREATE = change(Action.CREATE)
DELETE = change(Action.DELETE, WANTED)
RESTORE = change(Action.RESTORE, WANTED)
UNKNOWN_RESTORE = change(Action.RESTORE, WANTED, Outcome.UNKNOWN)
NOT_KNOWN_SOURCE = "it is not known whether web is being restored from this backup"
NOT_KNOWN = "it is not known what became of the last restore of web: look at the server before anything else"


@pytest.mark.parametrize(
    ("wanted", "other", "words"),
    [
        (RESTORE, CREATE, "a create on web is still under way"),
        (RESTORE, change(Action.DELETE, OLD), "a delete on web is still under way"),
        (RESTORE, change(Action.RESTORE, OLD), "a restore on web is still under way"),
        (CREATE, RESTORE, "a restore on web is still under way"),
        (structs.replace(CREATE, part_of="op-other"), RESTORE, "a restore on web is still under way"),
        (change(Action.DELETE, OLD), RESTORE, "a restore on web is still under way"),
        (CREATE, CREATE, "the same create is still under way"),
        (DELETE, DELETE, "the same delete is still under way"),
        (RESTORE, structs.replace(UNKNOWN_RESTORE, server_id="7"), NOT_KNOWN),
        (
            DELETE,
            UNKNOWN_RESTORE,
            f"{NOT_KNOWN_SOURCE}: look at the server; once it was restored again, that is settled",
        ),
        (RESTORE, UNKNOWN_RESTORE, NOT_KNOWN),
        (change(Action.RESTORE, OLD), UNKNOWN_RESTORE, NOT_KNOWN),
    ],
)
def test_a_change_that_another_forbids_is_told_which(wanted: Operation, other: Operation, words: str) -> None:
    assert rules.conflict(wanted, [other]) == words
    prod, lab = Actor(account="prod"), Actor(account="lab")
    for mine, theirs in ((prod, prod), (prod, None), (None, lab)):
        assert rules.conflict(structs.replace(wanted, who=mine), [structs.replace(other, who=theirs)]) == words
    of_another = rules.conflict(structs.replace(wanted, who=prod), [structs.replace(other, who=lab)])
    assert of_another is not None
    assert of_another.replace(" (account lab)", "", 1) == words


@pytest.mark.parametrize(
    ("description", "sent"),
    [
        ("nightly", "nightly [vb-00ff10ab]"),
        ("", "[vb-00ff10ab]"),
        ("x" * 241, "x" * 241 + " [vb-00ff10ab]"),
        ("x" * 242, "x" * 242),
    ],
)
def test_a_mark_stands_at_the_end_where_it_has_room(description: str, sent: str) -> None:
    assert rules.marked(description, "op-00ff10ab") == sent
    assert rules.unmarked(sent) == description
    assert rules.is_marked(sent, "op-00ff10ab") is (sent != description)


@pytest.mark.parametrize(
    ("description", "is_marked"),
    [
        ("nightly [vb-00ff10ab]", True),
        ("[vb-00ff10ab]", True),
        ("[vb-00ff10ab] ", False),
        ("[vb-00ff10a]", False),
        ("nightly [vb-00ff10ac]", False),
        ("nightly", False),
    ],
)
def test_only_a_description_that_ends_in_the_mark_of_this_create_has_it(description: str, is_marked: bool) -> None:
    assert rules.is_marked(description, "op-00ff10ab") is is_marked


@pytest.mark.parametrize(("is_marked", "doubt"), [(True, ""), (False, " (it could also be somebody else's)")])
def test_a_marked_backup_is_nobody_else_s(is_marked: bool, doubt: str) -> None:
    found = Backup(id=9, server_id=SERVER, type="manual", status="pending", description="nightly")
    words = f"the list now shows a matching new backup, 9{doubt}"
    finding = rules.settle_create({1}, [[found]], "nightly", is_marked=is_marked)
    assert finding == Finding(Outcome.DONE, words, found)


REPEATED = Operation(id="op-1", action=Action.CREATE, server_id=SERVER, description="nightly", at=0.0)


@pytest.mark.parametrize(
    ("other", "may_repeat"),
    [
        ({}, True),
        ({"server_id": str(SERVER)}, True),
        ({"description": "nightly [vb-00ff10ab]"}, True),
        ({"acknowledged": True}, True),
        ({"description": "weekly"}, False),
        ({"server_id": 8}, False),
        ({"outcome": Outcome.RUNNING}, False),
        ({"outcome": Outcome.DONE}, False),
        ({"action": Action.RESTORE}, False),
    ],
)
def test_a_create_may_repeat_an_equal_one_that_is_not_known(other: dict[str, Any], may_repeat: bool) -> None:
    unknown = structs.replace(REPEATED, outcome=Outcome.UNKNOWN)
    before = structs.replace(unknown, **other)
    assert rules.may_repeat(SERVER, "nightly", [before]) is may_repeat
    assert rules.may_repeat(SERVER, "nightly [vb-1a2b3c4d]", [before]) is may_repeat
    assert not rules.may_repeat(SERVER, "nightly", [])


def test_of_a_backup_that_a_delete_may_still_take_it_is_said_before_it_is_restored_from() -> None:
    may_go = "It is not known what became of a delete of backup 2: it may go in the middle of this."
    unknown = change(Action.DELETE, WANTED, Outcome.UNKNOWN)
    assert rules.delete_in_doubt(WANTED, [CREATE, unknown]) == may_go
    assert rules.delete_in_doubt(WANTED, [structs.replace(unknown, server_id=str(SERVER))]) == may_go
    deleted = change(Action.DELETE, WANTED, Outcome.DONE)
    was_deleted = "Backup 2 was deleted: the service's list may only lag behind."
    assert rules.delete_in_doubt(WANTED, [unknown, deleted]) == was_deleted
    for other in (
        structs.replace(deleted, server_id=8),
        change(Action.DELETE, OLD, Outcome.DONE),
        change(Action.DELETE, OLD, Outcome.UNKNOWN),
        change(Action.DELETE, WANTED, Outcome.REFUSED),
        structs.replace(unknown, server_id=8),
        UNKNOWN_RESTORE,
    ):
        assert rules.delete_in_doubt(WANTED, [other]) == ""


@pytest.mark.parametrize(
    ("wanted", "other"),
    [
        (DELETE, change(Action.DELETE, OLD)),
        (DELETE, CREATE),
        (CREATE, DELETE),
        (CREATE, UNKNOWN_RESTORE),
        (change(Action.DELETE, OLD), UNKNOWN_RESTORE),
        (CREATE, change(Action.CREATE, None, Outcome.UNKNOWN)),
        (DELETE, change(Action.DELETE, WANTED, Outcome.UNKNOWN)),
        (RESTORE, change(Action.DELETE, WANTED, Outcome.UNKNOWN)),
        (RESTORE, change(Action.CREATE, None, Outcome.UNKNOWN)),
        (RESTORE, structs.replace(UNKNOWN_RESTORE, acknowledged=True)),
        (RESTORE, change(Action.RESTORE, OLD, server_id=8)),
        (structs.replace(CREATE, part_of=RESTORE.id), RESTORE),
        (CREATE, change(Action.CREATE, server_id=8)),
        *[
            (wanted, structs.replace(wanted, outcome=outcome))
            for wanted in (CREATE, DELETE, RESTORE)
            for outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT)
        ],
    ],
)
def test_a_change_that_no_other_forbids_may_begin(wanted: Operation, other: Operation) -> None:
    assert rules.conflict(wanted, [other]) is None


@pytest.mark.parametrize("harmless", [change(Action.RESTORE, OLD, server_id=8), change(Action.DELETE, OLD)])
def test_a_conflict_is_found_behind_changes_that_are_none(harmless: Operation) -> None:
    assert rules.conflict(DELETE, [harmless, DELETE]) == "the same delete is still under way"


def test_what_other_creates_have_made_is_what_they_are_known_to_have_made() -> None:
    others = [
        change(Action.CREATE, OLD, Outcome.DONE),
        change(Action.CREATE, WANTED, Outcome.UNKNOWN),
        change(Action.DELETE, BUSY, Outcome.DONE),
        change(Action.CREATE, None, Outcome.DONE),
        change(Action.CREATE, structs.replace(OLD, id=None), Outcome.DONE),
    ]
    assert rules.made_by(others, SERVER) == rules.made_by(others, str(SERVER)) == {OLD.id}
    assert rules.made_by(others, 8) == set()


def test_only_backups_that_may_be_going_are_left_out_of_the_count() -> None:
    gone = structs.replace(OLD, id=77)
    going = [DELETE, change(Action.DELETE, BUSY, Outcome.UNKNOWN), change(Action.DELETE, gone, Outcome.DONE)]
    staying = [change(Action.DELETE, OLD, Outcome.REFUSED), change(Action.RESTORE, OLD), CREATE, change(Action.DELETE)]
    staying += [change(Action.RESTORE, OLD, Outcome.DONE), change(Action.CREATE, OLD, Outcome.DONE)]
    for server_id in (SERVER, str(SERVER)):
        assert rules.leaving(going + staying, server_id) == {WANTED.id, BUSY.id, gone.id}
    assert rules.leaving(going + staying, 8) == set()


@pytest.mark.parametrize("action", [Action.DELETE, Action.RESTORE])
@pytest.mark.parametrize(
    ("confirmed", "fresh", "words"),
    [
        (structs.replace(WANTED, unreadable=True), [OLD, WANTED], "its record can't be read"),
        (structs.replace(WANTED, id=None), [OLD, WANTED], "its record can't be read"),
        (structs.replace(WANTED, server_id=None), [OLD, WANTED], "its record names no server"),
        (WANTED, [OLD], f"backup {WANTED.id} is gone: the service no longer lists it"),
        (WANTED, [], f"backup {WANTED.id} is gone: the service no longer lists it"),
        (
            WANTED,
            [OLD, structs.replace(WANTED, server_id=8)],
            f"backup {WANTED.id} is not what you confirmed: its server was 7 and is 8",
        ),
        (
            WANTED,
            [OLD, structs.replace(WANTED, created_at="T9")],
            f"backup {WANTED.id} is not what you confirmed: its time of creation was T2 and is T9",
        ),
        (
            WANTED,
            [OLD, structs.replace(WANTED, type="automatic")],
            f"backup {WANTED.id} is not what you confirmed: its type was manual and is automatic",
        ),
        (
            WANTED,
            [OLD, structs.replace(WANTED, status="failed")],
            f"backup {WANTED.id} is not what you confirmed: its status was completed and is failed",
        ),
    ],
)
def test_a_record_that_is_not_the_confirmed_one_is_neither_deleted_nor_restored_from(
    action: Action, confirmed: Backup, fresh: Sequence[Backup], words: str
) -> None:
    assert rules.objection(action, confirmed, fresh, last_confirmed=True) == words


@pytest.mark.parametrize("status", ["in_progress", "failed", "", "odd"])
def test_only_a_completed_backup_is_restored_from(status: str) -> None:
    backup = structs.replace(WANTED, status=status)
    words = "only a completed backup can be restored from"
    assert rules.objection(Action.RESTORE, backup, [OLD, backup], last_confirmed=True) == words
    assert rules.objection(Action.RESTORE, WANTED, [WANTED]) is None


def test_a_backup_that_is_being_made_is_not_deleted() -> None:
    assert rules.objection(Action.DELETE, BUSY, [OLD, BUSY], last_confirmed=True) == "it is still being made"


@pytest.mark.parametrize(
    "others", [[], [BUSY], [structs.replace(OLD, status="failed")], [structs.replace(OLD, id=None)]]
)
def test_the_last_completed_backup_of_a_server_is_deleted_only_where_that_is_confirmed(others: list[Backup]) -> None:
    fresh = [*others, WANTED]
    words = "it has become the last completed backup of its server; confirm that, if you mean it"
    assert rules.objection(Action.DELETE, WANTED, fresh) == words
    assert rules.objection(Action.DELETE, WANTED, fresh, last_confirmed=True) is None


@pytest.mark.parametrize("backup", [WANTED, structs.replace(WANTED, status="failed")])
def test_a_backup_beside_a_completed_one_is_deleted_without_more_ado(backup: Backup) -> None:
    assert rules.objection(Action.DELETE, backup, [backup, OLD], last_confirmed=False) is None


def test_a_failed_backup_is_never_the_last_completed_one() -> None:
    failed = structs.replace(WANTED, status="failed")
    assert rules.objection(Action.DELETE, failed, [failed], last_confirmed=False) is None


def test_an_unreadable_backup_has_no_id_to_act_on() -> None:
    assert rules.sound_id(WANTED) == WANTED.id
    for backup in (structs.replace(WANTED, unreadable=True), structs.replace(WANTED, id=None)):
        with pytest.raises(ValueError, match=r"^an unreadable backup can't be acted on$"):
            rules.sound_id(backup)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotSentError("no"), Outcome.NOT_SENT),
        (UnreachableError("no"), Outcome.NOT_SENT),
        (RefusedError("no", 400), Outcome.REFUSED),
        (TokenRefusedError("no", 401), Outcome.REFUSED),
        (NOT_FOUND, Outcome.REFUSED),
        (TooManyRequestsError("no", 429, None), Outcome.REFUSED),
        (CUT, Outcome.UNKNOWN),
        (ServerFailedError("no", 503), Outcome.UNKNOWN),
        (UnusableAnswerError("no"), Outcome.UNKNOWN),
        (ServiceError("no"), Outcome.UNKNOWN),
    ],
)
def test_only_a_refusal_and_an_unsent_request_prove_that_nothing_was_done(
    error: ServiceError, outcome: Outcome
) -> None:
    assert rules.outcome_of(error) is outcome


def made(number: int, description: str = "before", *, kind: str = "manual") -> Backup:
    return Backup(id=number, server_id=SERVER, type=kind, description=description)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (made(9), ""),
        (made(9, "another"), ""),
        (structs.replace(made(9), status=""), ""),
        (structs.replace(made(9), status="completed"), ""),
        (structs.replace(made(9), status="failed"), "is failed"),
        (structs.replace(made(9), status="being_deleted"), "is being deleted"),
        (structs.replace(made(9), type=""), ""),
        (structs.replace(made(9), type="automatic"), "is no manual one"),
        (made(1), "was there before"),
        (structs.replace(made(1), id="1"), "was there before"),
    ],
)
def test_an_answer_proves_a_backup_only_where_it_can_be_the_one_that_was_asked_for(named: Backup, why: str) -> None:
    finding = Finding(Outcome.DONE, "made", named)
    if why:
        with pytest.raises(UnusableAnswerError) as caught:
            rules.answered(finding, {1})
        assert str(caught.value) == f"The answer names backup {named.id}, which {why}."
    else:
        assert rules.answered(finding, {1}) is finding


NOTHING_NEW = Finding(Outcome.UNKNOWN, "no new backup has shown up so far; it still may")
NO_LIST = Finding(Outcome.UNKNOWN, "no list could be read since")


@pytest.mark.parametrize("kind", ["manual", ""])
def test_one_matching_new_backup_is_what_a_create_made(kind: str) -> None:
    found = made(9, kind=kind)
    words = "the list now shows a matching new backup, 9 (it could also be somebody else's)"
    assert rules.settle_create({1}, [[], [made(1), found, made(8, "other")]], "before") == (Outcome.DONE, words, found)


def test_of_what_a_create_made_it_is_told_that_it_has_failed() -> None:
    found = structs.replace(made(9), status="failed")
    words = "the list now shows a matching new backup, 9 (it could also be somebody else's); it is failed"
    assert rules.settle_create({1}, [[found]], "before") == (Outcome.DONE, words, found)


@pytest.mark.parametrize(
    "look", [[], [made(1)], [made(1, "other")], [made(9, kind="automatic")], [made(9, kind="odd")]]
)
def test_a_backup_that_was_there_or_is_another_is_not_what_a_create_made(look: list[Backup]) -> None:
    assert rules.settle_create({1}, [look], "before") == NOTHING_NEW


def test_new_backups_of_another_description_are_named_as_a_service_may_have_changed_it() -> None:
    words = "new backups of another description have appeared: 9, 8; one may be yours"
    look = [made(1), made(9, "before "), made(8, "")]
    assert rules.settle_create({1}, [look], "before") == (Outcome.UNKNOWN, words, None)


def test_a_backup_of_an_earlier_look_that_has_gone_proves_nothing() -> None:
    assert rules.settle_create({1}, [[made(9)], []], "before") == NOTHING_NEW


def test_of_several_matching_new_backups_nobody_can_tell_which_a_create_made() -> None:
    words = "several matching new backups have appeared: 9, 10; one of them may be yours"
    assert rules.settle_create({1}, [[made(9), made(10)]], "before") == Finding(Outcome.UNKNOWN, words)


def test_without_a_list_nothing_is_settled() -> None:
    assert rules.settle_create({1}, [], "before") == NO_LIST
    assert rules.settle_delete(2, {1, 2}, [], CUT) == NO_LIST


@pytest.mark.parametrize(
    ("raw", "shown", "sent"),
    [
        (None, "shown", "shown"),
        (None, "", ""),
        ({}, "shown", "shown"),
        ({"description": "a\u202eb"}, "ab", "a\u202eb"),
        ({"description": None}, "", ""),
        ({"description": ""}, "", ""),
    ],
)
def test_a_new_backup_is_known_by_its_description_as_the_service_holds_it(
    raw: dict[str, object] | None, shown: str, sent: str
) -> None:
    assert rules.sent_description(Backup(id=1, description=shown, raw=raw)) == sent


GONE = [OLD]
THERE = [OLD, WANTED]
STILL_THERE = Finding(Outcome.UNKNOWN, "it is still listed; it may still go, and you may try again")
JUST_GONE = Finding(Outcome.UNKNOWN, "it has just left the list; a second look is needed")
NO_LONGER_LISTED = Finding(Outcome.DONE, "the service no longer lists it")
ALREADY_GONE = Finding(Outcome.DONE, "the service no longer lists it, whoever deleted it")
NAMELESS = structs.replace(WANTED, id=None)
MAY_BE_NAMELESS = Finding(Outcome.UNKNOWN, "the service no longer lists it, but lists a backup without an id")
NOTHING_LISTED = Finding(Outcome.UNKNOWN, "the service no longer lists it, nor anything else that it listed before")


@pytest.mark.parametrize(
    ("looks", "error", "finding"),
    [
        ([GONE], CUT, JUST_GONE),
        ([GONE], NOT_FOUND, JUST_GONE),
        ([THERE, GONE], CUT, JUST_GONE),
        ([GONE, THERE, GONE], NOT_FOUND, JUST_GONE),
        ([GONE, GONE], CUT, NO_LONGER_LISTED),
        ([THERE, GONE, GONE], CUT, NO_LONGER_LISTED),
        ([GONE, GONE], NOT_FOUND, ALREADY_GONE),
        ([[], GONE], CUT, NO_LONGER_LISTED),
        ([THERE], CUT, STILL_THERE),
        ([GONE, GONE, THERE], CUT, STILL_THERE),
        ([THERE], NOT_FOUND, STILL_THERE),
        ([GONE, THERE], NOT_FOUND, STILL_THERE),
        ([[], []], CUT, NOTHING_LISTED),
        ([GONE, []], CUT, NOTHING_LISTED),
        ([GONE, GONE, []], CUT, NOTHING_LISTED),
        ([GONE, [BUSY]], NOT_FOUND, NOTHING_LISTED),
        ([GONE, [OLD, NAMELESS]], CUT, MAY_BE_NAMELESS),
        ([[OLD, NAMELESS], GONE], NOT_FOUND, MAY_BE_NAMELESS),
        ([[OLD, NAMELESS], GONE, GONE], CUT, NO_LONGER_LISTED),
    ],
)
def test_two_lists_in_a_row_prove_that_a_backup_is_gone_and_nothing_less(
    looks: list[list[Backup]], error: ServiceError, finding: Finding
) -> None:
    for same_account in (True, False):
        assert rules.settle_delete(2, {1, 2}, looks, error, same_account=same_account) == finding


@pytest.mark.parametrize("known", [set(), {2}])
def test_where_a_server_had_no_other_backup_its_empty_list_counts_unless_the_token_may_have_changed(
    known: set[Id],
) -> None:
    assert rules.settle_delete(2, known, [[], []], CUT) == NO_LONGER_LISTED
    assert rules.settle_delete(2, known, [[], []], NOT_FOUND) == ALREADY_GONE
    assert rules.settle_delete(2, known, [[], []], CUT, same_account=False) == NOTHING_LISTED
    assert rules.settle_delete(2, known, [[], []], CUT, same_account=True) == NO_LONGER_LISTED
