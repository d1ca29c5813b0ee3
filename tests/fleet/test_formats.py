"""Sizes and times in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.fleet import formats

NOW = datetime(2025, 1, 16, 14, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("size_mb", "text"),
    [(None, "–"), (0, "0 MB"), (812, "812 MB"), (4523, "4.4 GB"), (250_000, "244 GB"), (1_500_000, "1.4 TB")],
)
def test_a_size_reads_as_expected(size_mb: int | None, text: str) -> None:
    assert formats.size_text(size_mb) == text


@pytest.mark.parametrize(
    ("past", "text"),
    [(3, "just now"), (125, "2 min"), (11 * 3600, "11 h"), (30 * 86400, "30 d"), (-300, "in 5 min")],
)
def test_an_age_reads_as_expected(past: float, text: str) -> None:
    assert formats.age_text(NOW - past, NOW) == text


def test_only_an_age_that_is_a_number_was_ago() -> None:
    moments = (NOW - 3 * 86400, NOW - 3, NOW + 300, None)
    assert [formats.age_phrase(moment, NOW) for moment in moments] == ["3 d ago", "just now", "in 5 min", "–"]


def test_a_backup_without_an_expiry_never_expires() -> None:
    assert formats.expiry_text(None, NOW) == "never"
    assert formats.expiry_text(NOW + 30 * 86400, NOW) == "in 30 d"
    assert formats.expiry_text(NOW - 1, NOW) == "expired"


def test_a_long_span_has_two_units() -> None:
    assert formats.long_span_text(2 * 86400 + 4 * 3600 + 59) == "2 d 4 h"
    assert formats.long_span_text(3 * 3600 + 12 * 60) == "3 h 12 min"
    assert formats.long_span_text(40) == "40 s"


def test_a_time_without_a_zone_is_no_time() -> None:
    assert formats.parse_time("2025-01-16T03:00:00") is None
    assert formats.parse_time("2025-01-16T03:00:00Z") == datetime(2025, 1, 16, 3, tzinfo=UTC).timestamp()


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    formats.parse_time(text)


@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15), st.one_of(st.none(), st.integers(-(10**40), 10**40)))
def test_every_number_has_a_short_form(moment: float, now: float, size_mb: int | None) -> None:
    for text in (
        formats.age_text(moment, now),
        formats.expiry_text(moment, now),
        formats.exact_text(moment),
        formats.size_text(size_mb),
        formats.span_text(moment),
    ):
        assert 0 < len(text) < 60
