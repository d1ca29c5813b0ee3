"""Whether a restore may read a backup right now, and what is said of it before the backup is deleted."""

from typing import Any

import pytest
from msgspec import structs

from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome
from vpsbackup_tui.operations.under_restore import MAY_LAST, may_still_run, under_restore

BACKUP = Backup(id=501, server_id=7, server_name="web", status="completed")
STARTED = Operation(
    id="a",
    action=Action.RESTORE,
    server_id=7,
    backup=BACKUP,
    outcome=Outcome.DONE,
    at=1000.0,
    uptime=50.0,
    boot="b",
)
REPORTED = "web is being restored from this backup since then."
STARTED_LATELY = "A restore of web from this backup was started at then, and may still run."
PERHAPS = "web is being restored, perhaps from this backup."


def started(**changes: Any) -> Operation:
    return structs.replace(STARTED, **changes)


def at(seconds: float) -> Moment:
    """Return the moment so many seconds after the restore was started."""
    return Moment(1000.0 + seconds, 50.0 + seconds, "b")


@pytest.mark.parametrize(
    ("status", "operations", "after", "words"),
    [
        ("restoring", [STARTED], 1e6, REPORTED),
        ("active", [STARTED], MAY_LAST - 1, STARTED_LATELY),
        (None, [STARTED], MAY_LAST - 1, STARTED_LATELY),
        ("active", [STARTED], MAY_LAST, None),
        ("restoring", [], 0, PERHAPS),
        ("rebuilding", [started(backup=Backup(id=499, server_id=7))], 0, PERHAPS),
        ("active", [started(backup=Backup(id=499, server_id=7))], 0, None),
        ("active", [started(backup=Backup(id=499, server_id=7)), STARTED], 0, None),
        ("active", [started(server_id=8)], 0, None),
        ("active", [started(action=Action.DELETE)], 0, None),
        ("active", [started(outcome=Outcome.REFUSED)], 0, None),
        ("active", [], 0, None),
    ],
)
def test_it_goes_by_the_status_of_the_server_and_the_last_restore_that_was_started(
    status: str | None, operations: list[Operation], after: float, words: str | None
) -> None:
    server = None if status is None else Server(id=7, name="web", status=status)
    found = under_restore(BACKUP, server, operations, at(after))
    assert (found.words("then") if found else None) == words
    assert found is None or found.is_reported is (words != STARTED_LATELY)
    assert found is None or found.ids == frozenset(each.id for each in operations[:1])


@pytest.mark.parametrize(
    ("boots", "by_date", "by_uptime", "may_last"),
    [
        ("bb", MAY_LAST + 1, MAY_LAST - 1, True),  # the clock was set ahead
        ("bb", MAY_LAST - 1, MAY_LAST + 1, True),  # back
        ("bb", MAY_LAST, MAY_LAST, False),
        ("bc", MAY_LAST, 0, False),  # the machine was started anew
        ("bc", MAY_LAST - 1, MAY_LAST, True),
        ("", MAY_LAST, 0, False),  # it isn't known
    ],
)
def test_a_clock_that_is_set_ahead_makes_no_restore_old(
    boots: str, by_date: float, by_uptime: float, may_last: bool
) -> None:
    now = Moment(1000.0 + by_date, 50.0 + by_uptime, boots[1:])
    assert (under_restore(BACKUP, None, [started(boot=boots[:1])], now) is not None) is may_last


@pytest.mark.parametrize(
    ("operations", "after", "is_said"),
    [
        ([STARTED], MAY_LAST - 1, True),
        ([started(action=Action.CREATE), STARTED], 0, True),
        ([STARTED], MAY_LAST, False),
        ([started(server_id=8)], 0, False),
        ([started(backup=None)], 0, False),
        ([started(outcome=Outcome.REFUSED)], 0, False),
        ([], 0, False),
    ],
)
def test_before_a_restore_it_is_said_that_the_last_one_may_still_run(
    operations: list[Operation], after: float, is_said: bool
) -> None:
    words = "A restore of #7 from backup 501 was started at 1970-01-01 00:16 UTC, and may still run."
    assert may_still_run(7, operations, at(after)) == (words if is_said else "")


UNKNOWN = started(id="b", outcome=Outcome.UNKNOWN)
NO_ONE_KNOWS = "web isn't listed any more; what became of its restore from this backup is not known."


@pytest.mark.parametrize(
    ("operations", "ids"),
    [
        ([UNKNOWN], {"b"}),
        ([UNKNOWN, started(id="c", outcome=Outcome.UNKNOWN), STARTED], {"a", "b", "c"}),
        ([started(outcome=Outcome.UNKNOWN, acknowledged=True)], None),
        ([started(outcome=Outcome.UNKNOWN, backup=Backup(id=499, server_id=7))], None),
        ([started(outcome=Outcome.UNKNOWN, server_id=8)], None),
        ([STARTED], None),
    ],
)
def test_of_a_server_that_has_gone_a_restore_of_unknown_outcome_is_asked_about(
    operations: list[Operation], ids: set[str] | None
) -> None:
    found = under_restore(BACKUP, None, operations, at(1e6), is_gone=True)
    assert (found.ids if found else None) == ids
    assert found is None or found.words("then") == NO_ONE_KNOWS
    assert under_restore(BACKUP, None, operations, at(1e6)) is None
