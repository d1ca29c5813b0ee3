"""Handshakes that go on from earlier ones and wait for the first, without a socket between the two ends."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
import truststore

from vpsbackup_tui.api import handshakes as module
from vpsbackup_tui.api.handshakes import Handshakes
from vpsbackup_tui.api.tls import trusting_context

NAME = "backups.example"


class Ends:
    """A client and a server, and what they have written to each other."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext, name: str = NAME) -> None:
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self.to_client, self.to_server, server_hostname=name)
        self._server = server.wrap_bio(self.to_server, self.to_client, server_side=True)

    def talk(self) -> bool:
        """Shake hands, let the server say a word, and return whether that went on from an earlier handshake."""
        for end in (self.client, self._server, self.client, self._server, self.client):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
        self._server.write(b"x")
        assert self.client.read(1) == b"x"
        return bool(self.client.session_reused)


@pytest.fixture
def client(tmp_path: Path) -> ssl.SSLContext:
    return resuming(tmp_path)


def resuming(tmp_path: Path) -> ssl.SSLContext:
    return handshakes(tmp_path)[1]


def handshakes(tmp_path: Path) -> tuple[Handshakes, ssl.SSLContext]:
    """Return the handshakes with a service, and their context."""
    CA.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = trusting_context({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    return Handshakes(context, NAME), context


CA = trustme.CA()


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def server(request: pytest.FixtureRequest) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = request.param
    CA.issue_cert(NAME, "other.example").configure_cert(context)
    return context


def test_a_connection_goes_on_from_the_one_before_it(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    assert [Ends(client, server).talk() for _ in range(3)] == [False, True, True]


def test_each_name_has_its_own_and_so_has_each_client(
    client: ssl.SSLContext, server: ssl.SSLContext, tmp_path: Path
) -> None:
    Ends(client, server).talk()
    assert not Ends(client, server, "other.example").talk()
    assert Ends(client, server).talk()
    assert not Ends(resuming(tmp_path), server).talk()


def test_after_a_handshake_that_failed_the_next_one_is_a_whole_one(
    client: ssl.SSLContext, server: ssl.SSLContext
) -> None:
    Ends(client, server).talk()
    broken = Ends(client, server)
    with pytest.raises(ssl.SSLWantReadError):
        broken.client.do_handshake()
    broken.to_client.write(b"no TLS at all")
    with pytest.raises(ssl.SSLError):
        broken.client.do_handshake()
    assert [Ends(client, server).talk() for _ in range(2)] == [False, True]


async def has_its_turn(turn: Callable[[], Awaitable[None]]) -> bool:
    """Tell whether a handshake may begin by now."""
    waiting = asyncio.ensure_future(turn())
    for _ in range(5):
        await asyncio.sleep(0)
    has_come = waiting.done()
    waiting.cancel()
    return has_come


async def test_others_wait_for_the_session_of_the_service_and_for_none_of_a_proxy(
    tmp_path: Path, server: ssl.SSLContext
) -> None:
    handshakes_, client = handshakes(tmp_path)
    with handshakes_.request() as first, handshakes_.request() as second, handshakes_.request() as third:
        Ends(client, server, "other.example").talk()
        assert await has_its_turn(first)
        assert not await has_its_turn(second)
        Ends(client, server).talk()
        assert await has_its_turn(third)


async def test_others_wait_no_longer_than_the_first_request_lasts(tmp_path: Path) -> None:
    handshakes_, _ = handshakes(tmp_path)
    with handshakes_.request(), handshakes_.request() as second:
        assert not await has_its_turn(second)
    with handshakes_.request() as third, handshakes_.request() as fourth:
        assert await has_its_turn(third)
        assert await has_its_turn(fourth)


async def test_the_end_of_another_request_than_the_first_lets_nobody_go(tmp_path: Path) -> None:
    handshakes_, _ = handshakes(tmp_path)
    with handshakes_.request(), handshakes_.request() as third:
        with handshakes_.request():
            pass
        assert not await has_its_turn(third)


async def test_a_request_waits_before_one_of_its_handshakes_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handshakes_, _ = handshakes(tmp_path)
    with handshakes_.request(), handshakes_.request() as second:
        monkeypatch.setattr(module, "_LONGEST_WAIT", 0.0)
        await second()
        monkeypatch.setattr(module, "_LONGEST_WAIT", 3600.0)
        assert await has_its_turn(second)


async def test_nobody_waits_where_no_handshake_goes_on_from_another() -> None:
    handshakes_ = Handshakes(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), NAME)
    with handshakes_.request(), handshakes_.request() as second:
        assert await has_its_turn(second)
