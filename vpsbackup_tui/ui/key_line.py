"""The bottom line: the keys that matter, dimmed where they can't do anything now."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.events import Resize

from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run


class KeyHint(NamedTuple):
    """A key, what it does, and whether it can now."""

    key: str
    label: str
    possible: bool


class KeyLine(Line):
    """Show as many hints from the left as fit whole, and those that must be there at the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: Sequence[KeyHint] = ()
        self._end: Sequence[KeyHint] = ()

    def show(self, hints: Sequence[KeyHint], end: Sequence[KeyHint]) -> None:
        """Show these hints."""
        if (hints, end) != (self._hints, self._end):
            self._hints, self._end = hints, end
            self._fit()

    def on_resize(self, _event: Resize) -> None:
        """Show as many as there is room for now."""
        self._fit()

    def _fit(self) -> None:
        right = [run for hint in self._end for run in _runs(hint)]
        room = self.size.width - _cells(right)
        left: list[Run] = []
        for hint in self._hints:
            if _cells([*left, *_runs(hint)]) > room:
                break
            left += _runs(hint)
        self.write(left, right)


def _cells(runs: Sequence[Run]) -> int:
    return sum(width(text) for _, text in runs)


def _runs(hint: KeyHint) -> list[Run]:
    if hint.possible:
        return [("title", f" {hint.key}"), ("", f" {hint.label} ")]
    return [("quiet", f" ({hint.key} {hint.label}) ")]
