"""The embedded service on a loopback port."""

import secrets
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from vpsbackup_tui.demo.connection import Listener, Seen
from vpsbackup_tui.demo.endpoints import BASE, Endpoints
from vpsbackup_tui.demo.faults import Faults
from vpsbackup_tui.demo.service import Service


class DemoService:
    """The embedded service, running on 127.0.0.1 while the context is open.

    `clock` gives Unix seconds, `backups` a total in place of the believable fleet, and
    `latency` the seconds that every answer takes at least. `requests` tells what has come,
    `faults` switches faults on, `service` is what it holds, and `errors` are its own bugs.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        servers: int = 12,
        backups: int | None = None,
        clock: Callable[[], float] = time.time,
        token: str | None = None,
        port: int = 0,
        latency: float = 0.0,
    ) -> None:
        """Make the fleet and take the port; raise `OSError` where it is taken."""
        self.token = token or f"vps_demo_{secrets.token_urlsafe(18)}"
        self.latency = latency
        self.service = Service(seed=seed, servers=servers, backups=backups, clock=clock)
        self.endpoints = Endpoints(self.service, self.token)
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.errors: list[BaseException] = []
        self.stopping = Event()
        self._listener = Listener(port, self)
        self._thread = Thread(target=self._listener.accept_all, daemon=True, name="demo")

    @property
    def url(self) -> str:
        """Return the base URL, with `/api/v1`."""
        return f"http://127.0.0.1:{self._listener.server_port}{BASE}"

    def count(self, method: str, path: str = "") -> int:
        """Return how many requests of a method have come whose path with its query contains `path`."""
        return sum(seen.method == method and path in seen.path for seen in list(self.requests))

    def now(self) -> float:
        """Return Unix seconds by the service's clock."""
        return self.service.clock()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._listener.stop_accepting()
        self._thread.join()
        self._listener.server_close()
        self._listener.drop_connections()
