"""Faults that a test switches on: what the service does wrong, to which requests, how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong with the requests it matches.

    Without `method` and `path` it matches every request; `path` is a part of the path
    with its query. It skips `after` matching requests, then strikes `times` of them
    (None: all). What it does:

    - `delay`: wait that many seconds first (may go together with everything else)
    - `status`, `body`, `headers`: answer so and change nothing; `body` may be JSON or raw bytes
    - `cut`: close the connection "before" the change is made, "after" it, or in the middle of the "body"
    - `raw`: send these bytes in place of an HTTP answer; the change is made
    - `answer`: change the request's own answer into this JSON or these bytes; the change is made
    - `huge`: answer with a body of that many bytes
    - `hold`: make the change, and answer nothing until the service stops
    """

    method: str = ""
    path: str = ""
    after: int = 0
    times: int | None = 1
    delay: float = 0.0
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: str = ""
    raw: bytes | None = None
    answer: Any = None
    huge: int = 0
    hold: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Tell whether this fault is meant for a request."""
        return self.method in ("", method) and self.path in path


class Faults:
    """The faults that are switched on; safe to change while requests run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on; those switched on first strike first."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes a request, counted as used; None where none does."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method, path):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.times is None:
                    return fault
                if fault.times > 0:
                    fault.times -= 1
                    return fault
        return None
