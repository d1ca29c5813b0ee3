"""Changes that another instance or another account has made: whose a backup is, and what they forbid."""

import time
from typing import Any

import pytest

from tests.conftest import Clock
from tests.operations.bench import SERVER, Bench, restore_again, unknown
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.formats import exact_text
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.looks import LONGEST_DOUBT, LOOKS
from vpsbackup_tui.operations.operation import Action, Outcome
from vpsbackup_tui.operations.under_restore import MAY_LAST

PROD, LAB = Actor(account="prod"), Actor(account="lab")


@pytest.mark.parametrize("by_another", [False, True])
async def test_a_backup_that_is_deleted_and_still_listed_is_not_counted_as_left(bench: Bench, by_another: bool) -> None:
    *others, first, last = await bench.backups()
    for each in others:
        assert isinstance(each.id, int)
        bench.demo.service.delete(each.id)
    bench.demo.service.lag.seconds = 3600
    instance = bench.instance()
    assert (await (bench.instance() if by_another else instance).delete(first)).outcome is Outcome.DONE
    assert first.id in {each.id for each in await bench.backups()}
    ended = await instance.delete(last)
    assert ended.outcome is Outcome.REFUSED
    assert "last completed backup" in ended.message
    assert first.id in {each.backup and each.backup.id for each in instance.recent}  # so that the next one is asked for
    assert (await instance.delete(last, last_confirmed=True)).outcome is Outcome.DONE


async def test_a_backup_that_another_instance_has_a_server_restored_from_is_deleted_by_who_knows_that(
    bench: Bench,
) -> None:
    first, second, *_ = await bench.backups()
    bench.demo.service.restore_seconds = 0
    instance = bench.instance()
    assert (await instance.restore(second)).outcome is Outcome.DONE
    assert (await bench.instance().restore(first)).outcome is Outcome.DONE
    ended = await instance.delete(first)
    restored = next(each for each in instance.recent if each.action is Action.RESTORE and each.backup == first)
    started = exact_text(restored.at)
    assert ended.message == (
        f"Nothing was sent: a restore of web-server-01 from this backup was started at {started} UTC,"
        " and may still run; confirm that, if you mean it."
    )
    assert restored.outcome is Outcome.DONE  # so the next question knows of it
    assert (await instance.delete(second)).outcome is Outcome.DONE
    assert "confirm that" in (await instance.delete(first, despite=["op-another"])).message
    assert (await instance.delete(first, despite=[restored.id])).outcome is Outcome.DONE


async def test_a_clock_that_is_set_ahead_lets_no_backup_go_that_a_restore_may_read(bench: Bench) -> None:
    wanted, *_ = await bench.backups()
    bench.demo.service.restore_seconds = 0
    assert (await bench.instance().restore(wanted)).outcome is Outcome.DONE
    ahead = bench.instance(clock=lambda: time.time() + MAY_LAST, monotonic=time.monotonic)
    assert "may still run; confirm that" in (await ahead.delete(wanted)).message
    later = bench.instance(clock=lambda: time.time() + MAY_LAST, monotonic=lambda: time.monotonic() + MAY_LAST)
    assert (await later.delete(wanted)).outcome is Outcome.DONE


async def test_what_another_account_has_deleted_of_its_own_under_the_same_id_is_none_of_ours(bench: Bench) -> None:
    kept, wanted, *others = await bench.backups()
    for each in others:
        bench.demo.service.delete(int(str(each.id)))
    who = {"account": "lab", "email": ""}
    bench.plant_change("delete", sent=True, outcome="done", server_id=777, backup={"id": kept.id}, who=who)
    assert (await bench.instance(who=lambda: PROD).delete(wanted)).outcome is Outcome.DONE


async def test_a_delete_that_another_instance_has_not_made_is_none_of_ours(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    bench.demo.faults.add(Fault(method="DELETE", status=409))
    assert (await bench.instance().delete(first)).outcome is Outcome.REFUSED
    made = await bench.instance().create(SERVER, "before")
    assert made.outcome is Outcome.DONE
    instance = bench.instance()
    ended = await instance.delete(second)
    assert instance.recent == [ended]


async def test_a_delete_by_another_instance_is_none_of_ours_once_it_is_listed_no_more(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    assert (await bench.instance().delete(first)).outcome is Outcome.DONE
    instance = bench.instance()
    ended = await instance.delete(second)
    assert instance.recent == [ended]


async def test_a_backup_that_another_create_has_made_is_not_taken_for_one_s_own(bench: Bench, clock: Clock) -> None:
    first, second = bench.instance(clock=clock), bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    lost = await first.create(SERVER, "before")
    assert lost.outcome is Outcome.UNKNOWN
    clock.advance(1)
    made = await second.create(SERVER, "before")
    assert made.outcome is Outcome.DONE
    clock.advance(LOOKS[-1])
    assert await first.look_again() == []
    assert first.recent == [lost]
    assert [(each.outcome, each.backup) for each in await first.history()] == [
        (Outcome.DONE, made.backup),
        (Outcome.UNKNOWN, None),
    ]


@pytest.mark.parametrize("closed", [False, True])
async def test_of_two_lost_creates_none_is_said_to_have_made_the_one_backup(
    bench: Bench, clock: Clock, closed: bool
) -> None:
    first, second = bench.instance(clock=clock), bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    await first.create(SERVER, "before")
    if closed:
        first.close()
    clock.advance(60)
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    lost = await second.create(SERVER, "before")
    made = bench.demo.service.backups(SERVER.id)[-1].id
    assert lost.outcome is Outcome.UNKNOWN
    assert lost.message.startswith(
        f"web-server-01: a matching new backup has appeared, {made}, but another create may have made it. No complete"
    )


@pytest.mark.parametrize("other", [{"description": "another"}, {"server_id": 12346}, {"outcome": "not_sent"}])
async def test_a_create_of_something_else_is_not_in_the_way(bench: Bench, clock: Clock, other: dict[str, Any]) -> None:
    bench.plant_change("create", sent=True, at=clock() - 60, **{"description": "before"} | other)
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    found = await bench.instance(clock=clock).create(SERVER, "before")
    assert found.outcome is Outcome.DONE
    assert found.backup is not None


async def test_an_open_create_of_the_same_is_in_the_way_whatever_the_clock_says_of_its_age(
    bench: Bench, clock: Clock
) -> None:
    bench.plant_change("create", sent=True, at=clock() - 2 * LONGEST_DOUBT, description="before")
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    found = await bench.instance(clock=clock).create(SERVER, "before")
    assert "but another create may have made it." in found.message


async def test_where_the_journal_fails_what_this_instance_knows_still_counts(bench: Bench, clock: Clock) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    await instance.create(SERVER, "before")
    await instance.create(SERVER, "before")
    bench.busy_seconds = 0
    instance._ledger.close()
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []


async def test_a_restore_of_unknown_outcome_forbids_another_whatever_the_account_is_called(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    await unknown(bench, bench.instance(who=lambda: PROD), "restore", backup)
    other = bench.instance(who=lambda: LAB)
    refused = await other.restore(backup)
    assert refused.outcome is Outcome.REFUSED
    assert refused.message.startswith(
        "Nothing was sent: it is not known what became of the last restore of web-server-01 (account prod):"
    )
    assert (await restore_again(other, backup)).outcome is Outcome.DONE
    assert (await bench.instance(who=lambda: PROD).restore(backup)).outcome is Outcome.DONE


@pytest.mark.parametrize("email", ["", "ops@example.com"])
async def test_what_another_account_has_left_open_is_looked_into_by_who_sees_its_lists(
    bench: Bench, email: str
) -> None:
    who = {"account": "prod", "email": "ops@example.com"}
    bench.plant_change("delete", sent=True, backup={"id": 9999, "server_id": SERVER.id}, who=who)
    other = bench.instance(who=lambda: Actor(account="lab", email=email))
    looked_into = [each.outcome for each in await other.resume()]
    assert looked_into == ([Outcome.DONE] if email else [])
    assert [each.outcome for each in await other.history()] == [Outcome.DONE if email else Outcome.UNKNOWN]
    if not email:
        assert other.recent == []
        nobody = bench.instance()
        assert [each.outcome for each in await nobody.resume()] == [Outcome.UNKNOWN]
        nobody.close()
        assert [each.outcome for each in await bench.instance(who=lambda: PROD).resume()] == [Outcome.UNKNOWN]


@pytest.mark.parametrize("account", ["prod", "lab"])
@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("a@x", "a@x"), ("a@x", "b@x"), ("", "b@x"), ("a@x", ""), ("", "")],
)
async def test_who_sees_the_lists_is_told_by_the_addresses_and_by_the_names_only_where_one_is_missing(
    bench: Bench, account: str, mine: str, theirs: str
) -> None:
    bench.plant_change("create", sent=True, who={"account": "prod", "email": theirs})
    looked_into = await bench.instance(who=lambda: Actor(account=account, email=mine)).resume()
    assert bool(looked_into) is (mine == theirs if mine and theirs else account == "prod")


async def test_a_restore_that_another_account_has_left_open_is_known_from_the_start(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    who = {"account": "prod", "email": ""}
    bench.plant_change("restore", sent=True, backup={"id": backup.id}, who=who, number=1)
    bench.plant_change("restore", sent=False, backup={"id": backup.id}, who=who, number=2)
    bench.plant_change("create", sent=True, who=who, number=3)
    other = bench.instance(who=lambda: LAB)
    for _ in range(2):
        assert await other.resume() == []
    assert [(each.id, each.is_undecidable) for each in other.recent] == [("op-1", True)]
    assert len(bench.told) == 1


async def test_a_backup_that_another_account_may_have_deleted_is_not_counted_as_left(bench: Bench) -> None:
    first, last = (await bench.backups())[:2]
    for backup in bench.demo.service.backups(SERVER.id):
        if backup.id not in (first.id, last.id):
            bench.demo.service.delete(backup.id)
    await unknown(bench, bench.instance(who=lambda: PROD), "delete", first)
    other = bench.instance(who=lambda: LAB)
    refused = await other.delete(last)
    assert "it has become the last completed backup" in refused.message
    assert [each.outcome for each in other.recent] == [Outcome.UNKNOWN, Outcome.REFUSED]  # the next question knows
    assert (await other.delete(last, last_confirmed=True)).outcome is Outcome.DONE
