"""Text laid out by the widths of some terminal, and by Rich's own again."""

from collections.abc import Iterator
from contextlib import contextmanager

from vpsbackup_tui.ui.widths.kinds import Widths
from vpsbackup_tui.ui.widths.tables import lay_out_by

RICHS = Widths(spacing_marks=0, tones=0)
"""The widths that Rich takes."""


@contextmanager
def laid_out_by(widths: Widths) -> Iterator[None]:
    """Lay out all text by these widths for a while."""
    lay_out_by(widths)
    try:
        yield
    finally:
        lay_out_by(RICHS)
