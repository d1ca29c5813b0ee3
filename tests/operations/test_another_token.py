"""A token that comes while a change is under way: what isn't sent is not, and its lists may be of another account."""

from collections.abc import Callable

import pytest

from tests.operations.bench import SERVER, Bench
from vpsbackup_tui.api.errors import NoAnswerError
from vpsbackup_tui.demo import Fault
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.changes import Delete
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.ledger import Intent
from vpsbackup_tui.operations.looks import Looks
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.operations.tenure import Tenure
from vpsbackup_tui.store.journal import Entry, Journal

OWN, OTHER = "ops@example.com", "dev@example.com"


def hearing(words: str, come: Callable[[], object]) -> Callable[[Operation], None]:
    """Return what has something come as soon as a change that runs tells these words."""

    def hear(operation: Operation) -> None:
        if operation.outcome is Outcome.RUNNING and words in operation.message:
            come()

    return hear


async def test_what_was_confirmed_with_an_earlier_token_is_not_sent_with_the_next(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    instance = bench.instance(hearing("reading the list", lambda: instance.another_token()))
    ended = await instance.delete(backup)
    assert ended.outcome is Outcome.NOT_SENT
    assert ended.message == f"{ended.nothing}: another token came before that."
    assert bench.demo.count("DELETE") == 0
    assert await bench.kept() == [ended]
    assert (await bench.instance().delete(backup)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("told", "why", "sent"),
    [
        ("backing up the server's present state", "another token came before that", 0),
        ("waiting until backup", "Nothing was restored: another token came before safety backup", 1),
    ],
)
async def test_neither_the_copy_nor_the_restore_after_it_is_sent_with_another_token(
    bench: Bench, told: str, why: str, sent: int
) -> None:
    backup, *_ = await bench.backups()
    instance = bench.instance(hearing(told, lambda: instance.another_token()))
    ended = await instance.restore(backup, safely=True)
    assert ended.outcome is Outcome.NOT_SENT
    assert why in ended.message
    assert (bench.demo.count("POST", "/backups/"), bench.demo.count("POST", "/restore/")) == (sent, 0)


@pytest.mark.parametrize(("email", "outcome"), [(OWN, Outcome.DONE), (OTHER, Outcome.UNKNOWN), ("", Outcome.UNKNOWN)])
async def test_an_empty_list_proves_nothing_of_the_only_backup_where_it_may_be_another_account_s(
    bench: Bench, email: str, outcome: Outcome
) -> None:
    backup, *others = await bench.backups()
    for each in others:
        bench.demo.service.delete(int(str(each.id)))
    emails = [OWN]

    def come() -> None:
        instance.another_token()
        emails.append(email)
        bench.demo.service.clear_backups()

    bench.demo.faults.add(Fault(method="DELETE", status=500))
    instance = bench.instance(hearing("Looking into", come), who=lambda: Actor(email=emails[-1]))
    ended = await instance.delete(backup, last_confirmed=True)
    assert ended.outcome is outcome


async def test_lists_that_were_read_with_two_tokens_are_not_taken_together(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    bench.demo.faults.add(Fault(method="DELETE", cut="after"))
    instance = bench.instance()
    bench.meanwhile = instance.another_token
    ended = await instance.delete(backup)
    assert ended.outcome is Outcome.UNKNOWN
    assert ": it has just left the list; a second look is needed. " in ended.message


async def test_a_token_that_comes_as_a_change_is_about_to_be_sent_keeps_it_from_that(bench: Bench) -> None:
    class Coming(Journal):
        def claim(self, entry: Entry, wanted: Callable[[], object] = lambda: True) -> None:
            super().claim(entry, wanted)
            instance.another_token()

    backup, *_ = await bench.backups()
    instance = Operations(bench.service, journal=lambda: Coming(bench.path), pause=bench.pause)
    bench.instances.append(instance)
    ended = await instance.delete(backup)
    assert (ended.outcome, ended.message) == (Outcome.NOT_SENT, f"{ended.nothing}: another token came before that.")
    assert bench.demo.count("DELETE") == 0


async def test_what_is_called_off_while_others_hold_the_journal_is_never_journalled_as_sent(bench: Bench) -> None:
    journalled: list[object] = []

    class Held(Journal):
        def claim(self, entry: Entry, wanted: Callable[[], object] = lambda: True) -> None:
            instance.stop()
            super().claim(entry, wanted)
            journalled.extend(each.entry.known["sent"] for each in self.entries())

    backup, *_ = await bench.backups()
    instance = Operations(bench.service, journal=lambda: Held(bench.path), pause=bench.pause)
    bench.instances.append(instance)
    assert (await instance.delete(backup)).outcome is Outcome.NOT_SENT
    assert journalled == [False]
    assert bench.demo.count("DELETE") == 0


async def test_what_another_token_does_not_see_is_not_told_as_gone(bench: Bench) -> None:
    backup, *_ = await bench.backups()

    def come() -> None:
        instance.another_token()
        bench.demo.service.clear_backups()

    instance = bench.instance(hearing("reading the list", come))
    ended = await instance.delete(backup)
    assert ended.message == f"{ended.nothing}: another token came before that."


async def test_a_list_that_could_not_be_read_before_another_token_came_is_not_the_reason(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    bench.demo.faults.add(Fault(path="server_id", status=400))
    instance = bench.instance(hearing("reading the list", lambda: instance.another_token()))
    ended = await instance.delete(backup)
    assert ended.message == f"{ended.nothing}: another token came before that."


async def test_a_list_proves_nothing_once_another_token_has_come(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    tenures = [Tenure()]

    async def others(than: Operation) -> list[Operation]:
        tenures.append(Tenure())
        return []

    looks = Looks(
        bench.service,
        others=others,
        tenure=lambda: tenures[-1],
        is_same_account=lambda operation: True,
        pause=bench.pause,
        clock=lambda: 1.0,
        monotonic=lambda: 1.0,
    )
    change = Delete(server_id=SERVER.id, server_name=SERVER.name, backup=backup)
    operation = Operation(id="op-1", action=Action.DELETE, server_id=SERVER.id, backup=backup, at=1.0)
    finding = await looks.look_into(Intent(operation), change, NoAnswerError("Cut."))
    assert finding.message == "no list could be read since"


async def test_that_the_only_backup_has_gone_is_proved_by_the_lists_of_the_same_token(bench: Bench) -> None:
    backup, *others = await bench.backups()
    for each in others:
        bench.demo.service.delete(int(str(each.id)))
    bench.demo.faults.add(Fault(method="DELETE", cut="after"))
    ended = await bench.instance().delete(backup, last_confirmed=True)
    assert ended.outcome is Outcome.DONE


async def test_after_the_end_no_token_makes_anything_be_sent_again(bench: Bench) -> None:
    backup, *_ = await bench.backups()
    instance = bench.instance()
    instance.stop()
    instance.another_token()
    ended = await instance.delete(backup)
    assert ended.message == f"{ended.nothing}: the program was ended before that."
    assert bench.demo.count("DELETE") == 0
