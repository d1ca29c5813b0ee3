"""What the engine says and does at each end of a change, word for word."""

import asyncio

import pytest
from msgspec.structs import replace

from tests.operations.bench import READING, SENT, SERVER, STOPPED, Bench, begin
from vpsbackup_tui.api.errors import RefusedError
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.looks import LOOKS
from vpsbackup_tui.operations.operation import Action, Operation, Outcome


async def test_a_create_is_told_step_by_step_and_kept(bench: Bench) -> None:
    instance = bench.instance(clock=lambda: 1737028801.0)
    ended = await instance.create(SERVER, "before")
    assert ended.backup is not None
    words = f"Backup {ended.backup.id} of web-server-01 is being made."
    assert bench.steps() == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert {told.id for told in bench.told} == {ended.id}
    assert (ended.action, ended.server_id, ended.server_name, ended.description, ended.at) == (
        (Action.CREATE, SERVER.id, SERVER.name, "before", 1737028801.0)
    )  # fmt: skip
    assert instance.recent == [ended]
    assert await bench.kept() == [ended]


async def test_a_delete_is_told_step_by_step_and_kept(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    who = Actor(account="prod", user="root")
    ended = await bench.instance(who=lambda: who).delete(backup, reason="too old")
    words = f"Backup {backup.id} of web-server-01 is deleted."
    assert (ended.reason, ended.who) == ("too old", who)
    assert bench.steps() == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert (ended.action, ended.server_id, ended.server_name, ended.backup) == (
        (Action.DELETE, SERVER.id, SERVER.name, backup)
    )  # fmt: skip
    assert await bench.kept() == [ended]


@pytest.mark.parametrize(
    ("body", "said"), [({"message": "Restore queued."}, " The service says: “Restore queued.”"), ({}, "")]
)
async def test_a_restore_is_told_step_by_step_and_kept(bench: Bench, body: dict[str, str], said: str) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(path="/restore/", answer=body))
    ended = await bench.instance().restore(backup)
    words = f"web-server-01 is being restored from backup {backup.id}.{said}"
    assert bench.steps() == [(Outcome.RUNNING, READING), (Outcome.RUNNING, SENT), (Outcome.DONE, words)]
    assert (ended.action, ended.server_id, ended.backup, ended.safety) == (Action.RESTORE, SERVER.id, backup, None)
    assert await bench.kept() == [ended]


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
    subject = f"Backup {backup.id} of web-server-01" if action == "delete" else "web-server-01"
    assert ended.message.startswith(f"{subject}: ")
    assert ended.message.endswith(" Nothing was changed.")
    assert "No" in ended.message.removesuffix("Nothing was changed.") or status == 401
    assert bench.pauses == []
    assert await bench.kept() == [ended]


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
    assert await bench.kept() == [ended]


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
    assert ended.message == f"Nothing was sent: backup {backup.id} is gone: the service no longer lists it."
    assert bench.demo.count("POST") == 0
    assert await bench.kept() == [ended]


async def test_a_backup_that_has_failed_is_not_restored_from(bench: Bench) -> None:
    backup = (await bench.backups())[0]
    bench.demo.service.change_backup(int(str(backup.id)), status="failed")
    ended = await bench.instance().restore(replace(backup, status="failed"))
    assert ended.outcome is Outcome.REFUSED
    assert ended.message == "Nothing was sent: only a completed backup can be restored from."
    assert bench.demo.count("POST") == 0


async def test_the_last_completed_backup_is_deleted_only_where_that_was_confirmed(bench: Bench) -> None:
    last, *others = await bench.backups()
    for each in others:
        bench.demo.service.delete(int(str(each.id)))
    instance = bench.instance()
    assert (await instance.delete(last)).outcome is Outcome.REFUSED
    assert bench.demo.count("DELETE") == 0
    assert (await instance.delete(last, last_confirmed=True)).outcome is Outcome.DONE


async def test_a_backup_without_a_server_or_a_readable_record_is_not_sent_anywhere(bench: Bench) -> None:
    ended = await bench.instance().delete(Backup(id=1, status="completed"))
    assert (ended.outcome, ended.message) == (Outcome.REFUSED, "Nothing was sent: its record names no server.")
    assert ended.server_id == ""
    assert bench.demo.count("DELETE") == 0


@pytest.mark.parametrize("action", ["create", "delete", "restore"])
async def test_read_only_asks_the_service_nothing(bench: Bench, action: str) -> None:
    backup = (await bench.backups())[0]
    before = len(bench.demo.requests)
    ended = await begin(bench.instance(why_read_only=lambda: "this account is opened read-only"), action, backup)
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
    assert ended.message.startswith(f"web-server-01: {words}. No complete answer came from ")
    assert ended.backup is not None
    assert ended.backup.id == newest
    assert bench.pauses == [LOOKS[0]]
    assert bench.told[-2].message == ended.message.partition(f"{words}. ")[2] + " Looking into what became of it."
    assert await bench.kept() == [ended]


async def test_a_delete_whose_answer_was_lost_is_done_at_the_second_look(bench: Bench) -> None:
    bench.demo.faults.add(Fault(method="DELETE", cut="after"))
    backup = (await bench.backups())[0]
    ended = await bench.instance().delete(backup)
    assert ended.outcome is Outcome.DONE
    assert ended.message.startswith(f"Backup {backup.id} of web-server-01: the service no longer lists it. No complete")
    assert bench.pauses == list(LOOKS[:2])


@pytest.mark.parametrize(
    ("action", "words", "pauses"),
    [
        ("create", "web-server-01: no new backup has shown up so far; it still may", list(LOOKS)),
        (
            "delete",
            "Backup {} of web-server-01: it is still listed; it may still go, and you may try again",
            list(LOOKS),
        ),
        (
            "restore",
            "web-server-01: look at it before anything else, as no list can show whether backup {} was restored",
            [],
        ),
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
    assert ended.message.startswith(f"{words.format(backup.id)}. No complete answer came from ")
    assert bench.pauses == pauses
    assert instance.running == []
    instance.close()
    assert (await bench.instance().history()) == [ended]


async def test_a_delete_that_finds_nothing_of_what_is_listed_is_not_known(
    bench: Bench,
) -> None:
    backup = (await bench.backups())[0]
    bench.demo.faults.add(Fault(method="DELETE", status=404, body={"detail": "Not found."}))
    ended = await bench.instance().delete(backup)
    host = bench.demo.url.split("/")[2]
    assert ended.outcome is Outcome.UNKNOWN
    words = f"Backup {backup.id} of web-server-01: it is still listed; it may still go, and you may try again"
    assert ended.message == f"{words}. {host} refused (404): “Not found.”"
    assert bench.pauses == list(LOOKS)


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
    assert await bench.kept() == [ended]


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
    assert (first.reason, second.reason) == ("", "")
