"""Faults that a test switches on: what the service does wrong, to which requests, how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Literal


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong with the requests it matches.

    Without `method` and `path` it matches every request; `path` is a part of the path
    with its query. It skips `after` matching requests, then strikes `times` of them
    (None: all); `struck` counts. What it does:

    - `delay`: wait that many seconds first (goes together with everything else)
    - `until`: wait first until this is set (goes together with everything else)
    - `status`, `body`: answer so and change nothing; `body` may be JSON or raw bytes
    - `headers`: add them to the answer, whatever it is
    - `cut`: close the connection "before" the change is made, "after" it, or in the middle of the "body"
    - `raw`: send these bytes in place of an HTTP answer; the change is made
    - `answer`: make these bytes or this JSON the body of the request's own answer; the change is made
    - `huge`: answer with a body of that many bytes; the change is made
    - `drip`: send the body in eight pieces, each after that many seconds
    - `hold`: make the change, and answer nothing until the service stops
    """

    method: str = ""
    path: str = ""
    after: int = 0
    times: int | None = 1
    delay: float = 0.0
    until: Event | None = None
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: Literal["", "before", "after", "body"] = ""
    raw: bytes | None = None
    answer: Any = None
    huge: int = 0
    drip: float = 0.0
    hold: bool = False
    struck: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether a request is struck, and count it."""
        if self.method not in ("", method) or self.path not in path:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults that are switched on; safe to change while requests run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on and return it; of several that match, the one added first strikes."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes a request; None where none does."""
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(method, path)), None)
