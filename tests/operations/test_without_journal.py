"""Where no journal is kept: what others wrote down still counts."""

import pytest

from tests.operations.bench import SERVER, Bench, restore_again
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.store.journal import read_only


async def test_without_a_journal_changes_are_remembered_while_the_program_runs(bench: Bench) -> None:
    instance = Operations(bench.service, pause=bench.pause)
    first = await instance.create(SERVER, "first")
    second = await instance.delete((await bench.backups())[0])
    assert [first.outcome, second.outcome] == [Outcome.DONE, Outcome.DONE]
    assert await instance.history() == [second, first]
    assert await instance.resume() == []
    assert not bench.path.exists()


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
