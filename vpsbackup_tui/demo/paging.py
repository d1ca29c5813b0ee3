"""Lists in pages, as DRF's `PageNumberPagination` makes them (`page`, `page_size`: after the vendor's own clients)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from vpsbackup_tui.demo.answers import refusal

DEFAULT_PAGE = 20


class Rows:
    """Rows that are there already, then rows made from ids only where a page shows them."""

    def __init__(self, ready: Sequence[Any], ids: Sequence[int], make: Callable[[int], Any]) -> None:
        self._ready = ready
        self._ids = ids
        self._make = make

    def __len__(self) -> int:
        return len(self._ready) + len(self._ids)

    def between(self, start: int, end: int) -> Iterator[Any]:
        """Yield the rows from `start` up to, without, `end`."""
        yield from self._ready[start:end]
        before = len(self._ready)
        for number in self._ids[max(0, start - before) : max(0, end - before)]:
            yield self._make(number)


def listing(rows: Rows, *, shape: str, address: str, query: Mapping[str, str], largest: int) -> Any:
    """Return a list in the shape asked for; `address` is the list's own URL without its query."""
    count = len(rows)
    if shape in ("bare", "plain"):
        everything = list(rows.between(0, count))
        return everything if shape == "bare" else {"count": count, "results": everything}
    size = _page_size(query.get("page_size", ""), largest)
    last = max(1, -(-count // size))
    page = page_number(query, last)
    results = list(rows.between((page - 1) * size, page * size))
    if shape == "unlinked":
        return {"count": count, "results": results}
    following = _link(address, query, page + 1) if page < last else None
    previous = _link(address, query, page - 1) if page > 1 else None
    return {"count": count, "next": following, "previous": previous, "results": results}


def page_number(query: Mapping[str, str], last: int) -> int:
    """Return the page asked for; raise a 404 where there is none."""
    text = query.get("page", "1")
    if text == "last":
        return last
    page = small_integer(text)
    if page is None or not 1 <= page <= last:
        raise refusal(404, "Invalid page.")
    return page


def small_integer(text: str) -> int | None:
    """Return the whole number in a text of digits that a database column could hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page_size(text: str, largest: int) -> int:
    """Return the size asked for; DRF takes its default for one that makes no sense, and cuts one that is too large."""
    return min(small_integer(text) or DEFAULT_PAGE, largest)


def _link(address: str, query: Mapping[str, str], page: int) -> str:
    """Return a page's URL; DRF sorts the query, and the first page has no number."""
    wanted = {**query, "page": str(page)}
    if page == 1:
        del wanted["page"]
    return f"{address}?{urlencode(sorted(wanted.items()))}" if wanted else address
