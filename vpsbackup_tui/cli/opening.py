"""Open the account that the options and the environment name, or the embedded demo."""

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace
from platformdirs import user_state_path

from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.accounts.settings import Settings, load_settings
from vpsbackup_tui.accounts.tokens import VARIABLE, Tokens
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.session import Session


@contextmanager
def session_of(arguments: argparse.Namespace) -> Iterator[Session]:
    """Yield the account, not connected; raise `CommandError` where the settings are wrong."""
    with ExitStack() as stack:
        yield _demo_session(arguments, stack) if arguments.demo else _session(arguments)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings in force; raise `CommandError` where they are wrong."""
    if arguments.config == "":  # a variable that isn't set: the usual file may say the opposite
        raise CommandError("--config names no file", Exit.USAGE)
    try:
        return load_settings(
            config_file=Path(arguments.config) if arguments.config else None,
            account=arguments.account,
            base_url=arguments.base_url,
            read_only=arguments.read_only,
            no_input=arguments.no_input,
            environ=os.environ,
        )
    except ConfigError as error:
        raise CommandError(error.message, Exit.USAGE) from error


def _session(arguments: argparse.Namespace) -> Session:
    settings = settings_of(arguments)
    return Session(settings, Tokens(settings, os.environ), keep_journal=not arguments.no_journal, keep_lists=True)


def _demo_session(arguments: argparse.Namespace, stack: ExitStack) -> Session:
    """Return a session on a fresh embedded service, without a journal, and with the settings of `--config` only."""
    from vpsbackup_tui.demo import DemoService  # noqa: PLC0415 - only the demo pays for it

    folder = Path(stack.enter_context(TemporaryDirectory(prefix=f"{PROGRAM}-demo-")))
    usual = Settings(
        read_only=arguments.read_only,
        no_input=arguments.no_input,
        config_file=folder / "config.toml",
        config_dir=folder,
        state_dir=user_state_path(PROGRAM, appauthor=False),  # for the report of a bug only
    )
    settings = usual if arguments.config is None else settings_of(arguments)
    demo = stack.enter_context(DemoService())
    settings = replace(
        settings, account="demo", base_url=demo.url, account_url=demo.url, token_command=(), config_dir=folder
    )
    return Session(settings, Tokens(settings, {VARIABLE: demo.token}), keep_journal=False)
