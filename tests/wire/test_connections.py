"""How often a session of reads connects: each connection is a handshake of TLS."""

import asyncio
import ssl
from collections.abc import Awaitable
from threading import Event

import pytest

from tests.conftest import CANARY
from tests.process.running import until
from tests.ui.support import telling
from tests.wire.conftest import Connect
from tests.wire.proxy import Ending, Proxy, RawRelay
from vpsbackup_tui.api import handshakes
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.transport import MOST_CONNECTIONS
from vpsbackup_tui.api.window import AT_ONCE
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.secret import Token

READINGS = 3
FOR_EVER = 3600.0


@pytest.fixture
def service(proxy: Proxy) -> Service:
    """A client of the proxy before a service whose lists are short."""
    proxy.service.service.clear_backups()
    return Service(proxy.url, Token(CANARY))


@pytest.mark.parametrize("scheme", ["https"])
async def test_what_a_screen_looks_at_one_after_the_other_needs_one_handshake(
    proxy: Proxy, service: Service, scheme: str
) -> None:
    await service.get_account()
    for _ in range(READINGS):
        await service.list_backups(shared=True)
        await service.list_servers(shared=True)
    await service.aclose()
    assert len(proxy.requests) == READINGS * 2 + 1
    assert proxy.connections == 1


@pytest.mark.parametrize("scheme", ["https"])
async def test_after_the_first_answer_every_connection_goes_on_from_its_handshake(
    proxy: Proxy, service: Service, scheme: str
) -> None:
    proxy.service.service.largest_page = 5
    for _ in range(100):
        proxy.service.service.add_backup(12345)
    await service.get_account()
    for _ in range(READINGS):
        await service.list_backups(shared=True)
        await service.list_backups()
        await service.list_servers()
        await service.create_backup(12345, "one more")
    await service.aclose()
    assert proxy.connections > 1 + 2 * READINGS
    assert proxy.handshakes == 1


def asked_at_once(service: Service) -> Awaitable[object]:
    """Ask for all that a screen shows."""
    return asyncio.gather(service.list_backups(shared=True), service.list_servers(shared=True), service.get_account())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_what_is_asked_at_once_goes_on_from_the_handshake_of_the_first(
    demo: DemoService, tls: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    tls.minimum_version = tls.maximum_version = version
    async with Proxy(demo, tls=tls) as proxy:
        service = Service(proxy.url, Token(CANARY))
        await asked_at_once(service)
        await service.aclose()
        assert proxy.connections >= 3
        assert proxy.handshakes == 1


@pytest.mark.parametrize("scheme", ["https"])
async def test_all_that_is_done_on_a_screen_has_one_handshake(proxy: Proxy, scheme: str) -> None:
    async with telling(proxy.service, base_url=proxy.url, account_url=proxy.url) as story:
        await story.sees("ops@example.com")
        await story.choose_server("web-server-01")
        await story.press("n", "enter")
        await story.sees("Started: Backup")
        await story.press("r")
        await story.settled()
    assert proxy.count_changes() == 1
    assert proxy.connections > 2
    assert proxy.handshakes == 1


@pytest.mark.parametrize("scheme", ["https"])
async def test_the_rest_is_answered_while_the_first_is_not(
    proxy: Proxy, connect: Connect, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(handshakes, "_LONGEST_WAIT", FOR_EVER)
    proxy.service.faults.add(Fault("GET", "/backups/", until=(let_go := Event())))
    service = connect(proxy.url)
    first = asyncio.create_task(service.list_backups(shared=True))
    await asyncio.sleep(0)
    await service.list_servers(shared=True)
    assert not first.done()
    assert proxy.handshakes == 1
    let_go.set()
    await first


@pytest.mark.parametrize(("ending", "longest"), [(Ending.CLOSE, FOR_EVER), (Ending.HANG, 0.05)])
@pytest.mark.parametrize("scheme", ["https"])
async def test_the_rest_is_answered_though_the_handshake_of_the_first_comes_to_nothing(
    proxy: Proxy, connect: Connect, monkeypatch: pytest.MonkeyPatch, scheme: str, ending: Ending, longest: float
) -> None:
    monkeypatch.setattr(handshakes, "_LONGEST_WAIT", longest)
    relay = RawRelay(proxy.port, number=1, cut=200, ending=ending)
    async with await asyncio.start_server(relay.accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        service = connect(proxy.url.replace(str(proxy.port), str(port)), connect=0.5)
        first = asyncio.create_task(service.list_backups(shared=True))
        await asyncio.sleep(0)
        await service.list_servers(shared=True)
        assert ending is Ending.CLOSE or not first.done()
        await first
        await service.aclose()
        await relay.finish()


async def test_the_rest_waits_for_the_first_answer_of_a_service_without_sessions(
    demo: DemoService, tls: ssl.SSLContext, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "_LONGEST_WAIT", FOR_EVER)
    tls.options |= ssl.OP_NO_TICKET
    tls.num_tickets = 0
    demo.faults.add(Fault("GET", "/backups/", until=(let_go := Event())))
    async with Proxy(demo, tls=tls) as proxy:
        service = connect(proxy.url)
        asked = asyncio.ensure_future(asked_at_once(service))
        await asyncio.to_thread(until, lambda: demo.count("GET") == 1, "the first question")
        let_go.set()
        await asked
        assert proxy.handshakes == proxy.connections >= 3
        await service.aclose()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_service_that_forgets_its_handshakes_is_asked_all_the_same(
    demo: DemoService, tls: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    tls.minimum_version = tls.maximum_version = version
    tls.options |= ssl.OP_NO_TICKET
    tls.num_tickets = 0
    async with Proxy(demo, tls=tls) as proxy:
        service = Service(proxy.url, Token(CANARY))
        for _ in range(READINGS):
            await service.list_servers()
        await service.aclose()
        assert proxy.connections == proxy.handshakes == READINGS


@pytest.mark.parametrize("scheme", ["https"])
async def test_a_list_that_shall_prove_something_has_connections_of_its_own(
    proxy: Proxy, service: Service, scheme: str
) -> None:
    for _ in range(READINGS):
        await service.list_backups()
        await service.list_servers()
    assert proxy.connections == 2 * READINGS


@pytest.mark.parametrize("scheme", ["https"])
async def test_the_pages_of_a_list_share_connections(proxy: Proxy, service: Service, scheme: str) -> None:
    for _ in range(10 * 100):
        proxy.service.service.add_backup(12345)
    listing = await service.list_backups()
    await service.aclose()
    assert listing.complete
    assert len(proxy.requests) == 10
    assert proxy.connections <= AT_ONCE == 6


@pytest.mark.parametrize("scheme", ["https"])
async def test_all_that_a_screen_reads_at_once_has_eight_connections_at_most_and_a_change_one_more(
    proxy: Proxy, service: Service, scheme: str
) -> None:
    proxy.service.service.largest_page = 5
    for _ in range(100):
        proxy.service.service.add_backup(12345)
    backups, servers, _ = await asyncio.gather(
        service.list_backups(shared=True), service.list_servers(shared=True), service.get_account()
    )
    assert backups.complete
    assert servers.complete
    assert len(proxy.requests) == 20 + 3 + 1
    assert proxy.connections <= MOST_CONNECTIONS == 8
    before = proxy.connections
    await service.create_backup(12345, "one more")
    assert proxy.connections == before + 1
    await service.aclose()
