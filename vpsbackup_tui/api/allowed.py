"""What a token may not see: no trouble, but something less to show."""

from collections.abc import Callable
from typing import Final, Protocol

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import RefusedError
from vpsbackup_tui.api.paging import Pause, never
from vpsbackup_tui.fleet.models import Server

_HIDING: Final = (403, 404)


class ServerLists(Protocol):
    """What is needed of the service."""

    async def list_servers(
        self, *, is_enough: Callable[[], bool] = never, shared: bool = False, pause: Pause | None = None
    ) -> Listing[Server]:
        """Return all servers; raise `ServiceError`."""
        ...


async def servers_if_allowed(
    service: ServerLists,
    *,
    is_enough: Callable[[], bool] = never,
    shared: bool = False,
    pause: Pause | None = None,
) -> Listing[Server] | None:
    """Return the servers, None where this token may not list them; raise every other `ServiceError`.

    `is_enough`, `shared` and `pause` are those of `Service.list_servers`.
    """
    try:
        return await service.list_servers(is_enough=is_enough, shared=shared, pause=pause)
    except RefusedError as error:
        if error.status in _HIDING:
            return None
        raise
