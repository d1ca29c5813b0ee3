"""What is sent to ask a terminal for its widths, and what its answers mean. Pure."""

from collections.abc import Sequence

from vpsbackup_tui.ui.widths.kinds import SAMPLES, Widths

ANSWERS = len(SAMPLES)
ROOM = 10
"""The columns that the question needs."""
_WHERE = "\x1b[6n"  # where is the cursor?
_HIDDEN = "\x1b[8m"


def question(line: int, draw_line: str) -> str:
    """Return what asks on a line (from 0), seen by nobody: what was on it is drawn again in the same breath."""
    asked = "".join(f"\r{sample.before}{sample.letters}{_WHERE}" for sample in SAMPLES.values())
    return f"\x1b7\x1b[{line + 1}H{_HIDDEN}{asked}\x1b[m{draw_line}\x1b8"


def read_answers(columns: Sequence[int]) -> Widths | None:
    """Return what the columns (from 0) of the cursor after each sample mean; None where they can't be meant."""
    if len(columns) != ANSWERS or not all(0 <= column < ROOM for column in columns):
        return None
    widths = Widths()
    for (kind, sample), column in zip(SAMPLES.items(), columns, strict=True):
        before = getattr(widths, sample.before_kind) if sample.before_kind else len(sample.before)
        cells, rest = divmod(column - before, len(sample.letters))
        if cells in sample.may_take and not rest:
            widths = widths._replace(**{kind: cells})
    return widths
