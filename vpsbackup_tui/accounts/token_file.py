"""The token of one account and origin in a file of mode 0600: plain text, for machines without a keyring."""

from pathlib import Path

import msgspec

from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.private_files import (
    UnfitFileError,
    nobody_else_reads,
    read_bounded,
    remove_file,
    shown_path,
    write_private,
)
from vpsbackup_tui.secret import Token, UnsoundTokenError

_MOST_BYTES = 8192
_LONGEST_HOST = 128  # in a file name of at most 255 bytes; the content has it whole


class _Content(msgspec.Struct):
    """What stands in the file."""

    account: str
    origin: str
    token: str
    note: str = "The token is plain text: whoever reads this file can use it."


class TokenFile:
    """The one file that may hold the token of `account` for `origin`; it says both, and holds for no other."""

    def __init__(self, folder: Path, account: str, origin: str) -> None:
        self._account = account
        self._origin = origin
        host = origin.partition("://")[2].translate(str.maketrans("[]:", "___"))[:_LONGEST_HOST]
        self._folder = folder
        self.path = folder / f"{account}@{host}.json"

    @property
    def shown(self) -> str:
        """Return the file's name as clean text."""
        return shown_path(self.path)

    def read(self) -> Token | None:
        """Return the token, None where there is no file; raise `TokenSourceError` where it can't be trusted."""
        try:
            text = read_bounded(self.path, most_bytes=_MOST_BYTES, check=nobody_else_reads, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnfitFileError as error:
            raise TokenSourceError(f"The remembered token was not used: {error}.") from error
        except OSError as error:
            raise TokenSourceError(f"The remembered token was not read: {self.shown}: {error.strerror}.") from error
        return self._token(text)

    def write(self, token: Token) -> None:
        """Keep the token; raise `TokenStoreError`."""
        content = _Content(account=self._account, origin=self._origin, token=token.reveal())
        try:
            write_private(self.path, msgspec.json.format(msgspec.json.encode(content)) + b"\n")
        except UnfitFileError as error:
            raise TokenStoreError(f"The token was not stored: {error}.") from error
        except OSError as error:
            raise TokenStoreError(f"The token was not stored: {self.shown}: {error.strerror}.") from error

    def remove(self) -> bool:
        """Remove the file and tell whether there was one; raise `TokenStoreError` where it stays."""
        try:
            return remove_file(self.path)
        except OSError as error:
            raise TokenStoreError(f"The token was not removed: {self.shown}: {error.strerror}.") from error

    def others(self) -> list[str]:
        """Return the hosts for which this account's token is remembered in other files."""
        start = f"{self._account}@"
        try:
            names = [path.name for path in self._folder.glob("*@*.json") if path.name.startswith(start)]
        except OSError:
            return []
        return sorted(name.removeprefix(start).removesuffix(".json") for name in names if name != self.path.name)

    def _token(self, text: bytes) -> Token:
        again = f"Remove {self.shown} and log in again."
        try:
            content = msgspec.json.decode(text, type=_Content)
            token = Token(content.token)
        except (msgspec.MsgspecError, UnicodeDecodeError, UnsoundTokenError):
            # Not chained: the lower error could hold a piece of the token.
            raise TokenSourceError(f"The remembered token was not used: the file holds no token. {again}") from None
        if (content.account, content.origin) != (self._account, self._origin):
            raise TokenSourceError(
                f"The remembered token was not used: the file is for another account or service. {again}"
            )
        return token
