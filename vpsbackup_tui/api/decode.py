"""Turn the bodies of the service's answers into backups, servers and accounts.

A list of backups is decoded in one typed go, more than twice as fast as plain JSON. Where
one row has another shape than documented, the page is read again field by field, and so
is a row with a text that may not be shown as it is; so a row has a fast way and a lenient
way, and both give the same backup.
"""

from dataclasses import dataclass
from sys import intern
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from vpsbackup_tui.api.json_text import ShapeError, parse_json
from vpsbackup_tui.api.rows import (
    ID_PATTERN,
    LARGEST_SIZE_MB,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_WORD,
    account_of,
    backup_of,
    server_of,
)
from vpsbackup_tui.fleet.formats import parse_time
from vpsbackup_tui.fleet.models import Account, Backup, Server
from vpsbackup_tui.text import clean

T = TypeVar("T")
_Id = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)] | Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
_Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SIZE_MB)]
_Word = Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: its rows, how many the service says there are in all, and where it says more are."""

    rows: list[T]
    count: int | None
    next: str | None
    left_out: int = 0
    """Rows that came but can't be shown in any way."""


class _ServerRef(msgspec.Struct, gc=False):
    id: _Id
    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]


class _Row(msgspec.Struct, gc=False):
    """A backup exactly as documented."""

    id: _Id
    server: _ServerRef
    backup_type: _Word
    status: _Word
    size_mb: _Size | None
    created_at: _Word | None
    expires_at: _Word | None
    description: Annotated[str, msgspec.Meta(max_length=LONGEST_DESCRIPTION)]


class _Listed(msgspec.Struct, gc=False):
    """A list of backups exactly as documented."""

    results: list[_Row]
    count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    next: str | None = None


_LISTED: Final = msgspec.json.Decoder(_Listed)


def decode_backups(body: bytes) -> Page[Backup]:
    """Return a page of backups; raise `ShapeError` where the body is no list."""
    try:
        listed = _LISTED.decode(body)
    except (ValueError, RecursionError):  # another shape, or odd JSON: the lenient way says which
        rows, count, following = _lenient_list(body)
        return Page([backup_of(row) for row in rows], count, following)
    if _is_plain(body):
        backups = [_plain_backup(row) for row in listed.results]
    else:
        backups = [
            _plain_backup(row) if _is_clean(row) else backup_of(msgspec.to_builtins(row)) for row in listed.results
        ]
    return Page(backups, listed.count, listed.next)


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


def _is_plain(body: bytes) -> bool:
    """Tell whether every text in a sound JSON body is clean already: printable ASCII, without an escape."""
    return body.isascii() and b"\\" not in body and b"\x7f" not in body


def _is_clean(row: _Row) -> bool:
    """Tell whether every text of a row may be shown as it is."""
    texts = (row.server.name, row.backup_type, row.status, row.created_at, row.expires_at, row.description)
    return all(not text or clean(text, LONGEST_DESCRIPTION) == text for text in texts)


def _plain_backup(row: _Row) -> Backup:
    """Return the backup of a row whose texts are clean; equal texts become one, whatever page they come with."""
    server, created_at, expires_at = row.server, row.created_at, row.expires_at
    return Backup(
        id=row.id,
        server_id=server.id,
        server_name=intern(server.name),
        type=intern(row.backup_type),
        status=intern(row.status),
        size_mb=row.size_mb,
        created_at=created_at,
        expires_at=expires_at,
        created=parse_time(created_at) if created_at is not None else None,
        expires=parse_time(expires_at) if expires_at is not None else None,
        description=intern(row.description),
    )
