import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.test_decode import JSON
from vpsbackup_tui.api.answers import accepted_words, error_of, redirect_error, refuse_denial, refuse_words, said
from vpsbackup_tui.api.errors import (
    NotFoundError,
    RefusedError,
    ServerFailedError,
    ServiceError,
    TokenRefusedError,
    TooManyRequestsError,
    UnusableAnswerError,
)
from vpsbackup_tui.api.json_text import ShapeError
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


REFUSED = {
    *(400, 402, 403, 405, 406, 407, 409, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428),
    *(431, 451),
}
"""What IANA's register has, without 408 and 425, and without those that are told by a class of their own."""
SPECIAL = {401: TokenRefusedError, 404: NotFoundError, 410: NotFoundError, 429: TooManyRequestsError}


def kind_of(status: int) -> type[ServiceError]:
    if status in REFUSED:
        return RefusedError
    return SPECIAL.get(status) or (ServerFailedError if 400 <= status <= 599 else UnusableAnswerError)


def test_each_status_is_told_by_what_it_proves() -> None:
    for status in range(100, 1000):
        if not 200 <= status < 400:
            error = error_of(status, b"", HOST, retry_after=7.0)
            assert type(error) is kind_of(status), status
            assert getattr(error, "status", status) == status
            assert getattr(error, "retry_after", 7.0) == 7.0


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b"", "admin.vps.org refused the token (401): the token may be mistyped, expired or revoked."),
        (401, b'"No."', "admin.vps.org refused the token (401): “No.”"),
        (403, b"", "admin.vps.org refused (403): this token may not do that."),
        (404, b"<html>", "admin.vps.org refused (404): there is no such thing."),
        (418, b"", "admin.vps.org refused (418)."),
        (429, b"", "admin.vps.org refused (429): too many requests."),
        (429, b'"Slow down!"', "admin.vps.org refused (429): “Slow down!”"),
        (502, b"", "admin.vps.org failed (502): what stands before the service got no answer from it."),
        (500, b'"Oops"', "admin.vps.org failed (500): “Oops.”"),
        (520, b"", "admin.vps.org failed (520)."),
        (600, b'"Hello"', "admin.vps.org answered with a status that means nothing here (600)."),
    ],
)
def test_each_error_says_who_did_what_and_why(status: int, body: bytes, message: str) -> None:
    assert error_of(status, body, HOST).message == message


def test_a_429_says_how_long_to_wait() -> None:
    error = error_of(429, b"", HOST, retry_after=6.6)
    assert error.message == "admin.vps.org refused (429): too many requests. Wait 7 s."


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("https://login.example/in?next=/", "to login.example"),
        ("https://" + "a" * 100 + "/", "to " + "a" * 100),
        ("https://" + "a" * 101 + "/", "to " + "a" * 99 + "…"),
        ("/api/v2/", "elsewhere"),
        ("http://[bad", "elsewhere"),
        ("", "elsewhere"),
    ],
)
def test_a_redirect_is_told_by_the_host_it_leads_to(location: str, where: str) -> None:
    assert redirect_error(302, location, HOST).message == (
        f"admin.vps.org redirects {where} (302), which is not followed. "
        "Check the base URL; a log-in page of your network may also stand in between."
    )


@given(st.integers(100, 999), st.sampled_from([b"", b'{"detail": "Because."}', b"<html>"]))
def test_every_error_names_host_and_status(status: int, body: bytes) -> None:
    error = error_of(status, body, HOST)
    assert error.message.startswith(HOST)
    assert str(status) in error.message
    assert error.message.endswith((".", ".”"))
    assert "<" not in error.message


def test_a_refusal_repeats_what_the_service_said() -> None:
    error = error_of(409, b'{"detail": "A backup is already running."}', HOST)
    assert error.message == "admin.vps.org refused (409): “A backup is already running.”"


@pytest.mark.parametrize("answer", [{"message": "Started"}, {"detail": ["Started."]}, {"id": 5, "message": "Started."}])
def test_a_success_may_carry_a_sentence(answer: Any) -> None:
    assert accepted_words(json.dumps(answer).encode()) == "Started."


@pytest.mark.parametrize("answer", [{}, {"id": 5, "name": "x"}, [], "Started.", None, {"message": None}])
def test_a_success_without_a_sentence_has_none(answer: Any) -> None:
    assert accepted_words(json.dumps(answer).encode()) == ""


@pytest.mark.parametrize("answer", [{"error": {"a": {"b": "No"}}}, {"errors": {"a": {"b": "No"}}}])
def test_a_success_that_speaks_of_an_error_is_none_and_repeats_it(answer: Any) -> None:
    with pytest.raises(ShapeError) as refused:
        accepted_words(json.dumps(answer).encode())
    assert str(refused.value) == "it accepts and speaks of an error: “a: b: No.”"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"success": False, "message": "The server is locked."}, ": “The server is locked.”"),
        ({"success": 0}, ""),
        ({"restored": False}, ""),
        ({"status": "not_started"}, ": “status: not_started.”"),
        ({"state": "Aborted"}, ": “state: Aborted.”"),
        ("no", ": “no.”"),
        ({"ok": False}, ""),
        ({"accepted": "No"}, ": “accepted: No.”"),
        ({"status": "failed"}, ": “status: failed.”"),
        ({"status": "Error", "id": 5}, ": “status: Error.”"),
        ({"state": "rejected"}, ": “state: rejected.”"),
        ({"result": False}, ""),
        ([{"error": "locked"}], ": “locked.”"),
        ([{"id": 5}, {"ok": False}], ""),
        ("failed", ": “failed.”"),
        (["failed"], ": “failed.”"),
        (False, ""),
        ({"error": True}, ""),
    ],
)
def test_a_success_that_denies_itself_is_none(answer: Any, words: str) -> None:
    with pytest.raises(ShapeError) as refused:
        accepted_words(json.dumps(answer).encode())
    assert str(refused.value) == f"it accepts and speaks of an error{words}"


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"success": None, "error": None, "errors": []},
        {"ok": 1},
        {"status": "pending"},
        {"status": 0},
        {"status": {"failed": 0}},
        {"state": "restoring", "result": None},
        [{"status": "active"}],
        "started",
        True,
        0,
        None,
    ],
)
def test_a_success_that_denies_nothing_is_one(answer: Any) -> None:
    assert accepted_words(json.dumps(answer).encode()) == ""


def test_what_a_backup_says_of_itself_denies_no_create() -> None:
    refuse_denial(b'{"id": 7, "restored": false, "started": false, "status": "failed"}')


def test_a_denial_is_looked_for_in_an_answer_of_any_depth() -> None:
    for key in ("status", "success"):
        assert accepted_words(f'{{"{key}": {"[" * 500}{"]" * 500}}}'.encode()) == ""
    assert accepted_words(b"[" * 500 + b"]" * 500) == ""


@pytest.mark.parametrize("flag", [{"success": False}, {"ok": False}, {"error": "quota"}, {"errors": ["quota"]}])
def test_a_backup_that_comes_with_a_denial_is_none(flag: dict[str, Any]) -> None:
    with pytest.raises(ShapeError, match=r"^it accepts and speaks of an error"):
        refuse_denial(json.dumps({"id": 5, "status": "in_progress", **flag}).encode())


@pytest.mark.parametrize("status", ["in_progress", "failed"])
def test_the_status_of_a_backup_denies_nothing(status: str) -> None:
    refuse_denial(json.dumps({"id": 5, "status": status, "message": "Backup is being created."}).encode())


@pytest.mark.parametrize(
    ("body", "words"), [(b'{"detail": "Quota"}', "“Quota.”"), (b"Oops", "“Oops.”"), (b"<html>", "a web page")]
)
def test_words_where_none_were_to_come_are_repeated(body: bytes, words: str) -> None:
    with pytest.raises(ShapeError) as refused:
        refuse_words(body)
    assert str(refused.value) == f"nothing was to be said, but it says: {words}"


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_nothing_is_no_words(body: bytes) -> None:
    refuse_words(body)
    assert accepted_words(body) == ""


@pytest.mark.parametrize(
    ("wrap", "words"),
    [
        (lambda inner: {"field": inner}, "field: field: field: field: word."),
        (lambda inner: {"detail": inner}, "word."),
        (lambda inner: [inner], "word."),
    ],
)
def test_words_are_looked_for_four_levels_deep(wrap: Callable[[Any], Any], words: str) -> None:
    value: Any = "word"
    for _ in range(4):
        value = wrap(value)
    assert said(json.dumps(value).encode()) == words
    assert said(json.dumps(wrap(value)).encode()) == ""


def test_five_parts_of_a_list_or_an_object_are_told() -> None:
    assert said(b'["a", "b", "c", "d", "e", "f"]') == "a b c d e."
    assert said(b'{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}') == "a: 1 b: 2 c: 3 d: 4 e: 5."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 198, "x" * 198 + "."),
        ("x" * 199, "x" * 199 + "."),
        ("x" * 200, "x" * 198 + "…"),
        ("x" * 2000, "x" * 198 + "…"),
        ("Why?", "Why?"),
        ("No!", "No!"),
        ("いいえ。", "いいえ。"),
    ],
)
def test_a_sentence_has_an_end_and_200_characters_at_most(text: str, shown: str) -> None:
    assert said(json.dumps(text).encode()) == said(text.encode()) == shown


def test_the_names_of_fields_are_told_and_those_of_no_field_are_not() -> None:
    assert said(b'{"server_id": "No", "__all__": "Neither", "<b>": "Nor"}') == "server_id: No Neither Nor."
