"""Read a list to its end, whatever way of paging the service has, and know whether that was all.

Three ways are known: pages that link to the next one (`next`), pages that are only
numbered (`count` tells that there are more), and a list in one piece. Numbered pages are
fetched several at a time (`window.py`) and handed on in their order.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec

from vpsbackup_tui.api.decode import Page
from vpsbackup_tui.api.errors import NotFoundError, RefusedError, ServerFailedError, TooManyRequestsError
from vpsbackup_tui.api.window import Window
from vpsbackup_tui.fleet.models import Id

PAGE_SIZE: Final = 100
"""Rows asked for in one page: the most that the vendor's clients ask for."""
MOST_PAGES: Final = 50_000
"""A million backups in pages of 20, the smallest that are known: a guard against a list without end."""
LONGEST_PAUSE: Final = 300.0
"""Seconds that the rest of a list is waited for at the most, where the service asks to wait."""
_MOST_PAUSES: Final = 6
"""How often one page is waited for."""
_SMALLEST_PAGE: Final = 20
_BAD_REQUEST: Final = 400

Params = Mapping[str, str]


class Row(Protocol):
    """What every row of a list has."""

    @property
    def id(self) -> Id | None:
        """Return the row's id, None where it can't be read."""
        ...


R = TypeVar("R", bound=Row)
R_contra = TypeVar("R_contra", contravariant=True)
Fetch = Callable[[Params], Awaitable[Page[R]]]
OnPage = Callable[[list[R], int | None], object]
Pause = Callable[[float], Awaitable[object]]
"""What waits so many seconds, or until no further page is wanted."""


class Collected(Protocol[R_contra]):
    """A sequence in which the rows of a list are collected."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def extend(self, rows: Iterable[R_contra], /) -> None:
        """Add rows."""


class Listing(msgspec.Struct, Generic[R], frozen=True):
    """A list: its rows, how many the service says there are, and whether these are all of them.

    `stopped` tells that the rest was not asked for, as nobody wanted it any more;
    `merged` is how many rows came once more, with an id that had come before.
    """

    items: Sequence[R]
    total: int | None
    complete: bool = True
    stopped: bool = False
    merged: int = 0


def never() -> bool:
    """Tell that nothing is enough: a list is wanted to its end."""
    return False


def params_of_next(link: str | None, url: str) -> Params | None:
    """Return the query of a `next` link, None where there is none or it leads away from the list at `url`.

    Only the query is used, on the list's own URL: a link can't take the token anywhere else.
    """
    if not link or not link.isascii():
        return None
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, link))
        if (there.scheme, there.netloc, there.path) != (here.scheme, here.netloc, here.path):
            return None
        return dict(parse_qsl(there.query, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return None


class Reader(Generic[R]):
    """Read one list, once."""

    def __init__(
        self,
        fetch: Fetch[R],
        url: str,
        *,
        on_page: OnPage[R] = lambda rows, count: None,
        is_enough: Callable[[], bool] = never,
        throttled: Callable[[], int] = int,
        clock: Callable[[], float] = time.monotonic,
        collected: Collected[R] | None = None,
        pause: Pause | None = None,
    ) -> None:
        """Prepare to read the list at `url`, whose page for some parameters `fetch` gets.

        `on_page` hears of each page's new rows and the service's count, in the order of
        the pages; `is_enough` tells that no further page is to be asked for; `throttled`
        tells how often the service has asked to slow down so far; `clock` gives seconds.
        The rows are added to `collected`, or to a list. Where the service asks to wait in the
        middle of the list, `pause` does; without, what has come is lost with the error.
        """
        self._fetch = fetch
        self._url = url
        self._on_page = on_page
        self._is_enough = is_enough
        self._throttled = throttled
        self._clock = clock
        self._pause = pause
        self._window = Window()
        self._items: Collected[R] = [] if collected is None else collected
        self._ids: set[Id] = set()
        self._came = 0
        self._merged = 0
        self._count: int | None = None
        self._is_sound = True  # False once something shows that a row may be missing
        self._is_stopped = False  # True once a page was not asked for, as it was not wanted

    async def read(self) -> Listing[R]:
        """Return the whole list, or what can be had of it; raise `ServiceError` where a page can't be had."""
        page = await self._fetch({})
        self._take(page)
        link = page.next
        following = params_of_next(link, self._url)
        offered = following is not None and following.get("page") == "2" and self._count is not None
        if page.rows and (offered or (following is None and self._may_have_more(page))):
            last = await self._read_numbered(len(page.rows), offered=offered)
            link = last.next if last else None
        await self._follow_links(link)
        if self._count is not None and self._came != self._count:
            self._is_sound = False
        complete = self._is_sound and not self._is_stopped
        items = cast(Sequence[R], self._items)
        return Listing(items, self._count, complete=complete, stopped=self._is_stopped, merged=self._merged)

    def _goes_on(self) -> bool:
        """Tell whether one more page is wanted; asked only where there may be one."""
        self._is_stopped = self._is_stopped or self._is_enough()
        return not self._is_stopped

    async def _follow_links(self, link: str | None) -> None:
        """Read page after page, as each names the next one."""
        met: set[frozenset[tuple[str, str]]] = set()
        while link and self._goes_on():
            following = params_of_next(link, self._url)
            params = frozenset((following or {}).items())
            if following is None or params in met or len(met) >= MOST_PAGES:
                self._is_sound = self._is_sound and self._came == self._count
                return
            met.add(params)
            page = await self._further_page(following)
            if page is None:
                return
            self._take(page)
            link = page.next

    async def _read_numbered(self, size: int, *, offered: bool) -> Page[R] | None:
        """Read pages of `size` rows by their numbers, to the last one or until one brings nothing new.

        Return the last page that brought something. Where the service has not offered a
        second page, that one is tried alone first.
        """
        slow_downs = self._throttled()
        at_once, number = self._window.size if offered else 1, 2
        under_way: deque[asyncio.Task[Page[R] | None]] = deque()
        last: Page[R] | None = None
        try:
            while True:
                while len(under_way) < at_once and number <= self._last_number(size) and self._goes_on():
                    under_way.append(asyncio.create_task(self._numbered_page(number, offered=offered)))
                    number += 1
                page = await under_way.popleft() if under_way else None
                if page is None or not self._take(page):
                    return last
                last = page
                is_free = self._count is not None and self._throttled() == slow_downs
                at_once = self._window.size if is_free else 1
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _numbered_page(self, number: int, *, offered: bool) -> Page[R] | None:
        """Return a page by its number, None where the list ends before it or it isn't wanted any more."""
        began = self._clock()
        try:
            page = await self._further_page({"page": str(number)})
        except NotFoundError:
            return None
        except RefusedError as error:
            if offered or error.status != _BAD_REQUEST:
                raise
            return None
        self._window.came(self._clock() - began)
        return page

    async def _further_page(self, params: Params) -> Page[R] | None:
        """Return a page behind the first, once the service gives it; None where it isn't wanted any more by then."""
        pauses = 0
        while True:
            try:
                return await self._fetch(params)
            except (TooManyRequestsError, ServerFailedError) as error:
                asked = error.retry_after
                if self._pause is None or asked is None or asked > LONGEST_PAUSE or pauses == _MOST_PAUSES:
                    raise
                pauses += 1
                await self._pause(asked)
                if not self._goes_on():
                    return None

    def _last_number(self, size: int) -> int:
        return MOST_PAGES if self._count is None else min(MOST_PAGES, -(-self._count // size))

    def _may_have_more(self, page: Page[R]) -> bool:
        """Tell whether a page without a link may not be all; without a count, any full page may not."""
        return self._came < self._count if self._count is not None else len(page.rows) >= _SMALLEST_PAGE

    def _take(self, page: Page[R]) -> bool:
        """Add a page's new rows and tell whether there were any; a page without them counts for nothing."""
        new: dict[Id, R] = {}
        repeated = False
        for row in page.rows:
            if row.id is not None and row.id in self._ids:
                repeated = True
            elif row.id is not None:
                new.setdefault(row.id, row)
        # Unreadable rows alone may be those of the page before, or not.
        is_known = repeated or not (page.rows or page.left_out)
        if self._items and not new and (is_known or self._count is None):
            self._is_sound = self._is_sound and is_known
            return False
        fresh = [row for row in page.rows if row.id is None or new.get(row.id) is row]
        self._items.extend(fresh)
        self._ids.update(new)
        self._merged += len(page.rows) - len(fresh)
        self._came += len(page.rows) + page.left_out
        # A row that comes twice has moved between two pages: another one may have done so unseen.
        moved = repeated or (self._count is not None and page.count != self._count)
        self._is_sound = self._is_sound and not moved and not page.left_out
        self._count = page.count if page.count is not None else self._count
        self._on_page(fresh, self._count)
        return True
