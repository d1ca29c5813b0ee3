"""The command: arguments, then the one thing asked for."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        from vpsbackup_tui.cli.main import run  # noqa: PLC0415 - Ctrl-C may come while it is imported

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
