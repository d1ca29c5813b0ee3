"""What dialogs say of a record, whatever the service sent."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.fleet.formats import NOTHING, exact_text, parse_time
from vpsbackup_tui.ui.dialogs.facts import moment_text

LAST = 253_402_300_800
"""The Unix time at which the year 10000 begins."""
FIRST = -62_135_596_800
"""The Unix time at which the year 1 begins."""
A_DAY_EACH_WAY = st.integers(-86_400, 86_400)
MOMENTS = st.one_of(
    A_DAY_EACH_WAY.map(lambda seconds: LAST + seconds),
    A_DAY_EACH_WAY.map(lambda seconds: FIRST + seconds),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(FIRST, LAST),
)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
HERE = st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue"])


@contextmanager
def local_zone(name: str) -> Iterator[None]:
    """Be in a zone for a while."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@given(MOMENTS, st.one_of(st.none(), OFFSETS), HERE)
def test_every_moment_has_a_text_in_every_zone(moment: float, zone: tzinfo | None, here: str) -> None:
    with local_zone(here):
        text, exact = moment_text(moment, zone), exact_text(moment, zone)
        # One of them may know the very first and last hours of the calendar, and the other not.
        assert NOTHING in (text, exact) or text.startswith(f"{exact} ")


@pytest.mark.parametrize(
    ("sent", "zone", "text"),
    [
        ("2025-01-16T03:00:00Z", UTC, "2025-01-16 03:00 UTC"),
        ("2025-01-16T03:00:00Z", None, "2025-01-16 12:00 JST"),
        ("9999-12-31T12:00:00Z", None, "9999-12-31 21:00 JST"),
        ("9999-12-31T18:00:00Z", None, NOTHING),
    ],
)
def test_a_moment_is_told_with_its_zone(sent: str, zone: tzinfo | None, text: str) -> None:
    with local_zone("Asia/Tokyo"):
        assert moment_text(parse_time(sent), zone) == text
