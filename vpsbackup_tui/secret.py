"""A token that can't be printed by accident."""

import re
from typing import NoReturn
from weakref import WeakValueDictionary

_LEAST = 8  # characters
_SOUND = re.compile(rf"[!-~]{{{_LEAST},4096}}", re.ASCII)
_BEGIN = "vps_"
_SHOWN = "***"
_MASK = _SHOWN.encode()
_TOKEN_LIKE = re.compile(r"vps_\S+")
# Names may begin like a token, too. They are made of pieces as people make them, a random text hardly ever is:
# short ones, `ProductionWebEastV2`, `GMBH1`, `10gb`, `k8snode1a`.
_TOKEN_OR_NAME = re.compile(r"vps_([\w+/=.~-]{16,})[^\s\"'“”]*", re.ASCII)
_BETWEEN_PIECES = re.compile(r"[_+/=.~-]")
_PIECE = re.compile(
    r"[A-Za-z0-9]{0,4}|[A-Z]?[a-z]+(?:[A-Z][a-z]{2,}){0,3}[A-Z]?[0-9]*|[A-Z]+[0-9]*"
    r"|[0-9]+(?:[a-z]{1,4}|T[0-9]+)?|(?:[a-z]+[0-9]{1,2}){1,2}[a-z]{0,4}"
)
_SHORT_ESCAPES = '"\\/'
"""The printable characters before which JSON may put a backslash."""


class UnsoundTokenError(ValueError):
    """The text can't be a token; the message never repeats it."""


class Token:
    """An API token whose every printed form is `***`; only `reveal` gives the text.

    Raises `UnsoundTokenError` unless the text, without white space around it and
    without a leading `Bearer `, is 8 to 4096 printable ASCII characters.
    """

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        stripped = text.strip(" \t\r\n\v\f").removeprefix("Bearer ").strip(" ")
        if not _SOUND.fullmatch(stripped):
            raise UnsoundTokenError("This can't be a token: a token is 8 to 4096 plain characters without spaces.")
        self._text = stripped
        _in_use[id(self)] = self  # another one may be equal, and go before

    def reveal(self) -> str:
        """Return the token itself, for the one place that needs it."""
        return self._text

    def hide(self, data: bytes) -> bytes:
        """Return data from outside with `***` wherever it repeats the token, in small or capital letters.

        Each character may be written as it is, or in any escape of JSON or of URLs. What is JSON stays JSON.
        """
        small = data.lower()
        if self._text.lower().encode() not in small and not _is_escaped(self._text, small):
            return data
        if _is_json(data):
            return _in_json(self._text).sub(lambda found: _MASK if found["token"] else found[0], data)
        return _in_any_text(self._text).sub(_MASK, data)

    def is_repeated(self, text: str) -> bool:
        """Tell whether a text holds this token, or what makes it one of its own, in small or capital letters."""
        return self._own_part in text.lower()

    def hide_in(self, text: str) -> str:
        """Return a text with `***` wherever it repeats the token, or what makes it one of its own."""
        return re.sub(re.escape(self._own_part), _SHOWN, text, flags=re.IGNORECASE)

    @property
    def _own_part(self) -> str:
        """Return what the token doesn't have in common with others of the service, in small letters."""
        own = self._text.lower().removeprefix(_BEGIN)
        return own if len(own) >= _LEAST else self._text.lower()

    def __eq__(self, other: object) -> bool:
        import hmac  # noqa: PLC0415 - it brings all of hashlib, and hardly anything compares tokens

        return isinstance(other, Token) and hmac.compare_digest(self._text, other._text)

    def __hash__(self) -> int:
        return hash((Token, self._text))

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token can't be pickled or copied.")


_in_use: WeakValueDictionary[int, Token] = WeakValueDictionary()
"""The tokens that this process has, for as long as it has them."""


def without_tokens(text: str) -> str:
    """Return a text with all hidden that is a token in use, or looks like one of the service."""
    return _TOKEN_LIKE.sub(f"vps_{_SHOWN}", _without_used(text))


def without_sure_tokens(text: str) -> str:
    """Return a text with all hidden that is a token in use or can hardly be anything but one; names stay."""
    return _TOKEN_OR_NAME.sub(lambda found: f"vps_{_SHOWN}" if _is_token(found) else found[0], _without_used(text))


def holds_token(text: str) -> bool:
    """Tell whether a text holds a token in use, or what can hardly be anything but one of the service."""
    return holds_used_token(text) or any(map(_is_token, _TOKEN_OR_NAME.finditer(text)))


def holds_used_token(text: str) -> bool:
    """Tell whether a text holds a token in use; what only looks like one may be a name."""
    return any(token.is_repeated(text) for token in _used())


def _without_used(text: str) -> str:
    for token in _used():
        text = token.hide_in(text)
    return text


def _used() -> list[Token]:
    """Return the tokens in use, taken at once: another thread may find one meanwhile."""
    return [token for token in (kept() for kept in _in_use.valuerefs()) if token]


def _is_token(found: re.Match[str]) -> bool:
    return not all(_PIECE.fullmatch(piece) for piece in _BETWEEN_PIECES.split(found[1]))


def _is_escaped(text: str, small: bytes) -> bool:
    """Tell whether data, in small letters, has an escape that may stand for a character of a token."""
    if b"\\" not in small and b"%" not in small:
        return False
    codes = {code for char in text for code in _codes(char)}
    high = {code[0]: "".join(each[1] for each in codes if each[0] == code[0]) for code in codes}
    code = "|".join(f"{digit}[{digits}]" for digit, digits in high.items())
    short = "".join(re.escape(char) for char in _SHORT_ESCAPES if char in text)
    looked_for = [rf"\\u00(?:{code})", rf"%(?:{code})", *([rf"\\[{short}]"] if short else [])]
    return any(re.search(each.encode(), small) for each in looked_for)


def _is_json(data: bytes) -> bool:
    import json  # noqa: PLC0415 - 3 ms that `--help` doesn't need, which hides nothing

    try:
        json.loads(data, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _in_json(text: str) -> re.Pattern[bytes]:
    """Return what matches a token in JSON, and any other escape: so no match begins or ends within one."""
    return re.compile(_written(text, never_bare='"\\') + rb"|\\(?:u[0-9a-f]{4}|.)", re.IGNORECASE)


def _in_any_text(text: str) -> re.Pattern[bytes]:
    """Return what matches a token in a text that may be anything."""
    return re.compile(_written(text, never_bare=""), re.IGNORECASE)


def _written(text: str, never_bare: str) -> bytes:
    """Return the pattern of a token in any way in which JSON or a URL may write each of its characters."""
    ways = []
    for char in text:
        codes, bare = "|".join(_codes(char)), re.escape(char)
        short = [rf"\\{bare}"] if char in _SHORT_ESCAPES else []
        itself = [] if char in never_bare else [bare]
        ways.append("|".join([rf"(?:\\u00|%)(?:{codes})", *short, *itself]))
    return f"(?P<token>{''.join(f'(?:{way})' for way in ways)})".encode()


def _codes(char: str) -> set[str]:
    """Return the code of a letter in either case, in hexadecimal digits."""
    return {f"{ord(case):02x}" for case in (char.lower(), char.upper())}
