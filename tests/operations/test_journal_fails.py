"""A journal that can't be written: what is refused, and what is said of what was made all the same."""

import asyncio
import sqlite3
from threading import Event

import pytest
from msgspec import structs

from tests.conftest import Clock
from tests.operations.bench import SERVER, Bench, begin, forbid_updates, let_the_disk_be, restore_again, unknown
from tests.process.running import until
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.ledger import Intent, Ledger
from vpsbackup_tui.operations.looks import LOOKS
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Journal, Owned, read_only


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


async def test_a_refusal_that_cannot_be_journalled_is_a_refusal_all_the_same(bench: Bench) -> None:
    instance = bench.instance(why_read_only=lambda: "it is read-only")
    instance.close()
    refused = await instance.create(SERVER, "before")
    assert (refused.outcome, refused.message) == (Outcome.REFUSED, "Nothing was sent: it is read-only.")
