"""The engine and its journal: what earlier and other instances left in it, and what is done where it fails."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import pytest
from msgspec import structs, to_builtins

from tests.conftest import Clock
from tests.operations.bench import LEFT_BEHIND, SENT, SERVER, STOPPED, Bench, begin, restore_again
from tests.process.running import until
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.formats import exact_text
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.ledger import Intent, Ledger
from vpsbackup_tui.operations.looks import LONGEST_DOUBT, LOOKS
from vpsbackup_tui.operations.operation import Action, Operation, Outcome, in_doubt
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Entry, Journal, Owned, read_only


async def test_what_an_ended_instance_had_not_sent_was_not_sent(bench: Bench) -> None:
    bench.plant_change("create", sent=False)
    instance = bench.instance()
    (ended,) = await instance.resume()
    assert (ended.outcome, ended.message) == (Outcome.NOT_SENT, STOPPED)
    assert bench.steps() == [(Outcome.UNKNOWN, LEFT_BEHIND), (Outcome.NOT_SENT, STOPPED)]
    assert instance.take_notice() == ""
    assert await bench.kept() == [ended]


@pytest.mark.parametrize(
    ("email", "outcome"),
    [("ops@example.com", Outcome.DONE), ("dev@example.com", Outcome.UNKNOWN), ("", Outcome.UNKNOWN)],
)
async def test_that_the_only_backup_has_gone_is_proved_by_the_lists_of_the_same_account_alone(
    bench: Bench, email: str, outcome: Outcome
) -> None:
    backup, who = {"id": 9999, "server_id": SERVER.id}, {"email": "ops@example.com"}
    bench.plant_change("delete", sent=True, backup=backup, who=who)
    instance = bench.instance(who=lambda: Actor(email=email))
    await instance.resume()
    assert [each.outcome for each in await instance.history()] == [outcome]


async def test_what_an_ended_instance_has_left_is_told_without_waiting_for_the_looks_at_the_rest(bench: Bench) -> None:
    bench.plant_change("create", sent=True, number=1)
    bench.plant_change("restore", sent=True, number=2, backup={"id": 1})
    told = asyncio.Event()

    async def pause(seconds: float) -> None:
        await told.wait()

    instance = Operations(bench.service, journal=partial(Journal, bench.path), pause=pause)
    bench.instances.append(instance)
    heard: list[Action] = []

    def tell(operation: Operation) -> None:
        heard.append(operation.action)
        told.set()

    ended = await instance.resume(tell)
    assert [each.action for each in ended] == heard[::-1] == [Action.CREATE, Action.RESTORE]


async def test_what_an_ended_instance_has_sent_is_looked_into(bench: Bench, clock: Clock) -> None:
    bench.plant_change("delete", sent=True, at=clock(), backup={"id": 9999, "server_id": SERVER.id})
    instance = bench.instance(clock=clock)
    (ended,) = await instance.resume()
    assert ended.outcome is Outcome.UNKNOWN  # without another backup listed before, another token may be in use
    words = "the service no longer lists it, nor anything else that it listed before"
    assert ended.message == f"Backup 9999 of web-server-01: {words}. {LEFT_BEHIND}"
    assert bench.told[0].message == LEFT_BEHIND
    assert bench.told[1].message == f"{LEFT_BEHIND} Looking into what became of it."
    assert bench.pauses == list(LOOKS)
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []  # nor does another look prove it
    assert instance.recent == [ended]


async def test_a_change_that_an_ended_instance_sent_long_ago_is_not_looked_for_as_if_it_had_just_been(
    bench: Bench, clock: Clock
) -> None:
    bench.plant_change("create", sent=True, at=clock() - LONGEST_DOUBT - 1)
    (ended,) = await bench.instance(clock=clock).resume()
    assert ended.outcome is Outcome.UNKNOWN
    assert bench.pauses == list(LOOKS[:2])


@pytest.mark.parametrize("action", ["create", "restore"])
async def test_what_is_known_of_a_change_of_unknown_outcome_outlives_the_program(bench: Bench, action: str) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="POST", status=500, body={"detail": "Out of disks."}))
    ended = await begin(bench.instance(), action, backup)
    assert ended.outcome is Outcome.UNKNOWN
    assert "Out of disks." in ended.message
    for _ in range(2):
        bench.instances[-1].close()
        bench.told.clear()
        (again,) = await bench.instance().resume()
        assert again == ended
        assert bench.told[0] == ended
        assert LEFT_BEHIND not in str(bench.told)


async def test_a_restore_that_an_ended_instance_left_forbids_another_at_once(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup={"id": backup.id, "server_id": SERVER.id})
    ended = await bench.instance().restore(backup)
    assert ended.outcome is Outcome.REFUSED
    assert "it is not known what became of the last restore of web-server-01" in ended.message


async def test_a_restore_that_an_ended_instance_had_not_sent_forbids_nothing(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=False, backup={"id": backup.id, "server_id": SERVER.id})
    assert (await bench.instance().restore(backup)).outcome is Outcome.DONE


@pytest.mark.parametrize("sent", [True, False])
async def test_a_restore_that_another_instance_has_under_way_forbids_another(bench: Bench, sent: bool) -> None:
    backup = (await bench.backups())[0]
    operation = Operation(
        id="op-9", action=Action.RESTORE, server_id=SERVER.id, server_name=SERVER.name, backup=backup, at=1.0
    )
    other = Journal(bench.path)
    other.write(Entry("op-9", 1.0, True, {"operation": to_builtins(operation), "known": [], "sent": sent}))
    ended = await bench.instance().restore(backup)
    other.close()
    assert ended.outcome is Outcome.REFUSED
    assert ended.message == "Nothing was sent: a restore on web-server-01 is still under way."
    assert bench.demo.count("POST") == 0


async def test_a_new_journal_in_place_of_a_damaged_one_is_told_of_once(bench: Bench) -> None:
    bench.path.parent.mkdir(mode=0o700)
    bench.path.write_bytes(b"junk" * 1000)
    instance = bench.instance()
    assert instance.take_notice() == ""
    assert await instance.resume() == []
    assert "moved aside" in instance.take_notice()
    assert instance.take_notice() == ""


@pytest.mark.parametrize("number", [1, 2])
async def test_entries_that_cannot_be_read_are_counted_once(bench: Bench, number: int) -> None:
    await bench.instance().create(SERVER, "")
    for each in range(number):
        bench.plant("not json", number=each)
    instance = bench.instance()
    assert len(await instance.history()) == 1
    assert instance.take_notice() == f"Entries of the journal that can't be read: {number}. They are kept there."
    assert instance.take_notice() == ""


async def test_a_closed_instance_opens_the_journal_no_more(bench: Bench) -> None:
    instance = bench.instance()
    await instance.create(SERVER, "")
    instance.close()
    ended = await instance.delete((await bench.backups())[0])
    assert (ended.outcome, ended.status) == (Outcome.REFUSED, None)
    assert ended.message == (
        "Nothing was sent, as it could not be journalled (--no-journal would go on without). The journal is closed."
    )
    with pytest.raises(JournalError, match=r"^The journal is closed\.$"):
        await instance.history()
    assert list(bench.path.parent.glob("*.lock")) == []


async def test_a_journal_that_cannot_be_written_forbids_every_change(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    Journal(bench.path).close()
    bench.busy_seconds = 0
    instance = bench.instance()
    assert await instance.history() == []
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for ended in [await begin(instance, action, backup) for action in ("create", "delete", "restore")]:
        assert ended.outcome is Outcome.REFUSED
        assert ended.message.startswith("Nothing was sent, as it could not be journalled (--no-journal would go on")
        assert ended.message.endswith("database is locked.")
    other.execute("ROLLBACK")
    other.close()
    assert bench.demo.count("POST") + bench.demo.count("DELETE") == 0


def forbid_updates(bench: Bench, condition: str) -> None:
    """Let the disk fail for entries that are written a second time, where a condition holds."""
    Journal(bench.path).close()
    with sqlite3.connect(bench.path) as database:
        body = "BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        database.execute(f"CREATE TRIGGER full BEFORE UPDATE ON changes WHEN {condition} {body}")
    database.close()


def let_the_disk_be(bench: Bench) -> None:
    """End what `forbid_updates` has begun."""
    with sqlite3.connect(bench.path) as database:
        database.execute("DROP TRIGGER full")
    database.close()


async def test_a_journal_that_fails_before_the_request_stops_it(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    forbid_updates(bench, "TRUE")
    instance = bench.instance()
    ended = await instance.delete(backup)
    assert ended.outcome is Outcome.REFUSED
    assert ended.message == (
        "Nothing was sent, as it could not be journalled (--no-journal would go on without)."
        " The journal journal.sqlite3 can't be used: disk is full."
    )
    assert bench.demo.count("DELETE") == 0
    instance.close()
    let_the_disk_be(bench)
    assert [each.outcome for each in await bench.instance().resume()] == [Outcome.NOT_SENT]


async def test_a_journal_that_fails_after_the_request_is_told_of_beside_the_outcome(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    forbid_updates(bench, "NOT NEW.open")
    instance = bench.instance()
    ended = await instance.delete(backup)
    assert ended.outcome is Outcome.DONE
    assert ended.message.endswith(
        " is deleted. This could not be journalled so far, and no other start knows it until it is:"
        " The journal journal.sqlite3 can't be used: disk is full."
    )
    assert instance.recent[0] == ended


async def test_that_an_outcome_could_not_be_journalled_is_said_as_long_as_that_is_so(bench: Bench) -> None:
    first, second, third, *_ = await bench.backups()
    forbid_updates(bench, f"NOT NEW.open AND NEW.entry LIKE '%{first.id} of%'")
    instance = bench.instance()
    assert "could not be journalled so far" in (await instance.delete(first)).message
    assert "could not be journalled" not in (await instance.delete(second)).message
    assert [each.entry.open for each in read_only(bench.path)] == [False, True]
    assert await instance.resume() == []
    assert "could not be journalled so far" in instance.recent[1].message
    let_the_disk_be(bench)
    await instance.delete(third)
    assert [each.message for each in await instance.history()] == [
        f"Backup {each.id} of web-server-01 is deleted." for each in (third, second, first)
    ]


async def test_what_is_waited_for_is_put_on_the_disk_before_other_debts(bench: Bench) -> None:
    ledger = bench.instance()._ledger
    running = [Operation(id=f"op-{number}", action=Action.CREATE, server_id=1, at=1.0) for number in (1, 2)]
    done = [structs.replace(each, outcome=Outcome.DONE) for each in running]
    for each in running:
        await ledger.keep(Intent(each))
    forbid_updates(bench, "TRUE")
    for each in done:
        with pytest.raises(JournalError):
            await ledger.keep(Intent(each))
    let_the_disk_be(bench)
    forbid_updates(bench, "NEW.id = 'op-2'")
    await ledger.keep(Intent(done[0]))
    assert {each.entry.id: each.entry.open for each in read_only(bench.path)} == {"op-1": False, "op-2": True}


async def test_of_two_outcomes_that_end_together_each_says_that_it_could_not_be_journalled(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    answer = Event()
    bench.demo.faults.add(Fault(method="DELETE", until=answer, times=2))
    instance = bench.instance()
    deletes = [asyncio.create_task(instance.delete(each)) for each in (first, second)]
    await asyncio.to_thread(until, lambda: bench.demo.count("DELETE") == 2, "both requests")
    forbid_updates(bench, "NOT NEW.open")
    answer.set()
    for ended in await asyncio.gather(*deletes):
        assert "could not be journalled so far" in ended.message


class _Unread(Journal):
    """A journal that can be written and, once it is `out_of_reach`, not read."""

    out_of_reach = True

    def entries(self) -> list[Owned]:
        if self.out_of_reach:
            raise JournalError("Out of reach.")
        return super().entries()


async def test_what_can_not_be_told_is_not_taken_over(bench: Bench) -> None:
    journal = _Unread(bench.path)
    ledger = Ledger(lambda: journal, lambda operation: None)
    ledger.note(Operation(id="op-9", action=Action.DELETE, server_id=1, at=1.0, outcome=Outcome.UNKNOWN))
    bench.plant_change("create", sent=True)
    with pytest.raises(JournalError):
        await ledger.take_over(lambda operation: True)
    journal.out_of_reach = False
    assert [each.operation.id for each in await ledger.take_over(lambda operation: True)] == ["op-1"]
    journal.close()


async def test_a_debt_that_is_paid_changes_nothing_that_is_known_by_now(bench: Bench) -> None:
    ledger = bench.instance()._ledger
    done = Operation(
        id="op-1", action=Action.CREATE, server_id=1, outcome=Outcome.DONE, message="Begun. Not journalled.", at=1.0
    )
    ledger._forget_debt(done)
    assert ledger.recent == []
    ledger.note(done)
    for other in ({"outcome": Outcome.UNKNOWN, "message": "Begun."}, {"message": "Ended."}):
        ledger._forget_debt(structs.replace(done, **other))
        assert ledger.recent == [done]
    ledger._forget_debt(structs.replace(done, message="Begun."))
    assert ledger.recent == [structs.replace(done, message="Begun.")]


async def test_what_could_not_be_journalled_opens_nothing_that_another_instance_has_closed(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    bench.plant_change("restore", sent=True, backup={"id": backup.id}, outcome="unknown")
    forbid_updates(bench, "NEW.entry LIKE '%look at it%'")
    owing = bench.instance()
    assert "could not be journalled so far" in (await owing.resume())[0].message
    let_the_disk_be(bench)
    assert (await restore_again(bench.instance(), backup)).outcome is Outcome.DONE
    await owing.resume()
    assert (await bench.instance().restore(backup)).outcome is Outcome.DONE
    assert (await owing.restore(backup)).outcome is Outcome.DONE


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


@pytest.mark.parametrize("by_a_change", [False, True])
async def test_an_outcome_that_could_not_be_journalled_is_once_that_can_be(bench: Bench, by_a_change: bool) -> None:
    backup = (await bench.backups())[0]
    forbid_updates(bench, "TRUE")
    instance = bench.instance()
    ended = await instance.restore(backup)
    assert ended.outcome is Outcome.REFUSED
    assert [each.entry.open for each in read_only(bench.path)] == [True]
    let_the_disk_be(bench)
    if by_a_change:
        assert (await instance.create(Server(id=12346), "before")).outcome is Outcome.DONE
    else:
        assert await instance.resume() == []
    assert not any(each.entry.open for each in read_only(bench.path))
    assert (await bench.instance().restore(backup)).outcome is Outcome.DONE


async def test_what_is_known_later_is_not_replaced_by_what_could_not_be_journalled_before(
    bench: Bench, clock: Clock
) -> None:
    backup = (await bench.backups())[0]
    assert isinstance(backup.id, int)
    forbid_updates(bench, "NEW.entry LIKE '%unknown%'")
    instance = bench.instance(clock=clock)
    ended = await unknown(bench, instance, "delete", backup)
    assert "could not be journalled so far" in ended.message
    let_the_disk_be(bench)
    bench.demo.service.delete(backup.id)
    for _ in range(2):
        clock.advance(LOOKS[-1])
        settled = await instance.look_again()
    assert [each.outcome for each in settled] == [Outcome.DONE]
    assert await bench.kept() == settled


async def test_a_restore_that_another_instance_has_closed_forbids_nothing_any_more(bench: Bench) -> None:
    backup, other = (await bench.backups())[:2]
    bench.plant_change("restore", sent=True, backup={"id": backup.id, "server_id": SERVER.id})
    instance = bench.instance()
    assert [each.outcome for each in await instance.resume()] == [Outcome.UNKNOWN]
    assert (await instance.delete(backup)).outcome is Outcome.REFUSED
    known = {each.id for each in instance.recent}
    assert (await restore_again(bench.instance(), other)).outcome is Outcome.DONE
    assert await instance.resume() == []
    assert {each.id for each in instance.recent} == known
    told = len(bench.told)
    assert await instance.resume() == []
    assert len(bench.told) == told  # it is learned once
    assert (await instance.delete(backup)).outcome is Outcome.DONE


async def unknown(bench: Bench, instance: Operations, action: str, backup: Backup) -> Operation:
    bench.demo.faults.add(Fault(method="DELETE" if action == "delete" else "POST", cut="before"))
    ended = await begin(instance, action, backup)
    assert ended.outcome is Outcome.UNKNOWN
    return ended


def still_open(instance: Operations) -> set[tuple[str, Any]]:
    return {(each.action.value, each.server_id) for each in instance.recent if each.is_open}


async def test_to_have_looked_at_a_server_closes_its_restores_and_nothing_else(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    other = Server(id=12346)
    listing = await bench.service.list_backups(server_id=other.id)
    of_other = next(each for each in listing.items if each.is_completed)
    instance = bench.instance()
    await unknown(bench, instance, "create", first)
    await unknown(bench, instance, "restore", of_other)
    await unknown(bench, instance, "restore", second)
    assert (await restore_again(instance, first)).outcome is Outcome.DONE
    assert still_open(instance) == {("create", SERVER.id), ("restore", other.id)}


async def test_a_restore_that_can_not_be_closed_in_the_journal_is_asked_about_once_more(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    instance = bench.instance()
    await unknown(bench, instance, "restore", backup)
    forbid_updates(bench, """NEW.entry LIKE '%"acknowledged": true%'""")
    assert (await restore_again(instance, backup)).outcome is Outcome.DONE
    instance.close()
    assert "it is not known what became" in (await bench.instance().restore(backup)).message


async def test_to_have_looked_at_a_server_sends_no_restore_beside_one_under_way(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    answer, sent = Event(), asyncio.Event()
    bench.demo.faults.add(Fault(method="POST", path="/restore/", until=answer))
    instance = bench.instance(lambda operation: sent.set() if operation.message == SENT else None)
    running = asyncio.create_task(instance.restore(first))
    await sent.wait()
    ended = await restore_again(instance, second)
    answer.set()
    assert (await running).outcome is Outcome.DONE
    assert ended.message == "Nothing was sent: a restore on web-server-01 is still under way."
    assert bench.demo.count("POST") == 1


async def test_to_have_looked_closes_a_restore_that_an_ended_instance_left_too(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup={"id": backup.id, "server_id": SERVER.id})
    assert (await restore_again(bench.instance(), backup)).outcome is Outcome.DONE
    assert [each.is_open for each in await bench.kept()] == [False, False]


@pytest.mark.parametrize("why", ["this account is opened read-only", ""])
async def test_to_have_looked_closes_nothing_where_nothing_is_sent(bench: Bench, why: str) -> None:
    backup = (await bench.backups())[0]
    reason = ""
    instance = bench.instance(why_read_only=lambda: reason)
    await unknown(bench, instance, "restore", backup)
    reason = why
    if not why:
        bench.demo.faults.add(Fault(method="GET", status=500, times=None))
    ended = await restore_again(instance, backup)
    assert ended.outcome in (Outcome.REFUSED, Outcome.NOT_SENT)
    bench.demo.faults.clear()
    reason = ""
    ended = await instance.restore(backup)
    assert "look at the server before anything else" in ended.message
    assert bench.demo.count("POST") == 1


@pytest.mark.parametrize("is_told", [True, False])
async def test_to_have_looked_closes_a_restore_that_another_instance_holds(bench: Bench, is_told: bool) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    await unknown(bench, bench.instance(), "restore", backup)
    other = bench.instance()
    if is_told:
        assert (await other.restore(backup)).outcome is Outcome.REFUSED
        assert sum(each.is_undecidable for each in other.recent) == 1
    assert (await restore_again(other, backup)).outcome is Outcome.DONE
    assert (await bench.instance().restore(backup)).outcome is Outcome.DONE


async def test_of_what_another_instance_holds_only_restores_of_the_same_server_are_remembered(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    of_other = next(each for each in (await bench.service.list_backups(server_id=12346)).items if each.is_completed)
    holder, instance = bench.instance(), bench.instance()
    await unknown(bench, holder, "create", backup)
    await unknown(bench, holder, "restore", of_other)
    ended = await instance.restore(backup)
    assert ended.outcome is Outcome.DONE
    assert instance.recent == [ended]


async def test_a_restore_that_may_not_have_been_made_closes_none_that_it_was_sent_in_spite_of(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    instance = bench.instance()
    await unknown(bench, instance, "restore", first)
    bench.demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
    assert (await restore_again(instance, second)).outcome is Outcome.UNKNOWN
    for backup in (first, second):
        assert "being restored from this backup" in (await instance.delete(backup)).message
    assert len(in_doubt(await bench.instance().history(), SERVER.id)) == 2
    bench.demo.service.restore_seconds = 0
    assert (await restore_again(instance, second)).outcome is Outcome.DONE
    assert not in_doubt(await bench.instance().history(), SERVER.id)


async def test_to_have_looked_is_nothing_for_a_restore_that_nobody_was_asked_about(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    bench.demo.service.restore_seconds = 0
    instance, other = bench.instance(), bench.instance()
    await unknown(bench, instance, "restore", first)
    asked = in_doubt(instance.recent, SERVER.id)
    bench.demo.faults.add(Fault(method="POST", path="/restore/", cut="after"))
    assert (await restore_again(other, second)).outcome is Outcome.UNKNOWN
    ended = await instance.restore(first, despite=asked)
    assert ended.outcome is Outcome.REFUSED
    assert "look at the server before anything else" in ended.message
    assert bench.demo.count("POST") == 2
    assert (await restore_again(instance, first)).outcome is Outcome.DONE
    assert not in_doubt(await bench.instance().history(), SERVER.id)


async def test_a_restore_in_spite_of_another_one_waits_for_no_look_at_what_else_is_open(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup={"id": backup.id, "server_id": SERVER.id})
    bench.plant_change("create", sent=True, number=2)
    assert (await restore_again(bench.instance(), backup)).outcome is Outcome.DONE
    assert bench.pauses == []


async def test_to_have_looked_closes_no_restore_that_has_ended(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    instance = bench.instance()
    ended = await instance.restore(backup)
    assert (await restore_again(instance, backup)).outcome is Outcome.DONE
    assert instance.recent[1] == ended


async def test_a_journal_that_fails_where_the_operator_has_looked_is_told_by_the_change_itself(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.busy_seconds = 0
    instance = bench.instance()
    await unknown(bench, instance, "restore", backup)
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ended = await instance.restore(backup, despite=in_doubt(instance.recent, SERVER.id))
    other.execute("ROLLBACK")
    other.close()
    assert ended.outcome is Outcome.REFUSED
    assert ended.message.startswith("Nothing was sent, as it could not be journalled")
    assert bench.demo.count("POST") == 1


async def test_without_a_journal_changes_are_remembered_while_the_program_runs(bench: Bench) -> None:
    instance = Operations(bench.service, pause=bench.pause)
    first = await instance.create(SERVER, "first")
    second = await instance.delete((await bench.backups())[0])
    assert [first.outcome, second.outcome] == [Outcome.DONE, Outcome.DONE]
    assert await instance.history() == [second, first]
    assert await instance.resume() == []
    assert not bench.path.exists()


# --- whose backup it is ----------------------------------------------------------------


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


# --- what others left, without taking it over ------------------------------------------


async def test_the_history_tells_of_a_change_of_an_ended_instance_as_it_is_known(bench: Bench) -> None:
    bench.plant_change("create", sent=False, number=1)
    bench.plant_change("create", sent=True, number=2)
    bench.plant_change("restore", sent=False, number=3, backup={"id": 1}, copies_first=True)
    instance = bench.instance()
    assert [(each.outcome, each.message) for each in await instance.history()] == [
        (Outcome.NOT_SENT, "Nothing was restored: the program was ended before that."),
        (Outcome.UNKNOWN, LEFT_BEHIND),
        (Outcome.NOT_SENT, STOPPED),
    ]
    assert instance.recent == []


@pytest.mark.parametrize(("outcome", "copy"), [("done", Backup(id=2)), ("unknown", None)])
async def test_a_restore_that_was_ended_while_its_server_was_backed_up_is_told_of_with_the_backup_that_is_known(
    bench: Bench, outcome: str, copy: Backup | None
) -> None:
    bench.plant_change("restore", sent=False, number=1, backup={"id": 1}, copies_first=True)
    bench.plant_change("restore", sent=False, number=2, backup={"id": 1})
    bench.plant_change("create", sent=True, number=3, part_of="op-1", outcome=outcome, backup=to_builtins(copy))
    _, other, restore = await bench.instance().history()
    assert restore.message == "Nothing was restored: the program was ended before that."
    assert restore.safety == copy
    assert other.safety is None


async def test_the_history_is_in_the_order_of_the_changes_whatever_the_clock_said(bench: Bench) -> None:
    now: list[float] = []
    earlier, instance = (bench.instance(clock=lambda: now[-1]) for _ in range(2))
    made = []
    for moment, each in ((30.0, earlier), (10.0, instance), (20.0, earlier)):
        now.append(moment)
        made.append(await each.create(SERVER, ""))
    assert await instance.history() == made[::-1]


async def test_a_journal_that_can_only_be_read_is_read_and_that_is_told(bench: Bench) -> None:
    instance = bench.instance(read_journal=partial(read_only, bench.path))
    made = await instance.create(SERVER, "before")
    bench.busy_seconds = 0
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    following = bench.instance(read_journal=partial(read_only, bench.path))
    assert await following.history() == [made]
    notice = following.take_notice()
    assert notice == "The journal journal.sqlite3 can't be used: database is locked. It was only read."
    other.close()


async def test_nothing_is_sent_before_it_is_told_that_the_journal_was_lost(bench: Bench) -> None:
    bench.path.parent.mkdir(mode=0o700)
    bench.path.write_bytes(b"no database at all, but long enough" * 40)
    instance = bench.instance()
    refused = await instance.create(SERVER, "before")
    assert refused.outcome is Outcome.REFUSED
    assert refused.message == (
        "Nothing was sent: what the journal held is lost, and with it what may be under way:"
        " look at the servers, then ask again."
    )
    assert (await instance.create(SERVER, "before")).outcome is Outcome.REFUSED
    instance.close()
    following = bench.instance()
    assert not following.accept_loss(refused)
    again = await following.create(SERVER, "before")
    assert again.outcome is Outcome.REFUSED
    assert "moved aside" in following.take_notice()
    assert not following.accept_loss(refused)
    assert following.accept_loss(again)
    following.told()
    assert (await following.create(SERVER, "before")).outcome is Outcome.DONE
    assert (await bench.instance().create(SERVER, "after")).outcome is Outcome.DONE
    assert bench.demo.count("POST") == 2


@pytest.mark.parametrize("locked", [False, True])
async def test_a_loss_is_told_by_each_instance_until_one_has_told_it(bench: Bench, locked: bool) -> None:
    bench.path.parent.mkdir(mode=0o700)
    bench.path.write_bytes(b"no database at all, but long enough" * 40)
    bench.busy_seconds = 0
    for _ in range(2):
        instance = bench.instance()
        await instance.resume()
        assert "moved aside" in instance.take_notice()
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE" if locked else "SELECT 1")
    instance.told()
    other.close()
    following = bench.instance()
    await following.resume()
    assert ("moved aside" in following.take_notice()) is locked


async def test_all_that_is_to_be_told_of_the_journal_is_told_together(bench: Bench) -> None:
    bench.path.parent.mkdir(mode=0o700)
    bench.path.write_bytes(b"no database at all, but long enough" * 40)
    bench.busy_seconds = 0
    instance = bench.instance(read_journal=partial(read_only, bench.path))
    assert len(await instance.history()) == 0
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await instance.history()
    other.close()
    assert " and a new one was begun. The journal journal.sqlite3 can't be used: " in instance.take_notice()
    assert instance.take_notice() == ""


async def test_the_history_shows_a_change_of_this_instance_as_it_is_now(bench: Bench) -> None:
    seen: list[asyncio.Task[list[Operation]]] = []

    def told(operation: Operation) -> None:
        if operation.message == SENT:
            seen.append(asyncio.create_task(instance.history()))

    bench.demo.faults.add(Fault(method="POST", delay=0.2))
    instance = bench.instance(told)
    await instance.create(SERVER, "before")
    assert [each.message for each in await seen[0]] == [SENT]


async def test_what_was_listed_before_a_change_of_unknown_outcome_proves_nothing_at_the_next_start_either(
    bench: Bench, clock: Clock
) -> None:
    bench.demo.service.create(SERVER.id, "before")
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    assert (await bench.instance(clock=clock).create(SERVER, "before")).outcome is Outcome.UNKNOWN
    bench.instances[0].close()
    (again,) = await bench.instance(clock=clock).resume()
    assert again.outcome is Outcome.UNKNOWN


UNREAD = "the journal's open entry op-1 can't be read, so it is not known what may be under way"
UNREAD_TOLD = f"T{UNREAD[1:]}. Look at the servers: from now on that forbids nothing."


async def test_while_an_open_change_cannot_be_read_nothing_is_sent_before_that_was_told(bench: Bench) -> None:
    bench.plant("{}")
    instance = bench.instance()
    for _ in range(2):
        refused = await instance.create(SERVER, "before")
        assert refused.outcome is Outcome.REFUSED
        assert refused.message == f"Nothing was sent: {UNREAD}: look at the servers, then ask again."
    instance.close()
    following = bench.instance()
    again = await following.create(SERVER, "before")
    assert again.outcome is Outcome.REFUSED
    assert following.take_notice() == UNREAD_TOLD
    assert following.accept_loss(again)
    following.told()
    assert (await following.create(SERVER, "before")).outcome is Outcome.DONE
    assert (await bench.instance().create(SERVER, "after")).outcome is Outcome.DONE
    assert bench.demo.count("POST") == 2


@pytest.mark.parametrize(
    ("count", "which"),
    [(1, "entry op-1"), (2, "entries op-1, op-2"), (3, "entries op-1, op-2, op-3")],
)
async def test_each_open_change_that_cannot_be_read_is_named(bench: Bench, count: int, which: str) -> None:
    for number in range(1, count + 1):
        bench.plant("no json", number=number)
    refused = await bench.instance().create(SERVER, "before")
    assert refused.message.startswith(f"Nothing was sent: the journal's open {which} can't be read")


async def test_an_instance_that_runs_already_heeds_what_another_one_has_lost(bench: Bench) -> None:
    running, other = bench.instance(), bench.instance()
    assert await running.resume() == []
    bench.plant("no json")
    assert (await other.create(SERVER, "before")).outcome is Outcome.REFUSED
    refused = await running.create(SERVER, "before")
    assert "what the journal held is lost" in refused.message
    assert running.take_notice() == UNREAD_TOLD
    assert running.accept_loss(refused)
    running.told()
    assert (await running.create(SERVER, "before")).outcome is Outcome.DONE
    assert (await bench.instance().create(SERVER, "after")).outcome is Outcome.DONE


async def test_open_changes_that_were_taken_over_and_cannot_be_read_forbid_what_they_may_be_too(bench: Bench) -> None:
    instance = bench.instance()
    instance.told()  # of nothing
    for number in (1, 2, 3, 4):
        bench.plant("no json", number=number)
    assert await instance.resume() == []
    refused = await instance.create(SERVER, "before")
    assert refused.message.startswith("Nothing was sent: the journal's open entries op-1, op-2, op-3 and 1 more can't")
    assert " entries op-1, op-2, op-3 and 1 more can't be read" in instance.take_notice()
    assert instance.is_refused_for_loss(refused)
    assert not instance.is_refused_for_loss(structs.replace(refused, id="op-another"))
    assert instance.accept_loss(refused)
    assert (await instance.create(SERVER, "before")).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("server_id", "outcome"),
    [
        (SERVER.id, Outcome.REFUSED),
        (str(SERVER.id), Outcome.REFUSED),
        ("", Outcome.REFUSED),
        (None, Outcome.REFUSED),
        (True, Outcome.REFUSED),
        (1, Outcome.DONE),
    ],
)
async def test_an_open_change_that_cannot_be_read_forbids_what_it_can_not_be_told_apart_from(
    bench: Bench, server_id: object, outcome: Outcome
) -> None:
    bench.plant_change("restore", sent=True, server_id=server_id)  # of no backup
    instance = bench.instance()
    assert (await instance.create(SERVER, "before")).outcome is outcome
    left = [each.entry.open for each in read_only(bench.path) if each.entry.id == "op-1"]
    assert left == [outcome is Outcome.DONE]


async def test_a_change_of_an_instance_that_runs_is_left_to_it_though_it_cannot_be_read(bench: Bench) -> None:
    other = Journal(bench.path)
    other.write(Entry("op-1", 1.0, open=True, known={}))
    instance = bench.instance()
    for _ in range(2):
        refused = await instance.create(SERVER, "before")
        assert refused.message.endswith(f"{UNREAD}: wait until the program that has written that is ended.")
        assert not instance.accept_loss(refused)
    other.claim(Entry("op-1", 1.0, open=False, known={}))
    other.close()
    assert (await instance.create(SERVER, "before")).outcome is Outcome.DONE


async def test_the_history_tells_of_a_running_change_of_a_living_instance_as_running(bench: Bench) -> None:
    async def look(operation: Operation) -> None:
        seen.append([each.outcome for each in await other.history()])

    seen: list[list[Outcome]] = []
    other = bench.instance()
    tasks: list[asyncio.Task[None]] = []

    def told(operation: Operation) -> None:
        if operation.message == SENT:
            tasks.append(asyncio.create_task(look(operation)))

    bench.demo.faults.add(Fault(method="POST", delay=0.2))
    await bench.instance(told).create(SERVER, "before")
    await asyncio.gather(*tasks)
    assert seen == [[Outcome.RUNNING]]


@pytest.mark.parametrize("why_read_only", ["", "it is read-only"])
async def test_a_change_that_was_refused_is_in_the_history(bench: Bench, why_read_only: str) -> None:
    bench.plant_change("restore", sent=True, backup={"id": 1})
    backup = (await bench.backups())[0]
    refused = await bench.instance(why_read_only=lambda: why_read_only).restore(backup)
    assert refused.outcome is Outcome.REFUSED
    assert refused in await bench.instance().history()


async def test_a_refusal_that_cannot_be_journalled_is_a_refusal_all_the_same(bench: Bench) -> None:
    instance = bench.instance(why_read_only=lambda: "it is read-only")
    instance.close()
    refused = await instance.create(SERVER, "before")
    assert (refused.outcome, refused.message) == (Outcome.REFUSED, "Nothing was sent: it is read-only.")


# --- another account at the same service -----------------------------------------------


PROD, LAB = Actor(account="prod"), Actor(account="lab")


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


# --- without a journal -----------------------------------------------------------------


def without_journal(bench: Bench) -> Operations:
    operations = Operations(bench.service, read_journal=lambda: read_only(bench.path), pause=bench.pause)
    bench.instances.append(operations)
    return operations


async def test_without_a_journal_of_its_own_a_change_is_still_forbidden_by_what_others_left(bench: Bench) -> None:
    bench.plant_change("restore", sent=True, backup={"id": 1})
    before = {path.name: path.read_bytes() for path in bench.path.parent.iterdir()}
    instance = without_journal(bench)
    backup = (await bench.backups())[0]
    refused = await instance.restore(backup)
    assert refused.outcome is Outcome.REFUSED
    assert "it is not known what became of the last restore" in refused.message
    assert [each.outcome for each in instance.recent] == [Outcome.UNKNOWN, Outcome.REFUSED]
    assert (await restore_again(instance, backup)).outcome is Outcome.DONE
    assert {path.name: path.read_bytes() for path in bench.path.parent.iterdir()} == before


async def test_without_a_journal_of_its_own_its_changes_stand_among_those_of_others(bench: Bench) -> None:
    first, second, *_ = await bench.backups()
    bench.demo.service.restore_seconds = 0
    instance = without_journal(bench)
    assert (await instance.restore(first)).outcome is Outcome.DONE
    assert (await bench.instance().restore(second)).outcome is Outcome.DONE
    assert [each.backup for each in await instance.history()] == [second, first]
    assert "confirm that, if you mean it" in (await instance.delete(second)).message


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough" * 40])
async def test_a_journal_that_cannot_be_read_forbids_nothing_where_none_is_kept(
    bench: Bench, content: bytes | None
) -> None:
    if content is not None:
        bench.path.parent.mkdir()
        bench.path.write_bytes(content)
    instance = without_journal(bench)
    told = content is not None
    assert await instance.resume() == []
    assert instance.take_notice().endswith("Nothing is forbidden by what it may hold.") is told
    made = await instance.create(SERVER, "before")
    assert made.outcome is Outcome.DONE
    assert await instance.history() == [made]
    assert instance.take_notice() == ""


def taking_over_as_a_change_begins(bench: Bench, *, is_remembered: bool, fails: bool = False) -> Operations:
    """Return an instance that takes over what was left behind just as a change begins, as a reading may.

    What is taken over `is_remembered` by then or not yet; `fails` tells that nothing can be written after that.
    """

    class Adopting(Journal):
        def begin(self, entry: Entry, forbid: Callable[[list[Owned], str], str | None]) -> str | None:
            if is_remembered:
                asyncio.run_coroutine_threadsafe(instance.resume(), loop).result()
            else:
                self.adopt_left_behind()
            return super().begin(entry, forbid)

        def write(self, entry: Entry) -> None:
            if fails and not entry.open:
                raise JournalError("The journal can't be used: disk full.")
            super().write(entry)

    loop = asyncio.get_running_loop()
    instance = Operations(bench.service, journal=lambda: Adopting(bench.path), pause=bench.pause)
    bench.instances.append(instance)
    return instance


@pytest.mark.parametrize("is_remembered", [False, True])
async def test_what_is_taken_over_while_a_change_begins_forbids_it_all_the_same(
    bench: Bench, is_remembered: bool
) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup=to_builtins(backup))
    instance = taking_over_as_a_change_begins(bench, is_remembered=is_remembered)
    for ended in (await instance.restore(backup), await instance.delete(backup)):
        assert ended.outcome is Outcome.REFUSED
        assert "it is not known" in ended.message
    assert bench.demo.count("POST") == bench.demo.count("DELETE") == 0


@pytest.mark.parametrize("is_remembered", [False, True])
async def test_a_backup_that_may_be_going_by_what_is_taken_over_meanwhile_is_not_counted_as_left(
    bench: Bench, is_remembered: bool
) -> None:
    first, second, *others = await bench.backups()
    for each in others:
        bench.demo.service.delete(int(str(each.id)))
    bench.plant_change("delete", sent=True, backup=to_builtins(first))
    ended = await taking_over_as_a_change_begins(bench, is_remembered=is_remembered).delete(second)
    assert ended.outcome is Outcome.REFUSED
    assert "it has become the last completed backup of its server" in ended.message
    assert bench.demo.count("DELETE") == 0


async def test_a_refusal_after_the_intent_that_cannot_be_written_says_so(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup=to_builtins(backup))
    ended = await taking_over_as_a_change_begins(bench, is_remembered=True, fails=True).restore(backup)
    assert ended.outcome is Outcome.REFUSED
    assert "This could not be journalled" in ended.message
