"""The verbs: what each is called, takes and does, and where its code is.

Only names and words in here: the code of a verb is imported when it is asked for, so
that `--help` and a mistyped command cost nothing.
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple

SORT_WORDS = ("id", "type", "status", "size", "created", "expires", "server", "description")
STORES = ("keyring", "file", "none")
SHELLS = ("bash", "zsh", "fish")


class Verb(NamedTuple):
    """One verb: `home` is its module and function in `vpsbackup_tui.cli`, `add` declares its arguments."""

    name: str
    home: tuple[str, str]
    help: str
    add: Callable[[argparse.ArgumentParser], None]
    more: str = ""


def _takes_nothing(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def _takes_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _takes_formats(parser: argparse.ArgumentParser) -> None:
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help="print JSON, with the values exactly as the service sent")
    formats.add_argument("--csv", action="store_true", help="print CSV, made for spreadsheets")


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-y", "--yes", action="store_true", help="confirm it here, and be asked nothing")


def _takes_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="stay until the service has finished")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", metavar="SERVER", help="only of this server: its id or its name")
    parser.add_argument("--type", choices=("manual", "automatic"), help="only of this type")
    parser.add_argument("--status", metavar="WORD", help="only with this status, such as completed or in_progress")
    parser.add_argument("--filter", metavar="WORDS", default="", help="only those in which every word occurs")
    parser.add_argument("--sort", choices=SORT_WORDS, default="created", help="sort by this (default: newest first)")
    parser.add_argument("--reverse", action="store_true", help="sort the other way round")
    parser.add_argument("--limit", type=_positive, metavar="N", help="print the first N only")
    _takes_formats(parser)


def _add_create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", metavar="SERVER", help="the server's id or name")
    parser.add_argument("--description", metavar="TEXT", default="", help="what the backup is for")
    _takes_wait(parser)
    _takes_json(parser)


def _add_delete(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="a backup's id")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the history; it is never sent")
    _takes_yes(parser)
    _takes_json(parser)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("id", nargs="?", metavar="ID", help="the id of the backup to restore its server from")
    source.add_argument("--undo", metavar="SERVER", help="undo the last `restore --safe` of this server")
    parser.add_argument("--safe", action="store_true", help="first back up the server's present state, and wait for it")
    parser.add_argument("--this-machine", action="store_true", help="with --yes: even if it is the machine you are on")
    parser.add_argument("--again", action="store_true", help="although the last restore's outcome is not known")
    _takes_yes(parser)
    _takes_wait(parser)
    _takes_json(parser)


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--token-stdin", action="store_true", help="read the token from standard input")
    parser.add_argument("--store", choices=STORES, help="where to keep it (default: the keyring, if there is one)")


def _add_demo_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the port to listen on (default: a free one)"
    )
    parser.add_argument("--servers", type=_positive, default=12, metavar="N", help="how many servers (default: 12)")
    parser.add_argument("--backups", type=_natural, metavar="N", help="how many backups in all (default: believable)")
    parser.add_argument("--seed", type=_natural, metavar="N", help="another number makes another fleet")
    parser.add_argument("--token", metavar="T", help="the made-up token that the demo takes (default: a random one)")


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def _number(text: str, least: int, most: int | None, words: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if number < least or (most is not None and number > most):
        raise argparse.ArgumentTypeError(f"must be {words}")
    return number


def _positive(text: str) -> int:
    return _number(text, 1, None, "a whole number above 0")


def _natural(text: str) -> int:
    return _number(text, 0, None, "a whole number, 0 or above")


def _port(text: str) -> int:
    return _number(text, 0, 65535, "a port: 0 to 65535")


_LIST_MORE = """\
examples:
  vpsbackup-tui list --server web-server-01 --type manual
  vpsbackup-tui list --status completed --filter "daily web" --sort size --limit 10
  vpsbackup-tui list --json | jq '.results[] | select(.size_mb > 4000) | .id'

JSON holds every value exactly as the service sent it. CSV is made for spreadsheets: its
texts are without control characters, and one that would start a formula has a ' before it.
"""
_DELETE_MORE = """\
On a terminal it asks: `y` for one backup, its id if it is its server's last completed
one, `delete N` for several. Without a terminal it needs --yes. Where one of several isn't
listed, nothing is sent. They are deleted one after the other; one that is refused then
doesn't stop the others, an outcome that isn't known does.
"""
_RESTORE_MORE = """\
A restore overwrites the server. On a terminal it asks for the server's name; without
one it needs --yes. `started` means that the service has taken it on, not that it is over.
With --wait the exit code is 0 where the service has reported the restore and then its
end, and 5 where that was not seen.
With --safe nothing is restored unless a new backup of the server was completed before.
--undo restores that backup, with the same questions; it can be made --safe itself.
"""
_HISTORY_MORE = """\
Changes of which it is not known whether the service made them are looked into first.
Another program of yours that still works on a change is left alone.
"""
_DEMO_MORE = """\
The first line on standard output is {"url": "http://127.0.0.1:PORT/api/v1", "token": "…"}. Then, in another shell:
  VPS_API_URL=http://127.0.0.1:PORT/api/v1 VPS_API_TOKEN=… vpsbackup-tui list
"""
_COMPLETION_MORE = """\
  bash:  vpsbackup-tui completion bash > ~/.local/share/bash-completion/completions/vpsbackup-tui
  zsh:   vpsbackup-tui completion zsh > ~/.zfunc/_vpsbackup-tui     (with ~/.zfunc in fpath)
  fish:  vpsbackup-tui completion fish > ~/.config/fish/completions/vpsbackup-tui.fish
"""

VERBS: tuple[Verb, ...] = (
    Verb("list", ("listing", "list_backups"), "list backups, newest first", _add_list, _LIST_MORE),
    Verb("servers", ("listing", "list_servers"), "list servers and what is backed up of them", _takes_formats),
    Verb("create", ("change", "create"), "make a backup of a server", _add_create),
    Verb("delete", ("change", "delete"), "delete backups", _add_delete, _DELETE_MORE),
    Verb("restore", ("change", "restore"), "overwrite a server with a backup", _add_restore, _RESTORE_MORE),
    Verb("history", ("history", "history"), "list every change made or tried", _takes_json, _HISTORY_MORE),
    Verb("login", ("account", "login"), "test a token and keep it", _add_login),
    Verb("logout", ("account", "logout"), "forget the kept token", _takes_nothing),
    Verb("whoami", ("account", "whoami"), "show whose token is in use", _takes_json),
    Verb("doctor", ("doctor", "doctor"), "show what this program finds here; safe to paste", _takes_json),
    Verb("demo-server", ("serve", "serve"), "run the embedded demo service", _add_demo_server, _DEMO_MORE),
    Verb("completion", ("completion", "completion"), "print a completion script", _add_completion, _COMPLETION_MORE),
)
