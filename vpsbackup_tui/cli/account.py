"""The verbs `login`, `logout` and `whoami`: whose token is used, and where it is kept."""

import argparse
import getpass
import os
import sys

from vpsbackup_tui.accounts.errors import TokenStoreError
from vpsbackup_tui.accounts.tokens import VARIABLE, Place
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.cli.ask import ask, can_ask, forget_typed_ahead
from vpsbackup_tui.cli.connecting import connect, opened
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import is_terminal, mutter, note, print_json, say
from vpsbackup_tui.cli.progress import Progress
from vpsbackup_tui.cli.verdicts import code_of_error, command_error
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.fleet.formats import NOTHING
from vpsbackup_tui.fleet.models import Account
from vpsbackup_tui.secret import Token, UnsoundTokenError
from vpsbackup_tui.start.signals import SignalledError, interruptible

_MOST_READ = 16_384
_INTERACTIVE_PATIENCE = 60.0  # seconds: somebody may have to unlock the keyring


def login(arguments: argparse.Namespace) -> int:
    """Test a token, then keep it and say where."""
    shadowed = VARIABLE in os.environ and not arguments.demo
    with opened(arguments) as work:
        settings = work.session.settings
        token = _given_token(arguments, f"Token for {settings.account} at {settings.origin} (not shown): ")
        account = _checked(work, token)
        note(f"the token is good: {_whose(account)}")
        if arguments.demo:
            note("this is the demo: nothing is kept")
            return Exit.DONE
        where = _store(work, token, arguments)
        _forget_lists(work)  # the token may be of another account at the service
    note(f"the token is kept in {where}" if where else "the token is not kept")
    if shadowed:
        note(f"{VARIABLE} is set, and comes first")
    elif settings.token_command and where:
        note(f"the token_command of account {settings.account} comes first")
    return Exit.DONE


def logout(arguments: argparse.Namespace) -> int:
    """Forget the kept token of the account and say what was removed."""
    shadowed = VARIABLE in os.environ and not arguments.demo
    with opened(arguments) as work:
        if arguments.demo:
            note("this is the demo: nothing is kept, and nothing was removed")
            return Exit.DONE
        settings = work.session.settings
        _forget_lists(work)
        try:
            removed = work.run(work.session.tokens.forget())
        except TokenStoreError as error:
            raise CommandError(error.message, Exit.FAILED) from error
    whose = f"for {settings.account} at {settings.origin}"
    note(f"removed the token {whose} from {', '.join(removed)}" if removed else f"no token was kept {whose}")
    if shadowed:
        note(f"{VARIABLE} is set, and still gives a token")
    return Exit.DONE


def whoami(arguments: argparse.Namespace) -> int:
    """Print whose token is in use, and where it comes from."""
    with opened(arguments) as work:
        source = connect(work, verbose=arguments.verbose)
        try:
            account = work.run(work.session.account())
        except ServiceError as error:
            raise command_error(error) from error
        settings = work.session.settings
    facts: dict[str, object] = {
        "account": settings.account,
        "base_url": settings.base_url,
        "email": account.email,
        "name": account.name,
        "company": account.company,
        "token_name": account.token_name,
        "permissions": list(account.permissions),
        "token_source": source.source.value,
    }
    if arguments.json:
        print_json(facts)
        return Exit.DONE
    facts["permissions"] = ", ".join(account.permissions)
    facts["token_source"] = source.where
    for name, value in facts.items():
        say(f"{name.replace('_', ' ').replace('base url', 'service').capitalize():<14}{value or NOTHING}")
    return Exit.DONE


def _forget_lists(work: Work) -> None:
    """Remove the lists as they were last seen."""
    if work.session.kept_lists is not None:
        work.session.kept_lists.forget()


def _given_token(arguments: argparse.Namespace, question: str) -> Token:
    """Return the token from standard input or, hidden, from the terminal; raise `CommandError` where it is none."""
    try:
        if arguments.token_stdin:
            return Token(_piped_token())
        if not can_ask(arguments):
            raise CommandError("nobody can be asked here: give the token with --token-stdin", Exit.USAGE)
        forget_typed_ahead()
        with interruptible(by_earlier=True):
            return Token(_hidden(question))
    except EOFError:
        raise CommandError("no token was given", Exit.NO_TOKEN) from None
    except UnsoundTokenError as error:
        raise CommandError(str(error), Exit.NO_TOKEN) from None
    except UnicodeDecodeError:  # not chained: it holds what was read
        raise CommandError("what came on standard input is no token", Exit.NO_TOKEN) from None


def _hidden(question: str) -> str:
    """Return what is typed where nobody sees it; raise `EOFError` where nothing is."""
    try:
        return getpass.getpass(question)
    except SignalledError:  # what is said next starts a line of its own
        mutter("\n")
        raise


def _piped_token() -> str:
    if sys.stdin is None:
        raise CommandError("there is no standard input to read the token from", Exit.USAGE)
    if is_terminal(sys.stdin):
        raise CommandError("--token-stdin reads from a pipe or a file; here, everybody could see the token", Exit.USAGE)
    with interruptible(by_earlier=True):
        return sys.stdin.read(_MOST_READ)


def _checked(work: Work, token: Token) -> Account:
    """Return whose token it is; raise `CommandError` where the service doesn't take it."""
    try:
        return work.run(work.session.check(token))
    except ServiceError as error:
        raise CommandError(f"{error.message} Nothing was stored.", code_of_error(error)) from error


def _store(work: Work, token: Token, arguments: argparse.Namespace) -> str:
    """Keep the token and return where in words, an empty text where it isn't kept; raise `CommandError`."""
    place = Place(arguments.store or Place.KEYRING)
    try:
        return _save(work, token, place, arguments)
    except TokenStoreError as error:
        if arguments.store or not can_ask(arguments):
            hint = "" if arguments.store else " To keep it in a plain file instead: --store file."
            raise CommandError(error.message + hint, Exit.FAILED) from error
        note(error.message)
    answer = ask("Keep it in a file that only you can read, in plain text? [y/N] ")
    if answer.casefold() not in ("y", "yes"):
        return ""
    try:
        return _save(work, token, Place.FILE, arguments)
    except TokenStoreError as error:
        raise CommandError(error.message, Exit.FAILED) from error


def _save(work: Work, token: Token, place: Place, arguments: argparse.Namespace) -> str:
    if place is Place.NONE:
        return ""
    tokens = work.session.tokens
    if not can_ask(arguments):
        return work.run(tokens.save(token, place))

    async def save_patiently() -> str:
        async with Progress("waiting for the keyring: it may have to be unlocked"):
            return await tokens.save(token, place, patience=_INTERACTIVE_PATIENCE)

    return work.run(save_patiently())


def _whose(account: Account) -> str:
    who = " · ".join(filter(None, (account.email, account.company)))
    return who or "the service does not say whose it is"
