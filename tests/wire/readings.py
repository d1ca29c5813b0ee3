"""Everything that reads what others have written, and what must be true of what it makes of any bytes.

`READINGS` names each. A reading returns whether there was anything in the bytes for it; whatever it raises is a fault.
"""

import asyncio
import json
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from urllib.parse import parse_qsl, urlencode

from msgspec import structs

from tests.conftest import NOON
from vpsbackup_tui.accounts.config_file import UnfitValueError, parse_config
from vpsbackup_tui.api.answers import accepted_words, error_of, redirect_error, refuse_denial, refuse_words
from vpsbackup_tui.api.decode import decode_account, decode_backup, decode_backups, decode_servers
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.api.json_text import ShapeError, parse_json
from vpsbackup_tui.api.paging import params_of_next
from vpsbackup_tui.api.retries import retry_after_seconds
from vpsbackup_tui.api.rows import backup_of
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.parser import parse
from vpsbackup_tui.fleet.index import Fleet, Query
from vpsbackup_tui.fleet.models import Account, Backup, Server
from vpsbackup_tui.kept_lists import fleet_of, glance_of, lines_of, top_of
from vpsbackup_tui.operations.ledger import Ledger
from vpsbackup_tui.operations.operation import Operation
from vpsbackup_tui.store.journal import Entry, Owned
from vpsbackup_tui.text import as_word, clean

WHOSE = ("prod", "https://admin.vps.org/api/v1")
"""The account and the service of the lists that are read as last seen."""
_LIST = f"{WHOSE[1]}/backups/"
_LONGEST = 2048
_DAY = 86400
_MOST_PARAMS = 50
_ACTS_OR_HIDES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_rows(body: bytes, rows: list[Backup]) -> None:
    """Check that a page has a row for each that came, as each reads alone."""
    came = parse_json(body.decode("utf-8", "replace").encode())  # a field that nobody asked for may be no UTF-8
    alone = [backup_of(row) for row in (came if isinstance(came, list) else came["results"])]
    assert [fields_of(backup) for backup in rows] == [fields_of(backup) for backup in alone]
    assert all(backup.unreadable == (backup.id is None) for backup in rows)


def fields_of(backup: Backup) -> tuple[Backup, object]:
    """Return what is shown of a backup and its description as it came, without fields that nobody asked for."""
    return structs.replace(backup, raw=None), backup.record()["description"]


def check_words(words: str, longest: int = _LONGEST) -> None:
    """Check that a text is one line of so many characters at most, and nothing in it acts, hides or reorders."""
    assert len(words) <= longest
    assert not {unicodedata.category(each) for each in words} & _ACTS_OR_HIDES
    assert clean(words, longest) == words


def check_clean(shown: Backup | Server | Account) -> None:
    """Check that everything that may be shown is clean, and that the rest can be printed as JSON."""
    for field in shown.__struct_fields__:
        value = getattr(shown, field)
        for text in value if isinstance(value, tuple) else [value]:
            if isinstance(text, str):
                check_words(text)
    if not isinstance(shown, Account):
        json.dumps(shown.record(), allow_nan=False)


def check_shown(backups: list[Backup], servers: list[Server]) -> None:
    """Check that the rows of a mutant can be sorted, filtered and counted."""
    fleet = Fleet(backups, servers)
    assert len(fleet.select(Query())) == len(backups)
    fleet.select(Query(text="web", descending=False))
    fleet.counts(None)
    fleet.total_size(fleet.select(Query()))


def refusal(way: Callable[[bytes], object], body: bytes) -> str:
    """Read a body in some way, and return the words that it is refused with; "" where it is read."""
    try:
        way(body)
    except ShapeError as error:
        return str(error)
    return ""


def read_answer(body: bytes) -> bool:
    """Read a body in every way in which one that accepts is read."""
    backups: list[Backup] = []
    servers: list[Server] = []
    others: list[Backup | Account] = []
    ways: list[Callable[[bytes], object]] = [
        lambda body: backups.extend(decode_backups(body).rows),
        lambda body: servers.extend(decode_servers(body).rows),
        lambda body: others.append(decode_backup(body)),
        lambda body: others.append(decode_account(body)),
    ]
    refused = [refusal(way, body) for way in ways]
    for words in (*refused, refusal(accepted_words, body) or accepted_words(body)):
        check_words(words)
    for way in (refuse_denial, refuse_words):
        check_words(refusal(way, body))
    if not refused[0]:
        check_rows(body, backups)
    for shown in (*backups, *servers, *others):
        check_clean(shown)
    check_shown(backups, servers)
    return not all(refused)


def read_error(data: bytes) -> bool:
    """Read a status (two bytes) and the body of an error."""
    error = error_of(300 + int.from_bytes(data[:2]) % 300, data[2:], "host", retry_after=1.0)
    assert isinstance(error, ServiceError)
    check_words(error.message)
    return "“" in error.message


def read_redirect(data: bytes) -> bool:
    """Read where a redirect leads, as a header gives it."""
    message = redirect_error(302, data.decode("latin-1"), "host").message
    check_words(message)
    return " to " in message


def read_retry_after(data: bytes) -> bool:
    """Read how long a header asks to wait."""
    seconds = retry_after_seconds(data.decode("latin-1"), NOON)
    assert seconds is None or 0 <= seconds <= _DAY
    return seconds is not None


def read_next(data: bytes) -> bool:
    """Read where the next page is said to be; what is asked for then can be put into a query."""
    params = params_of_next(_text_of(data), _LIST)
    if params:
        assert dict(parse_qsl(urlencode(params), keep_blank_values=True)) == params
        assert len(params) <= _MOST_PARAMS
    return params is not None


def read_kept_lists(data: bytes) -> bool:
    """Read the lines of lists as last seen; what was read is kept and read again as the same."""
    whose, *lines = data.split(b"\n")
    fleet = fleet_of([whose], lines, *WHOSE)
    if fleet is None:
        return False
    for shown in (*fleet.backups, *fleet.servers):
        check_clean(shown)
    check_shown(list(fleet.backups), fleet.servers)
    again = fleet_of(top_of(fleet, *WHOSE), list(lines_of(fleet)), *WHOSE)
    assert again is not None
    assert list(again.backups) == list(fleet.backups)
    assert [each for each in again.servers if each.listed] == [each for each in fleet.servers if each.listed]
    return True


def read_top_of_kept_lists(data: bytes) -> bool:
    """Read the lines of the top of lists as last seen."""
    glance = glance_of(data.split(b"\n"), *WHOSE)
    if glance is None:
        return False
    for backup in (*glance.backups, *glance.sample):
        check_clean(backup)
    for server in glance.servers:
        check_clean(server)
    check_shown(list(glance.backups), list(glance.servers))
    assert len(glance.backups_of) == len(glance.servers)
    return True


def read_journal(data: bytes) -> bool:
    """Read what a journal holds of a change, alive and left behind; it can be told and printed."""
    try:
        known = json.loads(data)
    except (ValueError, RecursionError):
        return False
    if not isinstance(known, dict):
        return False
    entries = [Owned(Entry("a", NOON, True, known), alive) for alive in (True, False)]
    operations = [each for entry in entries for each in _history(entry)]
    for operation in operations:
        json.dumps(operation.record())  # whose `backup` may hold whatever the service had sent, for JSON in ASCII
        for told in (operation.what, operation.subject, operation.words, operation.word, operation.reason):
            check_words(told, len(data) * 10)
        for shown in (operation.backup, operation.safety):
            if shown is not None:
                check_clean(shown)
    return bool(operations)


def read_text(data: bytes) -> bool:
    """Clean a text, and make a word of it."""
    text = _text_of(data)
    shown = clean(text, _LONGEST)
    check_words(shown)
    check_words(as_word(shown), _LONGEST + 2)
    check_words(clean(text, 8), 8)
    return shown != text


def read_arguments(data: bytes) -> bool:
    """Read a command line, its words parted by NUL."""
    argv = [_text_of(word) for word in data.split(b"\0")]
    code, words = Exit.DONE, ""
    with redirect_stdout(StringIO()):
        try:
            parse(argv)
        except CommandError as error:
            code, words = error.code, error.message
        except SystemExit as end:  # `--help`, `--version`
            code = Exit(int(end.code or 0))
    assert code is (Exit.USAGE if words else Exit.DONE)
    for line in words.splitlines():
        check_words(line)
    return not words


def read_settings(data: bytes) -> bool:
    """Read a settings file."""
    words = ""
    try:
        parse_config(data)
    except UnfitValueError as error:
        words = str(error)
    check_words(words)
    return not words


READINGS: Mapping[str, Callable[[bytes], bool]] = {
    "answer": read_answer,
    "error": read_error,
    "redirect": read_redirect,
    "retry_after": read_retry_after,
    "next": read_next,
    "kept_lists": read_kept_lists,
    "top_of_kept_lists": read_top_of_kept_lists,
    "journal": read_journal,
    "text": read_text,
    "arguments": read_arguments,
    "settings": read_settings,
}


def _text_of(data: bytes) -> str:
    """Return any bytes as a text, in which those that are no UTF-8 are lone surrogates."""
    return data.decode(errors="surrogateescape")


def _history(entry: Owned) -> list[Operation]:
    """Return the changes that a journal with one entry tells of."""
    ledger = Ledger(None, lambda operation: None, lambda: [entry])
    return asyncio.run(ledger.history())
