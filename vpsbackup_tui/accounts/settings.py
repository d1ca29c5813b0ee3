"""The settings of one account, put together from options, environment, account, file and defaults."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from platformdirs import user_config_path, user_state_path

from vpsbackup_tui.accounts.config_file import (
    Config,
    Section,
    UnfitValueError,
    check_account_name,
    did_you_mean,
    read_config,
)
from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.origin import BaseUrlError, check_base_url, origin_of
from vpsbackup_tui.secret import holds_token, holds_used_token

DEFAULT_BASE_URL = "https://admin.vps.org/api/v1"
DEFAULT_ACCOUNT = "default"
_FOLDER = "vpsbackup-tui"
_YES = ("1", "true", "yes", "on")
_NO = ("", "0", "false", "no", "off")
_T = TypeVar("_T")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the program goes by; `load_settings` makes a checked one.

    `account_url` is the base URL that the account has without options and environment:
    where its `token_command` may send its token. `keymap` is action id to keys ("a" or
    "a,b", "" for none), not yet checked against the actions.
    """

    account: str = DEFAULT_ACCOUNT
    base_url: str = DEFAULT_BASE_URL
    account_url: str = DEFAULT_BASE_URL
    read_only: bool = False
    no_input: bool = False
    delete_grace_seconds: float = 5.0
    mark_creates: bool = False
    refresh_seconds: float = 60.0
    bell: bool = True
    keymap: dict[str, str] = msgspec.field(default_factory=dict)
    token_command: tuple[str, ...] = ()
    config_file: Path
    config_dir: Path
    state_dir: Path

    @property
    def origin(self) -> str:
        """Return scheme, host and port of the service: what a remembered token is bound to."""
        return origin_of(self.base_url)


def load_settings(
    *,
    config_file: Path | None = None,
    account: str | None = None,
    base_url: str | None = None,
    read_only: bool = False,
    no_input: bool = False,
    environ: Mapping[str, str],
) -> Settings:
    """Return the settings in force; raise `ConfigError` where one of them can't be used.

    Order: option, environment (`VPS_API_URL`, `VPSBACKUP_ACCOUNT`, `VPSBACKUP_READ_ONLY`), account, file,
    default. The file is `config_file`, else `config.toml` in the user's folder.
    """
    config_dir = user_config_path(_FOLDER, appauthor=False)
    path = config_file or config_dir / "config.toml"
    config = read_config(path, must_exist=config_file is not None)
    name = _account_name(account, environ, config)
    own = config.accounts.get(name, Section())
    common = config.common
    account_url = _first(own.base_url, common.base_url, DEFAULT_BASE_URL)
    return Settings(
        account=name,
        base_url=_base_url(base_url, environ) or account_url,
        account_url=account_url,
        read_only=read_only or _asks_read_only(environ) or _first(own.read_only, common.read_only, False),
        no_input=no_input,
        delete_grace_seconds=_first(own.delete_grace_seconds, common.delete_grace_seconds, 5.0),
        mark_creates=_first(own.mark_creates, common.mark_creates, False),
        refresh_seconds=_first(own.refresh_seconds, common.refresh_seconds, 60.0),
        bell=_first(config.bell, None, True),
        keymap=config.keys,
        token_command=own.token_command or (),
        config_file=path,
        config_dir=config_dir,
        state_dir=user_state_path(_FOLDER, appauthor=False),
    )


def _first(own: _T | None, common: _T | None, default: _T) -> _T:
    """Return the first value that is given."""
    if own is not None:
        return own
    return default if common is None else common


def _named(
    option_name: str, option: str | None, variable: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield where a value is named and the value: the option, then the variable; an empty variable counts as unset."""
    if option is not None:
        yield option_name, option
    if environ.get(variable):
        yield variable, environ[variable]


def _base_url(option: str | None, environ: Mapping[str, str]) -> str | None:
    """Return the base URL that an option or the environment asks for."""
    for where, url in _named("--base-url", option, "VPS_API_URL", environ):
        try:
            return check_base_url(url)
        except BaseUrlError as error:
            raise ConfigError(f"{where} {error}.") from error
    return None


def _asks_read_only(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment asks for no changes; it can't allow any that the account forbids."""
    word = environ.get("VPSBACKUP_READ_ONLY", "").strip().lower()
    if word not in (*_YES, *_NO):
        raise ConfigError("VPSBACKUP_READ_ONLY is neither 1 nor 0.")
    return word in _YES


def _account_name(option: str | None, environ: Mapping[str, str], config: Config) -> str:
    """Return the account to use: as named, else the file's only one, else the default one."""
    for where, name in _named("--account", option, "VPSBACKUP_ACCOUNT", environ):
        return _known_account(where, name, config)
    if config.account is not None:
        return _known_account('The setting "account"', config.account, config)
    if len(config.accounts) == 1:
        (name,) = config.accounts
        if holds_used_token(name):
            raise ConfigError("The settings file holds the token in use, not the name of an account.")
        return name
    if config.accounts and DEFAULT_ACCOUNT not in config.accounts:
        names = ", ".join(sorted(config.accounts))
        raise ConfigError(f"There are several accounts: {names}. Name one with --account or VPSBACKUP_ACCOUNT.")
    return DEFAULT_ACCOUNT


def _known_account(where: str, name: str, config: Config) -> str:
    """Return the account's name; a file that lists accounts must list this one, so that a slip makes no new one."""
    if holds_token(name):  # files are named after it
        raise ConfigError(f"{where} holds a token, not the name of an account.")
    try:
        check_account_name(name)
    except UnfitValueError as error:
        raise ConfigError(f"{where} {error}.") from error
    if config.accounts and name not in config.accounts:
        guess = did_you_mean(name, config.accounts) or f"; there are {', '.join(sorted(config.accounts))}."
        raise ConfigError(f"{where} names {name}, but the settings file has no such account{guess}")
    return name
