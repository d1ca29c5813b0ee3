"""Valid answers of the service, mutated in structure and in bytes: each ends in rows or in the one typed error.

A failing seed is named, and is a mutant that can be made again.
"""

import json
from collections import Counter
from random import Random
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.conftest import CANARY
from tests.scale import cases
from tests.wire.readings import read_answer
from tests.wire.spoiling import ODD_KEYS, ODD_VALUES, Mutator
from vpsbackup_tui.api.decode import decode_backups, decode_servers
from vpsbackup_tui.api.rows import server_of
from vpsbackup_tui.demo import DemoService

MUTANTS = cases(5_000)
CHUNKS = 10

pytestmark = [pytest.mark.timeout(900)]


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


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutant_ends_in_rows_or_in_a_typed_error(answers: list[bytes], chunk: int) -> None:
    seen: Counter[bool] = Counter()
    for seed in MUTANTS[chunk::CHUNKS]:
        mutant = Mutator(seed).mutant(answers[seed // CHUNKS % len(answers)])
        try:
            seen[read_answer(mutant)] += 1
        except Exception as error:
            pytest.fail(f"seed {seed}: {error!r}; the mutant begins with {mutant[:2000]!r}")
    if len(MUTANTS) >= 1000:  # or they prove nothing
        assert seen[True] > seen[False] / 10 > 0


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
