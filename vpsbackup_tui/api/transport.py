"""Send requests and bring back whole answers. The only module that knows httpx.

Reads are tried again where that may help; a change is sent once, on a connection of
its own. No redirect is followed, no body is read beyond a limit, and the token goes to
the origin of the base URL only. Where an answer repeats the token, it is hidden before
anything reads the answer.
"""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, cast
from urllib.parse import urlsplit

from vpsbackup_tui import __version__
from vpsbackup_tui.api.answers import error_of, redirect_error
from vpsbackup_tui.api.causes import Cause, cause_of
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotSentError,
    ServiceError,
    TooManyRequestsError,
    UnreachableError,
    UnusableAnswerError,
)
from vpsbackup_tui.api.handshakes import Handshakes
from vpsbackup_tui.api.leftovers import nothing_follows
from vpsbackup_tui.api.patience import LONGEST_ASKED_WAIT, Patience
from vpsbackup_tui.api.proxies import Proxy, proxy_for
from vpsbackup_tui.api.retries import RetryBudget, retry_after_seconds, wait_before_retry
from vpsbackup_tui.api.tls import trusting_context, trusting_nobody
from vpsbackup_tui.api.unneeded import leave_out
from vpsbackup_tui.api.window import MOST_AT_ONCE
from vpsbackup_tui.origin import check_base_url, origin_of
from vpsbackup_tui.secret import Token

leave_out()
import httpx  # noqa: E402 - without what was left out

LARGEST_BODY: Final = 8 * 1024 * 1024
_LARGEST_ERROR_BODY: Final = 64 * 1024
MOST_CONNECTIONS: Final = MOST_AT_ONCE
_LONGEST_IDLE: Final = 120.0
"""Seconds after which an idle connection isn't used again: twice as long as between two readings, as a rule."""
_ACCEPTED: Final = 202
_HEADERS: Final = {
    "Accept": "application/json",
    # A compressed answer could grow a thousandfold in one piece, before any limit is looked at.
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": f"vpsbackup-tui/{__version__}",
}


class _BearerAuth(httpx.Auth):
    """Put the token on a request, if it goes where the token belongs."""

    def __init__(self, token: Token, origin: str) -> None:
        self._token = token
        self._origin = origin

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header on this one request."""
        if f"{request.url.scheme}://{request.url.netloc.decode()}" == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


class _Progress:
    """How far one request has come: told by the connection itself, as the class of an error doesn't tell."""

    def __init__(self, turn: Callable[[], Awaitable[None]]) -> None:
        """Begin a request; `turn` is called before each of its handshakes, which waits for it."""
        self.may_have_left = False
        self._turn = turn

    async def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Hold a handshake back until its turn; note the first byte of the request, which a proxy's CONNECT isn't."""
        if event.endswith(".start_tls.started"):
            await self._turn()
        elif event == "http11.send_request_headers.started" and info["request"].method != b"CONNECT":
            self.may_have_left = True


class _Pool:
    """A client, and how many requests still run on it after it has been replaced."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.users = 0
        self.is_retired = False


class Lane:
    """Connections for reads that belong together: the pages of one list, or all that a screen looks at."""

    def __init__(self, transport: "Transport") -> None:
        self._transport = transport
        self.pool: _Pool | None = None

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, longest_wait: float = LONGEST_ASKED_WAIT
    ) -> bytes:
        """Return the body of the answer to a read, tried again as `Transport.read` does."""
        return await self._transport.read(path, params, self, longest_wait=longest_wait)


class Transport:
    """The way to one service; every method raises errors of `vpsbackup_tui.api.errors` only."""

    def __init__(
        self, base_url: str, token: Callable[[], Token], patience: Patience, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Prepare the way, which reads files of the system; nothing is sent. `token` gives the one of the moment.

        Raises `NotSentError` where the environment names a proxy or CA file that can't be used.
        """
        self._base_url = check_base_url(base_url)
        self._origin = origin_of(self._base_url)
        self.host = self._origin.split("/")[2]
        self.times_throttled = 0
        self._patience = patience
        self._environ = environ
        is_secure = self._base_url.startswith("https://")
        self._tls = trusting_context(environ) if is_secure else trusting_nobody()
        self._handshakes = Handshakes(self._tls, urlsplit(self._origin).hostname)
        self._timeouts = httpx.Timeout(
            connect=patience.connect, write=patience.write, read=patience.read, pool=patience.pool
        )
        self._proxy = proxy_for(self._base_url, environ)
        self._proxy_setting = _proxy_setting(self._proxy, self._tls)
        self._token = token
        self._budget = RetryBudget()
        self._turns = asyncio.Semaphore(MOST_CONNECTIONS)
        self._closing: set[asyncio.Task[None]] = set()
        self._shared = Lane(self)

    async def aclose(self) -> None:
        """Close every connection that no read uses any more, and wait for that."""
        self._retire(self._shared)
        while self._closing:
            await asyncio.wait(self._closing)

    @asynccontextmanager
    async def lane(self, *, own: bool) -> AsyncIterator[Lane]:
        """Lend connections for reads that belong together: the shared ones, or `own` ones that are closed afterwards.

        Something that follows an answer is seen, and its connection closed, unless it comes late, when the
        next request is on its way: so what shall prove something needs connections of its own.
        """
        lane = Lane(self) if own else self._shared
        try:
            yield lane
        finally:
            if own:
                self._retire(lane)

    async def read(
        self, path: str, params: Mapping[str, str] | None, lane: Lane, *, longest_wait: float = LONGEST_ASKED_WAIT
    ) -> bytes:
        """Return the body of the answer to a read on a lane, at the pace that the service wants.

        It is tried again twice after failures, and six times where it is asked to slow down, for
        no more than `longest_wait` seconds at a time.
        """
        left = self._patience.whole_read
        now = asyncio.get_running_loop().time
        slow_downs = failures = 0
        while True:
            began = now()
            try:
                answer = await self._read_once(path, params, lane, left)
            except ServiceError as error:
                left -= now() - began
                is_slow_down = isinstance(error, TooManyRequestsError)
                self.times_throttled += is_slow_down
                retries = slow_downs if is_slow_down else failures
                wait = wait_before_retry(error, retries, self._patience.chance(), longest_wait)
                if wait is None or left <= 0 or not self._budget.spend(error):
                    raise
            else:
                self._budget.earn()
                return answer
            slow_downs, failures = slow_downs + is_slow_down, failures + (not is_slow_down)
            await self._patience.pause(wait)

    async def send_once(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        """Return the body of the answer to a change, which is sent at most once whatever happens.

        It has a connection of its own, closed afterwards: nothing left over from another
        request can be taken for its answer, and nothing of its answer for another's.
        """
        async with self._new_client() as client:
            # In ASCII, as half a character from a keyboard or an argument has no other form.
            content = None if body is None else json.dumps(body).encode()
            request = client.build_request(
                method, self._base_url + path, content=content, headers={"Connection": "close"}, timeout=self._timeouts
            )
            return await self._exchange(client, request, self._patience.whole_change)

    async def _read_once(self, path: str, params: Mapping[str, str] | None, lane: Lane, deadline: float) -> bytes:
        """Try a read once, on a connection that others of its lane may use before and after it.

        Waiting for a turn counts for no time limit: this program is busy, not the service.
        """
        async with self._turns, self._shared_client(lane) as client:
            request = client.build_request("GET", self._base_url + path, params=params, timeout=self._timeouts)
            return await self._exchange(client, request, deadline)

    @asynccontextmanager
    async def _shared_client(self, lane: Lane) -> AsyncIterator[httpx.AsyncClient]:
        """Lend the client of a lane; replace it after a cancelled request or a full pool.

        httpcore 1.0.9 can lose count of its connections when a request is cancelled, and
        then waits for a free one for ever (httpcore issues 658, 830 and 1093).
        """
        pool = lane.pool = lane.pool or _Pool(self._new_client())
        pool.users += 1
        try:
            yield pool.client
        except (asyncio.CancelledError, NoAnswerError, NotSentError):
            if lane.pool is pool:
                self._retire(lane)
            raise
        finally:
            pool.users -= 1
            self._close_if_unused(pool)

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, deadline: float) -> bytes:
        """Return the whole body of the answer to a request within `deadline` seconds; raise for every one but 2xx."""
        token = request.extensions["token"] = self._token()
        auth = _BearerAuth(token, self._origin)
        with self._handshakes.request() as turn:
            progress = _Progress(turn)
            request.extensions["trace"] = progress.watch
            try:
                async with asyncio.timeout(deadline):
                    return await self._answer(client, request, auth)
            except TimeoutError as error:
                raise self._failure(error, progress, f"{deadline:.0f} s were not enough") from error
            except (httpx.HTTPError, OSError) as error:
                raise self._failure(error, progress, _reason(error, self._patience)) from error

    async def _answer(self, client: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth) -> bytes:
        """Return the whole body of a 2xx answer; where more follows, its connection is closed."""
        response = await client.send(request, auth=auth, stream=True, follow_redirects=False)
        try:
            body = await self._body(response)
            if not nothing_follows(response):
                await response.extensions["network_stream"].aclose()
            return body
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response) -> bytes:
        """Return the body of a 2xx answer; raise what any other one stands for."""
        status = response.status_code
        is_plain = response.headers.get("Content-Encoding", "").strip().lower() in ("", "identity")
        if not response.is_success:
            body = await _start_of(response, _LARGEST_ERROR_BODY) if is_plain else b""
            retry_after = retry_after_seconds(response.headers.get("Retry-After", ""), self._patience.clock())
            raise error_of(status, _without_token(response, body), self.host, retry_after=retry_after)
        if status == _ACCEPTED and response.request.method == "DELETE":  # else there is something to follow
            raise UnusableAnswerError(f"{self.host} has accepted it, and doesn't say that it is done (202).")
        if not is_plain:
            raise UnusableAnswerError(f"{self.host} gave a compressed answer, which was not asked for.")
        body = await _start_of(response, LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise UnusableAnswerError(f"{self.host} gave an answer of more than 8 MiB, which is not read.")
        return _without_token(response, body)

    async def _refuse_redirect(self, response: httpx.Response) -> None:
        """Raise for a redirect before httpx reads its target, which it does for those it doesn't follow, too."""
        if response.is_redirect:
            location = _without_token(response, response.headers.get("Location", "").encode())
            raise redirect_error(response.status_code, location.decode(), self.host)

    def _failure(self, error: Exception, progress: _Progress, reason: str) -> ServiceError:
        """Return the error for an exchange that brought no whole answer."""
        if progress.may_have_left:
            return NoAnswerError(f"No complete answer came from {self.host}: {reason}.")
        route = f" through the proxy that {self._proxy.variable} names" if self._proxy else ""
        cause = cause_of(error, self._environ) or Cause(reason)
        return UnreachableError(f"{self.host} can't be reached{route}: {cause.words}.", passing=cause.passing)

    def _new_client(self) -> httpx.AsyncClient:
        """Return a client that takes nothing from the environment, and no cookies."""
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=_LONGEST_IDLE)
        way = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits, proxy=self._proxy_setting)
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        hooks = {"response": [self._refuse_redirect]}
        return httpx.AsyncClient(
            transport=way, headers=_HEADERS, trust_env=False, cookies=no_cookies, event_hooks=hooks
        )

    def _retire(self, lane: Lane) -> None:
        """Use another client from now on; requests that still run on this one come to their end."""
        if lane.pool is not None:
            pool, lane.pool = lane.pool, None
            pool.is_retired = True
            self._close_if_unused(pool)

    def _close_if_unused(self, pool: _Pool) -> None:
        if pool.is_retired and not pool.users:
            task = asyncio.create_task(pool.client.aclose())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _proxy_setting(proxy: Proxy | None, tls: ssl.SSLContext) -> httpx.Proxy | None:
    """Return a proxy as httpx takes it; raise `NotSentError` where it doesn't."""
    if proxy is None:
        return None
    try:
        return httpx.Proxy(proxy.url, ssl_context=tls if proxy.is_secure else None)
    except (ValueError, httpx.InvalidURL) as error:
        raise NotSentError(f"{proxy.variable} doesn't name a proxy that can be used.") from error


def _reason(error: Exception, patience: Patience) -> str:
    """Return in words how an exchange failed, by the kind of error: its own text is never shown."""
    match error:
        case httpx.ConnectTimeout():
            return f"it did not answer within {patience.connect:.0f} s; check the network"
        case httpx.PoolTimeout():
            return f"no connection became free within {patience.pool:.0f} s"
        case httpx.ReadTimeout():
            return f"it said nothing for {patience.read:.0f} s"
        case httpx.WriteTimeout():
            return f"it took nothing for {patience.write:.0f} s"
        case httpx.ProxyError():
            code = str(error)[:3]
            return f"the proxy refused ({code})" if code.isdecimal() else "the proxy refused"
        case httpx.RemoteProtocolError():
            return "the connection was closed early, or what came is no HTTP"
        case _:
            return "the connection broke"


def _without_token(response: httpx.Response, data: bytes) -> bytes:
    """Return data of an answer with the token hidden that its request was sent with."""
    token: Token = response.request.extensions["token"]
    return token.hide(data)


async def _start_of(response: httpx.Response, limit: int) -> bytes:
    """Return the body up to `limit` bytes, as it came over the wire; the response stays open."""
    body = bytearray()
    stream = cast(httpx.AsyncByteStream, response.stream)  # the methods of a response close it at its end
    async for piece in stream:
        body += piece
        if len(body) >= limit:
            break
    return bytes(body[:limit])
