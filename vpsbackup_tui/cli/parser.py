"""The command line's grammar: global options before or after a verb, and words that help when it is wrong."""

import argparse
import re
from typing import Any, NoReturn

from vpsbackup_tui import __version__
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.cli.output import say
from vpsbackup_tui.cli.verbs import VERBS
from vpsbackup_tui.secret import without_tokens
from vpsbackup_tui.start import skeleton
from vpsbackup_tui.text import clean

_DESCRIPTION = "See, make, restore and delete the backups of your VPS.org servers. Without a verb: the screen."
_EPILOG = """\
exit codes:
  0 done   1 failed   2 usage or configuration   3 no token, or it was refused
  4 the service can't be reached or understood; nothing was changed
  5 a change was sent and its outcome is not known
  6 refused by the service or by a guard, or not confirmed; nothing was changed
  70 a bug in this program   128+n ended by signal n

environment:
  VPS_API_TOKEN, VPS_API_URL, VPSBACKUP_ACCOUNT, VPSBACKUP_READ_ONLY, NO_COLOR, SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY

No option takes a token: use `login`, `login --token-stdin` or VPS_API_TOKEN.
"""
_LONGEST_WORD = max(len(verb.name) for verb in VERBS) + len("--")
# A token may have come where a word belongs: nothing that is long, or of letters and digits, is repeated.
_HARMLESS = re.compile(rf"(?=.{{1,{_LONGEST_WORD}}}$)(?:[A-Za-z-]+|[0-9]+)", re.ASCII)
_VALUE_OF_A_SWITCH = re.compile(r"ignored explicit argument .*", re.DOTALL)
_GLOBALS: dict[str, Any] = {
    "account": None,
    "base_url": None,
    "config": None,
    "read_only": False,
    "no_journal": False,
    "demo": False,
    "no_input": False,
    "no_color": False,
    "verbose": False,
}


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `CommandError` and suggests what may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Raise `CommandError`; what looks like a token is not repeated."""
        message = _VALUE_OF_A_SWITCH.sub("takes no value.", message)
        shown = clean(without_tokens(message), 400)
        raise CommandError(f"{shown}\nTry `{self.prog} --help`.", Exit.USAGE)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or the version as everything is printed: what can't be written is told."""
        say(message.removesuffix("\n"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that isn't one of the choices, and name a near one."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        what = "verb" if action.dest == "verb" else "value"
        hint = _nearest(str(value), choices) or f" It must be one of: {', '.join(choices)}."
        raise argparse.ArgumentError(None if what == "verb" else action, f"unknown {what}{_repeated(value)}.{hint}")

    def refuse_extras(self, extras: list[str]) -> NoReturn:
        """Raise `CommandError` for arguments that nothing takes, without repeating values."""
        first = next((extra for extra in extras if extra.startswith("-")), None)
        if first is None:
            self.error(f"unexpected argument{_repeated(extras[0])}.")
        option = first.partition("=")[0]
        if option.startswith("--token"):
            self.error("no option takes a token: use `login`, `login --token-stdin` or VPS_API_TOKEN.")
        self.error(f"unknown option{_repeated(option)}.{_nearest(option, self.options())}")

    def options(self) -> list[str]:
        """Return every option string that this parser takes."""
        return [option for action in self._actions for option in action.option_strings]


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the parsed arguments; raise `CommandError` where they are wrong.

    `--help` and `--version` print and raise `SystemExit`.
    """
    return _parse_screen(argv) or _parse_any(argv)


def _parse_any(argv: list[str]) -> argparse.Namespace:
    parser = build_parser()
    arguments, extras = parser.parse_known_args(argv)
    if extras:
        _parser_of(parser, arguments.verb).refuse_extras(extras)
    return arguments


def _parse_screen(argv: list[str]) -> argparse.Namespace | None:
    """Return the arguments of the screen, which doesn't wait until a parser is made; None where that must judge."""
    if not skeleton.asks_for_screen(argv):
        return None
    found = {**_GLOBALS, "verb": None}
    words = iter(argv)
    for word in words:
        option, equals, value = word.partition("=")
        name = "verbose" if option == "-v" else option.removeprefix("--").replace("-", "_")
        if option in skeleton.STAND_ALONE:
            found[name] = True
        else:
            found[name] = value if equals else next(words)
            if not equals and found[name].startswith("-"):
                return None
    return argparse.Namespace(**found)


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [options] [verb ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_globals(parser)
    parser.set_defaults(**_GLOBALS)
    verbs = parser.add_subparsers(prog=PROGRAM, dest="verb", metavar="verb", title="verbs", parser_class=Parser)
    for verb in VERBS:
        each = verbs.add_parser(
            verb.name,
            help=verb.help,
            description=verb.help[0].upper() + verb.help[1:] + ".",
            epilog=verb.more or None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.add(each)
        _add_globals(each)
    return parser


def _add_globals(parser: argparse.ArgumentParser) -> None:
    """Declare the options that stand before or after the verb.

    Without a default of its own, a verb's parser leaves alone what stood before the verb.
    """
    group = parser.add_argument_group("global options", argument_default=argparse.SUPPRESS)
    group.add_argument("--account", metavar="NAME", help="the account to work with")
    group.add_argument("--base-url", metavar="URL", help="the service, with /api/v1")
    group.add_argument("--config", metavar="FILE", help="another configuration file")
    group.add_argument("--read-only", action="store_true", help="change nothing at the service")
    group.add_argument(
        "--no-journal", action="store_true", help="make changes without writing them down: a kill forgets them"
    )
    group.add_argument("--demo", action="store_true", help="work on an embedded service with a made-up fleet")
    group.add_argument("--no-input", action="store_true", help="never ask")
    group.add_argument("--no-color", action="store_true", help="no colours")
    group.add_argument("-v", "--verbose", action="store_true", help="say more on standard error")


def _parser_of(parser: Parser, verb: str | None) -> Parser:
    """Return the parser of a verb; the whole one where there is none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and verb in action.choices:
            found = action.choices[verb]
            return found if isinstance(found, Parser) else parser
    return parser


def _repeated(word: str) -> str:
    """Return a mistyped word, as it goes on after another; nothing where it may be a secret."""
    return f" {word!r}" if _HARMLESS.fullmatch(word) else ""


def _nearest(wrong: str, known: list[str]) -> str:
    """Return a sentence that suggests the known word nearest to `wrong`; nothing where none is near."""
    import difflib  # noqa: PLC0415 - needed only after a mistake

    near = difflib.get_close_matches(wrong, known, n=1)
    return f" Did you mean {near[0]}?" if near else ""
