"""What the engine says and does at each end of a change, word for word."""

import asyncio
import sqlite3
from typing import Any

import pytest

from tests.operations.bench import SERVER, Bench
from vpsbackup_tui.api.errors import RefusedError
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import LOOKS, Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.journal import Journal, JournalError

READING = "reading the list once more before anything is sent"
SENT = "sent; waiting for the answer"
STOPPED = "Nothing was sent: the program was ended before that."
LEFT_BEHIND = "The program ended before it knew what became of this."


async def begin(operations: Operations, action: str, backup: Backup) -> Operation:
    if action == "create":
        return await operations.create(SERVER, "before")
    return await (operations.delete(backup) if action == "delete" else operations.restore(backup))


def steps(bench: Bench) -> list[tuple[Outcome, str]]:
    return [(told.outcome, told.message) for told in bench.told]


async def kept(bench: Bench) -> list[Operation]:
    """Return what the next instance knows, newest first; nothing may be left open for it."""
    for instance in bench.instances:
        instance.close()
    following = bench.instance()
    assert await following.resume() == []
    return await following.history()


async def test_a_create_is_told_step_by_step_and_kept(bench: Bench) -> None:
    instance = bench.instance(clock=lambda: 1737028801.0)
    ended = await instance.create(SERVER, "before")
    assert ended.backup is not None
    words = f"Backup {ended.backup.id} of web-server-01 is being made."
    assert steps(bench) == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert {told.id for told in bench.told} == {ended.id}
    assert (ended.action, ended.server_id, ended.server_name, ended.description, ended.at) == (
        (Action.CREATE, SERVER.id, SERVER.name, "before", 1737028801.0)
    )  # fmt: skip
    assert instance.recent == [ended]
    assert await kept(bench) == [ended]


async def test_a_delete_is_told_step_by_step_and_kept(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    ended = await bench.instance().delete(backup)
    words = f"Backup {backup.id} of web-server-01 is deleted."
    assert steps(bench) == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert (ended.action, ended.server_id, ended.server_name, ended.backup) == (
        (Action.DELETE, SERVER.id, SERVER.name, backup)
    )  # fmt: skip
    assert await kept(bench) == [ended]


@pytest.mark.parametrize(
    ("body", "said"), [({"message": "Restore queued."}, " The service says: Restore queued."), ({}, "")]
)
async def test_a_restore_is_told_step_by_step_and_kept(bench: Bench, body: dict[str, str], said: str) -> None:
    safety, backup, *_ = await bench.backups()
    bench.demo.faults.add(Fault(path="/restore/", answer=body))
    ended = await bench.instance().restore(backup, safety=safety)
    words = f"web-server-01 is being restored from backup {backup.id}.{said}"
    assert steps(bench) == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert (ended.action, ended.server_id, ended.backup, ended.safety) == (Action.RESTORE, SERVER.id, backup, safety)
    assert await kept(bench) == [ended]


@pytest.mark.parametrize("action", ["create", "delete", "restore"])
@pytest.mark.parametrize("status", [400, 401, 403, 429])
async def test_a_refusal_says_that_nothing_was_changed_and_which_status_it_had(
    bench: Bench, action: str, status: int
) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(
        Fault(method="DELETE" if action == "delete" else "POST", status=status, body={"detail": "No"})
    )
    ended = await begin(bench.instance(), action, backup)
    assert (ended.outcome, ended.status) == (Outcome.REFUSED, status)
    assert ended.message.startswith("Nothing was changed. ")
    assert "No" in ended.message
    assert bench.pauses == []
    assert await kept(bench) == [ended]


@pytest.mark.parametrize("action", ["create", "delete", "restore"])
async def test_without_a_fresh_list_nothing_is_sent(bench: Bench, action: str) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(path="server_id", status=403, body={"detail": "No"}, times=None))
    with pytest.raises(RefusedError) as refused:
        await bench.backups()
    ended = await begin(bench.instance(), action, backup)
    assert ended.outcome is Outcome.NOT_SENT
    assert (ended.message, ended.status) == (f"Nothing was sent. {refused.value.message}", 403)
    assert bench.demo.count("POST") + bench.demo.count("DELETE") == 0
    assert await kept(bench) == [ended]


async def test_with_a_list_that_is_not_whole_nothing_is_sent(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    rows = {"count": 99, "results": [backup.record()]}
    bench.demo.faults.add(Fault(path="server_id", answer=rows, times=None))
    ended = await bench.instance().delete(backup, last_confirmed=True)
    assert ended.outcome is Outcome.NOT_SENT
    assert ended.message == (
        "Nothing was sent. The service did not send the whole list of backups, so nothing can be checked."
    )


async def test_an_objection_is_told_and_nothing_is_sent(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.delete(int(str(backup.id)))
    ended = await bench.instance().restore(backup)
    assert ended.outcome is Outcome.REFUSED
    assert ended.message == "Nothing was sent: it is gone: the service no longer lists it."
    assert bench.demo.count("POST") == 0
    assert await kept(bench) == [ended]


async def test_a_backup_without_a_server_or_a_readable_record_is_not_sent_anywhere(bench: Bench) -> None:
    ended = await bench.instance().delete(Backup(id=1, status="completed"))
    assert (ended.outcome, ended.message) == (Outcome.REFUSED, "Nothing was sent: its record names no server.")
    assert ended.server_id == ""
    assert bench.demo.count("DELETE") == 0


@pytest.mark.parametrize("action", ["create", "delete", "restore"])
async def test_read_only_asks_the_service_nothing(bench: Bench, action: str) -> None:
    backup = (await bench.backups())[0]
    before = len(bench.demo.requests)
    ended = await begin(bench.instance(read_only=True), action, backup)
    assert (ended.outcome, ended.message) == (
        (Outcome.REFUSED, "Nothing was sent: this account is opened read-only.")
    )  # fmt: skip
    assert len(bench.demo.requests) == before


async def test_a_create_whose_answer_was_lost_is_found_in_the_list(bench: Bench) -> None:
    bench.demo.faults.add(Fault(method="POST", path="/backups/", cut="after"))
    ended = await bench.instance().create(SERVER, "before")
    newest = max(each.id for each in bench.demo.service.backups(SERVER.id))
    words = f"the list now shows a matching new backup, {newest} (it could also be somebody else's)"
    assert ended.outcome is Outcome.DONE
    assert ended.message.endswith(f" Then: {words}.")
    assert ended.backup is not None
    assert ended.backup.id == newest
    assert bench.pauses == [LOOKS[0]]
    assert bench.told[-2].message == ended.message.partition(" Then: ")[0] + " Looking into what became of it."
    assert await kept(bench) == [ended]


async def test_a_delete_whose_answer_was_lost_is_done_at_the_second_look(bench: Bench) -> None:
    bench.demo.faults.add(Fault(method="DELETE", cut="after"))
    ended = await bench.instance().delete((await bench.backups())[0])
    assert ended.outcome is Outcome.DONE
    assert ended.message.endswith(" Then: the service no longer lists it.")
    assert bench.pauses == list(LOOKS[:2])


@pytest.mark.parametrize(
    ("action", "words", "pauses"),
    [
        ("create", "no new backup has shown up so far; it still may", list(LOOKS)),
        ("delete", "the backup is still listed; it may still go, and you may try again", list(LOOKS)),
        ("restore", "look at web-server-01 before anything else: no list can show it", []),
    ],
)
async def test_a_change_that_nothing_proves_is_not_known(
    bench: Bench, action: str, words: str, pauses: list[float]
) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="DELETE" if action == "delete" else "POST", cut="before"))
    instance = bench.instance()
    ended = await begin(instance, action, backup)
    assert (ended.outcome, ended.status) == (Outcome.UNKNOWN, None)
    assert ended.message.endswith(f" Then: {words}.")
    assert bench.pauses == pauses
    assert instance.running == []
    instance.close()
    assert (await bench.instance().history()) == [ended]


async def test_looks_that_fail_are_made_up_for_by_later_ones(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="DELETE", cut="after"))
    bench.demo.faults.add(Fault(path="server_id", after=1, times=2, status=403, body={}))
    ended = await bench.instance().delete(backup)
    assert ended.outcome is Outcome.DONE
    assert bench.pauses == list(LOOKS[:4])


async def test_a_stop_before_the_request_sends_nothing_and_leaves_nothing_open(bench: Bench) -> None:
    backup = (await bench.backups())[0]

    def stop(operation: Operation) -> None:
        if operation.message == READING:
            instance.stop()

    instance = bench.instance(stop)
    ended = await instance.delete(backup)
    assert (ended.outcome, ended.message) == (Outcome.NOT_SENT, STOPPED)
    assert bench.demo.count("DELETE") == 0
    assert await kept(bench) == [ended]


async def test_a_stop_after_the_request_lets_it_come_to_its_end(bench: Bench) -> None:
    backup = (await bench.backups())[0]

    def stop(operation: Operation) -> None:
        if operation.message == SENT:
            instance.stop()

    instance = bench.instance(stop)
    assert (await instance.delete(backup)).outcome is Outcome.DONE


async def test_a_cancelled_caller_cancels_nothing(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    sent = asyncio.Event()

    def notice(operation: Operation) -> None:
        if operation.message == SENT:
            sent.set()

    bench.demo.faults.add(Fault(method="DELETE", delay=0.1))
    instance = bench.instance(notice)
    caller = asyncio.ensure_future(instance.delete(backup))
    await sent.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [each.outcome for each in instance.running] == [Outcome.RUNNING]
    await instance.finish()
    assert instance.running == []
    assert [each.outcome for each in instance.recent] == [Outcome.DONE]
    assert bench.demo.count("DELETE") == 1


async def test_the_newest_change_is_told_first(bench: Bench) -> None:
    instance = bench.instance()
    first = await instance.create(SERVER, "first")
    second = await instance.delete((await bench.backups())[0])
    assert instance.recent == [second, first]


async def test_what_an_ended_instance_had_not_sent_was_not_sent(bench: Bench) -> None:
    bench.plant_change("create", sent=False)
    instance = bench.instance()
    (ended,) = await instance.resume()
    assert (ended.outcome, ended.message) == (Outcome.NOT_SENT, STOPPED)
    assert steps(bench) == [(Outcome.UNKNOWN, LEFT_BEHIND), (Outcome.NOT_SENT, STOPPED)]
    assert instance.take_notice() == ""
    assert await kept(bench) == [ended]


async def test_what_an_ended_instance_has_sent_is_looked_into(bench: Bench) -> None:
    bench.plant_change("delete", sent=True, backup={"id": 9999, "server_id": SERVER.id})
    (ended,) = await bench.instance().resume()
    assert ended.outcome is Outcome.UNKNOWN  # without another backup listed before, another token may be in use
    words = "the service no longer lists it, nor anything else that it listed before"
    assert ended.message == f"{LEFT_BEHIND} Then: {words}."
    assert bench.told[0].message == LEFT_BEHIND
    assert bench.told[1].message == f"{LEFT_BEHIND} Looking into what became of it."
    assert bench.pauses == list(LOOKS)


async def test_a_restore_that_an_ended_instance_left_forbids_another_at_once(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.plant_change("restore", sent=True, backup={"id": backup.id, "server_id": SERVER.id})
    ended = await bench.instance().restore(backup)
    assert ended.outcome is Outcome.REFUSED
    assert "it is not known what became of the last restore of web-server-01" in ended.message


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
    with sqlite3.connect(bench.path) as database:
        database.execute("DROP TRIGGER full")
    database.close()
    assert [each.outcome for each in await bench.instance().resume()] == [Outcome.NOT_SENT]


async def test_a_journal_that_fails_after_the_request_is_told_of_beside_the_outcome(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    forbid_updates(bench, "NOT NEW.open")
    instance = bench.instance()
    ended = await instance.delete(backup)
    assert ended.outcome is Outcome.DONE
    words = "This could not be journalled: The journal journal.sqlite3 can't be used: disk is full."
    assert instance.recent[0].message == f"{ended.message} {words}"


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
    assert (await instance.restore(first, despite_unknown=True)).outcome is Outcome.DONE
    assert still_open(instance) == {("create", SERVER.id), ("restore", other.id)}


async def test_to_have_looked_closes_no_restore_that_has_ended(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.restore_seconds = 0
    instance = bench.instance()
    ended = await instance.restore(backup)
    assert (await instance.restore(backup, despite_unknown=True)).outcome is Outcome.DONE
    assert instance.recent[1] == ended


async def test_a_journal_that_fails_where_the_operator_has_looked_is_told_by_the_change_itself(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.busy_seconds = 0
    instance = bench.instance()
    await unknown(bench, instance, "restore", backup)
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ended = await instance.restore(backup, despite_unknown=True)
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
