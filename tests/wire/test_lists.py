"""Lists cut at any byte: read again, or an error that says so, never a short list taken for the whole."""

from collections import Counter

import pytest

from tests.conftest import Clock
from tests.scale import EXHAUSTIVE
from tests.wire.conftest import Connect
from tests.wire.proxy import Ending, Fault, Framing, Proxy, Side, boundaries, framed, strike
from vpsbackup_tui.api.client import Listing, Service
from vpsbackup_tui.api.errors import NoAnswerError, OutcomeUnknownError
from vpsbackup_tui.fleet.models import Backup

STRIDE = 1 if EXHAUSTIVE else 307
SHAPES = ("paged", "unlinked", "plain", "bare") if EXHAUSTIVE else ("paged", "bare")
WAYS = [("http", Ending.CLOSE), ("http", Ending.RESET), ("https", Ending.ABORT)]

pytestmark = [pytest.mark.timeout(1800 if EXHAUSTIVE else 60)]
every_way = pytest.mark.parametrize(("scheme", "ending"), WAYS)
every_shape = pytest.mark.parametrize("shape", SHAPES)


def prepare(proxy: Proxy, shape: str) -> list[int]:
    """Let the service list five backups in pages of two, and return their ids."""
    held = proxy.service.service
    held.clear_backups()
    ids = [held.add_backup(12345, description=f"no. {number}") for number in range(5)]
    held.shape, held.largest_page = shape, 2
    return ids[::-1]


async def answers(proxy: Proxy, service: Service) -> list[bytes]:
    """Return the service's answers to a list that nothing happens to."""
    assert (await service.list_backups()).complete
    return [answer for _, answer in proxy.exchanges]


def is_whole(listing: Listing[Backup], ids: list[int]) -> bool:
    return listing.complete and [backup.id for backup in listing.items] == ids


def shortest(pages: list[bytes], number: int) -> int:
    """Return up to where a cut is sure to strike: all pages but the first come in any order."""
    return min(map(len, pages[1:] if number else pages[:1]))


@every_way
@every_shape
async def test_a_list_cut_once_is_read_again(
    proxy: Proxy, connect: Connect, scheme: str, ending: Ending, shape: str
) -> None:
    ids = prepare(proxy, shape)
    pages = await answers(proxy, connect(proxy.url))
    for number, page in enumerate(pages):
        end = shortest(pages, number)
        for at in sorted(at for at in {*range(0, end, STRIDE), *boundaries(page)} if at < end):
            proxy.requests.clear()
            proxy.plan = strike("GET", Fault(cut=at, ending=ending), after=number)
            assert is_whole(await connect(proxy.url).list_backups(), ids)
            assert len(proxy.requests) == len(pages) + 1


@every_shape
async def test_a_list_whose_request_is_cut_once_is_sent_again(proxy: Proxy, connect: Connect, shape: str) -> None:
    ids = prepare(proxy, shape)
    service = connect(proxy.url)
    await answers(proxy, service)
    for at in range(0, 300, 1 if EXHAUSTIVE else 50):
        proxy.plan = strike("GET", Fault(cut=at, side=Side.REQUEST))
        assert is_whole(await connect(proxy.url).list_backups(), ids)


@every_shape
@pytest.mark.parametrize("ending", [Ending.CLOSE, Ending.RESET])
async def test_a_list_that_is_always_cut_is_an_error(
    proxy: Proxy, connect: Connect, shape: str, ending: Ending
) -> None:
    prepare(proxy, shape)
    pages = await answers(proxy, connect(proxy.url))
    for number in range(len(pages)):
        for at in range(0, shortest(pages, number), STRIDE):
            proxy.requests.clear()
            proxy.plan = strike("GET", Fault(cut=at, ending=ending), after=number, times=100)
            with pytest.raises(NoAnswerError):
                await connect(proxy.url).list_backups()
            assert len(proxy.requests) <= 3 * len(pages)


@every_shape
@pytest.mark.parametrize("framing", [Framing.CHUNKED, Framing.CLOSE])
async def test_a_list_without_a_length_is_whole_or_an_error(
    proxy: Proxy, connect: Connect, shape: str, framing: Framing
) -> None:
    ids = prepare(proxy, shape)
    pages = [framed(answer, framing) for answer in await answers(proxy, connect(proxy.url))]
    proxy.framing = framing
    ends: Counter[str] = Counter()
    for number, page in enumerate(pages):
        for at in sorted({*range(0, len(page), STRIDE), *boundaries(page)}):
            proxy.plan = strike("GET", Fault(cut=at), after=number)
            try:
                assert is_whole(await connect(proxy.url).list_backups(), ids)
                ends["whole"] += 1
            except OutcomeUnknownError:
                ends["error"] += 1
    assert ends["whole"]
    assert bool(ends["error"]) == (framing is Framing.CLOSE)  # chunks show that they were cut, and bring a retry


async def test_a_list_that_hangs_is_read_again(proxy: Proxy, connect: Connect, clock: Clock) -> None:
    ids = prepare(proxy, "paged")
    for at in (0, 20, 400):
        proxy.plan = strike("GET", Fault(cut=at, ending=Ending.HANG), after=1)
        assert is_whole(await connect(proxy.url, read=0.5).list_backups(), ids)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_list_that_drips_is_read_whole(proxy: Proxy, connect: Connect, scheme: str) -> None:
    ids = prepare(proxy, "paged")
    proxy.plan = strike("GET", Fault(drip=True), times=9)
    assert is_whole(await connect(proxy.url).list_backups(), ids)
