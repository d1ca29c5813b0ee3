"""What no well-made server sends, and what happens before a request is sent: on a wire of our own."""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import trustme

from tests.api.conftest import Connect, Waits, failure
from tests.api.test_client import Change, every_change
from tests.api.wire import Exchange, Wire, answer, close, mute, reset
from tests.conftest import CANARY
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotSentError,
    OutcomeUnknownError,
    ServiceError,
    UnreachableError,
    UnusableAnswerError,
)
from vpsbackup_tui.api.patience import Patience
from vpsbackup_tui.api.transport import MOST_CONNECTIONS, _BearerAuth, _reason
from vpsbackup_tui.secret import Token

EMPTY = answer(b'{"count": 0, "results": []}')
MADE = b'{"id": 7, "server": {"id": 12345, "name": "web"}, "backup_type": "manual", "status": "in_progress"}'


# --- broken framing -------------------------------------------------------------------


async def half_a_body(exchange: Exchange) -> None:
    await exchange.send(answer(MADE, "201 Created")[:-30])
    raise ConnectionError


async def half_a_chunk(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n" + MADE[:20])
    raise ConnectionError


async def reset_in_the_body(exchange: Exchange) -> None:
    await exchange.send(answer(MADE, "201 Created")[:-30])
    exchange.reset()
    raise ConnectionError


BROKEN: dict[str, Callable[[Exchange], object] | bytes] = {
    "closed": close,
    "reset": reset,
    "half a body": half_a_body,
    "half a chunk": half_a_chunk,
    "reset in the body": reset_in_the_body,
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "bad status line": b"HTTP/9.9 yes\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]   ",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]",
    "huge head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}
every_break = pytest.mark.parametrize("broken", BROKEN)


@every_break
async def test_a_read_survives_a_broken_answer(connect: Connect, waits: Waits, broken: str) -> None:
    async with Wire(BROKEN[broken], EMPTY) as wire:  # type: ignore[arg-type]
        listing = await connect(wire.url).list_backups()
        assert listing.complete
        assert len(wire.requests) == 2
    assert waits == [0.25]


@every_break
@every_change
async def test_a_broken_answer_leaves_a_change_of_unknown_outcome(
    connect: Connect, method: str, change: Change, broken: str
) -> None:
    async with Wire(BROKEN[broken]) as wire:  # type: ignore[arg-type]
        error = await failure(change(connect(wire.url)))
        assert len(wire.requests) == wire.connections == 1
    assert isinstance(error, OutcomeUnknownError)


@pytest.mark.parametrize("length", range(0, len(answer(MADE, "201 Created")), 7))
async def test_a_create_cut_at_any_byte_is_of_unknown_outcome(connect: Connect, length: int) -> None:
    async def cut(exchange: Exchange) -> None:
        await exchange.send(answer(MADE, "201 Created")[:length])
        raise ConnectionError

    async with Wire(cut) as wire:
        error = await failure(connect(wire.url).create_backup(12345, "x"))
        assert len(wire.requests) == 1
    assert isinstance(error, NoAnswerError)


async def test_a_cancelled_change_is_not_sent_again(connect: Connect) -> None:
    has_come = asyncio.Event()

    async def hold(exchange: Exchange) -> None:
        has_come.set()
        await mute(exchange)

    async with Wire(hold, EMPTY) as wire:
        service = connect(wire.url)
        task = asyncio.create_task(service.create_backup(12345, "x"))
        await has_come.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await service.probe()
        assert [request.split()[0] for request in wire.requests] == [b"POST", b"GET"]


async def test_a_read_cancelled_while_it_waits_for_its_turn_ends_as_any_other(connect: Connect) -> None:
    all_turns_taken = asyncio.Event()

    async def hold(exchange: Exchange) -> None:
        if len(wire.requests) == MOST_CONNECTIONS:
            all_turns_taken.set()
        await mute(exchange)

    async with Wire(hold) as wire:
        service = connect(wire.url)
        busy = [asyncio.create_task(service.probe()) for _ in range(MOST_CONNECTIONS)]
        await all_turns_taken.wait()
        waiting = asyncio.create_task(service.probe())
        for _ in range(20):
            await asyncio.sleep(0)
        for task in (waiting, *busy):
            task.cancel()
        ends = await asyncio.gather(waiting, *busy, return_exceptions=True)
        assert [type(end) for end in ends] == [asyncio.CancelledError] * (MOST_CONNECTIONS + 1)
        assert len(wire.requests) == MOST_CONNECTIONS


async def test_a_flood_of_interim_answers_ends_at_the_deadline(connect: Connect) -> None:
    async def flood(exchange: Exchange) -> None:
        while True:
            await exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
            await asyncio.sleep(0)

    async with Wire(flood) as wire:
        error = await failure(connect(wire.url, whole_read=0.2).list_servers())
    assert isinstance(error, NoAnswerError)


async def test_a_token_that_was_replaced_meanwhile_is_hidden_in_the_answer_to_it(connect: Connect) -> None:
    has_come, is_replaced = asyncio.Event(), asyncio.Event()

    async def echo(exchange: Exchange) -> None:
        has_come.set()
        await is_replaced.wait()
        await exchange.send(answer(json.dumps({"detail": f"Bearer {CANARY}"}).encode(), "400 Bad Request"))

    async with Wire(echo) as wire:
        service = connect(wire.url)
        under_way = asyncio.ensure_future(failure(service.probe()))
        await has_come.wait()
        service.use_token(Token("vps_another_token"))
        is_replaced.set()
        assert (await under_way).message.endswith("refused (400): “Bearer ***.”")


async def test_what_follows_a_204_is_nobody_s_answer(connect: Connect) -> None:
    smuggled = b"HTTP/1.1 204 No Content\r\n\r\n" + answer(b'{"count": 0, "results": []}')

    async def smuggle(exchange: Exchange) -> None:
        await exchange.send(smuggled)

    real = answer(b'{"count": 1, "results": [' + MADE + b"]}")
    async with Wire(smuggle, real) as wire:
        service = connect(wire.url)
        await service.delete_backup(7)
        assert len((await service.list_backups()).items) == 1
        assert wire.connections == 2


async def test_rubbish_after_an_answer_costs_a_retry_and_no_more(connect: Connect) -> None:
    async with Wire(EMPTY + b"rubbish\r\n\r\n", EMPTY) as wire:
        service = connect(wire.url)
        await service.probe()
        assert (await service.list_backups()).complete


async def test_a_connection_closed_while_idle_costs_a_retry_and_no_more(connect: Connect) -> None:
    async def answer_and_close(exchange: Exchange) -> None:
        await exchange.send(EMPTY)
        raise ConnectionError

    async with Wire(answer_and_close) as wire:
        service = connect(wire.url)
        for _ in range(5):
            await service.probe()


async def test_a_body_without_end_is_read_to_the_limit_only(connect: Connect) -> None:
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await exchange.send(b" " * 65536)
            sent += 65536

    async with Wire(endless) as wire:
        error = await failure(connect(wire.url).list_servers())
    assert isinstance(error, UnusableAnswerError)
    assert sent < 32 * 1024 * 1024


async def test_the_body_of_an_error_is_read_to_a_limit_only(connect: Connect) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.send(b'HTTP/1.1 400 Bad Request\r\n\r\n{"detail": "')
        while True:
            await exchange.send(b"x" * 65536)

    async with Wire(endless) as wire:
        error = await failure(connect(wire.url).list_servers())
    assert "(400)" in error.message


async def test_a_change_that_nobody_takes_is_of_unknown_outcome(connect: Connect) -> None:
    async with Wire(mute, talks=False) as wire:
        error = await failure(connect(wire.url, write=0.1, whole_change=4).create_backup(12345, "x" * 30_000_000))
    assert isinstance(error, NoAnswerError)
    assert error.message.endswith(": it took nothing for 0 s.")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (close, "the connection was closed early, or what came is no HTTP"),
        (half_a_body, "the connection was closed early, or what came is no HTTP"),
        (reset, "the connection broke"),
        (reset_in_the_body, "the connection broke"),
    ],
)
async def test_a_lost_answer_is_told_by_what_became_of_the_connection(
    connect: Connect, broken: Callable[[Exchange], Awaitable[None]], words: str
) -> None:
    async with Wire(broken) as wire:
        error = await failure(connect(wire.url).create_backup(12345, "x"))
    assert error.message == f"No complete answer came from 127.0.0.1:{wire.port}: {words}."


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectTimeout("secret"), "it did not answer within 5 s; check the network"),
        (httpx.PoolTimeout("secret"), "no connection became free within 5 s"),
        (httpx.ReadTimeout("secret"), "it said nothing for 20 s"),
        (httpx.WriteTimeout("secret"), "it took nothing for 10 s"),
        (httpx.ProxyError("407 secret"), "the proxy refused (407)"),
        (httpx.ProxyError("secret"), "the proxy refused"),
        (httpx.RemoteProtocolError("secret"), "the connection was closed early, or what came is no HTTP"),
        (httpx.ReadError("secret"), "the connection broke"),
        (OSError("secret"), "the connection broke"),
    ],
)
def test_a_failure_is_told_by_its_kind_and_not_by_its_own_words(error: Exception, words: str) -> None:
    assert _reason(error, Patience()) == words


async def test_a_list_with_links_only_is_read_to_its_end(connect: Connect) -> None:
    pages = [answer(b'{"results": [' + MADE + b'], "next": "?cursor=b"}'), answer(b'{"results": []}')]
    async with Wire(*pages) as wire:
        listing = await connect(wire.url).list_backups()
        assert wire.requests[1].split()[1] == b"/api/v1/backups/?page_size=100&cursor=b"
    assert listing.complete


async def test_once_asked_to_slow_down_a_list_is_read_one_page_at_a_time_to_its_end(connect: Connect) -> None:
    under_way = 0
    seen: dict[int, int] = {}

    async def page(exchange: Exchange) -> None:
        nonlocal under_way
        number = int((re.search(rb"[?&]page=(\d+)", exchange.request) or [b"", b"1"])[1])
        is_first = number not in seen
        under_way += 1
        seen[number] = under_way
        for _ in range(50):
            await asyncio.sleep(0)
        under_way -= 1
        if is_first and number in (3, 15):
            status = "429 Too Many Requests" if number == 3 else "503 Service Unavailable"
            await exchange.send(answer(b"", status))
        else:
            row = {"id": number, "server": {"id": 1, "name": "web"}}
            following = f"?page={number + 1}" if number < 30 else None
            await exchange.send(answer(json.dumps({"count": 30, "next": following, "results": [row]}).encode()))

    async with Wire(page) as wire:
        assert len((await connect(wire.url).list_backups()).items) == 30
    assert max(seen.values()) > 1
    assert {seen[number] for number in range(12, 31)} == {1}


# --- before anything is sent ----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://admin.vps.org/api/v1/backups/", True),
        ("https://admin.vps.org:443/", True),
        ("https://admin.vps.org/elsewhere", True),
        ("http://admin.vps.org/api/v1/backups/", False),
        ("https://admin.vps.org:8443/api/v1/backups/", False),
        ("https://admin.vps.org.evil.example/api/v1/backups/", False),
        ("https://vps.org/api/v1/backups/", False),
    ],
)
def test_a_token_goes_to_its_own_origin_only(url: str, goes: bool) -> None:
    request = httpx.Request("GET", url)
    for sent in _BearerAuth(Token(CANARY), "https://admin.vps.org").auth_flow(request):
        token = (b"Authorization", f"Bearer {CANARY}".encode())
        assert (token in sent.headers.raw) == ("authorization" in sent.headers) == goes


@every_change
async def test_a_change_whose_handshake_hangs_is_not_sent(connect: Connect, method: str, change: Change) -> None:
    async with Wire(mute, talks=False) as wire:
        error = await failure(change(connect(wire.url.replace("http:", "https:"), connect=0.1, whole_change=4)))
        assert wire.connections == 1
    assert isinstance(error, UnreachableError)
    assert error.message == f"127.0.0.1:{wire.port} can't be reached: it did not answer within 0 s; check the network."


async def test_a_read_whose_handshake_hangs_is_tried_again(connect: Connect, waits: Waits) -> None:
    async with Wire(mute, talks=False) as wire:
        await failure(connect(wire.url.replace("http:", "https:"), connect=0.1).list_servers())
        assert wire.connections == 3
    assert waits == [0.25, 0.5]


@every_change
async def test_a_change_to_a_closed_port_is_not_sent(connect: Connect, method: str, change: Change) -> None:
    async with Wire(close) as wire:
        url = wire.url
    error = await failure(change(connect(url)))
    assert isinstance(error, NotSentError)
    assert "refused the connection" in error.message


async def test_a_plain_server_where_tls_was_expected_is_told(connect: Connect) -> None:
    server = await asyncio.start_server(lambda reader, writer: _greet(writer), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(connect(f"https://127.0.0.1:{port}/api/v1").create_backup(1, "x"))
    assert isinstance(error, UnreachableError)
    assert "no secure connection" in error.message


async def _greet(writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.com ESMTP\r\n")
    await writer.drain()
    writer.close()


async def test_a_name_that_is_not_found_is_told(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)  # no name server is asked
    error = await failure(connect("https://admin.example").create_backup(1, "x"))
    assert isinstance(error, UnreachableError)
    assert "can't be found" in error.message


# --- certificates ---------------------------------------------------------------------


@pytest.fixture
def ca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that this machine trusts."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


async def test_a_ca_file_is_trusted_and_http_1_is_spoken(connect: Connect, ca: trustme.CA) -> None:
    spoken: list[str | None] = []

    async def note(exchange: Exchange) -> None:
        spoken.append(exchange.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await exchange.send(EMPTY)

    async with Wire(note, tls=server_context(ca.issue_cert("127.0.0.1"))) as wire:
        assert (await connect(wire.url).list_backups()).complete
    assert spoken == ["http/1.1"]


async def test_what_is_trusted_at_the_first_request_is_trusted_until_the_end(
    connect: Connect, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Wire(EMPTY, tls=server_context(ca.issue_cert("127.0.0.1"))) as wire:
        service = connect(wire.url)
        await service.probe()
        monkeypatch.delenv("SSL_CERT_FILE")
        await service.probe()
        assert (await service.list_backups()).complete, "on a connection of its own"


async def tls_failure(connect: Connect, certificate: trustme.LeafCert, waits: Waits) -> ServiceError:
    """Return the error that a server with this certificate brings; nothing is sent to it, and once is enough."""
    async with Wire(EMPTY, tls=server_context(certificate)) as wire:
        error = await failure(connect(wire.url).list_backups())
        assert wire.requests == []
    assert isinstance(error, UnreachableError)
    assert waits == []
    return error


async def test_an_expired_certificate_is_refused_with_a_word_on_the_clock(
    connect: Connect, ca: trustme.CA, waits: Waits
) -> None:
    expired = ca.issue_cert(
        "127.0.0.1", not_before=datetime(2001, 1, 1, tzinfo=UTC), not_after=datetime(2002, 1, 1, tzinfo=UTC)
    )
    error = await tls_failure(connect, expired, waits)
    assert "expired" in error.message
    assert "clock" in error.message


async def test_a_certificate_from_the_future_is_refused_with_a_word_on_the_clock(
    connect: Connect, ca: trustme.CA, waits: Waits
) -> None:
    error = await tls_failure(connect, ca.issue_cert("127.0.0.1", not_before=datetime(2090, 1, 1, tzinfo=UTC)), waits)
    assert "not valid yet" in error.message
    assert "clock" in error.message


async def test_a_certificate_for_another_name_is_refused(connect: Connect, ca: trustme.CA, waits: Waits) -> None:
    error = await tls_failure(connect, ca.issue_cert("other.example"), waits)
    assert "another name" in error.message


async def test_an_unknown_signer_is_refused_with_a_word_on_the_ca_file(
    connect: Connect, ca: trustme.CA, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    error = await tls_failure(connect, trustme.CA().issue_cert("127.0.0.1"), waits)
    assert "SSL_CERT_FILE" in error.message
    assert "REQUESTS_CA_BUNDLE" not in error.message
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/corp.pem")
    error = await tls_failure(connect, trustme.CA().issue_cert("127.0.0.1"), waits)
    assert "REQUESTS_CA_BUNDLE is not read" in error.message


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
async def test_a_bad_ca_file_is_named_by_its_variable(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    path = tmp_path / "missing.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    error = await failure(connect("https://backups.example/api/v1").list_backups())
    assert isinstance(error, NotSentError)
    assert "SSL_CERT_FILE" in error.message


async def test_plain_http_to_this_machine_needs_no_ca_file(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    async with Wire(EMPTY) as wire:
        assert (await connect(wire.url).list_backups()).complete


# --- proxies --------------------------------------------------------------------------


async def test_a_proxy_sees_neither_token_nor_request(
    connect: Connect, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Wire(EMPTY, tls=server_context(ca.issue_cert("backups.example"))) as service:

        async def tunnel(exchange: Exchange) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            await exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                await asyncio.gather(_pump(exchange.reader, writer), _pump(reader, exchange.writer))
            finally:
                writer.close()

        async with Wire(tunnel) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:pass@127.0.0.1:{proxy.port}")
            opened = connect("https://backups.example/api/v1")
            assert (await opened.list_backups()).complete
            assert CANARY.encode() in service.requests[0]
            assert [request.split()[:2] for request in proxy.requests] == [[b"CONNECT", b"backups.example:443"]]
            assert CANARY.encode() not in proxy.requests[0]
            await opened.aclose()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


REFUSING_PROXIES: dict[str, object] = {
    "407": b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    "502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "closed": close,
    "reset": reset,
    "not HTTP": b"hello\r\n\r\n",
}


@every_change
@pytest.mark.parametrize("refusal", REFUSING_PROXIES)
async def test_a_change_that_a_proxy_lets_not_through_is_not_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, method: str, change: Change, refusal: str
) -> None:
    async with Wire(REFUSING_PROXIES[refusal]) as proxy:  # type: ignore[arg-type]
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        error = await failure(change(connect("https://backups.example/api/v1")))
        assert len(proxy.requests) == 1
    assert isinstance(error, NotSentError)
    words = f"the proxy refused ({refusal})" if refusal.isdecimal() else ""
    assert error.message.startswith(
        "backups.example can't be reached through the proxy that HTTPS_PROXY names: " + words
    )


async def test_a_proxy_over_tls_is_trusted_as_the_service_is(
    connect: Connect, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Wire(REFUSING_PROXIES["407"], tls=server_context(ca.issue_cert("127.0.0.1"))) as proxy:  # type: ignore[arg-type]
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        service = connect("https://backups.example/api/v1")
        assert "the proxy refused (407)" in (await failure(service.list_backups())).message
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "the proxy refused (407)" in (await failure(service.list_backups())).message


async def test_a_change_whose_time_is_up_before_it_leaves_is_not_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Wire(mute) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        error = await failure(connect("https://backups.example/api/v1", whole_change=0.2).create_backup(12345, "x"))
    assert isinstance(error, UnreachableError)
    assert error.message == (
        "backups.example can't be reached through the proxy that HTTPS_PROXY names: 0 s were not enough."
    )


@pytest.mark.parametrize(
    "value", ["socks5://127.0.0.1:9", "socks5h://me:secret@x", "http://", "::::", "http://x:0", "no proxy"]
)
async def test_a_proxy_that_can_t_be_used_is_named_by_its_variable(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    error = await failure(connect("https://backups.example/api/v1").list_backups())
    assert type(error) is NotSentError
    assert "ALL_PROXY" in error.message
    assert "secret" not in error.message


async def test_a_proxy_that_is_too_long_for_the_http_client_is_named_by_its_variable(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://{'me' * 40_000}@proxy.example:3128")
    error = await failure(connect("https://backups.example/api/v1").list_backups())
    assert type(error) is NotSentError
    assert error.message == "ALL_PROXY doesn't name a proxy that can be used."


@pytest.mark.parametrize("no_proxy", ["[::1]", "10.0.0.0/8", "http://[::1", "*", ",,", "::1/999"])
async def test_no_proxy_setting_crashes_or_leads_this_machine_astray(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://nowhere")
    monkeypatch.setenv("HTTP_PROXY", "garbage::")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    async with Wire(EMPTY) as wire:
        assert (await connect(wire.url).list_backups()).complete
