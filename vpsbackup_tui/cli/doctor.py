"""The verb `doctor`: what this program finds on this machine, safe to paste in public."""

import argparse
import locale
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vpsbackup_tui import __version__
from vpsbackup_tui.accounts.tokens import Lookup
from vpsbackup_tui.api.errors import NotSentError, ServiceError
from vpsbackup_tui.api.proxies import NO_PROXY_VARIABLES, PROXY_VARIABLES, proxy_for
from vpsbackup_tui.cli.connecting import find_token, opened
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import is_terminal, print_json, say
from vpsbackup_tui.cli.verdicts import code_of_error
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.secret import without_sure_tokens
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.widths.remembered import FILE, recall, terminal_at_hand

_LIBRARIES = ("textual", "httpx", "keyring", "msgspec", "truststore", "platformdirs")
_TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "TMUX", "STY", "SSH_TTY")
_ONLY_WHETHER = frozenset({"TMUX", "STY", "SSH_TTY"})
_PROXY = re.compile(
    r"(?P<scheme>(?:https?|socks[45]?[ah]?)://)?"
    r"(?P<login>.*@)?"  # a password may hold any character, also those that end a host in a URL
    r"(?P<host>(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?/?)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"(?:[\w.*-]*|\[?[0-9a-f:.]+\]?)(?::[0-9]{1,5})?(?:/[0-9]{1,3})?", re.IGNORECASE)
NOT_SHOWN = "set, and not shown: it isn't what belongs there, and may hold a password"


def doctor(arguments: argparse.Namespace) -> int:
    """Print what was found; the exit code is that of the one request made to the service."""
    found: dict[str, dict[str, Any]] = {"program": _program()}
    letters: dict[str, Any] = {}
    try:
        with opened(arguments) as work:
            settings = work.session.settings
            found["settings"] = {
                "account": settings.account,
                "base_url": settings.base_url,
                "read_only": settings.read_only,
                "config_file": str(settings.config_file) + ("" if settings.config_file.exists() else " (none)"),
                "state_dir": str(settings.state_dir),
            }
            found["token"] = work.run(work.session.tokens.describe())
            lookup = find_token(work)  # which is known here to the end, so that nothing that is printed repeats it
            found["service"], code = _service(work, lookup)
            found["service"]["way"] = _way(settings.base_url, os.environ)
            letters = {"letters": _letters(settings.state_dir)}
    except CommandError as error:
        found["problem"], code = {"message": error.message}, error.code
    found["network"] = _network(os.environ)
    found["terminal"] = _terminal(os.environ) | letters
    shown = {topic: {name: public_text(value) for name, value in facts.items()} for topic, facts in found.items()}
    if arguments.json:
        print_json(shown)
    else:
        _say_all(shown)
    return code


def public_text(value: Any) -> Any:
    """Return a value as it may be pasted in public: clean, without a token and the name of the home folder."""
    if not isinstance(value, str):
        return value
    home = str(Path.home())
    return clean(without_sure_tokens(value.replace(home, "~") if len(home) > 1 else value), 1024)


def without_login(url: str) -> str:
    """Return a proxy's URL without all that may be a user name or password in it."""
    found = _PROXY.fullmatch(url.strip())
    if found is None:
        return NOT_SHOWN
    return (found["scheme"] or "") + ("***@" if found["login"] else "") + (found["host"] or "")


def only_hosts(value: str) -> str:
    """Return a list of hosts, or that it isn't shown: somebody may have put a proxy's URL there."""
    are_hosts = all(_HOST.fullmatch(entry) for entry in re.split(r"[,\s]+", value))
    return value if are_hosts else NOT_SHOWN


def _program() -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and wanted only here

    facts: dict[str, Any] = {
        "version": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    for name in _LIBRARIES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            facts[name] = "not installed as a package"
    return facts


def _service(work: Work, lookup: Lookup) -> tuple[dict[str, Any], Exit]:
    """Return what one request with the token shows, and the exit code for it."""
    facts: dict[str, Any] = {"token_from": lookup.where}
    if lookup.problem:
        facts["token_problem"] = lookup.problem
    if lookup.token is None:
        return facts | {"answer": "not asked: there is no token"}, Exit.NO_TOKEN
    start = time.monotonic()
    try:
        work.run(work.session.check(lookup.token))
    except ServiceError as error:
        return facts | {"answer": error.message}, code_of_error(error)
    return facts | {"answer": f"good, after {(time.monotonic() - start) * 1000:.0f} ms"}, Exit.DONE


def _way(base_url: str, environ: Mapping[str, str]) -> str:
    """Return whether a proxy stands between, and which variable names it."""
    try:
        proxy = proxy_for(base_url, environ)
    except NotSentError as error:
        return error.message
    return "direct" if proxy is None else f"through the proxy in {proxy.variable}"


def _network(environ: Mapping[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: without_login(environ[name]) for name in PROXY_VARIABLES if name in environ}
    facts |= {name: only_hosts(environ[name]) for name in NO_PROXY_VARIABLES if name in environ}
    authorities = environ.get("SSL_CERT_FILE")
    if authorities:
        facts["SSL_CERT_FILE"] = authorities + ("" if Path(authorities).is_file() else " (there is no such file)")
    else:
        facts["certificates"] = "those of the system"
    if "REQUESTS_CA_BUNDLE" in environ:
        facts["REQUESTS_CA_BUNDLE"] = "set, and not looked at: use SSL_CERT_FILE"
    return facts


def _terminal(environ: Mapping[str, str]) -> dict[str, Any]:
    size = shutil.get_terminal_size()
    facts: dict[str, Any] = {
        "input": "terminal" if is_terminal(sys.stdin) else "no terminal",
        "output": "terminal" if is_terminal(sys.stdout) else "no terminal",
        "size": f"{size.columns} x {size.lines}",
        "encoding": sys.stdout.encoding,
        "locale": locale.setlocale(locale.LC_CTYPE),
    }
    for name in _TERMINAL:
        if name in environ:
            facts[name] = "set" if name in _ONLY_WHETHER else environ[name]
    return facts


def _letters(folder: Path) -> str:
    """Return how many cells the terminal at hand gives to letters on which terminals disagree."""
    kept = recall(folder / FILE, terminal_at_hand(os.environ, sys.stdout.encoding))
    return kept.widths.in_words() if kept else "not measured here: the screen does that"


def _say_all(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the facts for people, a topic a block."""
    for topic, facts in found.items():
        say(topic)
        for name, value in facts.items():
            say(f"  {name:<20}{'yes' if value is True else 'no' if value is False else value}")
