"""Where the token of an account comes from, where it is remembered, and how it is forgotten."""

import os
from collections.abc import MutableMapping
from enum import StrEnum
from pathlib import Path

import msgspec

from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.keyring_client import PATIENCE, Keyring
from vpsbackup_tui.accounts.keyring_problems import KeyringProblemError, Problem
from vpsbackup_tui.accounts.private_files import UnfitFileError, as_given, read_bounded, shown_path
from vpsbackup_tui.accounts.settings import Settings
from vpsbackup_tui.accounts.token_file import TokenFile
from vpsbackup_tui.origin import origin_of
from vpsbackup_tui.secret import Token, UnsoundTokenError
from vpsbackup_tui.text import clean

VARIABLE = "VPS_API_TOKEN"
CREDENTIAL = "vpsbackup-tui-token"
_MOST_BYTES = 8192


class Source(StrEnum):
    """What a token came from."""

    ENVIRONMENT = "environment"
    COMMAND = "command"
    CREDENTIAL = "credential"
    FILE = "file"
    KEYRING = "keyring"
    NONE = "none"


class Place(StrEnum):
    """Where a token can be remembered; `NONE` is in this process only."""

    KEYRING = "keyring"
    FILE = "file"
    NONE = "none"


class Lookup(msgspec.Struct, frozen=True):
    """What a search for the token found; `where` says so in words, `problem` why nothing better was found."""

    token: Token | None
    source: Source
    where: str
    problem: str = ""


class Tokens:
    """The token of one account for one service.

    Takes `VPS_API_TOKEN` out of `environ` at once, so that no child process gets it.
    A remembered token counts only for the account and the origin that it was stored for.
    """

    def __init__(self, settings: Settings, environ: MutableMapping[str, str]) -> None:
        self._given = _given_token(environ.pop(VARIABLE, ""))
        self._settings = settings
        self._environ = environ
        self._service = f"vpsbackup-tui {settings.origin} {settings.account}"
        self._keyring = Keyring(environ)
        self._file = TokenFile(settings.config_dir / "tokens", settings.account, settings.origin)

    @property
    def file_path(self) -> str:
        """Return where a token in plain text would lie, as it is shown."""
        return self._file.shown

    async def find(self, *, patience: float = PATIENCE) -> Lookup:
        """Look for the token; `patience` is how many seconds the keyring gets.

        Order: the variable, the account's `token_command`, a systemd credential, the
        token file, the keyring. The file comes first of the two because it is there only
        where the operator chose it, mostly for want of a keyring that answers. Raises
        `TokenSourceError` where a token is configured but can't be used; a keyring that
        gives none is no error, `problem` says why.
        """
        if self._given:
            return Lookup(_sound(self._given), Source.ENVIRONMENT, f"the variable {VARIABLE}")
        problem = self._why_no_command()
        if self._settings.token_command and not problem:
            from vpsbackup_tui.accounts.token_command import ask_command  # noqa: PLC0415 - few accounts have one

            printed = await ask_command(self._settings.token_command, self._environ)
            return Lookup(printed, Source.COMMAND, f"the token_command of account {self._settings.account}")
        if credential := self._credential_token():
            return Lookup(credential, Source.CREDENTIAL, f"the systemd credential {CREDENTIAL}", problem)
        if stored := self._file.read():
            return Lookup(stored, Source.FILE, f"the file {self._file.shown} (plain text)", problem)
        return await self._remembered(patience, problem)

    async def save(self, token: Token, place: Place, *, patience: float = PATIENCE) -> str:
        """Remember the token for this account and origin and return where, in words; raise `TokenStoreError`."""
        if place is Place.FILE:
            self._file.write(token)
            return f"the file {self._file.shown} (plain text, readable by you only)"
        if place is Place.NONE:
            return "nowhere: it is kept until this program ends"
        try:
            name = await self._keyring.set(self._service, self._settings.account, token.reveal(), patience=patience)
        except KeyringProblemError as error:
            raise TokenStoreError(f"The token was not stored. {error.message}") from error
        # A file left behind would come first, with the older token, in plain text.
        self._file.remove()
        return _keyring_words(name)

    async def forget(self, *, patience: float = PATIENCE) -> list[str]:
        """Remove what is remembered for this account and origin and return it in words.

        Raises `TokenStoreError` where something may be left; the rest is removed all the same.
        """
        removed = [f"the file {self._file.shown}"] if self._file.remove() else []
        try:
            name = await self._keyring.delete(self._service, self._settings.account, patience=patience)
        except KeyringProblemError as error:
            if error.problem in (Problem.NONE, Problem.DISABLED, Problem.PLAIN):
                return removed
            done = f"Removed: {', '.join(removed)}. " if removed else ""
            raise TokenStoreError(f"{done}A token in the OS keyring may be left. {error.message}") from error
        return [*removed, _keyring_words(name)] if name else removed

    async def describe(self, *, patience: float = PATIENCE) -> dict[str, str]:
        """Return for each place a token can come from what is there, in words that give nothing away."""
        command = self._settings.token_command
        return {
            "environment": f"{VARIABLE} is set" if self._given else f"{VARIABLE} is not set",
            "token_command": self._why_no_command() or ("configured" if command else "not configured"),
            "credential": shown_path(path) if (path := self._credential_path()) else "none",
            "file": self._describe_file(),
            "keyring": await self._describe_keyring(patience),
        }

    def _why_no_command(self) -> str:
        """Return why the configured command isn't run: its token is for the account's own service."""
        own = origin_of(self._settings.account_url)
        if not self._settings.token_command or own == self._settings.origin:
            return ""
        return f"The token_command is for {own}, and wasn't run for {self._settings.origin}."

    def _credential_path(self) -> Path | None:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        path = Path(folder, CREDENTIAL) if folder else None
        return path if path and os.path.lexists(path) else None

    def _credential_token(self) -> Token | None:
        path = self._credential_path()
        if path is None:
            return None
        try:
            text = read_bounded(path, most_bytes=_MOST_BYTES, check=as_given)
            return Token(text.decode("ascii", errors="replace"))
        except UnfitFileError as error:
            raise TokenSourceError(f"The systemd credential was not used: {error}.") from error
        except OSError as error:
            message = f"The systemd credential was not read: {shown_path(path)}: {error.strerror}."
            raise TokenSourceError(message) from error
        except UnsoundTokenError as error:
            raise TokenSourceError(f"The systemd credential {shown_path(path)} holds no token. {error}") from None

    async def _remembered(self, patience: float, problem: str) -> Lookup:
        """Ask the keyring; `problem` is what kept an earlier source from being used."""
        account = self._settings.account
        try:
            text, name = await self._keyring.get(self._service, account, patience=patience)
            if text is not None:
                return Lookup(Token(text), Source.KEYRING, _keyring_words(name), problem)
        except KeyringProblemError as error:
            problem = " ".join(filter(None, (problem, error.message)))
        except UnsoundTokenError:
            problem = f"{_keyring_words(name)} holds something that can't be a token. Log in again."
        if others := self._file.others():
            hosts = clean(", ".join(others))
            problem = f"{problem} A token is remembered for {hosts}, not for {self._settings.origin}.".strip()
        return Lookup(None, Source.NONE, "nowhere", problem)

    def _describe_file(self) -> str:
        try:
            return f"{self._file.shown} (plain text)" if self._file.read() else "none"
        except TokenSourceError as error:
            return error.message

    async def _describe_keyring(self, patience: float) -> str:
        try:
            return await self._keyring.name(patience=patience)
        except KeyringProblemError as error:
            return error.message


def _keyring_words(name: str) -> str:
    return f"the OS keyring ({name})"


def _given_token(text: str) -> Token | UnsoundTokenError | None:
    """Return the token in the text, or why it is none; the text itself is kept nowhere."""
    try:
        return Token(text) if text else None
    except UnsoundTokenError as error:
        return error.with_traceback(None)


def _sound(given: Token | UnsoundTokenError) -> Token:
    if isinstance(given, UnsoundTokenError):
        raise TokenSourceError(f"{VARIABLE} holds no token. {given} Correct it, or unset it.")
    return given
