from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.demo.records import iso
from vpsbackup_tui.fleet.index import Column, Fleet
from vpsbackup_tui.fleet.models import BUSY, Backup
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.table.backup_columns import Times, Widths, backup_runs, column_at, head_text, lay_out, widths_of

NOW = 1_737_000_000.0
OLD = Backup(
    id=501,
    server_id=7,
    server_name="web-server-01",
    type="automatic",
    status="completed",
    size_mb=4500,
    created_at=iso(NOW - 11 * 3600),
    expires_at=iso(NOW + 30 * 86400),
    description="Automatic daily backup",
)

texts = st.text(max_size=40).map(clean)
moments = st.one_of(texts, st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat))
times = st.sampled_from(Times)
backups = st.builds(
    Backup,
    id=st.one_of(st.integers(0, 10**12), st.uuids().map(str), st.none()),
    server_id=st.integers(1, 9),
    server_name=texts,
    type=texts,
    status=texts,
    size_mb=st.one_of(st.none(), st.integers(0, 10**14)),
    created_at=st.one_of(st.none(), moments),
    expires_at=st.one_of(st.none(), moments),
    description=texts,
    unreadable=st.booleans(),
)


def row(backup: Backup, cells: int, *, times: Times = Times.AGE, show_server: bool = False) -> str:
    slots = lay_out(cells, Widths(type=9), times=times, show_server=show_server)
    return "".join(text for _, text in backup_runs(backup, slots, cells, now=NOW, times=times, marks={}))


@given(backups, st.integers(0, 200), times, st.booleans())
def test_every_row_takes_exactly_its_cells(backup: Backup, cells: int, times: Times, show_server: bool) -> None:
    slots = lay_out(cells, widths_of([backup]), times=times, show_server=show_server)
    runs = backup_runs(backup, slots, cells, now=NOW, times=times, marks={})
    assert sum(width(text) for _, text in runs) == cells
    assert width(head_text(slots, cells, Column.CREATED, descending=True, times=times)) == cells


@given(st.integers(0, 200), times, st.booleans())
def test_columns_leave_one_by_one_as_it_narrows(cells: int, times: Times, show_server: bool) -> None:
    wide = lay_out(cells + 1, Widths(), times=times, show_server=show_server)
    narrow = lay_out(cells, Widths(), times=times, show_server=show_server)
    assert len(wide) - len(narrow) in (-1, 0, 1)
    assert all(slot.x + slot.cells <= cells for slot in narrow)


NEEDED = [Column.ID, Column.TYPE, Column.STATUS, Column.SIZE, Column.CREATED]
AT_80, AT_120 = 56, 86
"""The cells that the table has beside the sidebar on a screen of that many columns."""


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (20, [Column.ID, Column.STATUS]),
        (40, NEEDED),
        (48, [*NEEDED, Column.EXPIRES]),
        (AT_80, [*NEEDED, Column.EXPIRES, Column.DESCRIPTION]),
        (AT_120, [*NEEDED, Column.EXPIRES, Column.DESCRIPTION]),
    ],
)
def test_the_most_needed_columns_of_a_server_stay(cells: int, shown: list[Column]) -> None:
    assert [slot.column for slot in lay_out(cells, Widths(), times=Times.AGE, show_server=False)] == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (30, [Column.ID, Column.STATUS, Column.SERVER]),
        (AT_80, [*NEEDED, Column.SERVER]),
        (AT_120, [*NEEDED, Column.EXPIRES, Column.SERVER, Column.DESCRIPTION]),
    ],
)
def test_the_server_stays_where_all_servers_are_shown(cells: int, shown: list[Column]) -> None:
    widths = Widths(id=4, type=9, size=7, status=13, server=13)
    assert [slot.column for slot in lay_out(cells, widths, times=Times.AGE, show_server=True)] == shown


@pytest.mark.parametrize("show_server", [False, True])
def test_exact_times_leave_the_size_on_a_screen_of_80_columns(show_server: bool) -> None:
    slots = lay_out(AT_80, Widths(size=7), times=Times.UTC, show_server=show_server)
    assert Column.SIZE in [slot.column for slot in slots]


def test_names_that_differ_at_their_end_still_differ_where_they_are_cut() -> None:
    rows = [row(Backup(id=1, server_name=f"web-server-0{number}"), 40, show_server=True) for number in (1, 2)]
    assert rows[0].split()[-1] == "web-s…r-01"
    assert rows[1].split()[-1] == "web-s…r-02"


@given(st.integers(13, AT_120), st.integers(10, 13))
def test_a_name_is_shown_whole_before_there_is_an_expiry(cells: int, name: int) -> None:
    slots = {slot.column: slot for slot in lay_out(cells, Widths(server=name), times=Times.AGE, show_server=True)}
    assert Column.EXPIRES not in slots or slots[Column.SERVER].cells == name


@given(st.integers(0, 200), times, st.booleans())
def test_no_room_is_left_that_a_column_would_fit(cells: int, times: Times, show_server: bool) -> None:
    slots = lay_out(cells, Widths(), times=times, show_server=show_server)
    free = cells - sum(slot.cells + slot.gap for slot in slots)
    missing = {Column.DESCRIPTION: 6, Column.EXPIRES: 7 if times is Times.AGE else 16, Column.TYPE: 6}
    shown = {slot.column for slot in slots}
    assert all(free <= least for column, least in missing.items() if column not in shown)


def test_a_row_where_there_is_little_room_has_a_short_type_and_no_word_too_many() -> None:
    slots = lay_out(AT_80, Widths(size=7, type=9), times=Times.AGE, show_server=False)
    assert head_text(slots, AT_80, Column.CREATED, descending=True, times=Times.AGE) == (
        "ID  Type   Status           Size Created▼ Expires Descr…"
    )
    assert row(OLD, AT_80) == "501 auto   ● completed   4.4 GB 11 h     in 30 d Automa…"
    assert "59 min" in row(msgspec.structs.replace(OLD, expires_at=iso(NOW + 3599)), AT_80)
    assert "in 59" not in row(msgspec.structs.replace(OLD, expires_at=iso(NOW + 3599)), AT_80)


def test_a_wide_row_reads_as_a_sentence() -> None:
    words = "501 automatic ● completed 4.4 GB 11 h 2025-01-15 17:00 in 30 d Automatic daily backup"
    assert row(OLD, 120).split() == words.split()


def test_exact_times_leave_out_the_age() -> None:
    text = row(OLD, 110, times=Times.UTC)
    assert "2025-01-15 17:00" in text
    assert "2025-02-15 04:00" in text
    assert "11 h" not in text


def test_the_title_that_is_sorted_by_has_an_arrow() -> None:
    slots = lay_out(100, Widths(), times=Times.AGE, show_server=False)
    assert "Size ▲" in head_text(slots, 100, Column.SIZE, descending=False, times=Times.AGE)
    assert "Created ▼ UTC" in head_text(slots, 100, Column.CREATED, descending=True, times=Times.AGE)
    exact = lay_out(100, Widths(), times=Times.LOCAL, show_server=False)
    assert "Created local ▼" in head_text(exact, 100, Column.CREATED, descending=True, times=Times.LOCAL)


def test_each_cell_of_the_head_belongs_to_the_title_before_it() -> None:
    slots = lay_out(64, Widths(), times=Times.AGE, show_server=False)
    assert column_at(slots, 0) is Column.ID
    assert column_at(slots, slots[2].x) is Column.STATUS
    assert column_at(slots, slots[2].x - 1) is Column.TYPE
    assert column_at(slots, 80) is None
    assert column_at(slots, -1) is None


def test_a_status_is_a_mark_and_a_word() -> None:
    def status(word: str) -> str:
        backup = Backup(id=1, status=word)
        slots = lay_out(17, widths_of([backup]), times=Times.AGE, show_server=False)
        runs = backup_runs(backup, slots, 17, now=NOW, times=Times.AGE, marks={})
        return "".join(text for _, text in runs)[slots[1].x :].strip()

    assert status("completed") == "● completed"
    assert status("in_progress") == "○ in progress"
    assert status("failed") == "× failed"
    assert status("archived") == "▲ archived"
    assert status("") == "▲ unknown"


def test_what_this_program_does_with_a_backup_goes_before_its_status() -> None:
    slots = lay_out(40, Widths(), times=Times.AGE, show_server=False)
    runs = backup_runs(OLD, slots, 40, now=NOW, times=Times.AGE, marks={501: "restoring"})
    assert "» restoring" in "".join(text for _, text in runs)
    assert "completed" not in "".join(text for _, text in runs)


def test_an_unreadable_backup_says_so_and_nothing_else() -> None:
    assert row(Backup(id="a-b", status="completed", unreadable=True), 60).strip() == "unreadable backup (#a-b)"
    assert row(Backup(id=None, unreadable=True), 60).strip() == "unreadable backup"


def test_a_backup_that_expires_soon_stands_out() -> None:
    slots = lay_out(64, Widths(), times=Times.AGE, show_server=False)

    def style_of_expiry(seconds: float) -> str:
        backup = Backup(id=1, status="completed", expires_at=iso(NOW + seconds))
        runs = backup_runs(backup, slots, 64, now=NOW, times=Times.AGE, marks={})
        return next(style for style, text in runs if text.startswith(("in ", "expired")))

    assert style_of_expiry(86400) == style_of_expiry(-5) == "busy"
    assert style_of_expiry(30 * 86400) == ""


def test_widths_are_taken_from_a_sample_however_many_there_are() -> None:
    many = [Backup(id=row) for row in range(100_000)]
    assert widths_of(Fleet(many).sample()).id == 5
    assert widths_of([]) == Widths()


def test_no_column_moves_as_a_backup_is_begun() -> None:
    done = [Backup(id=row, status="completed") for row in range(100)]
    for status in BUSY:
        assert widths_of(done) == widths_of([*done, Backup(id=1, status=status)])
