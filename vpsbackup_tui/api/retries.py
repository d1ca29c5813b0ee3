"""When a read is tried again, and after which wait: decisions without I/O."""

from email.utils import parsedate_to_datetime
from typing import Final

from vpsbackup_tui.api.errors import (
    NoAnswerError,
    ServerFailedError,
    ServiceError,
    TooManyRequestsError,
    UnreachableError,
)
from vpsbackup_tui.api.patience import LONGEST_ASKED_WAIT

MOST_RETRIES: Final = 2
MOST_SLOW_DOWNS: Final = 6
"""How often a read waits because of too many requests: each page of a long list may have to, more than once."""
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 8.0
_DAY: Final = 86400.0
_PASSING: Final = frozenset({500, 502, 503, 504})


class RetryBudget:
    """A bucket that lets retries add a tenth to the load in the long run, so that a storm isn't fed.

    Who was asked to slow down, and does, adds none: that is how the pace is kept which the service wants.
    """

    _FULL: Final = 10.0
    _EARNED: Final = 0.1

    def __init__(self) -> None:
        self._left = self._FULL

    def spend(self, error: ServiceError) -> bool:
        """Take a retry after an error out of the bucket; return False where none is left."""
        if isinstance(error, TooManyRequestsError):
            return True
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def earn(self) -> None:
        """Put back a part of a retry, for a success."""
        self._left = min(self._FULL, self._left + self._EARNED)


def wait_before_retry(
    error: ServiceError, retries: int, chance: float, longest: float = LONGEST_ASKED_WAIT
) -> float | None:
    """Return how many seconds to wait before a read that met an error is tried again; None where it must not be.

    `retries` is how often it was tried again already after errors of that kind. `chance`
    is a random number from 0 to 1: the wait has full jitter. The service may ask for
    `longest` seconds.
    """
    most = MOST_SLOW_DOWNS if isinstance(error, TooManyRequestsError) else MOST_RETRIES
    if retries >= most or not _may_pass(error):
        return None
    wait = chance * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**retries)
    asked = error.retry_after if isinstance(error, TooManyRequestsError | ServerFailedError) else None
    if asked is None:
        return wait
    return max(asked, wait) if asked <= longest else None


def retry_after_seconds(header: str, now: float) -> float | None:
    """Return how long a `Retry-After` header asks to wait, seen from `now` (Unix seconds).

    None where it is missing, garbage, in the past, or further off than anyone would wait.
    """
    if header.isascii() and header.isdigit():
        seconds = float(header)
    else:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return seconds if 0 <= seconds <= _DAY else None


def _may_pass(error: ServiceError) -> bool:
    """Tell whether the same read may have more luck soon."""
    match error:
        case UnreachableError():
            return error.passing
        case ServerFailedError():
            return error.status in _PASSING
        case _:
            return isinstance(error, NoAnswerError | TooManyRequestsError)
