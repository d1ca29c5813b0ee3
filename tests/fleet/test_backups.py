"""Backups in columns are the same backups as in a list, in a quarter of the memory."""

import sys
from array import array
from copy import copy
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.fleet.backups import _COLUMNS, NO_SIZE, Backups, Times
from vpsbackup_tui.fleet.formats import parse_time
from vpsbackup_tui.fleet.models import Backup

AS_DOCUMENTED = "2025-01-16T03:00:00Z"
BLANKS = " " * len(AS_DOCUMENTED)
IDS = st.one_of(st.none(), st.integers(1, 2**63 - 1), st.text(alphabet="ab1", min_size=1, max_size=3))
TIMES = st.one_of(
    st.none(),
    st.sampled_from([AS_DOCUMENTED, "1999-12-31T23:59:59Z", "2024-02-30T00:00:00Z"]),
    st.sampled_from(["2025-01-16T05:00:00+02:00", "2025-01-17", "soon", "", BLANKS, "x" * 20, "２025-01-16T03:00:00Z"]),
)
ROWS = st.lists(
    st.builds(
        Backup,
        id=IDS,
        server_id=IDS,
        server_name=st.text(max_size=3),
        type=st.sampled_from(["manual", "automatic", ""]),
        status=st.sampled_from(["completed", "failed"]),
        size_mb=st.one_of(st.none(), st.integers(0, 5), st.just(10**30)),
        created_at=TIMES,
        expires_at=st.one_of(st.none(), st.just(AS_DOCUMENTED)),
        description=st.text(max_size=3),
        unreadable=st.booleans(),
        raw=st.one_of(st.none(), st.just({"size_mb": "x"})),
    ),
    max_size=6,
)


@given(ROWS, ROWS, st.integers(-8, 8), st.integers(-8, 8))
def test_backups_in_columns_are_those_that_were_put_in(first: list[Backup], more: list[Backup], a: int, b: int) -> None:
    backups = Backups(first)
    before = copy(backups)
    backups.extend(more)
    rows = first + more
    assert list(backups) == rows
    assert backups[a:b] == rows[a:b]
    assert backups == Backups(rows)
    assert (backups == before) == (not more)
    assert list(before) == first, "what is added later changes no copy"
    if -len(rows) <= a < len(rows):
        assert backups[a] == rows[a]
    else:
        with pytest.raises(IndexError):
            backups[a]


@given(st.lists(TIMES, max_size=6), st.lists(TIMES, max_size=6))
def test_times_sort_as_what_they_tell(first: list[str | None], more: list[str | None]) -> None:
    times = Times()
    times.extend(first)
    times.extend(more)
    words = first + more
    assert times.words() == [times[row] for row in range(len(words))] == words
    possible = all(word is None or parse_time(word) is not None or word[5:7] != "02" for word in words)
    for missing in (-inf, inf):
        keys = times.keys(missing=missing)
        moments = [missing if (moment := parse_time(word)) is None else moment for word in words]
        if possible:
            ranked = sorted(range(len(words)), key=keys.__getitem__)
            assert all(moments[one] <= moments[other] for one, other in pairwise(ranked))


@pytest.mark.parametrize(
    "other",
    [
        *("", "soon", "x" * 20, "2025-01-16T03:00:00z", "2025-01-16 03:00:00Z", "2025-1-16T03:00:00.0Z"),
        *("2025-01-16T03:00:00+0", "2025-01-16T03:00:00Z\n", "2025-01-16T03:00:0-Z", BLANKS),
        *("2025- 1-16T03:00:00Z", "    -  -  T  :  :  Z"),
        *("２025-01-16T03:00:00Z", "٢025-01-16T03:00:00Z"),
    ],
)
def test_times_sort_by_their_digits_only_where_every_one_reads_as_documented(other: str) -> None:
    assert {type(key) for key in keys_of(AS_DOCUMENTED, None, "1999-12-31T23:59:59Z")} == {int}
    for times in ([other], [other, AS_DOCUMENTED], [AS_DOCUMENTED] * 5 + [other], [None, other]):
        assert {type(key) for key in keys_of(*times)} == {float}


def test_two_times_that_are_as_long_as_two_together_are_no_two_times() -> None:
    assert {type(key) for key in keys_of(AS_DOCUMENTED[:-1], AS_DOCUMENTED + "Z")} == {float}


def keys_of(*times: str | None) -> list[object]:
    column = Times()
    column.extend(times)
    return list(column.keys(missing=-inf))


def test_of_a_backup_columns_hold_less_than_a_hundred_bytes() -> None:
    backups = Backups(
        Backup(number, 7, "web", "manual", "completed", 5, AS_DOCUMENTED, None, "") for number in range(10**4)
    )
    packed = (backups.created_at._packed, backups.expires_at._packed)
    columns = [getattr(backups, name) for name in _COLUMNS if name not in ("created_at", "expires_at")]
    assert sum(map(sys.getsizeof, [*packed, *columns])) < 100 * len(backups)
    assert isinstance(backups.ids, array)
    assert isinstance(backups.sizes, array)
    assert NO_SIZE not in backups.sizes


def test_the_id_of_a_server_is_kept_once() -> None:
    backups = Backups(Backup(number, int("70000"), "web") for number in range(3))
    backups.extend([Backup(9, int("70000"), "web")])
    assert len({id(server_id) for server_id in backups.server_ids}) == 1
