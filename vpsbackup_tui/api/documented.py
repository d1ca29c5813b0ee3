"""Lists of backups that are exactly as documented, read in one typed go: less than half of what plain JSON takes.

Names, descriptions and the like repeat from row to row: each is looked at once a page, and
equal ones are kept once for all pages. A row with a text that may not be shown as it is
goes the lenient way, alone.
"""

from sys import intern
from typing import Annotated, Final, Generic, Literal, TypeVar

import msgspec

from vpsbackup_tui.api.json_text import parse_json
from vpsbackup_tui.api.rows import (
    ID_PATTERN,
    LARGEST_SIZE_MB,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_WORD,
    backup_of,
)
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.text import clean

_Id = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)] | Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
_Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SIZE_MB)]
_Word = Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)]
_SomeWord = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_WORD)]  # else another field may have it
_Type = TypeVar("_Type")
_Status = TypeVar("_Status")


class _ServerRef(msgspec.Struct, gc=False):
    id: _Id
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]


class _Row(msgspec.Struct, Generic[_Type, _Status], gc=False):
    id: _Id
    server: _ServerRef
    backup_type: _Type
    status: _Status
    size_mb: _Size | None
    created_at: _Word | None
    expires_at: _Word | None
    description: Annotated[str, msgspec.Meta(max_length=LONGEST_DESCRIPTION)]


class _Listed(msgspec.Struct, Generic[_Type, _Status], gc=False):
    results: list[_Row[_Type, _Status]]
    count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    next: str | None = None


# Words that are known beforehand are not made anew for each row.
_WITH_KNOWN_WORDS: Final = msgspec.json.Decoder(
    _Listed[Literal["manual", "automatic"], Literal["completed", "in_progress", "pending", "failed"]]
)
_WITH_ANY_WORDS: Final = msgspec.json.Decoder(_Listed[_SomeWord, _Word])
_PRINTABLE: Final = bytes(range(0x20, 0x7F))


def read_documented(body: bytes) -> tuple[list[Backup], int | None, str | None]:
    """Return the backups of a page, how many there are in all, and where the next page is said to be.

    Raise `ValueError` or `RecursionError` where the body has another shape.
    """
    listed: _Listed[str, str]
    try:
        listed = _WITH_KNOWN_WORDS.decode(body)  # type: ignore[assignment]  # known words are words
    except msgspec.ValidationError:
        listed = _WITH_ANY_WORDS.decode(body)
        for row in listed.results:
            row.backup_type, row.status = intern(row.backup_type), intern(row.status)
    backups = _backups_of(listed.results)
    if not (_is_plain(body) or _are_clean(backups)):
        rows = parse_json(body)["results"]
        backups = [each if _are_clean([each]) else backup_of(row) for each, row in zip(backups, rows, strict=True)]
    return backups, listed.count, listed.next


def _backups_of(rows: list[_Row[str, str]]) -> list[Backup]:
    """Return the backups of rows with their texts as they are; equal texts become one, whatever page they come with."""
    return [
        Backup(  # by position, as names of arguments take their time
            row.id,
            (server := row.server).id,
            intern(server.name),
            row.backup_type,
            row.status,
            row.size_mb,
            row.created_at,
            row.expires_at,
            intern(row.description),
        )
        for row in rows
    ]


def _is_plain(body: bytes) -> bool:
    """Tell whether every text in a sound JSON body is printable ASCII, without an escape."""
    return body.isascii() and b"\\" not in body and b"\x7f" not in body


def _are_clean(backups: list[Backup]) -> bool:
    """Tell whether every text of some backups may be shown as it is; equal ones are looked at once."""
    times = "".join([b.created_at or "" for b in backups] + [b.expires_at or "" for b in backups])
    if not times.isascii() or times.encode().translate(None, _PRINTABLE):  # as no text is that tells a time
        return False
    texts = {b.server_name for b in backups} | {b.description for b in backups}
    texts |= {b.type for b in backups} | {b.status for b in backups}
    return all(clean(text, LONGEST_DESCRIPTION) == text for text in texts)
