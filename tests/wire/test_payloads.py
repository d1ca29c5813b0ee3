"""Valid answers of the service, mutated in structure and in bytes: each ends in rows or in the one typed error.

A failing seed is named, and is a mutant that can be made again.
"""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from urllib.request import Request, urlopen

import pytest
from msgspec import structs

from tests.conftest import CANARY
from tests.scale import cases
from vpsbackup_tui.api.answers import accepted_words, error_of
from vpsbackup_tui.api.decode import decode_account, decode_backup, decode_backups, decode_servers
from vpsbackup_tui.api.json_text import ShapeError, parse_json
from vpsbackup_tui.api.rows import backup_of, server_of
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.fleet.index import Fleet, Query
from vpsbackup_tui.fleet.models import Account, Backup, Server
from vpsbackup_tui.text import clean

MUTANTS = cases(5_000)
CHUNKS = 10

pytestmark = [pytest.mark.timeout(900)]

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7.5, -0.0, 1e308, 2**53, 2**63, 10**64, 10**70),
    *("", " ", "x", "0", "501", "-5", "completed", "in_progress", "manual", "null", "1/../../servers/5", "a" * 65),
    *("\x1b]52;c;cm0=\x07", "\x9b2J", "[/nope]", "[@click=app.quit]x", "\u202egnp.exe", "e" + "\u0301" * 500, "\ud800"),
    *("2025-01-16T03:00:00Z", "2025-01-16T03:00:60Z", "9999-12-31T23:59:59+23:59", "0000-00-00", "2025-W03-4", "now"),
    *([], {}, [[]], [{}], {"id": 5}, {"id": None, "name": []}, {"name": "x"}, {"id": 12345, "name": "web"}, [1, "two"]),
)
ODD_KEYS = (
    "id",
    "uuid",
    "server",
    "server_id",
    "results",
    "count",
    "next",
    "name",
    "status",
    "detail",
    "",
    "\x00",
    "é",
)
ODD_TOKENS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-0", b"1" * 5000, b"0x1F", b"01", b"nul", b"'x'", b'"\\ud800"'),
    *(b'"\\u0000"', b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b"[" * 3000, b'{"a":' * 3000, b"{}{}", b"//", b"\x00"),
)


class Mutator:
    """Spoil a valid answer in one to four ways, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def mutant(self, body: bytes) -> bytes:
        """Return the answer with its structure spoiled, its bytes, or both."""
        kind = self.random.random()
        if kind < 0.75:
            value = json.loads(body)
            for _ in range(self.random.randint(1, 4)):
                value = self._spoiled(value)
            body = json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode(errors="surrogatepass")
        if kind > 0.6:
            for _ in range(self.random.randint(1, 4)):
                body = self._spoiled_bytes(body)
        return body

    def _spoiled(self, value: Any) -> Any:
        """Return a value with one place in it changed."""
        places = list(_places(value))
        if not places or self.random.random() < 0.03:
            return self.random.choice([*ODD_VALUES, [value], {"results": value}])
        holder, key = self.random.choice(places)
        way = self.random.randrange(6)
        if way == 0:
            del holder[key]
        elif way == 1 and isinstance(holder, dict):
            holder[self.random.choice(ODD_KEYS)] = holder[key]
        elif way == 1:
            holder.append(copy.deepcopy(holder[key]))
        elif way == 2:
            there, place = self.random.choice(places)
            holder[key] = copy.deepcopy(there[place]) if place in there or isinstance(there, list) else None
        elif way == 3:
            holder[key] = self._stretched(holder[key])
        else:
            holder[key] = copy.deepcopy(self.random.choice(ODD_VALUES))
        return value

    def _stretched(self, value: Any) -> Any:
        """Return a value that looks like this one and is of another type or length."""
        if isinstance(value, str):
            return self.random.choice([value * 300, value[:-1], value.upper(), [value], value + "\n", value + "\u200b"])
        if isinstance(value, int):
            return self.random.choice([str(value), float(value), -value, value * 10**40, [value]])
        return [value]

    def _spoiled_bytes(self, body: bytes) -> bytes:
        at = self.random.randint(0, len(body))
        end = min(len(body), at + self.random.choice([1, 1, 2, 8, 64]))
        ways: list[Callable[[], bytes]] = [
            lambda: body[:at],
            lambda: body[:at] + body[end:],
            lambda: body[:at] + self.random.randbytes(self.random.randint(1, 4)) + body[end:],
            lambda: body[:at] + self.random.choice(ODD_TOKENS) + body[end:],
            lambda: body[:at] + body[at:end] * 2 + body[end:],
            lambda: self.random.choice([b"\xef\xbb\xbf", b"\xff\xfe", b" \n", b")]}',\n", b"<html>"]) + body,
            lambda: body + self.random.choice([b"\n", b"\x00", body, b"}", b"]"]),
            lambda: body.decode("utf-8", "replace").encode("utf-16"),
        ]
        return self.random.choice(ways)()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place inside a value, as what holds it and the key or index there."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def answer(demo: DemoService, path: str, method: str = "GET", fields: Any = None) -> bytes:
    """Return the body of the service's own answer."""
    headers = {"Authorization": f"Bearer {CANARY}", "Content-Type": "application/json"}
    data = None if fields is None else json.dumps(fields).encode()
    with urlopen(Request(demo.url + path, data, headers, method=method)) as reply:  # noqa: S310 - our own service
        body: bytes = reply.read()
    return body


@pytest.fixture
def answers(demo: DemoService) -> list[bytes]:
    """One valid answer of each kind that has a body."""
    return [
        answer(demo, "/backups/?page_size=3"),
        answer(demo, "/backups/?page_size=3&page=2"),
        answer(demo, "/servers/?page_size=2"),
        answer(demo, "/account/me/"),
        answer(demo, "/backups/", "POST", {"server_id": 12345, "description": "x"}),
    ]


def check_rows(body: bytes, rows: list[Backup]) -> None:
    """Check that a page has a row for each that came, as each reads alone."""
    came = parse_json(body.decode("utf-8", "replace").encode())  # a field that nobody asked for may be no UTF-8
    alone = [backup_of(row) for row in (came if isinstance(came, list) else came["results"])]
    assert [fields_of(backup) for backup in rows] == [fields_of(backup) for backup in alone]
    assert all(backup.unreadable == (backup.id is None) for backup in rows)


def fields_of(backup: Backup) -> tuple[Backup, object]:
    """Return what is shown of a backup and its description as it came, without fields that nobody asked for."""
    return structs.replace(backup, raw=None), backup.record()["description"]


def check_clean(shown: Backup | Server | Account) -> None:
    """Check that everything that may be shown is clean, and that the rest can be printed as JSON."""
    texts: list[Any] = [getattr(shown, field) for field in shown.__struct_fields__ if field != "raw"]
    for text in texts:
        if isinstance(text, str):
            assert clean(text, 2048) == text
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


def read(body: bytes) -> str:
    """Read a mutant in every way there is, and return whether it brought anything to show."""
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
    for words in (*refused, error_of(400, body, "host").message, refusal(accepted_words, body) or accepted_words(body)):
        assert clean(words, 400) == words
    if not refused[0]:
        check_rows(body, backups)
    for shown in (*backups, *servers, *others):
        check_clean(shown)
    check_shown(backups, servers)
    return "refused" if all(refused) else "read"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutant_ends_in_rows_or_in_a_typed_error(answers: list[bytes], chunk: int) -> None:
    seen: Counter[str] = Counter()
    for seed in MUTANTS[chunk::CHUNKS]:
        mutant = Mutator(seed).mutant(answers[seed // CHUNKS % len(answers)])
        try:
            seen[read(mutant)] += 1
        except Exception as error:
            pytest.fail(f"seed {seed}: {error!r}; the mutant begins with {mutant[:2000]!r}")
    if len(MUTANTS) >= 1000:  # or they prove nothing
        assert seen["read"] > seen["refused"] / 10 > 0


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_spoiled_row_hides_no_sound_one(answers: list[bytes], chunk: int) -> None:
    for seed in MUTANTS[chunk :: CHUNKS * 10]:
        random, page = Random(seed), json.loads(answers[0])
        whole = decode_backups(json.dumps(page).encode()).rows
        spoiled = random.randrange(len(whole))
        row = page["results"][spoiled]
        row[random.choice([*row, *ODD_KEYS])] = random.choice(ODD_VALUES)
        page["results"][spoiled] = random.choice([row, row, random.choice(ODD_VALUES)])
        got = decode_backups(json.dumps(page).encode()).rows
        assert len(got) == len(whole), f"seed {seed}"
        assert [each for at, each in enumerate(got) if at != spoiled] == whole[:spoiled] + whole[spoiled + 1 :]


def test_a_spoiled_server_hides_no_sound_one(answers: list[bytes]) -> None:
    page = json.loads(answers[2])
    sound = [server_of(row) for row in page["results"]]
    for odd in ODD_VALUES:
        got = decode_servers(json.dumps(page | {"results": [odd, *page["results"]]}).encode())
        assert [server for server in got.rows if server in sound] == sound
        assert len(got.rows) + got.left_out == len(sound) + 1
