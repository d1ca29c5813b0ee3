"""The command: arguments, then the one thing asked for."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from vpsbackup_tui.cli.main import run  # noqa: PLC0415 - keeps this entry point free of cost

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
