"""What was started is followed until it has ended, and what was never seen isn't called ended."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from msgspec import structs

from tests.conftest import CANARY, Clock
from vpsbackup_tui.api.client import Listing, Service
from vpsbackup_tui.api.errors import NoAnswerError, TokenRefusedError
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.operations.follow import BackupWatched, RestoreWatched, follow_backup, follow_restore
from vpsbackup_tui.secret import Token

SERVER_ID = 12345
MANY = 20


class Watcher:
    """Looks at a restore, in whose pauses time passes and the service may take it on."""

    def __init__(self, demo: DemoService, clock: Clock) -> None:
        self.demo = demo
        self.clock = clock
        self.service = Service(demo.url, Token(CANARY))
        self.pauses = 0
        self.starts_at: int | None = None

    async def pause(self, seconds: float) -> None:
        self.pauses += 1
        assert self.pauses <= MANY
        self.clock.advance(seconds)
        if self.pauses == self.starts_at:
            self.demo.service.restore(SERVER_ID)

    async def follow(self) -> RestoreWatched:
        return await follow_restore(self.service, SERVER_ID, pause=self.pause)


@pytest.fixture
async def watcher(demo: DemoService, clock: Clock) -> AsyncIterator[Watcher]:
    watcher = Watcher(demo, clock)
    yield watcher
    await watcher.service.aclose()


@pytest.mark.parametrize("starts_at", [1, 2, 3])
async def test_a_restore_is_followed_to_its_end_even_if_it_begins_late(watcher: Watcher, starts_at: int) -> None:
    watcher.starts_at = starts_at
    server, seen = await watcher.follow()
    assert server is not None
    assert server.status == "active"
    assert seen


async def test_a_restore_that_no_status_tells_of_was_not_seen(watcher: Watcher) -> None:
    server, seen = await watcher.follow()
    assert server is not None
    assert not seen
    assert watcher.pauses == MANY


async def test_a_server_that_is_not_listed_tells_nothing(watcher: Watcher) -> None:
    watcher.demo.faults.add(Fault(path="/servers/", times=None, answer={"count": 0, "results": []}))
    assert await watcher.follow() == (None, False)


async def test_passing_trouble_is_waited_out(watcher: Watcher) -> None:
    watcher.starts_at = 1
    watcher.demo.faults.add(Fault(path="/servers/", cut="before", times=1))
    server, seen = await watcher.follow()
    assert server is not None
    assert seen


class Waiter:
    """Waits for a backup, in whose pauses time passes and one thing after another happens."""

    def __init__(self, demo: DemoService, clock: Clock) -> None:
        self.demo = demo
        self.clock = clock
        self.service = Service(demo.url, Token(CANARY))
        self.pauses = 0
        self.waits: dict[int, Callable[[], object]] = {}

    async def pause(self, seconds: float) -> None:
        self.pauses += 1
        assert self.pauses <= 2 * MANY
        self.clock.advance(seconds)
        self.waits.get(self.pauses, lambda: None)()

    def hide(self, times: int, *, count: int = 0) -> None:
        """List nothing for that many times; with a `count` the lists are not complete."""
        answer = {"count": count, "results": []}
        self.demo.faults.add(Fault(path="server_id", times=times, answer=answer))

    async def watch(self, backup: Backup) -> BackupWatched:
        return await follow_backup(self.service, backup, pause=self.pause)

    async def follow(self, backup: Backup) -> Backup | None:
        return (await self.watch(backup)).backup


@pytest.fixture
async def waiter(demo: DemoService, clock: Clock) -> AsyncIterator[Waiter]:
    waiter = Waiter(demo, clock)
    yield waiter
    await waiter.service.aclose()


@pytest.fixture
async def made(waiter: Waiter) -> Backup:
    """A backup that has just been started, and takes more than five looks."""
    waiter.demo.service.backup_seconds = 16
    return await waiter.service.create_backup(SERVER_ID, "")


async def test_a_backup_is_followed_until_it_is_completed(waiter: Waiter, made: Backup) -> None:
    ended, seen = await waiter.watch(made)
    assert ended is not None
    assert (ended.id, ended.is_completed, seen, waiter.pauses) == (made.id, True, True, 6)
    assert all("server_id=12345" in seen.path for seen in waiter.demo.requests if seen.method == "GET")


async def test_a_backup_that_shows_late_is_waited_for(waiter: Waiter, made: Backup) -> None:
    waiter.hide(MANY - 1)
    ended = await waiter.follow(made)
    assert ended is not None
    assert waiter.pauses == MANY - 1


async def test_a_backup_that_never_shows_is_not_there(waiter: Waiter, made: Backup) -> None:
    waiter.hide(MANY)
    assert await waiter.watch(made) == (None, False)
    assert waiter.pauses == MANY - 1


async def test_a_backup_that_goes_while_it_is_made_is_gone_at_the_second_look(waiter: Waiter, made: Backup) -> None:
    waiter.waits[2] = lambda: waiter.demo.service.delete(int(str(made.id)))
    assert await waiter.watch(made) == (None, True)
    assert waiter.pauses == 3


async def test_one_list_that_misses_a_backup_does_not_make_it_gone(waiter: Waiter, made: Backup) -> None:
    for pause in (1, 3):
        waiter.waits[pause] = lambda: waiter.hide(1)
    assert await waiter.follow(made) is not None


async def test_lists_that_are_not_complete_make_nothing_gone(waiter: Waiter, made: Backup) -> None:
    waiter.waits[1] = lambda: waiter.hide(12, count=3)
    assert await waiter.follow(made) is not None


async def test_passing_trouble_does_not_end_the_wait_for_a_backup(waiter: Waiter, made: Backup) -> None:
    waiter.waits[1] = lambda: waiter.demo.faults.add(Fault(path="server_id", cut="before", times=6))
    assert await waiter.follow(made) is not None


async def test_a_refused_token_ends_the_wait_for_a_backup(waiter: Waiter, made: Backup) -> None:
    waiter.waits[1] = lambda: waiter.demo.faults.add(Fault(path="server_id", status=401, times=None))
    with pytest.raises(TokenRefusedError):
        await waiter.follow(made)


class Gone:
    """A service that gives no answer, or not the whole list where it `is_partial`, but for one look."""

    def __init__(self, answers_at: int, *, is_partial: bool) -> None:
        self.looks = 0
        self._answers_at = answers_at
        self._is_partial = is_partial

    def _look(self) -> Listing[Any]:
        self.looks += 1
        if self.looks == self._answers_at:
            return Listing([], total=0)
        if self._is_partial:
            return Listing([], total=9, complete=False)
        raise NoAnswerError("Gone.")

    async def list_backups(self, *, server_id: Id | None = None) -> Listing[Backup]:
        return self._look()

    async def list_servers(self) -> Listing[Server]:
        return self._look()


@pytest.mark.parametrize("is_partial", [False, True])
@pytest.mark.parametrize(("answers_at", "looks"), [(0, 100), (70, 170)])
async def test_a_service_that_tells_no_more_is_not_waited_for(answers_at: int, looks: int, is_partial: bool) -> None:
    async def pause(seconds: float) -> None:
        pass

    follows: list[Callable[[Gone], Awaitable[object]]] = [
        lambda gone: follow_backup(gone, Backup(id=1, server_id=SERVER_ID), pause=pause),
        lambda gone: follow_restore(gone, SERVER_ID, pause=pause),
    ]
    for follow in follows:
        gone = Gone(answers_at, is_partial=is_partial)
        with pytest.raises(NoAnswerError) as last:
            await follow(gone)
        assert gone.looks == looks
        assert last.value.message == ("The service did not send the whole list." if is_partial else "Gone.")


async def test_a_backup_is_found_whose_id_one_answer_gives_as_a_number_and_another_as_text(
    waiter: Waiter, made: Backup
) -> None:
    waiter.clock.advance(10_000)
    found = await waiter.follow(structs.replace(made, id=str(made.id)))
    assert found is not None
    assert found.id == made.id
