"""The embedded service on a loopback port: real HTTP/1.1, with faults where a test asks for them."""

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from vpsbackup_tui.demo.faults import Fault, Faults
from vpsbackup_tui.demo.service import Answer, Service

_BASE = "/api/v1"
_LARGEST_BODY = 65536


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came: `path` with its query, `body` as bytes."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class DemoService:
    """The embedded service, running on 127.0.0.1 while the context is open.

    `clock` gives Unix seconds, `backups` a total in place of the believable fleet, and
    `latency` the seconds that every answer takes at least.
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
        self.token = token or f"vps_demo_{secrets.token_urlsafe(18)}"
        self.latency = latency
        self.service = Service(seed=seed, servers=servers, backups=backups, clock=clock)
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.turn = threading.Lock()
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.demo = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="demo")

    @property
    def url(self) -> str:
        """Return the base URL, with `/api/v1`."""
        return f"http://127.0.0.1:{self._server.server_port}{_BASE}"

    def count(self, method: str, path: str = "") -> int:
        """Return how many requests of a method have come whose path contains `path`."""
        return sum(seen.method == method and path in seen.path for seen in list(self.requests))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """One daemon thread a connection; open connections are dropped at the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    demo: DemoService

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is no error of ours, and the terminal isn't ours."""

    def drop_connections(self) -> None:
        for connection in list(self._open):
            self.shutdown_request(connection)


class _Handler(BaseHTTPRequestHandler):
    """Read a request, let the service answer it, and spoil the answer where a fault says so."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal isn't ours."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def _serve(self) -> None:
        demo = self.server.demo
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else 0
        if size > _LARGEST_BODY:
            self.close_connection = True
            return self._send(Answer(413, {"detail": "Request body is too large."}))
        body = self.rfile.read(size)
        demo.requests.append(Seen(self.command, self.path, dict(self.headers.items()), body))
        if demo.latency:
            demo.stopping.wait(demo.latency)
        fault = demo.faults.take(self.command, self.path)
        if fault is not None:
            return self._spoil(demo, fault, body)
        return self._send(self._answer(demo, body))

    def _answer(self, demo: DemoService, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        if not parts.path.startswith(f"{_BASE}/"):
            return Answer(404, {"detail": "Not found."})
        if not parts.path.endswith("/"):
            where = f"{parts.path}/" + (f"?{parts.query}" if parts.query else "")
            return Answer(301, None, {"Location": where})
        given = self.headers.get("Authorization", "")
        if not given.startswith("Bearer "):
            detail = "Authentication credentials were not provided."
            return Answer(401, {"detail": detail}, {"WWW-Authenticate": "Bearer"})
        if not secrets.compare_digest(given.removeprefix("Bearer ").encode(), demo.token.encode()):
            return Answer(401, {"detail": "Invalid token."}, {"WWW-Authenticate": "Bearer"})
        try:
            payload = json.loads(body) if body else None
        except ValueError:
            return Answer(400, {"detail": "JSON parse error."})
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with demo.turn:
            return demo.service.answer(self.command, parts.path[len(_BASE) :], query, payload)

    def _spoil(self, demo: DemoService, fault: Fault, body: bytes) -> None:
        if fault.delay:
            demo.stopping.wait(fault.delay)
        if fault.cut == "before":
            return self._drop()
        if fault.status is not None:
            return self._send(Answer(fault.status, fault.body, fault.headers))
        answer = self._answer(demo, body)
        if fault.hold:
            demo.stopping.wait()
        if fault.hold or fault.cut == "after":
            return self._drop()
        if fault.raw is not None:
            self.wfile.write(fault.raw)
            return self._drop()
        if fault.huge:
            answer = Answer(200, b" " * fault.huge)
        if fault.answer is not None:
            answer = Answer(answer.status, fault.answer, fault.headers)
        return self._send(answer, cut=fault.cut == "body")

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        data = self._encoded(answer.payload)
        self.send_response(answer.status)
        if not any(name.lower() == "content-type" for name in answer.headers) and data:
            self.send_header("Content-Type", "application/json")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.wfile.flush()
        if cut:
            self._drop()

    def _encoded(self, payload: Any) -> bytes:
        """Return a payload as bytes, its links made whole."""
        if payload is None:
            return b""
        if isinstance(payload, bytes):
            return payload
        if isinstance(payload, dict) and "next" in payload:
            base = f"http://{self.headers.get('Host', '')}{_BASE}"
            links = {name: base + payload[name] for name in ("next", "previous") if isinstance(payload.get(name), str)}
            payload = payload | {name: link for name, link in links.items() if payload[name].startswith("/")}
        return json.dumps(payload).encode()

    def _drop(self) -> None:
        """Close the connection where it stands."""
        self.wfile.flush()
        self.close_connection = True
