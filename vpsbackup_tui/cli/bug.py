"""The end that nobody foresaw: a bug of this program is told in one line, without anybody's data."""

import sys
import warnings
from contextlib import suppress

from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.cli.output import note
from vpsbackup_tui.text import clean


def tell_bug(error: BaseException) -> int:
    """Say that this program failed, keep a report that holds no data, and return the exit code."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of what it leaves half done Python would speak at the end
    kept = None
    with suppress(Exception):  # as where no file can be opened any more: what fails here, too, is told no better
        from vpsbackup_tui.cli.report import keep_report  # noqa: PLC0415 - hoped to be needed never

        kept = keep_report(error)
    where = f"; a report without any data of yours is in {clean(str(kept), 1024)}" if kept else ""
    note(f"this is a bug in this program ({type(error).__name__}){where}")
    return Exit.BUG
