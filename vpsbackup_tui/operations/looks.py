"""Look at a server's lists: before a change is sent, and for what became of one whose request proved nothing."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.changes import BackupService, Change, Evidence
from vpsbackup_tui.operations.ledger import Intent
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.operations.rules import Finding
from vpsbackup_tui.operations.tenure import Tenure

LOOKS = (1, 2, 4, 8, 15, 15, 15)
"""Seconds to wait before each look at the lists while an outcome is unknown."""
LONGEST_DOUBT = 600.0
"""Seconds for which an outcome that these looks have not settled is looked into further (`again`)."""
_LATE_LOOKS = 2
"""How many of the looks are left for a change that was asked for longer ago than that: what two lists can prove."""


class Settled(NamedTuple):
    """A change whose outcome is known now: what was journalled of it, how its request ended, what lists prove."""

    intent: Intent
    error: ServiceError
    finding: Finding


class _Seen(msgspec.Struct):
    """The lists that were read of a server in one tenure, as those of another one may be another account's."""

    tenure: Tenure | None = None
    lists: list[list[Backup]] = []


class _Doubt(msgspec.Struct):
    """A change whose outcome its looks have not settled; `next_at` and `until` are in monotonic seconds."""

    intent: Intent
    change: Change
    error: ServiceError
    seen: _Seen
    next_at: float
    until: float


class Looks:
    """The looks at the lists of one account.

    `others` gives all changes that are remembered but one, `tenure` that of the token in use;
    `is_same_account` tells whether this token is known to be of the account that a change was
    sent to; `pause` waits some seconds, `clock` gives Unix seconds, `monotonic` seconds that nobody sets.
    """

    def __init__(
        self,
        service: BackupService,
        *,
        others: Callable[[Operation], Awaitable[list[Operation]]],
        tenure: Callable[[], Tenure],
        is_same_account: Callable[[Operation], bool],
        pause: Callable[[float], Awaitable[Any]],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._service = service
        self._others = others
        self._tenure = tenure
        self._is_same_account = is_same_account
        self._pause = pause
        self._clock = clock
        self._monotonic = monotonic
        self._doubts: list[_Doubt] = []

    async def complete_list(self, change: Change) -> list[Backup]:
        """Return all backups of a change's server, read now; raise `ServiceError` where they can't all be had.

        A service that doesn't know the filter sends those of other servers, too. The
        change's own backup counts as listed whatever server its row names now, and a row
        without an id may be any.
        """
        listing = await self._service.list_backups(server_id=change.server_id)
        if not listing.complete:
            raise ServiceError("The service did not send the whole list of backups, so nothing can be checked.")
        own = {None, change.backup.id if change.backup else None}
        return [each for each in listing.items if str(each.server_id) == str(change.server_id) or each.id in own]

    async def look_into(self, intent: Intent, change: Change, error: ServiceError) -> Finding:
        """Return what the lists prove of a change, read at a slowing pace until it was made, or the looks are used up.

        What they prove nothing of is looked into further by `again`.
        """
        if not change.shows_in_lists:
            return change.settle(Evidence(intent.operation.id, intent.known, [], error, [], same_account=False))
        seen = _Seen()
        is_late = self._clock() > intent.operation.at + LONGEST_DOUBT
        for seconds in LOOKS[:_LATE_LOOKS] if is_late else LOOKS:
            await self._pause(seconds)
            await self._look(change, seen)
            finding = await self._proved(intent, change, error, seen)
            if finding.outcome is Outcome.DONE:
                break
        if finding.outcome is Outcome.UNKNOWN:
            now = self._monotonic()
            self._doubts.append(_Doubt(intent, change, error, seen, now + LOOKS[-1], now + LONGEST_DOUBT))
        return finding

    async def again(self) -> list[Settled]:
        """Look once more into what is not known yet, and return what is known now; a look too soon is left out."""
        now = self._monotonic()
        due = [doubt for doubt in self._doubts if doubt.next_at <= now]
        self._doubts = [doubt for doubt in self._doubts if doubt.next_at > now]
        settled: list[Settled] = []
        for doubt in due:
            await self._look(doubt.change, doubt.seen)
            finding = await self._proved(doubt.intent, doubt.change, doubt.error, doubt.seen)
            doubt.next_at = self._monotonic() + LOOKS[-1]
            if finding.outcome is not Outcome.UNKNOWN:
                settled.append(Settled(doubt.intent, doubt.error, finding))
            elif doubt.next_at < doubt.until:
                self._doubts.append(doubt)
        return settled

    async def _proved(self, intent: Intent, change: Change, error: ServiceError, seen: _Seen) -> Finding:
        """Return what lists prove of a change beside the others; nothing, where another token has come since."""
        others = await self._others(intent.operation)
        lists = seen.lists if seen.tenure is self._tenure() else []
        same_account = self._is_same_account(intent.operation)
        return change.settle(Evidence(intent.operation.id, intent.known, lists, error, others, same_account))

    async def _look(self, change: Change, seen: _Seen) -> None:
        """Add the list of a server as it is now, where it can be had; the next look may have more luck."""
        tenure = self._tenure()
        if seen.tenure is not tenure:
            seen.tenure, seen.lists = tenure, []
        with suppress(ServiceError):
            listed = await self.complete_list(change)
            if self._tenure() is tenure:
                seen.lists.append(listed)
