"""A proxy before the embedded service, over HTTP and HTTPS, and a service that waits in virtual time."""

import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

from tests.conftest import CANARY, NOON, Clock
from tests.wire.proxy import Proxy
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.patience import Patience
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.secret import Token

Connect = Callable[..., Service]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context for 127.0.0.1, signed by an authority that `SSL_CERT_FILE` names."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
async def proxy(demo: DemoService, request: pytest.FixtureRequest) -> AsyncIterator[Proxy]:
    """A proxy before the service: plain, or with TLS where the test's parameter `scheme` is `https`."""
    scheme = request.node.callspec.params.get("scheme", "http") if hasattr(request.node, "callspec") else "http"
    context = request.getfixturevalue("tls") if scheme == "https" else None
    async with Proxy(demo, tls=context) as opened:
        yield opened


@pytest.fixture
async def connect(clock: Clock) -> AsyncIterator[Connect]:
    """Return a function that gives a service at a URL; its waits pass in virtual time."""
    opened: list[Service] = []

    async def pause(seconds: float) -> None:
        clock.advance(seconds)

    patience = Patience(pause=pause, chance=lambda: 0.5, clock=lambda: NOON)

    def open_service(url: str, **other: Any) -> Service:
        service = Service(url, Token(CANARY), patience=replace(patience, **other))
        opened.append(service)
        return service

    yield open_service
    for service in opened:
        await service.aclose()
