"""What can go wrong between this program and the service.

ServiceError                 every error of a request; `message` is clean and may be shown
├── NotSentError             nothing of the request has left: read-only, bad proxy, bad CA file
│   └── UnreachableError     no connection came about: no name, refused, timed out, no TLS
├── RefusedError             the service answered 4xx: it understood, and did nothing
│   ├── TokenRefusedError    401: the token is missing, wrong or revoked
│   ├── NotFoundError        404 or 410
│   └── TooManyRequestsError 429; carries how long to wait
└── OutcomeUnknownError      sent, and what came back proves nothing
    ├── NoAnswerError        no complete answer: cut, reset, timed out
    ├── ServerFailedError    5xx, 408, 425, 499, and every 4xx that is in no register
    └── UnusableAnswerError  a redirect, no JSON, another shape, too large

For a read all of `OutcomeUnknownError` means "the answer can't be used"; for a change
it means that the change may or may not have been made.
"""


class ServiceError(Exception):
    """A request that brought no usable answer; `message` says why in one clean sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotSentError(ServiceError):
    """Nothing of the request has reached the service: it certainly did nothing."""


class UnreachableError(NotSentError):
    """No connection came about; `passing` tells whether another try may have more luck."""

    def __init__(self, message: str, *, passing: bool = True) -> None:
        super().__init__(message)
        self.passing = passing


class RefusedError(ServiceError):
    """The service refused (4xx) and did nothing; `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TokenRefusedError(RefusedError):
    """The service refused the token itself (401)."""


class NotFoundError(RefusedError):
    """There is no such thing at the service (404, 410)."""


class TooManyRequestsError(RefusedError):
    """The service asks to slow down (429); `retry_after` is in seconds, None where it named no time."""

    def __init__(self, message: str, status: int, retry_after: float | None) -> None:
        super().__init__(message, status)
        self.retry_after = retry_after


class OutcomeUnknownError(ServiceError):
    """The request was sent, and what came back doesn't prove what became of it."""


class NoAnswerError(OutcomeUnknownError):
    """No complete answer came: the connection was cut or reset, or the time was up."""


class ServerFailedError(OutcomeUnknownError):
    """The service or a proxy before it failed; `status` is the HTTP status, `retry_after` in seconds as above."""

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class UnusableAnswerError(OutcomeUnknownError):
    """An answer came that isn't the service's: a redirect, HTML, another shape, too large."""
