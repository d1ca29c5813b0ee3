"""A token that can't be printed by accident."""

import re
from typing import NoReturn

_SOUND = re.compile(r"[!-~]{8,4096}", re.ASCII)
_MASK = "***"
_TOKEN_LIKE = re.compile(r"vps_\S+")
_SHORT = 4096  # bytes, which most errors don't reach, and which take no time
_ESCAPED_IN_URLS = re.compile(r"[^A-Za-z0-9._~-]")


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

    def hide(self, data: bytes) -> bytes:
        """Return data from outside with `***` wherever it repeats the token, in small or capital letters.

        Of long data only the usual forms are looked for, of short data any escapes of JSON and URLs.
        """
        small = data.lower()
        if len(data) <= _SHORT or any(form in small for form in _forms(self._text)):
            return _in_any_form(self._text).sub(_MASK.encode(), data)
        return data

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


def without_tokens(text: str) -> str:
    """Return a text with all hidden that looks like a token of the service, for where the token isn't known."""
    return _TOKEN_LIKE.sub(f"vps_{_MASK}", text)


def _forms(text: str) -> list[bytes]:
    """Return how a token is usually written, in small letters: as it is, in JSON and in a URL."""
    in_json = text.replace("\\", "\\\\").replace('"', '\\"')
    in_url = _ESCAPED_IN_URLS.sub(lambda found: f"%{ord(found[0]):02x}", text)
    return [form.lower().encode() for form in (text, in_json, in_json.replace("/", "\\/"), in_url)]


def _in_any_form(text: str) -> re.Pattern[bytes]:
    """Return what matches a token in any way in which JSON or a URL may write each of its characters."""
    ways = (rf"(?:\\u00{ord(char):02x}|%{ord(char):02x}|\\{re.escape(char)}|{re.escape(char)})" for char in text)
    return re.compile("".join(ways).encode(), re.IGNORECASE)
