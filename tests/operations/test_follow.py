"""What was started is followed until it has ended, and what was never seen isn't called ended."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import CANARY, Clock
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations.follow import RestoreWatched, follow_restore
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


async def test_a_server_that_is_not_listed_tells_nothing(watcher: Watcher) -> None:
    watcher.demo.faults.add(Fault(path="/servers/", times=None, answer={"count": 0, "results": []}))
    assert await watcher.follow() == (None, False)


async def test_passing_trouble_is_waited_out(watcher: Watcher) -> None:
    watcher.starts_at = 1
    watcher.demo.faults.add(Fault(path="/servers/", cut="before", times=1))
    server, seen = await watcher.follow()
    assert server is not None
    assert seen
