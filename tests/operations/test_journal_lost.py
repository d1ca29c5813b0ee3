"""A journal of which something is lost: nothing is sent before that was told."""

import sqlite3
from functools import partial

import pytest
from msgspec import structs

from tests.operations.bench import SERVER, Bench
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.store.journal import Entry, Journal, read_only

UNREAD = "the journal's open entry op-1 can't be read, so it is not known what may be under way"
UNREAD_TOLD = f"T{UNREAD[1:]}. Look at the servers: from now on that forbids nothing."


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
