"""The service, as this program knows it: one method an endpoint.

The endpoints are those of the vendor's documentation of backups, with `GET /servers/`
and `GET /account/me/` from its other pages.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from vpsbackup_tui.api.answers import accepted_words, refuse_denial, refuse_words
from vpsbackup_tui.api.decode import Page, decode_account, decode_backup, decode_backups, decode_servers
from vpsbackup_tui.api.errors import NotSentError, UnusableAnswerError
from vpsbackup_tui.api.json_text import ShapeError
from vpsbackup_tui.api.paging import PAGE_SIZE, Collected, Listing, OnPage, Pause, Reader, Row, never
from vpsbackup_tui.api.patience import LONGEST_ASKED_WAIT, Patience
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.models import Account, Backup, Id, Server
from vpsbackup_tui.origin import check_base_url
from vpsbackup_tui.secret import Token

__all__ = ["Listing", "Service"]

_BACKUPS: Final = "/backups/"
_SERVERS: Final = "/servers/"
_ACCOUNT: Final = "/account/me/"
_LARGE: Final = 256 * 1024
"""Bytes from which a body is decoded beside the event loop."""
_LONGEST_UNTOLD: Final = 2.0
"""Seconds that a page waits at the most without a word, where somebody can be told of it."""

R = TypeVar("R", bound=Row)
V = TypeVar("V")


class _Lane(Protocol):
    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, longest_wait: float = LONGEST_ASKED_WAIT
    ) -> bytes: ...


class _Way(Protocol):
    """What is needed of the transport, whose module is not loaded before the first request."""

    host: str
    times_throttled: int

    def lane(self, *, own: bool) -> AbstractAsyncContextManager[_Lane]: ...
    async def send_once(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes: ...
    async def aclose(self) -> None: ...


class _Wanted(NamedTuple, Generic[R]):
    """Which part of a list is wanted, and how: as `Service.list_backups` takes it."""

    filters: Mapping[str, str]
    on_page: OnPage[R]
    is_enough: Callable[[], bool]
    pause: Pause | None
    shared: bool


class Service:
    """One account at the service; every method raises errors of `vpsbackup_tui.api.errors` only.

    Reads are tried again where that may help. A change is sent at most once.
    """

    def __init__(
        self,
        base_url: str,
        token: Token,
        *,
        why_read_only: Callable[[], str] = str,
        patience: Patience | None = None,
    ) -> None:
        """Prepare to speak to the service; nothing is loaded or opened before the first request.

        As long as `why_read_only` gives a reason, no change is sent.

        Raises `BaseUrlError` (a `ValueError`) for a URL that no token may be sent to.
        """
        self._base_url = check_base_url(base_url)
        self._token = token
        self._why_read_only = why_read_only
        self._patience = patience or Patience()
        self._opened: _Way | None = None
        self._opening = asyncio.Lock()

    def use_token(self, token: Token) -> bool:
        """Send this token from now on, requests under way keep theirs; tell whether it is another one."""
        is_another = token != self._token
        self._token = token
        return is_another

    async def list_backups(
        self,
        *,
        server_id: Id | None = None,
        backup_type: str | None = None,
        on_page: OnPage[Backup] | None = None,
        is_enough: Callable[[], bool] = never,
        shared: bool = False,
        collected: Backups | None = None,
        pause: Pause | None = None,
    ) -> Listing[Backup]:
        """Return the backups, of one server or one type if asked; `on_page` gets each page's rows and the count.

        They are collected in `collected` where that is given, which has a page's rows when `on_page` gets them.

        Where a page can't be had, the error is raised, though `on_page` has seen others. Once `is_enough`, no
        further page is asked for, and those under way are waited for. On `shared` connections a list comes
        sooner; without, nothing that was sent late after another answer can be taken for it. Where the service
        asks to wait for long in the middle of the list, `pause` does; without one that may be an error.
        """
        filters = {} if server_id is None else {"server_id": str(server_id)}
        if backup_type is not None:
            filters["backup_type"] = backup_type
        items = Backups() if collected is None else collected
        wanted = _Wanted(filters, on_page or _unheard, is_enough, pause, shared)
        return await self._list(_BACKUPS, decode_backups, items, wanted)

    async def list_servers(
        self, *, is_enough: Callable[[], bool] = never, shared: bool = False, pause: Pause | None = None
    ) -> Listing[Server]:
        """Return the servers; tokens may be refused this list (403, 404). The rest is as for `list_backups`."""
        return await self._list(_SERVERS, decode_servers, [], _Wanted({}, _unheard, is_enough, pause, shared))

    async def get_account(self) -> Account:
        """Return whose token it is; raise `NotFoundError` where the service doesn't tell."""
        way = await self._way()
        async with way.lane(own=False) as lane:
            body = await lane.get(_ACCOUNT)
        return self._decoded(way, decode_account, body)

    async def probe(self) -> None:
        """Ask for the shortest list of backups there is, to learn whether the token is good."""
        way = await self._way()
        async with way.lane(own=False) as lane:
            body = await lane.get(_BACKUPS, {"page_size": "1"})
        self._decoded(way, decode_backups, body)

    async def create_backup(self, server_id: Id, description: str) -> Backup:
        """Ask for a manual backup of a server, once, and return it as the service has begun it.

        Raises `UnusableAnswerError` where the answer is about another server, about none, or denies itself.
        """
        way = await self._way_to_change()
        body = await way.send_once("POST", _BACKUPS, {"server_id": server_id, "description": description})
        self._decoded(way, refuse_denial, body)
        backup = self._decoded(way, decode_backup, body)
        if str(backup.server_id) != str(server_id):
            raise UnusableAnswerError(
                f"{way.host} answered about server {backup.server_id}, though server {server_id} was to be backed up."
            )
        return backup

    async def delete_backup(self, backup_id: Id) -> None:
        """Ask for a deletion, once.

        The documented answer has no body: words in its place may say anything, so they
        raise `UnusableAnswerError`, and the lists must tell.
        """
        way = await self._way_to_change()
        body = await way.send_once("DELETE", f"{_BACKUPS}{_in_path(backup_id)}/")
        self._decoded(way, refuse_words, body)

    async def restore_server(self, server_id: Id, backup_id: Id) -> str:
        """Ask, once, to overwrite a server with a backup; return the service's clean words, "" if it has none.

        The answer is not documented: any 2xx means that the restore has begun, none that it is done. Raises
        `UnusableAnswerError` where it isn't JSON, speaks of an error, or denies itself.
        """
        way = await self._way_to_change()
        body = await way.send_once("POST", f"{_SERVERS}{_in_path(server_id)}/restore/", {"backup_id": backup_id})
        return self._decoded(way, accepted_words, body)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.aclose()

    async def _list(
        self,
        path: str,
        decode: Callable[[bytes], Page[R]],
        collected: Collected[R],
        wanted: "_Wanted[R]",
    ) -> Listing[R]:
        """Read a list to its end; the filters hold on every page, whatever its link says."""
        way = await self._way()
        async with way.lane(own=not wanted.shared) as lane:

            async def fetch(params: Mapping[str, str]) -> Page[R]:
                # What asks for a further page can tell of a wait, and ends it once the page isn't wanted any more.
                is_told = wanted.pause is not None and bool(params)
                page = {"page_size": str(PAGE_SIZE), **params, **wanted.filters}
                body = await lane.get(path, page, longest_wait=_LONGEST_UNTOLD if is_told else LONGEST_ASKED_WAIT)
                if len(body) < _LARGE:
                    return self._decoded(way, decode, body)
                return await asyncio.to_thread(self._decoded, way, decode, body)

            reader = Reader(
                fetch,
                self._base_url + path,
                on_page=wanted.on_page,
                is_enough=wanted.is_enough,
                pause=wanted.pause,
                throttled=lambda: way.times_throttled,
                collected=collected,
            )
            return await reader.read()

    @staticmethod
    def _decoded(way: _Way, decode: Callable[[bytes], V], body: bytes) -> V:
        """Decode a body; raise `UnusableAnswerError`, which names the host, where it can't be."""
        try:
            return decode(body)
        except ShapeError as error:
            raise UnusableAnswerError(f"{way.host} gave an answer that can't be used: {error}.") from error

    async def _way_to_change(self) -> _Way:
        """Return the way to the service for a change; raise `NotSentError` where none may be made."""
        if why := self._why_read_only():
            raise NotSentError(f"No change is sent: {why}.")
        return await self._way()

    async def _way(self) -> _Way:
        """Return the way to the service, opened when it is first needed."""
        async with self._opening:
            if self._opened is None:
                self._opened = await asyncio.to_thread(self._open)
            return self._opened

    def _open(self) -> _Way:
        """Load the HTTP client and read the CA store: 0.2 s, so in a thread and not before the first request."""
        from vpsbackup_tui.api.transport import Transport  # noqa: PLC0415 - see above

        return Transport(self._base_url, lambda: self._token, self._patience)


def _in_path(value: Id) -> str:
    return quote(str(value), safe="", errors="replace")


def _unheard(rows: object, count: int | None) -> None:
    """Take no note of a page."""
