"""Who has looked at a server may restore it in spite of what is not known; what that closes, and what not."""

import asyncio
import sqlite3
from threading import Event
from typing import Any

import pytest

from tests.operations.bench import SENT, SERVER, Bench, forbid_updates, restore_again, unknown
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Outcome, in_doubt


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
