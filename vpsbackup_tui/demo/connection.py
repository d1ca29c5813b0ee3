"""One client's connection: read requests, have them answered, and spoil the answers that a fault strikes."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, SO_REUSEADDR, SOL_SOCKET, create_connection, socket
from threading import Event
from typing import Any, Protocol

from vpsbackup_tui.demo.answers import Answer
from vpsbackup_tui.demo.endpoints import Asked, Endpoints
from vpsbackup_tui.demo.faults import Fault, Faults

_LARGEST_BODY = 65536
_LARGEST_SKIPPED = 1 << 20
_PIECE = 1 << 16
_DRIPS = 8
_LOOK = 0.005  # seconds between two looks whether a fault is over


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came: `path` with its query, `headers` as the client wrote them (kept out of `repr`)."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes

    def header(self, name: str) -> str:
        """Return a header by its name in any case; empty where there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


class Desk(Protocol):
    """What connections need of the service that they belong to."""

    latency: float
    faults: Faults
    requests: list[Seen]
    errors: list[BaseException]
    stopping: Event
    endpoints: Endpoints

    def now(self) -> float:
        """Return Unix seconds by the service's clock."""


class Listener(ThreadingHTTPServer):
    """Accept connections on loopback, one daemon thread each, until the desk stops."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, desk: Desk) -> None:
        self.desk = desk
        self._open: set[socket] = set()
        super().__init__(("127.0.0.1", port), Connection)

    def accept_all(self) -> None:
        """Accept until the desk stops, without polling."""
        while not self.desk.stopping.is_set():
            self.handle_request()

    def stop_accepting(self) -> None:
        """Wake `accept_all` after the desk has been stopped."""
        create_connection(("127.0.0.1", self.server_port)).close()

    def drop_connections(self) -> None:
        """End whatever clients have left open; each thread then closes its own."""
        for connection in list(self._open):
            with suppress(OSError):  # the thread may have been quicker
                connection.shutdown(SHUT_RDWR)

    def server_bind(self) -> None:
        """Bind without looking up a host name, which may take seconds."""
        self.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # for a minute the system remembers what was closed
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, and remember it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep an error of our own for the tests; a client that went away is none, and the terminal isn't ours."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.desk.errors.append(error)


class Connection(BaseHTTPRequestHandler):
    """Read a request, let the endpoints answer it, and send that, spoiled where a fault says so."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "vps-demo", ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal isn't ours."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the `Date` header by the service's clock."""
        return super().date_time_string(self.server.desk.now() if timestamp is None else timestamp)

    def do_GET(self) -> None:
        """Serve one request of any method."""
        desk = self.server.desk
        body = self._read_body()
        if body is None:
            return
        desk.requests.append(Seen(self.command, self.path, dict(self.headers.items()), body))
        fault = desk.faults.take(self.command, self.path)
        if wait := desk.latency + (fault.delay if fault else 0.0):
            desk.stopping.wait(wait)
        while fault and fault.until and not fault.until.is_set() and not desk.stopping.wait(_LOOK):
            continue
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        if fault is None:
            self._send(desk.endpoints.answer(asked))
        else:
            self._spoil(desk, fault, asked)

    do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def _read_body(self) -> bytes | None:
        """Return the body; answer or drop a request whose body is unsound, and return None."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            self._refuse(411, "Length required.")
            return None
        if not (length.isascii() and length.isdigit()):
            self._refuse(400, "Bad Content-Length.")
            return None
        size = int(length[:20])
        if size > _LARGEST_BODY:
            self.rfile.read(min(size, _LARGEST_SKIPPED))  # so that the client gets to read the answer
            self._refuse(413, "Request body is too large.")
            return None
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: int, detail: str) -> None:
        self.close_connection = True
        self._send(Answer(status, {"detail": detail}, {"Connection": "close"}))

    def _spoil(self, desk: Desk, fault: Fault, asked: Asked) -> None:
        if fault.cut == "before":
            return self._drop()
        answer = Answer(fault.status, fault.body) if fault.status is not None else desk.endpoints.answer(asked)
        if fault.hold:
            desk.stopping.wait()
        if fault.hold or fault.cut == "after":
            return self._drop()
        if fault.raw is not None:
            self.wfile.write(fault.raw)
            return self._drop()
        payload = answer.payload if fault.answer is None else fault.answer
        return self._send(Answer(answer.status, payload, {**answer.headers, **fault.headers}), fault)

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        data = _encoded(answer.payload)
        size = fault.huge if fault and fault.huge else len(data)
        kind = "text/html; charset=utf-8" if data.startswith(b"<") else "application/json"
        headers = ({"Content-Type": kind} if size else {}) | dict(answer.headers)
        # A 204 has no length: a body that a fault gives it runs into the next answer, as from a broken proxy.
        if answer.status != 204:
            headers.setdefault("Content-Length", str(size))
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(data, fault)
        self.wfile.flush()

    def _send_body(self, data: bytes, fault: Fault | None) -> None:
        if fault is None:
            self.wfile.write(data)
            return
        for piece in _huge(fault.huge) if fault.huge else _pieces(data, fault):
            if fault.drip:
                self.server.desk.stopping.wait(fault.drip)
            self.wfile.write(piece)
            self.wfile.flush()
        if fault.cut == "body":
            self._drop()

    def _drop(self) -> None:
        """Close the connection where it stands."""
        self.wfile.flush()
        self.close_connection = True


def _encoded(payload: Any) -> bytes:
    if payload is None:
        return b""
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def _pieces(data: bytes, fault: Fault) -> Iterator[bytes]:
    """Yield a body in the pieces it is sent in; one that is cut ends half-way."""
    sent = data[: len(data) // 2] if fault.cut == "body" else data
    step = max(1, -(-len(sent) // _DRIPS)) if fault.drip else max(1, len(sent))
    for start in range(0, len(sent), step):
        yield sent[start : start + step]


def _huge(size: int) -> Iterator[bytes]:
    """Yield so many spaces, a piece at a time."""
    for start in range(0, size, _PIECE):
        yield b" " * min(_PIECE, size - start)
