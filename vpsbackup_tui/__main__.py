"""The command: arguments, then the one thing asked for."""

import os
import sys

from vpsbackup_tui.start import garbage, skeleton
from vpsbackup_tui.start.signals import let_interrupts_end

_STANDARD_ERROR = 2
_BUG = 70
"""The exit code of a bug, as for the commands."""


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    except SystemExit:
        raise
    except BaseException as error:  # the edge: nothing may leave as a traceback, which could show a token
        return _ended_by(error)


def _run(argv: list[str]) -> int:
    """Show that something happens, and carry the command line out."""
    try:
        skeleton.show(argv)
        garbage.leave()
        from vpsbackup_tui.cli.main import run  # noqa: PLC0415 - there is something to see before, and Ctrl-C may come

        let_interrupts_end()
        return run(argv)
    finally:
        skeleton.remove()


def _ended_by(bug: BaseException) -> int:
    """Tell a bug of the first and last moments; as little as can be where that is what fails."""
    try:
        from vpsbackup_tui.cli.bug import tell_bug  # noqa: PLC0415 - hoped to be needed never

        return tell_bug(bug)
    except BaseException:  # the last edge
        os.write(_STANDARD_ERROR, b"vpsbackup-tui: this is a bug in this program\n")
        return _BUG


if __name__ == "__main__":
    sys.exit(main())
