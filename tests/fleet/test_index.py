"""The fleet: views, counts, and what follows from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.fleet.formats import parse_time
from vpsbackup_tui.fleet.index import Column, Counts, Fleet, Query
from vpsbackup_tui.fleet.models import Backup, Id, Server

WORDS = st.text(alphabet="abAB -é", max_size=6)
SOUGHT = st.one_of(WORDS, st.lists(st.sampled_from(["1", "a", "B", "05", "t", "none", "_pr", "–"])).map(" ".join))
# Nearly always alike, as documented; of the others some tell a time and some don't.
TIMES = st.one_of(
    st.sampled_from([f"2025-01-{day:02}T03:00:00Z" for day in range(1, 9)]),
    st.sampled_from(["2025-01-04T05:00:00+02:00", "2025-01-05", "soon"]),
)
BACKUPS = st.lists(
    st.builds(
        Backup,
        id=st.one_of(st.none(), st.integers(1, 40), st.text(alphabet="ab1", min_size=1, max_size=3)),
        server_id=st.one_of(st.none(), st.integers(1, 3), st.just("u-1")),
        server_name=WORDS,
        type=st.sampled_from(["manual", "automatic", "weekly", ""]),
        status=st.sampled_from(["completed", "in_progress", "failed", "odd"]),
        size_mb=st.one_of(st.none(), st.integers(0, 5)),
        created_at=st.one_of(st.none(), TIMES),
        expires_at=st.one_of(st.none(), TIMES),
        description=WORDS,
    ),
    max_size=12,
)
QUERIES = st.builds(
    Query,
    server_id=st.one_of(st.none(), st.integers(1, 3)),
    backup_type=st.sampled_from([None, "manual", "automatic"]),
    text=SOUGHT,
    sort=st.sampled_from(Column),
    descending=st.booleans(),
)


def backup(backup_id: Id, server_id: Id = 1, created: int | None = None, **fields: object) -> Backup:
    """Return a completed automatic backup of a day in January, but for the fields named."""
    shown = {"type": "automatic", "status": "completed", "server_name": f"server-{server_id}"} | fields
    created_at = None if created is None else f"2025-01-{created:02}T03:00:00Z"
    return Backup(id=backup_id, server_id=server_id, created_at=created_at, **shown)  # type: ignore[arg-type]


@given(BACKUPS, QUERIES)
def test_a_view_holds_exactly_the_rows_asked_for(backups: list[Backup], query: Query) -> None:
    fleet = Fleet(backups)
    view = fleet.select(query)
    assert len(set(view)) == len(view)
    for row, each in enumerate(backups):
        server = fleet.server(each.server_id)
        text = "\n".join(
            (
                f"{each.id or ''} {each.type} {each.status} {each.created_at or ''}",
                each.server_name,
                server.name if server else "",
                each.description,
            )
        ).casefold()
        asked = (
            (query.server_id is None or each.server_id == query.server_id)
            and (query.backup_type is None or each.type == query.backup_type)
            and all(word in text for word in query.text.casefold().split())
        )
        assert (row in view) == asked


@given(BACKUPS, QUERIES)
def test_descending_is_the_reverse_of_ascending(backups: list[Backup], query: Query) -> None:
    fleet = Fleet(backups)
    other = Query(
        server_id=query.server_id,
        backup_type=query.backup_type,
        text=query.text,
        sort=query.sort,
        descending=not query.descending,
    )
    assert list(fleet.select(query)) == list(fleet.select(other))[::-1]


@given(BACKUPS, st.lists(SOUGHT, max_size=5))
def test_typing_letter_by_letter_finds_what_typing_at_once_finds(backups: list[Backup], texts: list[str]) -> None:
    typed = Fleet(backups)
    for text in texts:
        for end in range(len(text) + 1):
            query = Query(text=text[:end])
            assert list(typed.select(query)) == list(Fleet(backups).select(query))


@given(BACKUPS, st.randoms(use_true_random=False))
def test_no_order_depends_on_the_order_of_the_answer(backups: list[Backup], random: object) -> None:
    apart = list({each.id: each for each in backups}.values())
    mixed = list(apart)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for column in Column:
        query = Query(sort=column)
        first, second = Fleet(apart), Fleet(mixed)
        if column is Column.SERVER:  # a server's label is taken from the first backup that names it
            continue
        ids = [first.backups[row].id for row in first.select(query)]
        assert ids == [second.backups[row].id for row in second.select(query)]


@given(BACKUPS, SOUGHT)
def test_counts_agree_with_views(backups: list[Backup], text: str) -> None:
    fleet = Fleet(backups)
    for server_id in [None, 1, 2, 3]:
        expected = Counts(
            len(fleet.select(Query(server_id=server_id, text=text))),
            len(fleet.select(Query(server_id=server_id, text=text, backup_type="manual"))),
            len(fleet.select(Query(server_id=server_id, text=text, backup_type="automatic"))),
        )
        assert fleet.counts(server_id, text) == expected


def test_newest_first_is_the_order_without_a_wish() -> None:
    fleet = Fleet([backup(501, created=3), backup(499, created=1), backup(495, created=2)])
    assert [fleet.backups[row].id for row in fleet.select(Query())] == [501, 495, 499]


@given(st.lists(st.one_of(st.none(), TIMES), max_size=8), st.sampled_from([Column.CREATED, Column.EXPIRES]))
def test_times_are_sorted_by_what_they_tell_however_they_are_written(times: list[str | None], column: Column) -> None:
    if column is Column.CREATED:
        fleet, missing = Fleet([Backup(number, created_at=time) for number, time in enumerate(times, 1)]), -1.0
    else:
        fleet, missing = Fleet([Backup(number, expires_at=time) for number, time in enumerate(times, 1)]), 1e10
    moments = [missing if (moment := parse_time(time)) is None else moment for time in times]
    view = fleet.select(Query(sort=column, descending=False))
    assert [moments[row] for row in view] == sorted(moments)


def test_servers_without_a_backup_and_backups_without_a_listed_server_are_both_shown() -> None:
    fleet = Fleet([backup(1, server_id=7)], [Server(id=9, name="empty")])
    assert [(server.label, server.listed) for server in fleet.servers] == [("empty", True), ("server-7", False)]
    assert fleet.counts(9) == Counts(0, 0, 0)


def test_a_server_is_found_by_its_host_name() -> None:
    fleet = Fleet([backup(1, server_id=7)], [Server(id=7, name="web", hostname="web01.example.com")])
    assert list(fleet.select(Query(text="WEB01.example"))) == [0]


@pytest.mark.parametrize(
    ("backups", "left"),
    [
        ([backup(1)], []),
        ([backup(1), backup(2)], [2]),
        ([backup(1), backup(2), backup(3)], [2]),
        ([backup(1), backup(2, status="failed")], []),
        ([backup(1), backup(2, server_id=2)], []),
    ],
)
def test_it_is_known_what_is_left_of_a_server_without_some_of_its_backups(
    backups: list[Backup], left: list[Id]
) -> None:
    assert [each.id for each in Fleet(backups).completed_without(1, {1, 3})] == left


def test_newer_restore_points_are_completed_and_of_the_same_server() -> None:
    old = backup(1, created=1)
    fleet = Fleet(
        [
            old,
            backup(2, created=2),
            backup(3, created=3, status="in_progress"),
            backup(4, server_id=2, created=4),
            backup(5, created=5),
        ]
    )
    assert fleet.newer_restore_points(old) == 2
    newest = fleet.newest_completed(1)
    assert newest is not None
    assert newest.id == 5


@pytest.mark.parametrize(
    ("servers", "complete", "is_lost"),
    [
        ([Server(id=8)], True, True),
        ([Server(id=8)], False, False),
        ([], True, False),
        ([Server(id=8, listed=False)], True, False),
        ([Server(id=7), Server(id=8)], True, False),
        ([Server(id="7"), Server(id=8)], True, False),
        ([Server(id=7, listed=False), Server(id=8)], True, True),
    ],
)
def test_a_server_is_lost_where_others_are_listed_and_it_is_not(
    servers: list[Server], complete: bool, is_lost: bool
) -> None:
    assert Fleet((), servers, servers_listed=complete).has_lost(7) is is_lost
