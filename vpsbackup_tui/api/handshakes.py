"""One full handshake of TLS with the service: every other connection goes on from it.

That spares both sides the certificates and the work of checking them. A session is good
only for the context and the name that its certificate was checked for. Where the service
has forgotten it, both shake hands anew; after a handshake that failed the next one does.

Of requests that are made at once the first leads, and the handshakes of the others wait for
its session. It is a request that leads, not a handshake: through a proxy that speaks TLS a
request has two, and only the second is with the service.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_LONGEST_WAIT: Final = 1.0
"""Seconds that another request waits for the first handshake.

Its session mostly comes two round trips after its beginning. Some services send it with their
first answer only, or none at all: then that is waited for.
"""


class Handshakes:
    """The handshakes of one context; connections that open beside the first one wait for its session."""

    def __init__(self, context: ssl.SSLContext, host: str | None) -> None:
        """Have the context's connections go on from one another, those of truststore can't; `host` is the service's."""
        self._sessions: dict[str | None, ssl.SSLSession] = {}
        self._host = host
        self._is_begun = False
        self._is_over = asyncio.Event()
        if type(context) is ssl.SSLContext:
            context.sslobject_class = self._resuming()
        else:
            self._is_over.set()

    @contextmanager
    def request(self) -> Iterator[Callable[[], Awaitable[None]]]:
        """Lend what a request calls before each of its handshakes: unless it leads, the first of them waits.

        Nobody waits any longer for a request that has ended, well or not.
        """
        is_first, self._is_begun = not self._is_begun, True
        has_waited = is_first

        async def turn() -> None:
            nonlocal has_waited
            if not has_waited:
                has_waited = True
                await self._wait_for_session()

        try:
            yield turn
        finally:
            if is_first:
                self._is_over.set()

    async def _wait_for_session(self) -> None:
        """Wait until other handshakes than the first may begin."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT):
                await self._is_over.wait()

    def _note(self, host: str | None, session: ssl.SSLSession) -> None:
        """Note a session for the next connections to a host, which may be that of a proxy."""
        self._sessions[host] = session
        if host == self._host:
            self._is_over.set()

    def _resuming(self) -> type[ssl.SSLObject]:
        """Return what stands at this end of a connection."""
        sessions, note = self._sessions, self._note

        class Resuming(ssl.SSLObject):
            """One end of a connection."""

            _has_begun = False
            _is_awaited = True  # the session, which costs time to look at

            def do_handshake(self) -> None:
                """Begin with the session that was noted for the host, if any."""
                if not self._has_begun and self.server_hostname in sessions:
                    self.session = sessions[self.server_hostname]
                self._has_begun = True
                try:
                    super().do_handshake()
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    raise  # it goes on
                except ssl.SSLError:
                    sessions.pop(self.server_hostname, None)
                    raise

            def read(self, len: int = 1024, buffer: Any = None) -> Any:
                """Read, and note the session, which in TLS 1.3 comes before what is read first."""
                try:
                    data = super().read(len, buffer)
                except ssl.SSLWantReadError:
                    self._look()
                    raise
                self._look()
                self._is_awaited = False
                return data

            def _look(self) -> None:
                """Note the session where it has come."""
                if self._is_awaited and (session := self.session) is not None and session.has_ticket:
                    self._is_awaited = False
                    note(self.server_hostname, session)

        return Resuming
