"""Ask the embedded service as a plain client would."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import CANARY
from vpsbackup_tui.demo import DemoService


@dataclass(frozen=True)
class Reply:
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Ask = Callable[..., Reply]


class Client:
    """One kept-alive connection, with the token unless another `Authorization` is given (None: none)."""

    def __init__(self, demo: DemoService) -> None:
        parts = urlsplit(demo.url)
        self.base = parts.path
        self.connection = HTTPConnection(parts.netloc, timeout=10)

    def ask(
        self, method: str, path: str, fields: Any = None, *, token: str | None = f"Bearer {CANARY}", **headers: str
    ) -> Reply:
        body = fields if fields is None or isinstance(fields, bytes) else json.dumps(fields).encode()
        sent = {"Content-Type": "application/json", **headers} | ({"Authorization": token} if token else {})
        self.connection.request(method, path if path.startswith("http:") else self.base + path, body, sent)
        answer = self.connection.getresponse()
        return Reply(answer.status, dict(answer.headers.items()), answer.read())


@pytest.fixture
def client(demo: DemoService) -> Iterator[Client]:
    made = Client(demo)
    yield made
    made.connection.close()


@pytest.fixture
def ask(client: Client) -> Ask:
    return client.ask
