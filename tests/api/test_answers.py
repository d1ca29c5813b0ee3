import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.test_decode import JSON
from vpsbackup_tui.api.answers import accepted_words, error_of, said
from vpsbackup_tui.api.errors import (
    NotFoundError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TokenRefusedError,
    TooManyRequestsError,
    UnusableAnswerError,
)
from vpsbackup_tui.text import clean

HOST = "admin.vps.org"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "Invalid token."}, "Invalid token."),
        ({"detail": "Not found"}, "Not found."),
        ({"description": ["Too long.", "Too odd."]}, "description: Too long. Too odd."),
        ({"server_id": ["Required."], "name": ["Bad."]}, "server_id: Required. name: Bad."),
        ({"non_field_errors": ["Both are wrong."]}, "Both are wrong."),
        ({"errors": {"name": ["Bad."]}}, "name: Bad."),
        ({"error": {"code": 5, "message": "Busy"}}, "Busy."),
        ({"error": "Busy", "message": ""}, "Busy."),
        ({"message": ["a", "b"]}, "a b."),
        ({"a": {"b": {"c": {"d": {"e": "too deep"}}}}}, ""),
        (["One.", {"x": "Two."}], "One. x: Two."),
        ("Just words", "Just words."),
        ({}, ""),
        ([], ""),
        (None, ""),
        (5, ""),
        ({"detail": None, "code": 5}, ""),
        ({"detail": "<html><b>no</b></html>"}, ""),
        ({"detail": "\ufeff<html>no</html>"}, ""),
        ({"detail": "\u00a0\u2003<b>no</b>"}, ""),
        ({"detail": " " * 300 + "<b>no</b>"}, ""),
        ({"detail": "a\x1b[31mb\u202ec"}, "a�[31mb␣c."),
        ({"detail": "\ud800 is half"}, "� is half."),
        ({"detail": " " * 300 + "Far off."}, "Far off."),
    ],
)
def test_every_shape_of_error_body_reads_as_a_sentence(body: Any, words: str) -> None:
    assert said(json.dumps(body).encode()) == words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"<!DOCTYPE html><h1>Server Error</h1>", ""),
        (b"\n\n  <html>", ""),
        (b"\xef\xbb\xbf<html>", ""),
        ("\u00a0<html>".encode(), ""),
        (b"\xef\xbb\xbfJust words", "Just words."),
        (b"upstream timed out", "upstream timed out."),
        (b"caf\xe9", "caf�."),
        (b"{broken", "{broken."),
    ],
)
def test_a_body_that_is_no_json_is_shown_only_if_it_is_words(body: bytes, words: str) -> None:
    assert said(body) == words


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_whatever_an_error_body_holds_its_words_are_clean_and_short(body: bytes) -> None:
    words = said(body)
    assert len(words) <= 200
    assert clean(words) == words
    assert not words.startswith("<")


def kind_of(status: int) -> type[ServiceError]:
    return type(error_of(status, b"", HOST))


def test_each_status_is_told_by_what_it_proves() -> None:
    assert kind_of(401) is TokenRefusedError
    assert kind_of(404) is kind_of(410) is NotFoundError
    assert kind_of(429) is TooManyRequestsError
    for status in (400, 403, 405, 409, 411, 413, 414, 415, 418, 422, 423, 428, 451):
        assert kind_of(status) is RefusedError
    for status in (408, 425, 499, 430, 444, 460, 498, 500, 501, 502, 503, 504, 520, 599):
        assert kind_of(status) is ServerFailedError
    for status in (100, 199, 600, 999):
        assert kind_of(status) is UnusableAnswerError


@given(st.integers(100, 999), st.sampled_from([b"", b'{"detail": "Because."}', b"<html>"]))
def test_every_error_names_host_and_status(status: int, body: bytes) -> None:
    error = error_of(status, body, HOST)
    assert error.message.startswith(HOST)
    assert str(status) in error.message
    assert error.message.endswith(".")
    assert "<" not in error.message


def test_a_refusal_repeats_what_the_service_said() -> None:
    error = error_of(409, b'{"detail": "A backup is already running."}', HOST)
    assert error.message == "admin.vps.org refused (409): A backup is already running."


@pytest.mark.parametrize("answer", [{"message": "Started"}, {"detail": ["Started."]}, {"id": 5, "message": "Started."}])
def test_a_success_may_carry_a_sentence(answer: Any) -> None:
    assert accepted_words(json.dumps(answer).encode()) == "Started."


@pytest.mark.parametrize("answer", [{}, {"id": 5, "name": "x"}, [], "Started.", None, {"message": None}])
def test_a_success_without_a_sentence_has_none(answer: Any) -> None:
    assert accepted_words(json.dumps(answer).encode()) == ""
