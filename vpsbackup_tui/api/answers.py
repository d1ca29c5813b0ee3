"""What an HTTP status means, and what an error body says, in clean words."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from vpsbackup_tui.api.errors import (
    NotFoundError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TokenRefusedError,
    TooManyRequestsError,
    UnusableAnswerError,
)
from vpsbackup_tui.api.json_text import ShapeError, bare, looks_like_html, parse_json
from vpsbackup_tui.text import clean, quoted

_LONGEST: Final = 200
_MOST_PARTS: Final = 5
_DEEPEST: Final = 4
_ENDS: Final = (".", "!", "?", "…", "。")

# The client errors of IANA's register of HTTP status codes, but for two that leave open what became of
# the request: 408 (the time was up) and 425 (too early).
_REFUSALS: Final = frozenset({*range(400, 419), *range(421, 427), 428, 429, 431, 451}) - {408, 425}

_OWN_WORDS: Final = {
    400: "it can't use what was sent.",
    401: "the token may be mistyped, expired or revoked.",
    403: "this token may not do that.",
    404: "there is no such thing.",
    405: "it doesn't offer this.",
    409: "something else that is under way forbids it.",
    410: "it is gone.",
    423: "it is locked by something else.",
    429: "too many requests.",
    502: "what stands before the service got no answer from it.",
    503: "it is out of service for now.",
    504: "what stands before the service got no answer from it in time.",
}
# Where DRF and comparable frameworks put what they have to say of the whole request, best first.
_WHOLE: Final = ("detail", "message", "error", "title", "reason")
_FIELD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# What an answer may say of itself, and the words that deny it there. `_DEEDS` and `_STATES` of an answer that
# holds a backup are the backup's own.
_NO: Final = frozenset({"false", "no", "0"})
_FLAGS: Final = dict.fromkeys(("success", "ok", "accepted"), _NO)
_DEEDS: Final = dict.fromkeys(("started", "restored"), _NO)
_FAILED: Final = frozenset(
    {
        *("false", "no", "fail", "failed", "failure", "error", "errored", "cancelled", "canceled", "aborted"),
        *("rejected", "refused", "denied", "declined", "not started", "not_started", "skipped"),
    }
)
_STATES: Final = dict.fromkeys(("status", "state", "result"), _FAILED)
_UNNAMED: Final = ("non_field_errors", "errors", "__all__")


def error_of(status: int, body: bytes, host: str, *, retry_after: float | None = None) -> ServiceError:
    """Return the error that an answer other than 2xx and 3xx stands for.

    A 4xx that is in the register of HTTP statuses is a refusal, but for 408 and 425. One
    that isn't can come from any proxy on the way, and proves no more than a 5xx.
    """
    heard = said(body)
    words = quoted(heard) if heard else _OWN_WORDS.get(status)
    if status == 401:
        return TokenRefusedError(_told(host, "refused the token", status, words), status)
    if status == 429:
        wait = f" Wait {retry_after:.0f} s." if retry_after else ""
        return TooManyRequestsError(_told(host, "refused", status, words) + wait, status, retry_after)
    if status in _REFUSALS:
        kind = NotFoundError if status in (404, 410) else RefusedError
        return kind(_told(host, "refused", status, words), status)
    if status // 100 in (4, 5):
        return ServerFailedError(_told(host, "failed", status, words), status, retry_after)
    return UnusableAnswerError(f"{host} answered with a status that means nothing here ({status}).")


def redirect_error(status: int, location: str, host: str) -> UnusableAnswerError:
    """Return the error for a redirect, which is never followed: the token stays here."""
    where = "elsewhere"
    with suppress(ValueError):
        if target := urlsplit(location).hostname:
            where = f"to {clean(target, 100)}"
    advice = "Check the base URL; a log-in page of your network may also stand in between."
    return UnusableAnswerError(f"{host} redirects {where} ({status}), which is not followed. {advice}")


def said(body: bytes) -> str:
    """Return what an error body says, in at most 200 clean characters; "" where it says nothing fit to show."""
    try:
        words = _words(parse_json(body))
    except ShapeError:
        words = _words(body.decode(errors="replace"))
    return _sentence(words)


def accepted_words(body: bytes) -> str:
    """Return the clean sentence of an answer that accepts something, "" where it has none.

    Raises `ShapeError` for what isn't JSON, such as a web page, and for what speaks of an error or denies itself.
    """
    if not body.strip():
        return ""
    value = parse_json(body)
    _check(value, _FLAGS | _DEEDS | _STATES)
    if not isinstance(value, dict):
        return ""
    return _sentence(_words(value)) if any(key in value for key in _WHOLE) else ""


def refuse_denial(body: bytes) -> None:
    """Raise `ShapeError` for an answer that holds a backup and speaks of an error, or denies itself."""
    _check(parse_json(body), _FLAGS)


def refuse_words(body: bytes) -> None:
    """Raise `ShapeError` for an answer that says something where nothing is to be said."""
    if body.strip():
        heard = said(body)
        raise ShapeError(f"nothing was to be said, but it says: {quoted(heard) if heard else 'a web page'}")


def _check(value: Any, denials: Mapping[str, frozenset[str]]) -> None:
    """Raise `ShapeError` for an answer of which a part speaks of an error, or has a word that denies it."""
    if any(_denies(part, denials) for part in (value if isinstance(value, list) else [value])):
        heard = _sentence(_words(value))
        raise ShapeError("it accepts and speaks of an error" + (f": {quoted(heard)}" if heard else ""))


def _denies(part: Any, denials: Mapping[str, frozenset[str]]) -> bool:
    if not isinstance(part, dict):
        return _word(part) in _FAILED
    return bool(part.get("error") or part.get("errors")) or any(
        _word(part.get(key)) in words for key, words in denials.items()
    )


def _word(value: Any) -> str:
    """Return a text, a number or a yes or no in small letters; "" for all else, which may be a thousand deep."""
    return str(value).strip().lower() if isinstance(value, str | int) else ""


def _words(value: Any, depth: int = 0) -> str:
    """Return the words somewhere in an error body of any shape."""
    if isinstance(value, str):
        text = bare(value)
        return "" if looks_like_html(text) else text[:_LONGEST]
    if depth >= _DEEPEST:
        return ""
    if isinstance(value, list):
        return " ".join(filter(None, (_words(each, depth + 1) for each in value[:_MOST_PARTS])))
    if isinstance(value, dict):
        return _words_of_object(value, depth)
    return ""


def _words_of_object(value: dict[str, Any], depth: int) -> str:
    """Return the words for the whole request, else those for each field under its name."""
    for key in _WHOLE:
        words = _words(value.get(key), depth + 1)
        if words:
            return words
    parts = []
    for key, inner in list(value.items())[:_MOST_PARTS]:
        words = _words(inner, depth + 1)
        if words:
            is_field = key not in _UNNAMED and _FIELD.fullmatch(key)
            parts.append(f"{key}: {words}" if is_field else words)
    return " ".join(parts)


def _told(host: str, verb: str, status: int, words: str | None) -> str:
    return f"{host} {verb} ({status}): {words}" if words else f"{host} {verb} ({status})."


def _sentence(words: str) -> str:
    """Return words as one clean sentence with an end."""
    shown = clean(words, _LONGEST - 1)
    return shown if not shown or shown.endswith(_ENDS) else shown + "."
