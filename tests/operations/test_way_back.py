"""What undoes a restore: the copy made before the last one, as long as it is there."""

from typing import Any

import pytest

from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.operations.way_back import NoWayBackError, way_back

COPY = Backup(id=7, server_id=1, server_name="web", status="completed")
FLEET = Fleet([COPY])


def restored(**known: Any) -> Operation:
    facts = {"id": "op", "action": Action.RESTORE, "server_id": 1, "server_name": "web", "at": 1.0}
    return Operation(**{**facts, "outcome": Outcome.DONE, "safety": COPY, "backup": Backup(id=5), **known})


def test_the_way_back_is_the_copy_made_before_the_last_restore() -> None:
    back = way_back([restored(), restored(safety=Backup(id=6))], FLEET, 1)
    assert back.copy == FLEET.backup(7)
    assert back.words == "Backup 7 is web as it was before its last restore from backup 5."
    unread = way_back([restored(backup=None)], FLEET)
    assert unread.words == "Backup 7 is web as it was before its last restore."


def test_a_restore_that_still_waits_for_its_copy_has_not_been_made() -> None:
    copy = Backup(id=7, status="in_progress")
    with pytest.raises(NoWayBackError, match="under way, or was cut off"):
        way_back([restored(outcome=Outcome.RUNNING, safety=copy)], FLEET, 1)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.RUNNING])
def test_a_restore_that_may_have_been_made_can_be_undone(outcome: Outcome) -> None:
    assert way_back([restored(outcome=outcome)], FLEET, 1).copy.id == 7


@pytest.mark.parametrize(
    "passed_over",
    [
        {"action": Action.CREATE},
        {"action": Action.DELETE},
        {"outcome": Outcome.REFUSED},
        {"outcome": Outcome.NOT_SENT},
        {"server_id": 2},
    ],
)
def test_what_overwrote_nothing_of_the_server_is_passed_over(passed_over: dict[str, Any]) -> None:
    older = restored()
    other = restored(safety=None, **passed_over)
    assert way_back([other, older], FLEET, 1).restore is older
    with pytest.raises(NoWayBackError, match=r"^No restore is known that could be undone\.$"):
        way_back([other], FLEET, 1)


def test_without_a_server_named_the_last_restore_of_any_is_undone() -> None:
    fleet = Fleet([COPY, Backup(id=8, server_id=2, status="completed")])
    undone = way_back([restored(server_id=2, safety=Backup(id=8)), restored()], fleet)
    assert (undone.restore.server_id, undone.copy.id) == (2, 8)


def test_restores_of_servers_that_this_account_does_not_see_are_passed_over_where_none_is_named() -> None:
    assert way_back([restored(server_id=2, safety=None), restored(server_id="1")], FLEET).restore.server_id == "1"
    with pytest.raises(NoWayBackError, match="web was not backed up"):
        way_back([restored(server_id=2, safety=None), restored()], FLEET, 2)


@pytest.mark.parametrize("server_id", [2, None])
def test_a_copy_that_is_listed_as_one_of_another_server_is_no_way_back(server_id: int | None) -> None:
    fleet = Fleet([Backup(id=7, server_id=server_id, status="completed"), Backup(id=9, server_id=1)])
    with pytest.raises(NoWayBackError, match="is not listed any more: another one has its id now"):
        way_back([restored()], fleet, 1)
    assert way_back([restored(server_id="1")], FLEET, 1).copy.id == 7  # one list may give numbers, another texts


@pytest.mark.parametrize(
    ("made", "listed", "is_it"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", False),
        (None, "2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", None, True),
    ],
)
def test_a_copy_that_was_made_at_another_time_is_another_one(made: str | None, listed: str | None, is_it: bool) -> None:
    fleet = Fleet([Backup(id=7, server_id=1, created_at=listed)])
    history = [restored(safety=Backup(id=7, server_id=1, created_at=made))]
    if is_it:
        assert way_back(history, fleet, 1).copy.created_at == listed
    else:
        with pytest.raises(NoWayBackError, match="another one has its id now"):
            way_back(history, fleet, 1)


def test_without_a_copy_there_is_no_way_back() -> None:
    with pytest.raises(NoWayBackError) as unmade:
        way_back([restored(safety=None), restored()], FLEET, 1)
    with pytest.raises(NoWayBackError) as begun:
        way_back([restored(safety=None, outcome=Outcome.RUNNING), restored()], FLEET, 1)
    assert begun.value.message == "A restore of web is under way, or was cut off: `history` tells which."
    assert unmade.value.message == "web was not backed up before its last restore: that can't be undone."
    with pytest.raises(NoWayBackError) as gone:
        way_back([restored(safety=Backup(id=6))], FLEET, 1)
    assert gone.value.message == "Backup 6, made of web before its last restore, is not listed any more."
