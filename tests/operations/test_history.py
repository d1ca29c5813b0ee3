"""What the history tells: every change as it is known now, in the order in which they were made."""

import asyncio
import sqlite3
from functools import partial

import pytest
from msgspec import to_builtins

from tests.conftest import Clock
from tests.operations.bench import LEFT_BEHIND, SENT, SERVER, STOPPED, Bench
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.store.journal import Journal, read_only
from vpsbackup_tui.text import clean


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


async def test_nothing_that_others_have_written_into_the_journal_acts_on_the_terminal(bench: Bench) -> None:
    hostile = "\x1b]52;c;cm0=\x07\u202e" * 60
    shown_so = clean(hostile, 2048)
    who = {"account": hostile, "email": hostile, "user": hostile}
    backup = {"id": 1, "server_name": hostile, "status": hostile, "raw": {"status": hostile}}
    bench.plant_change(
        "delete", sent=True, server_name=hostile, message=hostile, reason=hostile, backup=backup, who=who
    )
    other = Journal(bench.path)
    other.lose([], hostile)
    other.close()
    instance = bench.instance()
    (shown,) = await instance.history()
    assert instance.take_notice() == shown_so
    assert (shown.server_name, shown.reason, shown.who and shown.who.account) == (shown_so,) * 3
    texts = shown.record() | {"backup": None, "words": shown.words, "what": shown.what}
    assert str(texts).isprintable()
    assert shown.backup is not None
    assert shown.backup.status == shown_so
    assert shown.backup.record()["status"] == hostile  # as the service had sent it: for JSON in ASCII
