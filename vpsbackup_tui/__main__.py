"""The command: arguments, then the one thing asked for."""

import sys

from vpsbackup_tui.start import garbage, skeleton
from vpsbackup_tui.start.signals import let_interrupts_end


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        skeleton.show(sys.argv[1:])
        garbage.leave()
        from vpsbackup_tui.cli.main import run  # noqa: PLC0415 - there is something to see before, and Ctrl-C may come

        let_interrupts_end()
        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    finally:
        skeleton.remove()


if __name__ == "__main__":
    sys.exit(main())
