"""Read `config.toml`: every key known, every value of its type, or an error that names the place."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.accounts.private_files import UnfitFileError, nobody_else_writes, read_bounded, shown_path
from vpsbackup_tui.origin import BaseUrlError, check_base_url
from vpsbackup_tui.secret import without_sure_tokens
from vpsbackup_tui.text import clean

_MOST_BYTES = 1 << 20
_SHORTEST_REFRESH = 5
_LONGEST_REFRESH = 86_400
_LONGEST_GRACE = 300
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class UnfitValueError(ValueError):
    """A value of the wrong type or range; the message goes on after its key ("must be …")."""


class Section(msgspec.Struct, frozen=True):
    """The settings that the file may give for all accounts and for each one; None where it is silent."""

    base_url: str | None = None
    read_only: bool | None = None
    refresh_seconds: float | None = None
    delete_grace_seconds: float | None = None
    mark_creates: bool | None = None
    token_command: tuple[str, ...] | None = None


class Config(msgspec.Struct, frozen=True):
    """What the file says."""

    account: str | None = None
    bell: bool | None = None
    common: Section = Section()
    keys: dict[str, str] = {}
    accounts: dict[str, Section] = {}


def check_account_name(name: object) -> str:
    """Return `name`; raise `UnfitValueError` unless it is 1 to 64 of the letters, digits, dot, `_` and `-`."""
    if not isinstance(name, str) or not _ACCOUNT_NAME.fullmatch(name):
        raise UnfitValueError("must be 1 to 64 letters, digits, dots, underscores or hyphens")
    return name


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean …?" where a known word is near, else ""."""
    from difflib import get_close_matches  # noqa: PLC0415 - only wanted on the way to an error

    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def read_config(path: Path, *, must_exist: bool = False) -> Config:
    """Return what the file at `path` says, an empty `Config` where there may be none; raise `ConfigError`."""
    try:
        content = read_bounded(path, most_bytes=_MOST_BYTES, check=nobody_else_writes)
    except (FileNotFoundError, NotADirectoryError) as error:
        if must_exist:
            raise ConfigError(f"There is no settings file {shown_path(path)}.") from error
        return Config()
    except UnfitFileError as error:
        raise ConfigError(f"The settings were not read: {error}.") from error
    except OSError as error:
        raise ConfigError(f"The settings were not read: {shown_path(path)}: {error.strerror}.") from error
    try:
        return parse_config(content)
    except UnfitValueError as error:
        raise ConfigError(f"{shown_path(path)}: {error}.") from error


def parse_config(content: bytes) -> Config:
    """Return what a file of this content says; raise `UnfitValueError` naming the key or the line."""
    return _config(_parsed(content))


def _parsed(content: bytes) -> dict[str, Any]:
    """Return the file's tables; raise `UnfitValueError` with line and column where it isn't TOML."""
    import tomllib  # noqa: PLC0415 - most starts have no file to read

    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise UnfitValueError(f"it isn't UTF-8 text (at byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise UnfitValueError(f"it isn't TOML: {clean(str(error))}") from error


def _config(tables: dict[str, Any]) -> Config:
    top = _checked(tables, _TOP_CHECKS, "", _SECTION_CHECKS)
    sections = {name: _section(name, table) for name, table in top.pop("accounts", {}).items()}
    common = Section(**{key: top.pop(key) for key in _COMMON_CHECKS if key in top})
    return Config(common=common, accounts=sections, **top)


def _section(name: str, table: Any) -> Section:
    """Return one [accounts.NAME]."""
    path = f"accounts.{clean(without_sure_tokens(name), 64)}"
    if not isinstance(table, dict):
        raise UnfitValueError(f"{path} must be a table: [{path}]")
    try:
        check_account_name(name)
    except UnfitValueError as error:
        raise UnfitValueError(f"the account's name in [{path}] {error}") from error
    return Section(**_checked(table, _SECTION_CHECKS, f"{path}.", _TOP_CHECKS))


def _checked(
    table: dict[str, Any], checks: Mapping[str, Callable[[Any], Any]], prefix: str, elsewhere: Iterable[str]
) -> dict[str, Any]:
    """Return the table with each value checked; `elsewhere` are the keys that stand in the other kind of table."""
    values = {}
    for key, value in table.items():
        if key not in checks:
            shown = clean(without_sure_tokens(key), 64)
            raise UnfitValueError(f"{prefix}{shown} {_why_unknown(key, checks, prefix, elsewhere)}")
        try:
            values[key] = checks[key](value)
        except UnfitValueError as error:
            raise UnfitValueError(f"{prefix}{key} {error}") from error
    return values


def _why_unknown(key: str, checks: Iterable[str], prefix: str, elsewhere: Iterable[str]) -> str:
    if key in elsewhere:
        return "belongs at the top of the file, before any [table]" if prefix else "belongs into [accounts.NAME]"
    return f"isn't a setting{did_you_mean(key, checks)}"


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitValueError("must be true or false")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refresh(value: Any) -> float:
    if not _is_number(value) or not (value == 0 or _SHORTEST_REFRESH <= value <= _LONGEST_REFRESH):
        raise UnfitValueError(
            f"must be a number of seconds from {_SHORTEST_REFRESH} to {_LONGEST_REFRESH}, or 0 for never by itself"
        )
    return float(value)


def _grace(value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= _LONGEST_GRACE:
        raise UnfitValueError(f"must be a number of seconds from 0 to {_LONGEST_GRACE}")
    return float(value)


def _base_url(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitValueError('must be a URL in quotes, such as "https://admin.vps.org/api/v1"')
    try:
        return check_base_url(value)
    except BaseUrlError as error:
        raise UnfitValueError(str(error)) from error


def _command(value: Any) -> tuple[str, ...]:
    good = isinstance(value, list) and value and all(isinstance(word, str) and "\0" not in word for word in value)
    if not good or not value[0]:
        raise UnfitValueError('must be a list of words, such as ["pass", "show", "vps/prod"] (no shell reads it)')
    return tuple(value)


def _keys(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value.values()):
        raise UnfitValueError('must be a table of action = "key" or "key,key", or "" for no key')
    return {clean(action): clean(keys) for action, keys in value.items()}


def _tables(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnfitValueError("must be tables: [accounts.NAME]")
    return value


_COMMON_CHECKS: dict[str, Callable[[Any], Any]] = {
    "base_url": _base_url,
    "read_only": _flag,
    "refresh_seconds": _refresh,
    "delete_grace_seconds": _grace,
    "mark_creates": _flag,
}
_SECTION_CHECKS = {**_COMMON_CHECKS, "token_command": _command}
_TOP_CHECKS = {**_COMMON_CHECKS, "account": check_account_name, "bell": _flag, "keys": _keys, "accounts": _tables}
