"""Find the backups in which words occur, quickly and in little memory.

Most of what can be found in a backup is found in many others, too: server, type, status
and description. One text holds that for all that are alike. Only id and time are a
backup's own; they stand in two long texts, and each backup gets a line of its own only
when a word occurs in one of them.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.models import Id, Server


class _Found(NamedTuple):
    """The last words searched for and the rows they left, so that one more letter searches only those."""

    text: str
    rows: Sequence[int]


class Search:
    """What can be found in some backups; `rows` are their indices, `servers` what else is known of their servers."""

    def __init__(self, backups: Backups, rows: Sequence[int], servers: Mapping[Id, Server]) -> None:
        shared: dict[tuple[Id | None, str, str, str, str], str] = {}
        self._shared: list[str] = []
        columns = (backups.server_ids, backups.server_names, backups.types, backups.statuses, backups.descriptions)
        for key in zip(*columns, strict=True):
            text = shared.get(key)
            if text is None:
                text = shared[key] = _shared_text(*key, servers)
            self._shared.append(text)
        self._backups = backups
        self._ids = "\n".join(map(str, backups.ids)).casefold()
        self._times = backups.created_at.text().casefold()
        self._last = _Found("", rows)
        self._all = rows

    def containing(self, words: Sequence[str]) -> Sequence[int]:
        """Return the rows in which every word occurs; words are casefolded and have no space in them."""
        text = " ".join(words)
        if text != self._last.text:
            rows = self._last.rows if text.startswith(self._last.text) else self._all
            for word in words:
                rows = self._with(word, rows)
            self._last = _Found(text, rows)
        return self._last.rows

    def _with(self, word: str, rows: Sequence[int]) -> Sequence[int]:
        """Return those of some rows in which a word occurs."""
        shared = self._shared
        if word not in self._ids and word not in self._times:
            return [row for row in rows if word in shared[row]]
        own = self._own_lines
        return [row for row in rows if word in own[row] or word in shared[row]]

    @cached_property
    def _own_lines(self) -> list[str]:
        own = zip(self._backups.ids, self._backups.created_at.words(), strict=True)
        return "\n".join([f"{each or ''} {created_at or ''}" for each, created_at in own]).casefold().split("\n")


def _shared_text(
    server_id: Id | None, name: str, type_: str, status: str, description: str, servers: Mapping[Id, Server]
) -> str:
    """Return what can be found in a backup, less what is its own."""
    server = None if server_id is None else servers.get(server_id)
    names = (name, server.name, server.hostname) if server else (name,)
    return "\n".join((type_, status, *dict.fromkeys(names), description)).casefold()
