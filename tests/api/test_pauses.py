"""Waits that the service asks for in the middle of a list: who can tell of them waits, and may stop."""

import pytest

from tests.api.conftest import Waits, failure
from vpsbackup_tui.api.allowed import servers_if_allowed
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.errors import TooManyRequestsError
from vpsbackup_tui.demo import DemoService, Fault


class Pauses(list[float]):
    """What waits, in no time, and keeps how many seconds it was to be."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(autouse=True)
def pages_of_five(demo: DemoService) -> None:
    demo.service.largest_page = 5


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("shape", ["paged", "unlinked"])
async def test_a_wait_in_the_middle_of_a_list_is_left_to_who_can_tell_of_it(
    demo: DemoService, service: Service, waits: Waits, shape: str, status: int
) -> None:
    demo.service.shape = shape
    demo.faults.add(Fault(path="&page=3", status=status, headers={"Retry-After": "3"}, times=2))
    demo.faults.add(Fault(path="&page=3", status=status, headers={"Retry-After": "300"}))
    listing = await service.list_backups(pause=(pauses := Pauses()))
    assert listing.complete
    assert len({backup.id for backup in listing.items}) == len(demo.service.backups())
    assert (pauses, waits) == ([3, 3, 300], [])


async def test_so_it_is_in_the_middle_of_the_servers(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(path="&page=2", status=429, headers={"Retry-After": "55"}))
    servers = await servers_if_allowed(service, pause=(pauses := Pauses()))
    assert servers is not None
    assert servers.complete
    assert pauses == [55]


@pytest.mark.parametrize(("page", "asked", "times"), [("page_size", 55, 1), ("&page=3", 301, 1), ("&page=3", 55, 7)])
async def test_a_wait_is_an_error_where_nothing_is_lost_by_it_or_it_is_too_long(
    demo: DemoService, service: Service, page: str, asked: int, times: int
) -> None:
    demo.faults.add(Fault(path=page, status=429, headers={"Retry-After": f"{asked}"}, times=times))
    error = await failure(service.list_backups(pause=(pauses := Pauses())))
    assert isinstance(error, TooManyRequestsError)
    assert error.retry_after == asked
    assert pauses == [asked] * (times - 1)


async def test_a_wait_before_the_first_rows_is_waited_for_though_nobody_is_told(
    demo: DemoService, service: Service, waits: Waits
) -> None:
    demo.faults.add(Fault(path="page_size", status=429, headers={"Retry-After": "3"}))
    assert (await service.list_backups(pause=(pauses := Pauses()))).complete
    assert (pauses, waits) == ([], [3])


async def test_a_long_wait_in_the_middle_of_a_list_is_an_error_where_nobody_can_be_told(
    demo: DemoService, service: Service, waits: Waits
) -> None:
    demo.faults.add(Fault(path="&page=3", status=429, headers={"Retry-After": "55"}))
    assert isinstance(await failure(service.list_backups()), TooManyRequestsError)
    assert waits == []


async def test_a_list_that_is_stopped_in_a_pause_is_what_has_come(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(path="&page=3", status=429, headers={"Retry-After": "55"}, times=None))
    pauses = Pauses()
    listing = await service.list_backups(pause=pauses, is_enough=lambda: bool(pauses))
    assert listing.stopped
    assert not listing.complete
    assert len(listing.items) == 10
