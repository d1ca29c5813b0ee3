"""Rows of any shape: field by field, with fallbacks, so that one odd row never hides another.

The documented field names come first, then those that the vendor's own clients read.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import structs

from vpsbackup_tui.fleet.models import Account, Backup, Id, Server
from vpsbackup_tui.text import clean

LONGEST_NAME: Final = 256
LONGEST_WORD: Final = 64
LONGEST_DESCRIPTION: Final = 2048
LARGEST_SIZE_MB: Final = 10**15
ID_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}\Z"
_ID = re.compile(ID_PATTERN)
_LARGEST_ID: Final = 10**64
_MOST_ADDRESSES: Final = 64

_BACKUP_FIELDS: Final = (
    *("id", "uuid", "server", "server_id", "server_name", "backup_type", "type", "status"),
    *("size_mb", "created_at", "expires_at", "description"),
)
_STANDS_IN_FOR: Final = {"uuid": "id", "server_id": "server", "server_name": "server", "type": "backup_type"}
_SERVER_FIELDS: Final = (
    *("id", "uuid", "name", "hostname", "status", "ip_address", "ipv4_addresses", "ipv6_addresses", "ipv4"),
    *("location", "location_name", "plan", "plan_name", "os", "os_name", "created_at"),
)
_ADDRESS_FIELDS: Final = ("ip_address", "ipv4_addresses", "ipv4", "ipv6_addresses")


def backup_of(row: Any) -> Backup:
    """Return the backup in a row of any shape, unreadable where it has no sound id."""
    if not isinstance(row, dict):
        return Backup(id=None, unreadable=True, raw={"row": row})
    sound = _first_id(row, "id", "uuid")
    server_id, server_name = _server_in(row)
    backup = Backup(
        id=sound,
        server_id=server_id,
        server_name=server_name,
        type=_first_text(row, ("backup_type", "type"), LONGEST_WORD),
        status=_text(row.get("status"), LONGEST_WORD),
        size_mb=_size(row.get("size_mb")),
        created_at=_moment(row.get("created_at")),
        expires_at=_moment(row.get("expires_at")),
        description=_text(row.get("description"), LONGEST_DESCRIPTION),
        unreadable=sound is None,
    )
    raw = _differing(row, _BACKUP_FIELDS, backup.record())
    return structs.replace(backup, raw=raw) if raw else backup


def server_of(row: Any) -> Server | None:
    """Return the server in a row of any shape; None where it has no sound id."""
    sound = _first_id(row, "id", "uuid") if isinstance(row, dict) else None
    if sound is None:
        return None
    server = Server(
        id=sound,
        name=_first_text(row, ("name", "hostname"), LONGEST_NAME),
        hostname=_text(row.get("hostname"), LONGEST_NAME),
        status=_text(row.get("status"), LONGEST_WORD),
        addresses=_addresses(row),
        location=_first_text(row, ("location", "location_name"), LONGEST_NAME),
        plan=_first_text(row, ("plan", "plan_name"), LONGEST_NAME),
        os=_first_text(row, ("os", "os_name"), LONGEST_NAME),
        created_at=_moment(row.get("created_at")),
    )
    raw = _differing(row, _SERVER_FIELDS, server.record())
    return structs.replace(server, raw=raw) if raw else server


def account_of(answer: Mapping[str, Any]) -> Account:
    """Return what `GET /account/me/` tells, whole or in part."""
    account, token = answer.get("account"), answer.get("token")
    about = account if isinstance(account, dict) else answer
    about_token = token if isinstance(token, dict) else {}
    permissions = about_token.get("permissions")
    names = [_text(about.get(field), LONGEST_NAME) for field in ("first_name", "last_name")]
    return Account(
        email=_text(about.get("email"), LONGEST_NAME),
        name=" ".join(filter(None, names)),
        company=_text(about.get("company_name"), LONGEST_NAME),
        token_name=_text(about_token.get("name"), LONGEST_NAME),
        permissions=tuple(_texts(permissions)),
    )


def sound_id(value: Any) -> Id | None:
    """Return an id that may be sent back as it is, None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < _LARGEST_ID else None
    return value if isinstance(value, str) and _ID.match(value) else None


def _server_in(row: Mapping[str, Any]) -> tuple[Id | None, str]:
    """Return id and name of a backup's server, which comes as an object, as an id, or in fields of its own."""
    server = row.get("server")
    if isinstance(server, dict):
        found, name = _first_id(server, "id", "uuid"), _first_text(server, ("name", "hostname"), LONGEST_NAME)
    else:
        found, name = sound_id(server), ""
    return (
        found if found is not None else sound_id(row.get("server_id")),
        name or _text(row.get("server_name"), LONGEST_NAME),
    )


def _first_id(row: Mapping[str, Any], *fields: str) -> Id | None:
    return next((found for field in fields if (found := sound_id(row.get(field))) is not None), None)


def _first_text(row: Mapping[str, Any], fields: Iterable[str], limit: int) -> str:
    """Return the first of some fields that has a text, or has it as its name."""
    for field in fields:
        value = row.get(field)
        text = _text(value.get("name") if isinstance(value, dict) else value, limit)
        if text:
            return text
    return ""


def _text(value: Any, limit: int) -> str:
    """Return a clean text; a number stands for itself, anything else for nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return clean(value, limit) if isinstance(value, str) else ""


def _moment(value: Any) -> str | None:
    """Return a time as clean text, whether it can be read or not."""
    return clean(value, LONGEST_WORD) if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    """Return the texts of a list, or of one text."""
    several = value if isinstance(value, list) else [value]
    return [text for each in several[:_MOST_ADDRESSES] if (text := _text(each, LONGEST_NAME))]


def _addresses(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = (address for field in _ADDRESS_FIELDS for address in _texts(row.get(field)))
    return tuple(dict.fromkeys(found))


def _size(value: Any) -> int | None:
    """Return a size that makes sense; a size in text isn't guessed at."""
    if isinstance(value, float):  # finite, as `parse_json` gives no other
        value = round(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= LARGEST_SIZE_MB else None


def _differing(row: Mapping[str, Any], fields: Iterable[str], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the fields that the record doesn't give back as they came, as far as they were needed."""
    return {
        field: row[field]
        for field in fields
        if field in row and not any(_came_through(each, row, shown) for each in (field, _STANDS_IN_FOR.get(field)))
    }


def _came_through(field: str | None, row: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Tell whether a record gives back a field as it came, or of an object all that is documented."""
    if field is None or field not in row or field not in shown:
        return False
    sent, kept = row[field], shown[field]
    if isinstance(sent, dict) and isinstance(kept, dict):
        return all(_came_through(each, sent, kept) for each in kept)
    return type(sent) is type(kept) and bool(sent == kept)
