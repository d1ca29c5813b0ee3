"""The verb `completion`: a script that teaches a shell this command line."""

import argparse

from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.cli.output import say
from vpsbackup_tui.cli.parser import build_parser


def completion(arguments: argparse.Namespace) -> int:
    """Print the completion script for a shell."""
    import shtab  # noqa: PLC0415 - 60 ms that no other verb needs

    say(shtab.complete(build_parser(), shell=arguments.shell))
    return Exit.DONE
