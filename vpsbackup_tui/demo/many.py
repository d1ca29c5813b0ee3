"""Any number of made-up backups, each made only when it is asked for."""

from array import array
from collections.abc import Sequence

from vpsbackup_tui.demo.fleet import AUTOMATIC_DESCRIPTION, DAY, FIRST_BACKUP_ID, KEPT_DAYS, REASONS
from vpsbackup_tui.demo.records import BackupRecord, ServerRecord

_MANUAL_EVERY, _MANUAL_AT = 7, 3
_MANUAL_DAYS = 3 * 365


class Many:
    """Completed backups, spread evenly over the servers and over time; the newest has the highest id.

    The id says everything: its place from the newest names the server (in turn) and, with
    the round of turns it falls in, the type. So nothing is stored, and lists by server are
    slices of a range. They are as of the start: the clock makes none expire.
    """

    def __init__(self, servers: Sequence[ServerRecord], count: int, now: float) -> None:
        self._servers = servers
        self._now = now
        self._count = count if servers else 0
        self.ids = range(FIRST_BACKUP_ID + self._count - 1, FIRST_BACKUP_ID - 1, -1)

    def __getitem__(self, backup_id: int) -> BackupRecord:
        place = self.ids.index(backup_id)
        turn, number = divmod(place, len(self._servers))
        server = self._servers[number]
        manual = turn % _MANUAL_EVERY == _MANUAL_AT
        days = (_MANUAL_DAYS if manual else KEPT_DAYS - 1) * place / self._count
        created = self._now - 3600 - days * DAY
        return BackupRecord(
            backup_id,
            server.id,
            "manual" if manual else "automatic",
            "completed",
            server.size_mb - int(server.size_mb * 0.002 * min(days, 300)) + backup_id % 7,
            created,
            REASONS[turn % len(REASONS)] if manual else AUTOMATIC_DESCRIPTION,
            None if manual else created + KEPT_DAYS * DAY,
        )

    def select(self, server_id: int | str | None, type_: str | None) -> Sequence[int]:
        """Return the ids of a server's backups of a type (None: of any), newest first."""
        step, ids = len(self._servers), self.ids
        if server_id is not None:
            number = next((place for place, server in enumerate(self._servers) if server.id == server_id), None)
            if number is None:
                return ()
            step, ids = 1, ids[number :: len(self._servers)]
        if type_ is None:
            return ids
        chosen = array("q")
        for turn in range(-(-len(ids) // step) if step else 0):
            if (turn % _MANUAL_EVERY == _MANUAL_AT) == (type_ == "manual"):
                chosen.extend(ids[turn * step : (turn + 1) * step])
        return chosen
