"""The engine between two instances, at its end, and before a journal that isn't as it should be."""

import asyncio
import re
import sqlite3
from contextlib import closing
from threading import Event

import pytest

from tests.conftest import Clock
from tests.operations.bench import SERVER, STOPPED, Bench, begin, restore_again
from tests.process.running import until
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations import engine
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.looks import LONGEST_DOUBT, LOOKS
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.store.journal import Journal


async def test_of_two_instances_only_one_restores_a_server(bench: Bench) -> None:
    backups = await bench.backups()
    bench.demo.faults.add(Fault(path="server_id", delay=0.3, times=None))  # both read their lists at once
    ended = await asyncio.gather(bench.instance().restore(backups[0]), bench.instance().restore(backups[1]))
    assert sorted(each.outcome for each in ended) == [Outcome.DONE, Outcome.REFUSED]
    assert bench.demo.count("POST") == 1


async def test_of_two_instances_only_one_deletes_the_last_but_one(bench: Bench) -> None:
    first, second, *rest = await bench.backups()
    for each in rest:
        bench.demo.service.delete(int(str(each.id)))
    instances = bench.instance(), bench.instance()
    ended = await asyncio.gather(instances[0].delete(first), instances[1].delete(second))
    assert sum(each.outcome is Outcome.DONE for each in ended) == 1
    assert len(await bench.backups()) == 1


async def test_of_two_deletes_at_once_none_takes_the_other_for_a_backup_that_stays(bench: Bench) -> None:
    first, second, *rest = await bench.backups()
    for each in rest:
        bench.demo.service.delete(int(str(each.id)))
    instance = bench.instance()
    ended = await asyncio.gather(instance.delete(first), instance.delete(second))
    assert Outcome.REFUSED in {each.outcome for each in ended}
    assert await bench.backups() != []


async def test_a_backup_that_was_listed_before_is_never_taken_for_the_one_that_was_asked_for(bench: Bench) -> None:
    instance = bench.instance()
    assert (await instance.create(SERVER, "before")).outcome is Outcome.DONE
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    ended = await instance.create(SERVER, "before")
    assert ended.outcome is Outcome.UNKNOWN
    assert "no new backup has shown up so far; it still may." in ended.message
    instance.close()
    (taken_up,) = await bench.instance().resume()
    assert taken_up.outcome is Outcome.UNKNOWN


async def test_after_its_end_an_instance_sends_nothing(bench: Bench) -> None:
    backups = await bench.backups()
    instance = bench.instance()
    reading = asyncio.Event()

    def close_while_reading(operation: Operation) -> None:
        if "reading the list" in operation.message:
            reading.set()

    closing = Operations(bench.service, journal=lambda: Journal(bench.path), on_change=close_while_reading)
    bench.demo.faults.add(Fault(path="server_id", delay=0.2))
    work = asyncio.ensure_future(closing.delete(backups[0]))
    await reading.wait()
    closing.close()
    assert (await work).outcome in (Outcome.NOT_SENT, Outcome.REFUSED)
    assert bench.demo.count("DELETE") == 0
    assert {each.outcome for each in await instance.resume()} <= {Outcome.NOT_SENT}


@pytest.mark.parametrize(
    "text",
    [
        '{"operation": {"id": "x"}}',
        "not json",
        "[]",
        '{"operation":{"id":"op-1","action":"delete","server_id":1,"at":1}}',
    ],
)
async def test_an_entry_that_cannot_be_read_is_kept_and_told_and_then_stops_nothing(bench: Bench, text: str) -> None:
    bench.plant(text)
    instance = bench.instance()
    assert await instance.resume() == []
    assert "can't be read" in instance.take_notice()
    instance.accept_loss(await instance.create(SERVER, ""))
    assert (await instance.create(SERVER, "")).outcome is Outcome.DONE
    assert all(each.id != "op-1" for each in await instance.history())
    with sqlite3.connect(bench.path) as database:
        assert database.execute("SELECT entry FROM changes WHERE id = 'op-1'").fetchone() == (text,)
    database.close()


async def test_rows_of_other_servers_prove_nothing_where_a_service_ignores_the_filter(bench: Bench) -> None:
    first, *rest = await bench.backups()
    for each in rest:
        bench.demo.service.delete(int(str(each.id)))
    whole = await bench.service.list_backups()
    rows = {"count": len(whole.items), "results": [each.record() for each in whole.items]}
    bench.demo.faults.add(Fault(method="GET", path="server_id", answer=rows, times=None))
    assert (await bench.instance().delete(first)).outcome is Outcome.REFUSED
    assert bench.demo.count("DELETE") == 0


async def test_a_restore_that_the_operator_has_looked_after_is_asked_about_once(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
    assert (await bench.instance().restore(backup)).outcome is Outcome.UNKNOWN
    bench.instances[0].close()
    second = bench.instance()
    await second.resume()
    assert (await second.delete(backup)).outcome is Outcome.REFUSED
    assert (await restore_again(second, backup)).outcome is Outcome.DONE
    second.close()
    assert await bench.instance().resume() == []


async def test_a_delete_of_unknown_outcome_can_be_tried_again(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    instance = bench.instance()
    bench.demo.faults.add(Fault(method="DELETE", cut="before"))
    assert (await instance.delete(backup)).outcome is Outcome.UNKNOWN
    assert (await instance.delete(backup)).outcome is Outcome.DONE


async def test_each_change_has_a_short_id_of_its_own(bench: Bench) -> None:
    instance = bench.instance()
    ids = {(await instance.create(SERVER, description)).id for description in ("first", "second")}
    assert len(ids) == 2
    assert all(re.fullmatch("op-[0-9a-f]{8}", each) for each in ids)


async def test_of_two_equal_creates_at_once_one_is_sent_and_another_may_follow(bench: Bench) -> None:
    instance = bench.instance()
    ended = await asyncio.gather(instance.create(SERVER, "first"), instance.create(SERVER, "second"))
    assert [each.outcome for each in ended] == [Outcome.DONE, Outcome.REFUSED]
    assert "still under way" in ended[1].message
    assert (await instance.create(SERVER, "third")).outcome is Outcome.DONE
    assert bench.demo.count("POST") == 2


@pytest.mark.parametrize("is_made", [False, True])
async def test_a_create_while_an_equal_one_is_not_known_is_sent_once_and_proves_nothing_of_that_one(
    bench: Bench, clock: Clock, is_made: bool
) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.service.lag.seconds = 60
    bench.demo.faults.add(Fault(method="POST", cut="after" if is_made else "before"))
    first = await instance.create(SERVER, "before")
    assert first.outcome is Outcome.UNKNOWN
    bench.demo.service.lag.seconds = 0
    second = await instance.create(SERVER, "before")
    assert second.outcome is Outcome.DONE
    assert second.backup is not None
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []
    assert [each.outcome for each in instance.recent] == [Outcome.DONE, Outcome.UNKNOWN]
    clock.advance(60)
    settled = await instance.look_again()
    assert [each.id for each in settled] == [first.id] * is_made
    assert all(each.backup and each.backup.id != second.backup.id for each in settled)
    assert bench.demo.count("POST") == 2


async def test_of_two_equal_creates_that_are_not_known_none_claims_the_one_backup_that_appears(
    bench: Bench, clock: Clock
) -> None:
    instance = bench.instance(clock=clock)
    for cut in ("before", "after"):
        bench.demo.faults.add(Fault(method="POST", cut=cut))
        ended = await instance.create(SERVER, "before")
        assert ended.outcome is Outcome.UNKNOWN
    made = bench.demo.service.backups()[-1].id
    assert f"a matching new backup has appeared, {made}, but another create may have made it" in ended.message
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []
    assert [each.backup for each in instance.recent] == [None, None]
    assert bench.demo.count("POST") == 2


async def test_a_backup_that_is_still_being_made_is_not_deleted(bench: Bench) -> None:
    instance = bench.instance()
    made = (await instance.create(SERVER, "")).backup
    assert made is not None
    refused = await instance.delete(made, last_confirmed=True)
    assert (refused.outcome, bench.demo.count("DELETE")) == (Outcome.REFUSED, 0)
    assert "still being made" in refused.message


@pytest.mark.parametrize(
    ("action", "outcome", "words"),
    [("delete", Outcome.DONE, "whoever deleted it"), ("restore", Outcome.REFUSED, "404")],
)
async def test_a_backup_that_goes_after_the_last_look_is_told_as_gone(
    bench: Bench, action: str, outcome: Outcome, words: str
) -> None:
    backup = (await bench.backups())[0]

    def be_quicker(operation: Operation) -> None:
        if "waiting for the answer" in operation.message:
            bench.demo.service.delete(int(str(backup.id)))

    instance = Operations(bench.service, pause=bench.pause, on_change=be_quicker)
    ended = await (instance.delete(backup) if action == "delete" else instance.restore(backup))
    assert ended.outcome is outcome
    assert words in ended.message


async def test_a_backup_that_was_not_found_and_leaves_the_list_late_is_not_said_to_be_deleted_by_us(
    bench: Bench, clock: Clock
) -> None:
    backup = (await bench.backups())[0]
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="DELETE", status=404))
    assert (await instance.delete(backup)).outcome is Outcome.UNKNOWN
    bench.demo.service.delete(int(str(backup.id)))
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []
    clock.advance(LOOKS[-1])
    (settled,) = await instance.look_again()
    assert "the service no longer lists it, whoever deleted it. " in settled.message


async def test_what_the_looks_left_unknown_is_settled_by_a_later_one(bench: Bench, clock: Clock) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    assert (await instance.create(SERVER, "late")).outcome is Outcome.UNKNOWN
    clock.advance(LOOKS[-1])
    assert await instance.look_again() == []
    made = bench.demo.service.add_backup(SERVER.id, description="late")
    clock.advance(LOOKS[-1])
    (settled,) = await instance.look_again()
    assert settled.outcome is Outcome.DONE
    assert settled.backup is not None
    assert settled.backup.id == made
    assert [each.outcome for each in await bench.kept()] == [Outcome.DONE]
    assert bench.demo.count("POST") == 1


@pytest.mark.parametrize("action", ["create", "delete"])
async def test_what_the_lists_show_20_seconds_late_is_found_and_nothing_is_sent_again(
    bench: Bench, clock: Clock, action: str
) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.lag.seconds = 20
    bench.meanwhile = lambda: clock.advance(bench.pauses[-1])
    bench.demo.faults.add(Fault(method="DELETE" if action == "delete" else "POST", cut="after"))
    ended = await begin(bench.instance(clock=clock), action, backup)
    assert ended.outcome is Outcome.DONE
    assert ended.backup is not None
    assert ended.backup.id == (backup.id if action == "delete" else bench.demo.service.backups()[-1].id)
    assert sum(bench.pauses) >= 20
    assert [each.outcome for each in await bench.kept()] == [Outcome.DONE]
    assert bench.demo.count("POST") + bench.demo.count("DELETE") == 1


@pytest.mark.parametrize("lag", [120, 600])
async def test_what_the_lists_show_later_than_the_first_looks_is_found_by_a_later_one(
    bench: Bench, clock: Clock, lag: float
) -> None:
    bench.demo.service.lag.seconds = lag
    bench.meanwhile = lambda: clock.advance(bench.pauses[-1])
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    instance = bench.instance(clock=clock)
    assert (await instance.create(SERVER, "late")).outcome is Outcome.UNKNOWN
    settled: list[Operation] = []
    for _ in range(int(lag / LOOKS[-1])):
        clock.advance(LOOKS[-1])
        settled += await instance.look_again()
    assert [each.outcome for each in settled] == [Outcome.DONE]
    assert bench.demo.count("POST") == 1


@pytest.mark.parametrize("set_by", [-86_400.0, 700.0, 86_400.0])
async def test_no_guard_of_a_server_whose_restore_is_not_known_yields_to_a_clock_that_jumps(
    bench: Bench, set_by: float
) -> None:
    first, second, *_ = await bench.backups()
    clock = Clock()
    instance = bench.instance(clock=clock, monotonic=Clock(1.0))
    bench.demo.faults.add(Fault(method="POST", path="/restore/", cut="before", until=(let_go := Event())))
    restoring = asyncio.create_task(instance.restore(first))
    await asyncio.to_thread(until, lambda: bench.demo.count("POST") == 1, "the request")
    clock.advance(set_by)
    for ended in (await instance.restore(second), await instance.delete(first), await instance.delete(second)):
        assert ended.message == "Nothing was sent: a restore on web-server-01 is still under way."
    let_go.set()
    assert (await restoring).outcome is Outcome.UNKNOWN
    for _ in range(2):
        clock.advance(set_by)
        assert "look at the server before anything else" in (await instance.restore(second)).message
        assert "being restored from this backup" in (await instance.delete(first)).message
        instance.close()
        instance = bench.instance(clock=clock, monotonic=Clock(1.0))
    assert bench.demo.count("POST") == 1
    assert bench.demo.count("DELETE") == 0


@pytest.mark.parametrize("set_by", [-86_400.0, 700.0, 86_400.0])
async def test_no_guard_of_the_last_completed_backup_yields_to_a_clock_that_jumps(bench: Bench, set_by: float) -> None:
    first, second, *rest = await bench.backups()
    for each in rest:
        bench.demo.service.delete(int(str(each.id)))
    bench.demo.service.lag.lists = 100
    clock = Clock()
    instance = bench.instance(clock=clock, monotonic=Clock(1.0))
    assert (await instance.delete(first)).outcome is Outcome.DONE
    for _ in range(2):
        clock.advance(set_by)
        assert "the last completed backup of its server" in (await instance.delete(second)).message
        instance.close()
        instance = bench.instance(clock=clock, monotonic=Clock(1.0))
    assert bench.demo.count("DELETE") == 1


@pytest.mark.parametrize("set_by", [-3600.0, 86_400.0])
async def test_later_looks_go_on_whatever_the_clock_is_set_to(bench: Bench, clock: Clock, set_by: float) -> None:
    passing = Clock(1.0)
    instance = bench.instance(clock=clock, monotonic=passing)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    await instance.create(SERVER, "late")
    clock.advance(set_by)
    passing.advance(LOOKS[-1])
    assert await instance.look_again() == []
    bench.demo.service.add_backup(SERVER.id, description="late")
    passing.advance(LOOKS[-1])
    assert [each.outcome for each in await instance.look_again()] == [Outcome.DONE]


async def test_a_look_too_soon_after_the_one_before_is_left_out(bench: Bench, clock: Clock) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    await instance.create(SERVER, "late")
    for _ in range(2):
        clock.advance(LOOKS[-1] - 1)
        before = bench.demo.count("GET")
        assert await instance.look_again() == []
        assert bench.demo.count("GET") == before
        clock.advance(1)
        assert await instance.look_again() == []
        assert bench.demo.count("GET") > before


async def test_what_is_not_sent_yet_as_the_program_ends_is_not_sent(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(path="server_id", until=(let_go := Event())))
    instance = bench.instance()
    deleting = asyncio.create_task(instance.delete(backup))
    await asyncio.to_thread(until, lambda: bench.demo.count("GET", "server_id") == 2, "the fresh list")
    assert instance.unsent == instance.running == instance.recent
    (left,) = instance.leave()
    assert (left.outcome, left.message) == (
        Outcome.NOT_SENT,
        f"delete backup {backup.id} of web-server-01: nothing was sent: the program was ended before that.",
    )
    let_go.set()
    ended = await deleting
    assert ended.outcome is Outcome.NOT_SENT
    assert instance.as_left(ended) is ended
    assert bench.demo.count("DELETE") == 0


async def test_of_a_restore_whose_copy_is_sent_as_the_program_ends_both_are_told(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    answer = Event()
    bench.demo.faults.add(Fault(method="POST", path="/backups/", until=answer))
    instance = bench.instance()
    restoring = asyncio.create_task(instance.restore(backup, safely=True))
    before = f"restore web-server-01 from backup {backup.id}: nothing was restored: the program was ended before that."
    await asyncio.to_thread(until, lambda: instance.waiting, "the restore")
    assert instance.as_left(instance.waiting[0]).message == before
    await asyncio.to_thread(until, lambda: bench.demo.count("POST") == 1, "the copy")
    bench.demo.faults.add(Fault(path="server_id", until=answer))
    creating = asyncio.create_task(instance.create(Server(id=12346, name="web-server-02"), ""))
    await asyncio.to_thread(until, lambda: len(instance.running) == 3, "another create")
    create, copy, restore = map(instance.as_left, instance.running)
    assert restore.message == f"{before} Whether a backup of its present state is being made is not known."
    assert copy.outcome is Outcome.UNKNOWN
    assert create.message.endswith("nothing was sent: the program was ended before that.")
    instance.stop()
    answer.set()
    assert (await restoring).outcome is Outcome.NOT_SENT
    assert (await creating).outcome is Outcome.NOT_SENT


async def test_a_change_runs_until_its_outcome_is_on_the_disk(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    instance = bench.instance()
    bench.demo.faults.add(Fault(method="POST", path="/restore/", cut="before", until=(answer := Event())))
    restoring = asyncio.create_task(instance.restore(backup))
    await asyncio.to_thread(until, lambda: bench.demo.count("POST") == 1, "the request")
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as journal:
        journal.execute("BEGIN EXCLUSIVE")
        answer.set()
        await asyncio.to_thread(until, lambda: instance.recent[0].outcome is Outcome.UNKNOWN, "the outcome")
        assert instance.running == instance.recent
        assert instance.leave() == instance.recent
        journal.execute("ROLLBACK")
    await restoring
    assert instance.running == []


@pytest.mark.parametrize(
    ("action", "journalled", "words"),
    [
        ("create", True, "create a backup of web-server-01{}`history` looks into it."),
        ("delete", False, "delete backup BACKUP of web-server-01{}the list may tell."),
        ("restore", True, "restore web-server-01 from backup BACKUP{}look at the server before anything else."),
    ],
)
async def test_what_is_sent_as_the_program_ends_is_not_known(
    bench: Bench, action: str, journalled: bool, words: str
) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="DELETE" if action == "delete" else "POST", until=(let_go := Event())))
    instance = bench.instance() if journalled else Operations(bench.service, pause=bench.pause)
    changing = asyncio.create_task(begin(instance, action, backup))
    method = "DELETE" if action == "delete" else "POST"
    await asyncio.to_thread(until, lambda: bench.demo.count(method) == 1, "the request")
    assert instance.unsent == []
    (left,) = instance.leave()
    expected = words.format(": the program was ended before the outcome was known; ").replace("BACKUP", str(backup.id))
    assert (left.outcome, left.message) == (Outcome.UNKNOWN, expected)
    let_go.set()
    assert (await changing).outcome is Outcome.DONE


async def test_nothing_is_looked_into_for_ever(bench: Bench, clock: Clock) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    await instance.create(SERVER, "never")
    for _ in range(int(LONGEST_DOUBT / LOOKS[-1]) + 1):
        clock.advance(LOOKS[-1])
        await instance.look_again()
    before = bench.demo.count("GET")
    clock.advance(LOOKS[-1])
    await instance.look_again()
    assert bench.demo.count("GET") == before
    assert [each.outcome for each in instance.recent] == [Outcome.UNKNOWN]


async def test_a_restore_of_unknown_outcome_is_looked_into_by_no_list(bench: Bench, clock: Clock) -> None:
    instance = bench.instance(clock=clock)
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    assert (await instance.restore((await bench.backups())[0])).outcome is Outcome.UNKNOWN
    clock.advance(LOOKS[-1])
    before = bench.demo.count("GET")
    assert await instance.look_again() == []
    assert bench.demo.count("GET") == before


async def test_an_answer_that_names_a_backup_that_was_there_before_proves_no_create(bench: Bench) -> None:
    before = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="POST", status=201, body=before.record()))
    ended = await bench.instance().create(SERVER, "before")
    assert ended.outcome is Outcome.UNKNOWN
    assert ended.message == (
        "web-server-01: no new backup has shown up so far; it still may."
        f" The answer names backup {before.id}, which was there before."
    )
    assert ended.backup is None
    assert bench.demo.count("POST") == 1


async def test_an_answer_that_names_what_the_service_makes_by_itself_proves_no_create(bench: Bench) -> None:
    before = (await bench.backups())[0]
    body = before.record() | {"id": 99_999, "backup_type": "automatic"}
    bench.demo.faults.add(Fault(method="POST", status=201, body=body))
    ended = await bench.instance().create(SERVER, "before")
    assert (ended.outcome, ended.backup) == (Outcome.UNKNOWN, None)
    assert ended.message.endswith("it still may. The answer names backup 99999, which is no manual one.")
    assert bench.demo.count("POST") == 1


@pytest.mark.parametrize("server", [None, {"id": 12346, "name": "another"}, "odd"])
async def test_a_backup_that_is_listed_without_its_server_is_not_gone(bench: Bench, server: object) -> None:
    target, other, *_ = await bench.backups()
    rows = [{**target.record(), "server": server}, other.record()]
    bench.demo.faults.add(Fault(method="DELETE", cut="before"))
    bench.demo.faults.add(Fault(method="GET", after=1, times=None, body={"count": 2, "results": rows}, status=200))
    ended = await bench.instance().delete(target)
    assert ended.outcome is Outcome.UNKNOWN
    assert "it is still listed" in ended.message


@pytest.mark.parametrize("server", [None, {"id": SERVER.id}])
async def test_a_row_that_can_not_be_read_is_no_new_backup(bench: Bench, server: object) -> None:
    bench.demo.service.add_raw_backup({"server": server, "backup_type": "manual", "status": "odd", "description": ""})
    bench.demo.faults.add(Fault(method="POST", cut="before"))
    ended = await bench.instance().create(SERVER, "")
    assert ended.outcome is Outcome.UNKNOWN
    assert "no new backup has shown up so far" in ended.message


async def test_a_create_is_marked_where_that_is_wanted_and_found_by_it(bench: Bench) -> None:
    instance = bench.instance(marks_creates=True)
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    bench.demo.service.add_backup(SERVER.id, description="nightly")
    ended = await instance.create(SERVER, "nightly")
    assert ended.outcome is Outcome.DONE
    assert "somebody else" not in ended.message
    assert ended.backup is not None
    assert ended.backup.description == ended.description
    assert ended.description == f"nightly [vb-{ended.id.removeprefix('op-')}]"
    assert (await bench.kept())[0].description == ended.description
    assert (await bench.instance().create(SERVER, "weekly")).description == "weekly"


async def test_a_mark_that_was_typed_proves_nothing(bench: Bench) -> None:
    bench.demo.faults.add(Fault(method="POST", cut="after"))
    ended = await bench.instance().create(SERVER, "nightly [vb-1a2b3c4d]")
    assert ended.outcome is Outcome.DONE
    assert "(it could also be somebody else's)" in ended.message


async def test_what_is_sent_is_waited_for_and_what_is_not_a_moment_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_MOMENT", 0.01)
    backup, *_ = await bench.backups()
    instance = bench.instance()
    await instance.answered()
    answer, listed = Event(), Event()
    bench.demo.faults.add(Fault(method="DELETE", until=answer))
    sent = asyncio.create_task(instance.delete(backup))
    await asyncio.to_thread(until, lambda: bench.demo.count("DELETE"), "the request")
    bench.demo.faults.add(Fault(path="server_id", until=listed))
    unsent = asyncio.create_task(instance.create(SERVER, ""))
    await asyncio.to_thread(until, lambda: instance.unsent, "a change that waits for its list")
    instance.stop()
    waiting = asyncio.create_task(instance.answered())
    assert not (await asyncio.wait([waiting], timeout=0.1))[0]
    answer.set()
    await waiting
    assert sent.done()
    assert not unsent.done()
    listed.set()
    assert (await sent).outcome is Outcome.DONE
    assert (await unsent).outcome is Outcome.NOT_SENT


async def test_what_is_stopped_while_others_hold_the_journal_is_not_sent_and_not_refused(bench: Bench) -> None:
    listed = Event()
    bench.busy_seconds = 0.2
    instance = bench.instance()
    await instance.history()
    bench.demo.faults.add(Fault(path="server_id=", until=listed))
    begun = asyncio.create_task(instance.create(SERVER, ""))
    await asyncio.to_thread(until, lambda: bench.demo.count("GET", "server_id="), "the list before it")
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as others:
        others.execute("BEGIN IMMEDIATE")
        listed.set()
        await asyncio.to_thread(until, lambda: instance._claimed & instance._unsent, "the journal")
        instance.stop()
        ended = await begun
    assert (ended.outcome, ended.message) == (Outcome.NOT_SENT, STOPPED)
    assert bench.demo.count("POST") == 0


async def test_what_is_journalled_as_sent_is_waited_for_until_it_is_taken_back(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    answer, listed = Event(), Event()
    instance = bench.instance()
    await instance.taken_back()
    bench.demo.faults.add(Fault(method="DELETE", until=answer))
    sent = asyncio.create_task(instance.delete(backup))
    await asyncio.to_thread(until, lambda: bench.demo.count("DELETE"), "the request")
    bench.demo.faults.add(Fault(path="server_id=12346", until=listed))
    begun = asyncio.create_task(instance.create(Server(id=12346), ""))
    await asyncio.to_thread(until, lambda: bench.demo.count("GET", "server_id=12346"), "the list before it")
    await instance.taken_back()
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as others:
        others.execute("BEGIN IMMEDIATE")
        listed.set()
        await asyncio.to_thread(until, lambda: instance._claimed & instance._unsent, "the journal")
        instance.stop()
        waiting = asyncio.create_task(instance.taken_back())
        assert not (await asyncio.wait([waiting], timeout=0.1))[0]
        others.execute("COMMIT")
    await waiting
    assert begun.done()
    await instance.taken_back()
    assert not sent.done()
    answer.set()
    assert (await sent).outcome is Outcome.DONE
    assert [each.outcome for each in await bench.kept()] == [Outcome.NOT_SENT, Outcome.DONE]
    assert bench.demo.count("POST") == 0
