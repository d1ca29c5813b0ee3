import pytest

from tests.api.conftest import Connect, failure
from tests.api.wire import Wire, answer
from vpsbackup_tui.api.allowed import servers_if_allowed
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.errors import RefusedError
from vpsbackup_tui.demo import DemoService, Fault


async def test_a_token_that_may_list_servers_gets_them(service: Service) -> None:
    servers = await servers_if_allowed(service)
    assert servers is not None
    assert servers.items == (await service.list_servers()).items


@pytest.mark.parametrize("status", [403, 404])
async def test_a_token_that_may_not_list_servers_gets_none(demo: DemoService, service: Service, status: int) -> None:
    demo.faults.add(Fault(status=status))
    assert await servers_if_allowed(service) is None


@pytest.mark.parametrize("status", [400, 401, 409, 410])
async def test_another_refusal_of_the_servers_is_no_lack_of_permission(
    demo: DemoService, service: Service, status: int
) -> None:
    demo.faults.add(Fault(status=status))
    error = await failure(servers_if_allowed(service))
    assert isinstance(error, RefusedError)
    assert error.status == status


async def test_servers_that_can_t_be_had_are_no_lack_of_permission(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(status=501))
    await failure(servers_if_allowed(service))


ONE_OF_TWO = answer(b'{"count": 2, "results": [{"id": 1}]}')


async def test_servers_are_listed_on_connections_of_their_own_unless_shared_ones_are_asked_for(
    connect: Connect,
) -> None:
    async with Wire(ONE_OF_TWO) as wire:
        service = connect(wire.url)
        for _ in range(2):
            await servers_if_allowed(service, is_enough=lambda: True)
        assert (len(wire.requests), wire.connections) == (2, 2)
        for _ in range(2):
            await servers_if_allowed(service, is_enough=lambda: True, shared=True)
        assert (len(wire.requests), wire.connections) == (4, 3)


async def test_once_it_is_enough_no_more_servers_are_asked_for(connect: Connect) -> None:
    async with Wire(ONE_OF_TWO) as wire:
        servers = await servers_if_allowed(connect(wire.url), is_enough=lambda: True)
        assert servers is not None
        assert (len(servers.items), servers.complete, len(wire.requests)) == (1, False, 1)
