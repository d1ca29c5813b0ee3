"""Rows that a test lists as they are: found by `id`, or by the `uuid` that the vendor's clients read."""

from collections.abc import Iterable
from typing import Any

Raw = dict[str, Any]


def find_raw(rows: Iterable[Raw], text: str) -> Raw | None:
    """Return the first row whose id is written so."""
    return next((row for row in rows if text in _ids(row)), None)


def fits_raw(row: Raw, server_id: str | None, type_: str | None) -> bool:
    """Tell whether a list shows a row; `server_id` is as written in the query, None is any."""
    server = row.get("server")
    ids = _ids(server) if isinstance(server, dict) else [str(server)]
    return (server_id is None or server_id in ids) and (type_ is None or row.get("backup_type") == type_)


def _ids(row: Raw) -> list[str]:
    return [str(row[name]) for name in ("id", "uuid") if row.get(name) is not None]
