"""Open an account for a verb, with a loop to work on it and its token at hand."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from vpsbackup_tui.accounts.errors import TokenSourceError
from vpsbackup_tui.accounts.settings import Settings
from vpsbackup_tui.accounts.tokens import Lookup
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.cli.opening import session_of
from vpsbackup_tui.cli.output import is_terminal, note
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.session import Session


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Work]:
    """Yield the account with a loop to work on it, not connected; raise `CommandError` as `session_of` does.

    At the end, whatever it is, it is told what the operator must know of the journal.
    """
    with session_of(arguments) as session, Work(session) as work:
        try:
            yield work
        finally:
            tell_notice(session)


@contextmanager
def connected(arguments: argparse.Namespace) -> Iterator[Work]:
    """Yield the account with its token at hand; raise `CommandError` where there is none."""
    with opened(arguments) as work:
        connect(work, verbose=arguments.verbose)
        yield work


def tell_notice(session: Session, *, to_who_changes: bool = False) -> bool:
    """Tell, once, what the operator must know of the journal; tell whether that was anything.

    Later commands tell it again until it was told on a terminal, or to somebody whose change was refused for it.
    """
    notice = session.take_notice()
    if notice and note(notice) and (to_who_changes or is_terminal(sys.stderr)):
        session.told()
    return bool(notice)


def connect(work: Work, *, verbose: bool = False) -> Lookup:
    """Give the account its token and return where it was; raise `CommandError` where there is none."""
    settings = work.session.settings
    lookup = find_token(work)
    if lookup.token is None:
        raise CommandError(_no_token(settings, lookup), Exit.NO_TOKEN)
    if verbose:
        note(f"account {settings.account} at {settings.base_url}; token from {lookup.where}")
    work.session.connect(lookup.token)
    return lookup


def find_token(work: Work) -> Lookup:
    """Return where the token is; raise `CommandError` where the operator must mend something first."""
    try:
        return work.run(work.session.find_token())
    except TokenSourceError as error:
        raise CommandError(error.message, Exit.NO_TOKEN) from error


def _no_token(settings: Settings, lookup: Lookup) -> str:
    problem = f" {lookup.problem}" if lookup.problem else ""
    return (
        f"there is no token for account {settings.account} at {settings.origin}.{problem}\n"
        f"Run `{PROGRAM} login`, or set VPS_API_TOKEN. To look around without one: `{PROGRAM} --demo`."
    )
