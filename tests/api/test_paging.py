import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.api.decode import Page
from vpsbackup_tui.api.errors import NotFoundError, RefusedError, ServerFailedError, TooManyRequestsError
from vpsbackup_tui.api.paging import Listing, Reader, params_of_next
from vpsbackup_tui.api.window import MOST_AT_ONCE
from vpsbackup_tui.fleet.models import Id

URL = "https://admin.vps.org/api/v1/backups/"


@dataclass(frozen=True)
class Row:
    id: Id | None


def rows(*ids: Id | None) -> list[Row]:
    return [Row(each) for each in ids]


class Pages:
    """A service whose pages are written down; `asked` keeps the parameters of each request."""

    def __init__(self, answer: Callable[[Mapping[str, str]], Page[Row]]) -> None:
        self._answer = answer
        self.asked: list[Mapping[str, str]] = []
        self.shown: list[Row] = []

    async def fetch(self, params: Mapping[str, str]) -> Page[Row]:
        self.asked.append(params)
        return self._answer(params)

    async def read(self) -> Listing[Row]:
        return await Reader(self.fetch, URL, on_page=lambda new, count: self.shown.extend(new)).read()


def numbered(total: int, size: int, *, linked: bool, counted: bool = True) -> Pages:
    """A list in numbered pages, which link to the next one or leave it to the count."""

    def answer(params: Mapping[str, str]) -> Page[Row]:
        number = int(params.get("page", "1"))
        here = list(range(1, total + 1))[(number - 1) * size : number * size]
        if not here and number > 1:
            raise NotFoundError("Invalid page.", 404)
        more = linked and number * size < total
        return Page(rows(*here), total if counted else None, f"{URL}?page={number + 1}" if more else None)

    return Pages(answer)


async def test_a_list_of_links_goes_on_after_a_pause_where_it_was() -> None:
    pages = numbered(60, 20, linked=True, counted=False)
    paused: list[float] = []

    async def fetch(params: Mapping[str, str]) -> Page[Row]:
        page = await pages.fetch(params)
        if "page" in params and not paused:
            raise TooManyRequestsError("Slow down.", 429, 55.0)
        return page

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    listing = await Reader(fetch, URL, pause=pause).read()
    assert [row.id for row in listing.items] == list(range(1, 61))
    assert paused == [55.0]


async def test_a_list_of_links_that_is_stopped_in_a_pause_is_what_has_come() -> None:
    pages = numbered(60, 20, linked=True, counted=False)
    paused: list[float] = []

    async def fetch(params: Mapping[str, str]) -> Page[Row]:
        if params:
            raise TooManyRequestsError("Slow down.", 429, 55.0)
        return await pages.fetch(params)

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    listing = await Reader(fetch, URL, pause=pause, is_enough=lambda: bool(paused)).read()
    assert (len(listing.items), listing.stopped, listing.complete) == (20, True, False)


@given(st.integers(0, 300), st.integers(1, 100), st.booleans(), st.booleans())
async def test_a_numbered_list_is_read_whole_and_in_order(total: int, size: int, linked: bool, counted: bool) -> None:
    if not linked and not counted and size < 20:
        size += 20  # a page so small, without any word on others, is taken for all
    pages = numbered(total, size, linked=linked, counted=counted)
    listing = await pages.read()
    assert [row.id for row in listing.items] == list(range(1, total + 1))
    assert listing.complete
    assert listing.total == (total if counted else None)
    assert pages.shown == listing.items
    asked = [params.get("page", "1") for params in pages.asked]
    assert len(set(asked)) == len(asked)


@given(st.integers(2, 40))
async def test_links_of_any_form_are_followed_one_by_one(length: int) -> None:
    def answer(params: Mapping[str, str]) -> Page[Row]:
        here = int(params.get("cursor", "c0")[1:])
        return Page(rows(here + 1), length, f"?cursor=c{here + 1}" if here + 1 < length else None)

    pages = Pages(answer)
    listing = await pages.read()
    assert listing.complete
    assert len(pages.asked) == length


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/v1/backups/?page=2",
        "http://admin.vps.org/api/v1/backups/?page=2",
        "https://admin.vps.org:8443/api/v1/backups/?page=2",
        "https://admin.vps.org@evil.example/api/v1/backups/?page=2",
        "https://admin.vps.org/api/v1/servers/?page=2",
        "//evil.example/api/v1/backups/?page=2",
        "../servers/?page=2",
        "http://[bad",
        "?page=2&x=\ud800",
        "https://admin.vps.org/api/v1/backups/?" + "a=b&" * 60,
    ],
)
async def test_a_link_that_leads_away_is_never_followed(link: str) -> None:
    pages = Pages(lambda params: Page(rows(1, 2), None, link))
    listing = await pages.read()
    assert len(pages.asked) == 1
    assert listing.complete is False
    assert params_of_next(link, URL) is None


@pytest.mark.parametrize("link", ["?page=2&x=", "/api/v1/backups/?page=2&x=", URL + "?page=2&x="])
def test_only_the_query_of_a_link_is_used(link: str) -> None:
    assert params_of_next(link, URL) == {"page": "2", "x": ""}


def test_a_link_with_50_parameters_is_followed_and_none_with_more() -> None:
    query = [f"p{number}=1" for number in range(51)]
    assert len(params_of_next("?" + "&".join(query[:50]), URL) or {}) == 50
    assert params_of_next("?" + "&".join(query), URL) is None


async def test_a_list_whose_link_leads_away_is_read_by_the_count() -> None:
    def answer(params: Mapping[str, str]) -> Page[Row]:
        number = int(params.get("page", "1"))
        if number > 3:
            raise NotFoundError("Invalid page.", 404)
        return Page(rows(number * 2 - 1, number * 2), 6, f"http://internal/?page={number + 1}" if number < 3 else None)

    listing = await Pages(answer).read()
    assert len(listing.items) == 6
    assert listing.complete


@pytest.mark.parametrize("link", ["?page=1", "?cursor=same", "?page=2"])
@pytest.mark.parametrize("count", [None, 50])
async def test_pages_that_repeat_themselves_come_to_an_end(link: str, count: int | None) -> None:
    pages = Pages(lambda params: Page(rows(1, 2), count, link))
    listing = await pages.read()
    assert [row.id for row in listing.items] == [1, 2]
    assert not listing.complete
    assert len(pages.asked) < 10


async def test_a_service_that_ignores_the_page_is_asked_for_little_more() -> None:
    pages = Pages(lambda params: Page(rows(*range(1, 21)), None, None))
    listing = await pages.read()
    assert len(listing.items) == 20
    assert listing.complete
    assert len(pages.asked) == 2


async def test_a_count_that_promises_more_than_comes_makes_the_list_incomplete() -> None:
    pages = Pages(lambda params: Page(rows(1, 2), 500, None))
    listing = await pages.read()
    assert not listing.complete
    assert listing.total == 500
    assert len(pages.asked) == 2


@pytest.mark.parametrize("error", [NotFoundError("x", 404), RefusedError("x", 400)])
async def test_a_second_page_that_was_never_offered_may_be_refused(error: RefusedError) -> None:
    def answer(params: Mapping[str, str]) -> Page[Row]:
        if params:
            raise error
        return Page(rows(1, 2), 5, None)

    listing = await Pages(answer).read()
    assert (len(listing.items), listing.complete) == (2, False)


@pytest.mark.parametrize("broken", [2, 3, 7])
async def test_a_page_that_fails_fails_the_list_after_those_before_it_were_shown(broken: int) -> None:
    whole = numbered(20, 2, linked=True)

    def answer(params: Mapping[str, str]) -> Page[Row]:
        if params.get("page") == str(broken):
            raise ServerFailedError("x", 500)
        return whole._answer(params)

    pages = Pages(answer)
    with pytest.raises(ServerFailedError):
        await pages.read()
    assert [row.id for row in pages.shown] == list(range(1, (broken - 1) * 2 + 1))


async def test_a_row_that_moves_to_another_page_makes_the_list_incomplete() -> None:
    by_page = {"1": rows(1, 2), "2": rows(2, 4)}
    pages = Pages(lambda params: Page(by_page[params.get("page", "1")], 4, None if params else "?page=2"))
    listing = await pages.read()
    assert [row.id for row in listing.items] == [1, 2, 4]
    assert not listing.complete


async def test_a_list_that_changes_length_meanwhile_is_incomplete() -> None:
    pages = Pages(
        lambda params: Page(rows(3) if params else rows(1, 2), 3 if params else 4, None if params else "?page=2")
    )
    listing = await pages.read()
    assert len(listing.items) == listing.total == 3
    assert not listing.complete


async def test_a_list_that_grows_by_a_page_is_read_to_its_new_end() -> None:
    def answer(params: Mapping[str, str]) -> Page[Row]:
        number = int(params.get("page", "1"))
        return Page(rows(number), 2 if number == 1 else 3, f"?page={number + 1}" if number < 3 else None)

    listing = await Pages(answer).read()
    assert [row.id for row in listing.items] == [1, 2, 3]


async def test_equal_ids_in_one_page_are_merged() -> None:
    listing = await Pages(lambda params: Page(rows(1, 1, 2), 3, None)).read()
    assert [row.id for row in listing.items] == [1, 2]
    assert listing.complete


async def test_unreadable_rows_are_all_kept_and_counted() -> None:
    listing = await Pages(lambda params: Page(rows(None, 1, None), 3, None)).read()
    assert len(listing.items) == 3
    assert listing.complete


async def test_rows_that_were_left_out_make_the_list_incomplete() -> None:
    pages = Pages(lambda params: Page(rows(1), 2, None, left_out=1))
    assert not (await pages.read()).complete
    assert len(pages.asked) == 1


def two_pages(*second: Id | None, count: int | None) -> Pages:
    """A list whose first page has the rows 1 and 2."""
    return Pages(lambda params: Page(rows(*second), count, None) if params else Page(rows(1, 2), count, "?page=2"))


async def test_a_page_of_unreadable_rows_only_is_kept() -> None:
    listing = await two_pages(None, None, count=4).read()
    assert [row.id for row in listing.items] == [1, 2, None, None]
    assert listing.complete


@pytest.mark.parametrize(
    ("second", "count", "complete"),
    [((), 4, False), ((), None, True), ((None, 2), 4, False), ((None, 2), None, True), ((None,), None, False)],
)
async def test_a_page_that_may_be_the_one_before_is_not_taken(
    second: tuple[Id | None, ...], count: int | None, complete: bool
) -> None:
    listing = await two_pages(*second, count=count).read()
    assert [row.id for row in listing.items] == [1, 2]
    assert listing.complete is complete


@pytest.mark.parametrize("count", [None, 3])
async def test_a_page_whose_rows_were_all_left_out_makes_the_list_incomplete(count: int | None) -> None:
    first = Page(rows(1, 2), count, "?page=2")
    second: Page[Row] = Page([], count, None, left_out=1)
    listing = await Pages(lambda params: second if params else first).read()
    assert (len(listing.items), listing.complete) == (2, False)


async def test_a_list_in_one_piece_is_asked_for_once() -> None:
    pages = Pages(lambda params: Page(rows(1, 2), 2, None))
    assert (await pages.read()).complete
    assert len(pages.asked) == 1


async def test_each_page_is_told_with_the_count_as_it_was_last_given() -> None:
    told: list[tuple[list[Row], int | None]] = []
    pages = {1: Page(rows(1), 3, "?page=2"), 2: Page(rows(2), None, None), 3: Page(rows(3), 3, None)}

    async def fetch(params: Mapping[str, str]) -> Page[Row]:
        return pages[int(params.get("page", "1"))]

    listing = await Reader(fetch, URL, on_page=lambda new, count: told.append((new, count))).read()
    assert told == [(rows(1), 3), (rows(2), 3), (rows(3), 3)]
    assert listing.total == 3


async def test_an_empty_list_is_complete() -> None:
    for count in (0, None):
        listing = await Pages(lambda params, count=count: Page([], count, None)).read()  # type: ignore[misc]
        assert listing.items == []
        assert listing.complete


# --- how many at once -----------------------------------------------------------------


class Busy:
    """A list of many pages that notes how many pages are under way whenever one is asked for."""

    def __init__(self, *, linked: bool, counted: bool, slow_from: int = 100, pages: int = 20) -> None:
        self._pages = numbered(pages * 20, 20, linked=linked, counted=counted)
        self._slow_from = slow_from
        self._under_way = 0
        self._slow_downs = 3
        self.seen: dict[int, int] = {}
        self.now = 0.0
        self.slower = 0.0  # seconds that the first page takes; each takes more than the one before

    async def fetch(self, params: Mapping[str, str]) -> Page[Row]:
        number = int(params.get("page", "1"))
        self._under_way += 1
        self.seen[number] = self._under_way
        self.now += number**2 * self.slower
        for _ in range(10):
            await asyncio.sleep(0)
        self._under_way -= 1
        self._slow_downs += number == self._slow_from
        return await self._pages.fetch(params)

    async def read(self) -> Listing[Row]:
        reader = Reader(self.fetch, URL, throttled=lambda: self._slow_downs, clock=lambda: self.now)
        return await reader.read()


async def test_pages_that_were_offered_come_six_at_a_time_at_first() -> None:
    pages = Busy(linked=True, counted=True)
    assert len((await pages.read()).items) == 400
    assert [pages.seen[number] for number in (1, 2, 3, 4, 5, 6, 7)] == [1, 1, 2, 3, 4, 5, 6]
    assert max(pages.seen[number] for number in range(16, 21)) > 1


async def test_the_pages_of_a_long_list_come_eight_at_a_time_in_the_end() -> None:
    pages = Busy(linked=True, counted=True, pages=100)
    assert len((await pages.read()).items) == 2000
    assert max(pages.seen[number] for number in range(1, 8)) == 6
    assert [max(pages.seen[number] for number in range(first, first + 10)) for first in (60, 80)] == [8, 8]
    assert max(pages.seen.values()) == 8


async def test_no_more_pages_come_at_a_time_from_a_service_that_gets_slower() -> None:
    pages = Busy(linked=True, counted=True, pages=100)
    pages.slower, pages.now = 1.0, 1e6
    assert len((await pages.read()).items) == 2000
    assert {max(pages.seen[number] for number in range(first, first + 10)) for first in range(20, 91, 10)} == {6}


async def test_a_second_page_that_was_not_offered_is_tried_alone() -> None:
    pages = Busy(linked=False, counted=True)
    assert len((await pages.read()).items) == 400
    assert [pages.seen[number] for number in (1, 2, 3, 4, 5, 6, 7, 8)] == [1, 1, 1, 2, 3, 4, 5, 6]


async def test_pages_without_a_count_come_one_by_one() -> None:
    pages = Busy(linked=False, counted=False)
    assert len((await pages.read()).items) == 400
    assert set(pages.seen.values()) == {1}


async def test_pages_come_one_by_one_once_the_service_has_asked_to_slow_down() -> None:
    pages = Busy(linked=True, counted=True, slow_from=4)
    assert len((await pages.read()).items) == 400
    assert {pages.seen[number] for number in range(12, 21)} == {1}


async def test_a_page_that_fails_leaves_no_other_under_way() -> None:
    others = asyncio.Event()

    async def fetch(params: Mapping[str, str]) -> Page[Row]:
        number = int(params.get("page", "1"))
        if number == 2:
            await others.wait()
            raise ServerFailedError("x", 500)
        if number == 5:
            others.set()
        if number > 2:
            await asyncio.Event().wait()
        return Page(rows(1), 20, "?page=2")

    with pytest.raises(ServerFailedError):
        await Reader(fetch, URL).read()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_rows_that_came_once_more_are_counted() -> None:
    pages = {1: Page(rows(1, 2, 2), 6, "?page=2"), 2: Page(rows(2, 3, None), 6, "?page=3"), 3: Page(rows(3), 6, None)}
    listing = await Pages(lambda params: pages[int(params.get("page", "1"))]).read()
    assert [row.id for row in listing.items] == [1, 2, 3, None]
    assert listing.merged == 2, "a page that brings nothing new, as from a service without pages, counts for nothing"


# --- enough ---------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("pages_wanted", [1, 2, 7, 19])
async def test_once_it_is_enough_no_further_page_is_asked_for(linked: bool, counted: bool, pages_wanted: int) -> None:
    pages = Busy(linked=linked, counted=counted)
    told: list[int] = []
    reader = Reader(
        pages.fetch,
        URL,
        on_page=lambda new, count: told.append(len(new)),
        is_enough=lambda: len(told) >= pages_wanted,
    )
    listing = await reader.read()
    asked = max(pages.seen)
    assert pages_wanted <= asked < pages_wanted + MOST_AT_ONCE
    assert [row.id for row in listing.items] == list(range(1, 20 * asked + 1)), "a page under way was lost"
    has_all = counted and asked == 20
    assert (listing.complete, listing.stopped) == (has_all, not has_all)


@pytest.mark.parametrize("linked", [True, False])
async def test_a_list_that_has_come_whole_by_then_is_not_called_stopped(linked: bool) -> None:
    pages = numbered(40, 20, linked=linked)
    listing = await Reader(pages.fetch, URL, is_enough=lambda: len(pages.asked) == 2).read()
    assert listing.complete
    assert listing.stopped is False


async def test_a_list_of_one_page_is_not_called_stopped() -> None:
    listing = await Reader(numbered(20, 20, linked=True).fetch, URL).read()
    assert listing.complete
    assert listing.stopped is False


# --- odd ends -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "link"),
    [(RefusedError("x", 400), "?page=2"), (RefusedError("x", 403), "?page=2"), (RefusedError("x", 403), None)],
)
async def test_a_page_that_is_refused_for_no_lack_of_it_fails_the_list(error: RefusedError, link: str | None) -> None:
    def answer(params: Mapping[str, str]) -> Page[Row]:
        if params:
            raise error
        return Page(rows(1, 2), 5, link)

    with pytest.raises(RefusedError):
        await Pages(answer).read()


async def test_a_link_beyond_the_count_is_followed() -> None:
    by_number = {
        1: Page(rows(1, 2), 4, "?page=2"),
        2: Page(rows(3, 4), 4, "?page=3"),
        3: Page(rows(5), 4, None),
    }
    listing = await Pages(lambda params: by_number[int(params.get("page", "1"))]).read()
    assert [row.id for row in listing.items] == [1, 2, 3, 4, 5]
    assert not listing.complete
