"""Answers of the embedded service, in the manner of Django REST Framework.

The framework is known from the vendor's clients; what it puts into errors is inferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, a JSON payload or raw bytes (None: no body), and headers."""

    status: int
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """A request that is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> RefusalError:
    """Return an error about the request as a whole."""
    return RefusalError(Answer(status, {"detail": detail}, headers or {}))


def not_found() -> RefusalError:
    """Return the error for what isn't there."""
    return refusal(404, "Not found.")


def invalid(name: str, complaint: str) -> RefusalError:
    """Return the error for a field or a filter with a bad value."""
    return RefusalError(Answer(400, {name: [complaint]}))
