"""What an earlier instance left open: what it proves, what it forbids, and who looks into it."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from msgspec import to_builtins

from tests.conftest import Clock
from tests.operations.bench import LEFT_BEHIND, SERVER, STOPPED, Bench, begin
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.looks import LONGEST_DOUBT, LOOKS
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.journal import Entry, Journal, Owned


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
