"""Read JSON that may be anything: bombs, odd numbers, lone surrogates, no JSON at all."""

import json
import math
from typing import Any, Final

from vpsbackup_tui.text import clean

_BOM: Final = "\ufeff"
_LONGEST_NUMBER: Final = 64
_SHOWN: Final = 80


class ShapeError(ValueError):
    """The body isn't what was asked for; the message is clean and says what it is instead."""


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON body; raise `ShapeError` for anything that isn't JSON.

    Numbers that no field can hold (`NaN`, `1e400`, 5,000 digits) come as their text.
    """
    try:
        return json.loads(body.decode().removeprefix(_BOM), parse_int=_whole, parse_float=_fraction, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ShapeError(_what_it_is(body)) from error


def bare(text: str) -> str:
    """Return a text without a byte order mark and white space around it."""
    return text.removeprefix(_BOM).strip()


def looks_like_html(text: str) -> bool:
    """Tell whether a bare text is a page of markup, which is never shown."""
    return text.startswith("<")


def _what_it_is(body: bytes) -> str:
    """Return what a body that isn't JSON seems to be."""
    text = bare(body.decode(errors="replace"))
    if not text:
        return "it is empty"
    if looks_like_html(text):
        return "it is a web page: a proxy or a log-in page of your network may stand in between"
    return f"it isn't JSON, but begins with “{clean(text, _SHOWN)}”"


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits[:_LONGEST_NUMBER] + "…"


def _fraction(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits[:_LONGEST_NUMBER]
