"""Turn the bodies of the service's answers into backups, servers and accounts.

A list of backups is first taken for what is documented, as `documented` reads it. Where
one row has another shape, the page is read again field by field; both ways give the same
backups.
"""

from typing import Any, Generic, TypeVar

import msgspec

from vpsbackup_tui.api.documented import read_documented
from vpsbackup_tui.api.json_text import ShapeError, parse_json
from vpsbackup_tui.api.rows import account_of, backup_of, server_of
from vpsbackup_tui.fleet.models import Account, Backup, Server

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list: its rows, how many the service says there are in all, and where it says more are."""

    rows: list[T]
    count: int | None
    next: str | None
    left_out: int = 0
    """Rows that came but can't be shown in any way."""


def decode_backups(body: bytes) -> Page[Backup]:
    """Return a page of backups; raise `ShapeError` where the body is no list."""
    try:
        return Page(*read_documented(body))
    except (ValueError, RecursionError):  # another shape, or odd JSON: the lenient way says which
        rows, count, following = _lenient_list(body)
        return Page([backup_of(row) for row in rows], count, following)


def decode_servers(body: bytes) -> Page[Server]:
    """Return a page of servers; raise `ShapeError` where the body is no list.

    A server without a sound id is left out, and counted: nothing could be done with it.
    """
    rows, count, following = _lenient_list(body)
    servers = [server for row in rows if (server := server_of(row)) is not None]
    return Page(servers, count, following, left_out=len(rows) - len(servers))


def decode_backup(body: bytes) -> Backup:
    """Return a single backup; raise `ShapeError` where the body has no sound one."""
    backup = backup_of(parse_json(body))
    if backup.unreadable:
        raise ShapeError("it holds no backup with an id")
    return backup


def decode_account(body: bytes) -> Account:
    """Return whose token it is; raise `ShapeError` where the body isn't about an account."""
    answer = parse_json(body)
    if not isinstance(answer, dict) or not ("account" in answer or "email" in answer or "token" in answer):
        raise ShapeError("it isn't about an account")
    return account_of(answer)


def _lenient_list(body: bytes) -> tuple[list[Any], int | None, str | None]:
    """Return rows, count and next; raise `ShapeError` where there are no rows."""
    answer = parse_json(body)
    if isinstance(answer, list):
        return answer, None, None
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(rows, list):
        raise ShapeError("it is JSON, but no list")
    count, following = answer.get("count"), answer.get("next")
    sound = isinstance(count, int) and not isinstance(count, bool) and count >= 0
    return rows, count if sound else None, following if isinstance(following, str) else None
