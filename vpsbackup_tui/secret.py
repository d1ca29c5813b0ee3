"""A token that can't be printed by accident."""

import re
from typing import NoReturn

_SOUND = re.compile(r"[!-~]{8,4096}", re.ASCII)
_MASK = "***"


class UnsoundTokenError(ValueError):
    """The text can't be a token; the message never repeats it."""


class Token:
    """An API token whose every printed form is `***`; only `reveal` gives the text.

    Raises `UnsoundTokenError` unless the text, without white space around it and
    without a leading `Bearer `, is 8 to 4096 printable ASCII characters.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        stripped = text.strip(" \t\r\n\v\f").removeprefix("Bearer ").strip(" ")
        if not _SOUND.fullmatch(stripped):
            raise UnsoundTokenError("This can't be a token: a token is 8 to 4096 plain characters without spaces.")
        self._text = stripped

    def reveal(self) -> str:
        """Return the token itself, for the one place that needs it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        import hmac  # noqa: PLC0415 - it brings all of hashlib, and hardly anything compares tokens

        return isinstance(other, Token) and hmac.compare_digest(self._text, other._text)

    def __hash__(self) -> int:
        return hash((Token, self._text))

    def __repr__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token can't be pickled or copied.")
