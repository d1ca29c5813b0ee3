"""Read JSON that may be anything: bombs, odd numbers, lone surrogates, no JSON at all."""

import json
from typing import Any, Final

from vpsbackup_tui.text import clean

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_NUMBER: Final = 64
_SHOWN: Final = 80


class ShapeError(ValueError):
    """The body isn't what was asked for; the message is clean and says what it is instead."""


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON body; raise `ShapeError` for anything that isn't JSON.

    Numbers that no field can hold (`NaN`, `1e400`, 5,000 digits) come as their text.
    """
    try:
        text = body.removeprefix(_BOM).decode("utf-8")
        return json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ShapeError(_what_it_is(body)) from error


def looks_like_html(body: bytes) -> bool:
    """Tell whether a body is a page of markup, which is never shown."""
    return body.removeprefix(_BOM).lstrip()[:1] == b"<"


def _what_it_is(body: bytes) -> str:
    """Return what a body that isn't JSON seems to be."""
    if not body.strip():
        return "it is empty"
    if looks_like_html(body):
        return "it is a web page: a proxy or a log-in page of your network may stand in between"
    return f"it isn't JSON, but begins with “{clean(body[: 4 * _SHOWN].decode('utf-8', 'replace'), _SHOWN)}”"


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits[:_LONGEST_NUMBER] + "…"


def _fraction(digits: str) -> float | str:
    value = float(digits)
    return value if abs(value) < float("inf") else digits[:_LONGEST_NUMBER]
