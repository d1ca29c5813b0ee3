"""A proxy that spoils what passes between a client and the embedded service, byte by byte where need be."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.api.wire import Exchange, Wire
from vpsbackup_tui.demo import DemoService


class Side(StrEnum):
    """Which half of an exchange a fault strikes."""

    REQUEST = "request"
    ANSWER = "answer"


class Ending(StrEnum):
    """What becomes of the client's connection where it is cut."""

    CLOSE = "close"
    ABORT = "abort"
    """As `CLOSE`, but without the goodbye of TLS."""
    RESET = "reset"
    HANG = "hang"
    """Nothing more comes, and the connection stays open until the client gives up."""


class Framing(StrEnum):
    """How the end of an answer's body is told."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of one exchange; as it is, nothing.

    - `cut`: let so many bytes of the request or of the answer (`side`) through, then end it;
      the service has done what it does with these bytes before the client learns of it
    - `late`: hand the request to the service only with the next one, or on `flush`
    - `instead`: give this answer in place of the service's own, which is made if `forward` is
    - `drip`: send the answer byte by byte
    """

    cut: int | None = None
    side: Side = Side.ANSWER
    ending: Ending = Ending.CLOSE
    late: bool = False
    instead: bytes | None = None
    forward: bool = True
    drip: bool = False


Plan = Callable[[bytes], Fault]
"""The fault for a request."""
NO_FAULT = Fault()


def strike(method: str, fault: Fault, *, times: int = 1, after: int = 0) -> Plan:
    """Return a plan that strikes some requests of a method and lets all others through."""
    met = 0

    def plan(request: bytes) -> Fault:
        nonlocal met
        if not request.startswith(method.encode()):
            return NO_FAULT
        met += 1
        return fault if after < met <= after + times else NO_FAULT

    return plan


class Proxy(Wire):
    """Take each request whole, ask `plan` for its fault, and pass on what the fault leaves of it.

    `requests` holds what clients have sent, `exchanges` what has passed of each request
    and of the service's own answer to it; `cut_short` tells whether the last answer to
    a change came to the client in part only.
    """

    def __init__(self, service: DemoService, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._relay, tls=tls)
        self.service = service
        self.plan: Plan = lambda request: NO_FAULT
        self.framing = Framing.LENGTH
        self.exchanges: list[tuple[bytes, bytes]] = []
        self.cut_short = False
        self._service_port = int(service.url.rpartition(":")[2].partition("/")[0])
        self._held: list[bytes] = []

    def count_changes(self) -> int:
        """Return how many requests that change something clients have sent."""
        return sum(not request.startswith(b"GET ") for request in self.requests)

    async def flush(self) -> None:
        """Hand the service the requests that are late."""
        while self._held:
            await self._ask(self._held.pop(0))

    async def finish(self) -> None:
        """Wait until every connection has come to its end; the clients must have closed theirs."""
        while self._running:
            await asyncio.wait(self._running)

    async def _relay(self, exchange: Exchange) -> None:
        fault = self.plan(exchange.request)
        await self.flush()
        if fault.late:
            self._held.append(exchange.request)
            self.cut_short = True
            return await self._end(exchange, fault.ending)
        answer = await self._come_of(exchange.request, fault)
        if not exchange.request.startswith(b"GET "):
            self.cut_short = not answer or (fault.cut is not None and fault.cut < len(answer))
        await self._send(exchange, answer if fault.cut is None else answer[: fault.cut], drip=fault.drip)
        if fault.cut is not None:
            await self._end(exchange, fault.ending)
        elif self.framing is Framing.CLOSE or fault.instead is not None:
            await self._end(exchange, Ending.CLOSE)
        return None

    async def _come_of(self, request: bytes, fault: Fault) -> bytes:
        """Return what the client is to get for a request, before it is cut."""
        is_cut = fault.side is Side.REQUEST and fault.cut is not None
        answer = await self._ask(request[: fault.cut] if is_cut else request) if fault.forward else b""
        if is_cut:
            return b""
        return framed(answer, self.framing) if fault.instead is None else fault.instead

    async def _ask(self, request: bytes) -> bytes:
        """Hand the service some bytes and no more, and return all that it says to them."""
        if not request:
            return b""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._service_port)
        try:
            writer.write(request)
            writer.write_eof()
            answer = await reader.read()
        finally:
            writer.close()
        self.exchanges.append((request, answer))
        return answer

    async def _send(self, exchange: Exchange, data: bytes, *, drip: bool) -> None:
        for piece in (data[at : at + 1] for at in range(len(data))) if drip else (data,):
            await exchange.send(piece)
            await asyncio.sleep(0)

    async def _end(self, exchange: Exchange, ending: Ending) -> None:
        if ending is Ending.HANG:
            await exchange.reader.read()
        elif ending is Ending.RESET:
            exchange.reset()
        elif ending is Ending.ABORT:
            exchange.writer.transport.abort()
        raise ConnectionError


class RawRelay:
    """Pass bytes on without knowing what they mean; one connection (`number`, from 1) is cut.

    Of its bytes from the server only the first `cut` come through: with TLS before the
    server, the cut may fall into the handshake. Then it is closed, or `HANG`s.
    """

    def __init__(self, port: int, *, number: int, cut: int | None, ending: Ending = Ending.CLOSE) -> None:
        self.connections = 0
        self.passed = 0
        self._port = port
        self._number = number
        self._cut = cut
        self._ending = ending
        self._running: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, as `asyncio.start_server` wants it."""
        self._running.add(asyncio.create_task(self._serve(reader, writer)))

    async def finish(self) -> None:
        """Wait until every connection has come to its end; the clients must have closed theirs."""
        await asyncio.gather(*self._running)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        is_struck = self.connections == self._number
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        up = asyncio.create_task(_pump(reader, far_writer))
        try:
            await self._down(far_reader, writer, is_struck=is_struck)
            if is_struck and self._ending is Ending.HANG:
                await asyncio.wait([up])
        except ConnectionError:
            pass  # the client has gone
        finally:
            writer.close()
            far_writer.close()
            await asyncio.wait([up])

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_struck: bool) -> None:
        left = self._cut if is_struck else None
        while left is None or left > 0:
            data = (await reader.read(65536))[:left]
            if not data:
                return
            writer.write(data)
            await writer.drain()
            if is_struck:
                self.passed += len(data)
            left = None if left is None else left - len(data)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # one of the two has gone
    finally:
        writer.close()


def framed(answer: bytes, framing: Framing) -> bytes:
    """Return an answer with a `Content-Length` in another framing; one without a body stays as it is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    if framing is Framing.LENGTH or not body:
        return answer
    if framing is Framing.CLOSE:
        return b"\r\n".join([*lines, b"Connection: close", b"", body])
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", chunks + b"0\r\n\r\n"])


def boundaries(message: bytes) -> set[int]:
    """Return where the parts of an HTTP message begin and end, with the bytes before and after."""
    line, head = message.index(b"\r\n") + 2, message.index(b"\r\n\r\n") + 4
    near = {place + step for place in (line, head - 2, head, len(message)) for step in (-1, 0, 1)}
    return {0, 1} | {place for place in near if place <= len(message)}
