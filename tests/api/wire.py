"""A server that says on the wire exactly what a test wants, for what no HTTP library would send."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

Script = Callable[["Exchange"], Awaitable[None]]
"""What to do with one request once it has come."""


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send some bytes."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a RST."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Wire:
    """A server on loopback; each request is answered by the next script, the last script by and by answers all.

    `requests` keeps each request as it came; `connections` counts, and `handshakes` those that went on from no
    earlier handshake of TLS.
    """

    def __init__(self, *scripts: Script | bytes, tls: ssl.SSLContext | None = None, talks: bool = True) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.handshakes = 0
        self._scripts = list(scripts)
        self._tls = tls
        self._talks = talks
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return the base URL for a service."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        self.handshakes += tls is not None and not tls.session_reused
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            while self._talks:
                await self._answer(Exchange(await _request(reader), reader, writer))
            await mute(Exchange(b"", reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        self.requests.append(exchange.request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        if isinstance(script, bytes):
            await exchange.send(script)
            if b"\r\nconnection: close" in script.lower() or b"\r\ncontent-length" not in script.lower():
                raise ConnectionError
            return
        await script(exchange)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole HTTP answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def mute(exchange: Exchange) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def close(exchange: Exchange) -> None:
    """Close the connection without an answer."""
    raise ConnectionError


async def reset(exchange: Exchange) -> None:
    """Reset the connection without an answer."""
    exchange.reset()
    raise ConnectionError
