"""Handshakes that go on from earlier ones, without a socket between the two ends."""

import ssl
from pathlib import Path

import pytest
import trustme

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
    CA.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = trusting_context({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    Handshakes(context, NAME)
    return context


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
