"""A list that is given up among its pages leaves nothing behind."""

import asyncio
import json

from tests.api.conftest import Connect
from tests.api.wire import Exchange, Wire, answer
from vpsbackup_tui.api.paging import PAGE_SIZE

ROWS = [{"id": number, "server": {"id": 1, "name": "web"}} for number in range(1, PAGE_SIZE + 1)]
FIRST = answer(json.dumps({"count": 10 * PAGE_SIZE, "next": "?page=2", "results": ROWS}).encode())


async def test_a_list_that_is_given_up_among_its_pages_closes_every_connection(connect: Connect) -> None:
    held: set[int] = set()
    several, none = asyncio.Event(), asyncio.Event()

    async def hold(exchange: Exchange) -> None:
        held.add(id(exchange))
        if len(held) > 1:
            several.set()
        await exchange.reader.read()
        held.discard(id(exchange))
        if not held:
            none.set()
        raise ConnectionError

    async with Wire(FIRST, hold) as wire:
        service = connect(wire.url)
        listing = asyncio.create_task(service.list_backups())
        await several.wait()
        listing.cancel()
        await asyncio.wait([listing])
        assert listing.cancelled()
        await none.wait()
