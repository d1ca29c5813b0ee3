"""The bottom line: the keys that matter, dimmed where they can't do anything now."""

from collections.abc import Sequence
from typing import NamedTuple

from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run


class KeyHint(NamedTuple):
    """A key, what it does, and whether it can now."""

    key: str
    label: str
    possible: bool


class KeyLine(Line):
    """Show hints from the left, and those that must not be cut at the right."""

    def show(self, hints: Sequence[KeyHint], end: Sequence[KeyHint]) -> None:
        """Show these hints."""
        self.write([run for hint in hints for run in _runs(hint)], [run for hint in end for run in _runs(hint)])


def _runs(hint: KeyHint) -> list[Run]:
    if hint.possible:
        return [("title", f" {hint.key}"), ("", f" {hint.label} ")]
    return [("quiet", f" ({hint.key} {hint.label}) ")]
