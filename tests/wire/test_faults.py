"""What networks and proxies do wrong, one fault at a time: no token elsewhere, no answer of another request."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import failure
from tests.api.test_client import Change, every_change
from tests.api.wire import Exchange, Wire, answer
from tests.conftest import CANARY, Clock
from tests.wire.bench import Bench
from tests.wire.conftest import Connect
from tests.wire.proxy import Ending, Fault, Proxy, strike
from vpsbackup_tui.api.errors import NoAnswerError, OutcomeUnknownError, ServiceError, UnreachableError
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.operations.operation import Action, Outcome

EMPTY = answer(b'{"count": 0, "results": []}')
ONE = answer(b'{"count": 1, "results": [{"id": 7, "server": {"id": 12345, "name": "web"}}]}')
_SHORT = answer(b'{"count": 1, "results": [{"id": 7, "server": {"id": 12345}, "description": ""}]}'.ljust(65_000))
A_READ_LONG = answer(b'{"count": 1, "results": [{"id": 7}]}'.ljust(65_000 + 65_536 - len(_SHORT)))
"""As long as what the client reads at once."""
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
ODD_ANSWERS = {
    "another length in a list": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 5\r\n\r\n[]   ",
    "length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n[]",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n",
    "unknown transfer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n[]",
    "chunk of no size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n[]\r\n0\r\n\r\n",
    "chunk that is too long": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n",
    "endless chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 100_000,
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 2\r\n\r\n[]",
    "header without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n[]",
    "header without a name": b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\n[]",
    "status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n[]",
    "status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n[]",
    "status beyond all": b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n[]",
    "no status": b"HTTP/1.1 \r\nContent-Length: 2\r\n\r\n[]",
    "another protocol": b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/2": b"HTTP/2 200\r\ncontent-length: 2\r\n\r\n[]",
    "HTTP/2 frames": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
    "no head": b"[]",
    "a header for ever": b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 30_000,
    "a long status line": b"HTTP/1.1 200 " + b"a" * 200_000 + b"\r\n\r\n",
    "only interim": b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
    "blank lines": b"\r\n" * 100,
}


# --- framing --------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ODD_ANSWERS)
async def test_an_odd_answer_to_a_read_is_an_error(connect: Connect, odd: str) -> None:
    async with Wire(ODD_ANSWERS[odd]) as wire:
        assert isinstance(await failure(connect(wire.url).list_backups()), OutcomeUnknownError)
        assert len(wire.requests) <= 3


@every_change
@pytest.mark.parametrize("odd", ODD_ANSWERS)
async def test_an_odd_answer_leaves_a_change_of_unknown_outcome(
    connect: Connect, method: str, change: Change, odd: str
) -> None:
    async with Wire(ODD_ANSWERS[odd]) as wire:
        assert isinstance(await failure(change(connect(wire.url))), OutcomeUnknownError)
        assert len(wire.requests) == 1


@every_change
async def test_a_flood_of_interim_answers_leaves_a_change_of_unknown_outcome(
    connect: Connect, method: str, change: Change
) -> None:
    async def flood(exchange: Exchange) -> None:
        while True:
            await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)
            await asyncio.sleep(0)

    async with Wire(flood) as wire:
        error = await failure(change(connect(wire.url, whole_change=1.0)))
        assert len(wire.requests) == 1
    assert isinstance(error, NoAnswerError)


async def test_interim_answers_are_passed_over(connect: Connect) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with Wire(interim + ONE) as wire:
        assert len((await connect(wire.url).list_backups()).items) == 1


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("pieces", [1, 2, 40])
async def test_what_follows_an_answer_is_never_taken_for_the_next_one(
    connect: Connect, pieces: int, shared: bool
) -> None:
    async def smuggle(exchange: Exchange) -> None:
        smuggled = ONE + EMPTY
        step = -(-len(smuggled) // pieces)
        for at in range(0, len(smuggled), step):
            await exchange.send(smuggled[at : at + step])

    async with Wire(smuggle, ONE) as wire:
        service = connect(wire.url)
        for _ in range(3):
            assert len((await service.list_backups(shared=shared)).items) == 1
        assert len(wire.requests) >= 3


@pytest.mark.parametrize("shared", [False, True])
async def test_half_an_answer_that_follows_another_spoils_none(connect: Connect, shared: bool) -> None:
    async with Wire(ONE + b"HTTP/1.1 200 OK\r\nContent-Length: 27\r\nX: ", ONE) as wire:
        service = connect(wire.url)
        for _ in range(3):
            assert len((await service.list_backups(shared=shared)).items) == 1


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("said", [[ONE + EMPTY], [ONE, EMPTY], [A_READ_LONG + EMPTY]], ids=["one", "two", "cut"])
async def test_more_than_an_answer_ends_a_shared_connection(
    connect: Connect, tls: ssl.SSLContext, is_secure: bool, said: list[bytes]
) -> None:
    """Whether it comes with the answer, in a record of TLS of its own, or where one read of the client ends."""

    async def say_more(exchange: Exchange) -> None:
        for piece in said:
            exchange.writer.write(piece)

    async with Wire(say_more, tls=tls if is_secure else None) as wire:
        service = connect(wire.url)
        for _ in range(3):
            assert len((await service.list_backups(shared=True)).items) == 1
        assert wire.connections == len(wire.requests) == 3


async def test_a_shared_connection_that_the_service_closes_between_two_lists_spoils_none(connect: Connect) -> None:
    async def answer_and_close(exchange: Exchange) -> None:
        await exchange.send(ONE)
        raise ConnectionError

    async with Wire(answer_and_close) as wire:
        service = connect(wire.url)
        for _ in range(3):
            assert len((await service.list_backups(shared=True)).items) == 1


async def test_a_body_that_a_204_must_not_have_spoils_no_list(proxy: Proxy, connect: Connect, clock: Clock) -> None:
    bench, service = Bench(proxy, clock), connect(proxy.url)
    proxy.plan = strike("DELETE", Fault(instead=NOTHING + EMPTY))
    ended = await bench.carry_out(Action.DELETE, service)
    await bench.judge(ended)
    assert ended.outcome is Outcome.DONE
    assert len((await service.list_backups()).items) == len(proxy.service.service.backups()) == 1


@every_change
async def test_a_whole_answer_before_the_request_is_none(connect: Connect, method: str, change: Change) -> None:
    """A server that talks first is no HTTP server, though what it says may look like an answer."""
    async with Wire(lambda exchange: exchange.send(EMPTY)) as wire:
        with contextlib.suppress(ServiceError):
            await change(connect(wire.url))
        assert len(wire.requests) == 1


# --- redirects ------------------------------------------------------------------------

TARGETS = {
    "same place": "{path}",
    "same host": "{origin}/api/v1/servers/",
    "another port": "http://127.0.0.1:{elsewhere}/api/v1/backups/",
    "another name": "http://localhost:{elsewhere}/api/v1/backups/",
    "another scheme": "https://127.0.0.1:{elsewhere}/",
    "no scheme": "//127.0.0.1:{elsewhere}/api/v1/backups/",
    "a name inside": "http://x:y@127.0.0.1:{elsewhere}/",
    "a file": "file:///etc/passwd",
    "script": "javascript:alert(1)",
    "no address": "http:alert",
    "a bad port": "http://127.0.0.1:99999999/",
    "a bad name": "http://\u2603.\xad/",
    "half an address": "http://[::1",
    "nothing": "",
}
ODD_MOVES = (300, 301, 303, 304, 305, 308, 399)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        *((target, status) for target in TARGETS for status in (302, 307)),
        *(("another port", each) for each in ODD_MOVES),
    ],
)
async def test_no_redirect_is_followed_and_no_token_goes_elsewhere(
    proxy: Proxy, connect: Connect, clock: Clock, target: str, status: int
) -> None:
    bench, service = Bench(proxy, clock), connect(proxy.url)
    async with Wire(EMPTY) as elsewhere:
        location = TARGETS[target].format(
            path="/api/v1/backups/", origin=proxy.url.removesuffix("/api/v1"), elsewhere=elsewhere.port
        )
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        for action in Action:
            proxy.plan = strike("DELETE" if action is Action.DELETE else "POST", Fault(instead=moved))
            ended = await bench.carry_out(action, service)
            await bench.judge(ended)
            assert proxy.count_changes() == 1
        proxy.requests.clear()
        proxy.plan = strike("GET", Fault(instead=moved), times=100)
        assert isinstance(await failure(service.list_backups()), OutcomeUnknownError)
        assert len(proxy.requests) == 1
        assert (elsewhere.connections, elsewhere.requests) == (0, [])


@pytest.mark.parametrize("link", ["http://127.0.0.1:{port}/api/v1/backups/?page=2", "//127.0.0.1:{port}/x?page=2"])
async def test_no_link_to_a_next_page_takes_the_token_elsewhere(connect: Connect, link: str) -> None:
    async with Wire(EMPTY) as elsewhere:
        following = link.format(port=elsewhere.port)
        page = answer(
            ONE.partition(b"\r\n\r\n")[2].replace(b'"count": 1', b'"count": 9, "next": "%b"' % following.encode())
        )
        async with Wire(page) as wire:
            listing = await connect(wire.url).list_backups()
            assert not listing.complete
            assert all(CANARY.encode() in request for request in wire.requests)
        assert (elsewhere.connections, elsewhere.requests) == (0, [])


# --- the way to the service -----------------------------------------------------------


@pytest.fixture
def two_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `localhost` have an IPv6 address, where nobody listens, before its IPv4 one."""

    def addresses(host: object, port: object, *args: object, **kwargs: object) -> list[object]:
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(socket.AF_INET6, *kind, ("::1", port, 0, 0)), (socket.AF_INET, *kind, ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)


@pytest.mark.usefixtures("two_families")
async def test_where_ipv6_is_broken_ipv4_is_used(demo: DemoService, connect: Connect) -> None:
    service = connect(demo.url.replace("127.0.0.1", "localhost"))
    assert (await service.list_backups()).complete
    await service.create_backup(12345, "x")
    assert demo.count("POST") == 1


@contextlib.contextmanager
def deaf(host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Iterator[int]:
    """Listen with a queue that is full: connections to the port get no answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((host, port), family=family, backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket(family))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port to which connections get no answer."""
    with deaf("127.0.0.1") as port:
        yield port


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.usefixtures("two_families")
async def test_where_ipv6_swallows_everything_ipv4_is_used(demo: DemoService, connect: Connect) -> None:
    with deaf("::1", urlsplit(demo.url).port or 0, socket.AF_INET6):
        # One try that is given up after an hour: what answers is the other family, asked while this one still waits.
        service = connect(demo.url.replace("127.0.0.1", "localhost"), connect=3600)
        assert (await service.list_backups()).complete
        await service.create_backup(12345, "x")
    assert demo.count("POST") == 1


@every_change
async def test_a_change_to_a_place_that_does_not_answer_is_not_sent(
    connect: Connect, method: str, change: Change, deaf_port: int
) -> None:
    error = await failure(change(connect(f"http://127.0.0.1:{deaf_port}/api/v1", connect=0.1, read=0.1)))
    assert isinstance(error, UnreachableError)
    assert "did not answer" in error.message


async def test_after_many_reads_without_an_answer_reads_go_on(proxy: Proxy, connect: Connect) -> None:
    service = connect(proxy.url, read=2, whole_read=2)
    proxy.plan = strike("GET", Fault(cut=0, ending=Ending.HANG), times=100)
    ends = await asyncio.gather(*(failure(service.list_backups()) for _ in range(10)))
    assert all(isinstance(end, NoAnswerError) for end in ends)
    proxy.plan = strike("GET", Fault(), times=0)
    listings = await asyncio.gather(*(service.list_backups() for _ in range(10)))
    assert all(listing.complete for listing in listings)
