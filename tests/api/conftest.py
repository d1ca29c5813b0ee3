"""A service whose waits are noted, not waited, and a look at every error that it raises."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import CANARY, NOON
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.api.patience import Patience
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.secret import Token

Connect = Callable[..., Service]


class Waits(list[float]):
    """The waits that a service has taken, in seconds."""

    async def pause(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def connect(waits: Waits) -> AsyncIterator[Connect]:
    """Return a function that gives a service at a URL, with other patience where asked."""
    opened: list[Service] = []
    patience = Patience(pause=waits.pause, chance=lambda: 0.5, clock=lambda: NOON)

    def open_service(url: str, *, read_only: bool = False, **other: Any) -> Service:
        service = Service(
            url,
            Token(CANARY),
            why_read_only=lambda: "it is so" if read_only else "",
            patience=replace(patience, **other),
        )
        opened.append(service)
        return service

    yield open_service
    for service in opened:
        await service.aclose()


@pytest.fixture
def service(demo: DemoService, connect: Connect) -> Service:
    return connect(demo.url)


async def failure(request: Awaitable[object]) -> ServiceError:
    """Return the error that a request ends in; neither it nor anything beneath it tells the token."""
    with pytest.raises(ServiceError) as raised:
        await request
    error: BaseException | None = raised.value
    while error is not None:
        assert CANARY not in f"{error} {error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert CANARY not in "".join(traceback.format_exception(raised.value))
    assert raised.value.message == str(raised.value)
    assert raised.value.message.isprintable()
    return raised.value
