import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import NOON
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotSentError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TooManyRequestsError,
    UnreachableError,
    UnusableAnswerError,
)
from vpsbackup_tui.api.retries import RetryBudget, retry_after_seconds, wait_before_retry

PASSING: list[ServiceError] = [
    UnreachableError("x"),
    NoAnswerError("x"),
    ServerFailedError("x", 503),
    TooManyRequestsError("x", 429, None),
]
LASTING: list[ServiceError] = [
    UnreachableError("x", passing=False),
    NotSentError("x"),
    RefusedError("x", 400),
    ServerFailedError("x", 501),
    ServerFailedError("x", 408),
    UnusableAnswerError("x"),
]


@given(st.sampled_from(PASSING), st.integers(0, 20), st.floats(0, 1))
def test_waits_grow_with_full_jitter_and_end(error: ServiceError, retries: int, chance: float) -> None:
    wait = wait_before_retry(error, retries, chance)
    waits = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
    if retries >= (len(waits) if isinstance(error, TooManyRequestsError) else 2):
        assert wait is None
    else:
        assert wait == chance * waits[retries]


@pytest.mark.parametrize("error", LASTING)
def test_what_won_t_pass_is_not_waited_for(error: ServiceError) -> None:
    assert wait_before_retry(error, 0, 0.5) is None


@given(st.floats(0, 10**6), st.floats(0, 1), st.booleans())
@example(30.0, 0.5, True)
@example(0.0, 0.5, False)
def test_the_service_s_own_wait_is_obeyed_up_to_30_seconds(asked: float, chance: float, throttled: bool) -> None:
    error = TooManyRequestsError("x", 429, asked) if throttled else ServerFailedError("x", 503, asked)
    wait = wait_before_retry(error, 0, chance)
    if asked > 30:
        assert wait is None
    else:
        assert wait is not None
        assert asked <= wait <= max(asked, 0.5)


@given(st.text() | st.integers().map(str) | st.floats().map(str), st.floats(0, 4e9))
def test_any_retry_after_gives_a_wait_or_none(header: str, now: float) -> None:
    seconds = retry_after_seconds(header, now)
    assert seconds is None or 0 <= seconds <= 86400


@given(st.lists(st.booleans(), max_size=500))
def test_retries_add_a_tenth_to_the_load_at_most(outcomes: list[bool]) -> None:
    budget = RetryBudget()
    retries = 0
    for succeeded in outcomes:
        if succeeded:
            budget.earn()
        else:
            retries += budget.spend(NoAnswerError("x"))
    assert retries <= 10 + sum(outcomes) * 0.1 + 1e-6


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("86400", 86400.0),
        ("86401", None),
        ("9" * 400, None),
        ("0" * 20 + "7", 7.0),
        ("7.5", None),
        ("-7", None),
        ("²", None),
        ("٧", None),
        ("", None),
        ("Thu, 16 Jan 2025 12:00:20 GMT", 20.0),
        ("Thu, 16 Jan 2025 12:00:00 GMT", 0.0),
        ("Fri, 17 Jan 2025 12:00:00 GMT", 86400.0),
        ("Fri, 17 Jan 2025 12:00:01 GMT", None),
        ("Thu, 16 Jan 2025 11:59:59 GMT", None),
    ],
)
def test_a_retry_after_is_a_number_or_a_time_within_a_day(header: str, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOON) == seconds


def test_ten_retries_are_there_from_the_start_and_successes_bring_them_back() -> None:
    budget, failed = RetryBudget(), NoAnswerError("x")
    for _ in range(100):
        budget.earn()  # the bucket is full
    assert [budget.spend(failed) for _ in range(12)] == [True] * 10 + [False] * 2
    for _ in range(25):
        budget.earn()
    assert [budget.spend(failed) for _ in range(4)] == [True, True, False, False]


def test_to_slow_down_as_asked_spends_none() -> None:
    budget, throttled = RetryBudget(), TooManyRequestsError("x", 429, 1.0)
    assert all(budget.spend(throttled) for _ in range(100))
    assert [budget.spend(NoAnswerError("x")) for _ in range(11)] == [True] * 10 + [False]
