"""Changes that the lists show late, as services with replicas do."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Late:
    until: float
    lists: int


@dataclass(slots=True)
class Lag:
    """How late lists show a backup that was created or deleted from now on.

    It is late for `seconds` by the service's clock and for that many `lists`, whichever
    ends later; both 0 is at once. Only a list's first page counts as a list.
    """

    seconds: float = 0.0
    lists: int = 0
    _late: dict[int, _Late] = field(default_factory=dict)

    def start(self, backup_id: int, now: float) -> None:
        """Let a change of this backup show late; a second change of one that is still late shows at once."""
        if self._late.pop(backup_id, None) is None and (self.seconds or self.lists):
            self._late[backup_id] = _Late(now + self.seconds, self.lists)

    def late(self, now: float, *, first_page: bool) -> set[int]:
        """Return the backups that a list made now shows as they were before their change."""
        late = {key for key, each in self._late.items() if now < each.until or each.lists > 0}
        self._late = {key: each for key, each in self._late.items() if key in late}
        if first_page:
            for each in self._late.values():
                each.lists -= 1
        return late
