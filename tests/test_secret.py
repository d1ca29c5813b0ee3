import copy
import json
import pickle
import re
import traceback
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import CANARY
from vpsbackup_tui.secret import Token, UnsoundTokenError, holds_token, without_sure_tokens, without_tokens

SOUND = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=200)


@given(SOUND)
def test_a_token_is_revealed_as_it_was_given_and_shown_nowhere_else(text: str) -> None:
    token = Token(text)
    assert token.reveal() == text
    for shown in (repr(token), str(token), f"{token}", f"{token!r:>8}", f"{[token]}", f"{token:.2}"):
        assert text not in shown
        assert "*" in shown


@given(SOUND, st.sampled_from(["", " ", "\n", "\r\n", "\t"]), st.sampled_from(["", "Bearer "]))
def test_white_space_and_bearer_around_a_token_are_taken_off(text: str, around: str, bearer: str) -> None:
    assert Token(around + bearer + text + around).reveal() == text


@pytest.mark.parametrize("text", ["XXXXXXXX", "12345678", "x" * 4096, "Bearer12", "12345678Bearer"])
def test_a_sound_token_loses_no_character(text: str) -> None:
    assert Token(text).reveal() == Token(f"Bearer  {text} ").reveal() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "with space inside",
        "line\nbreak-1",
        "nul\0nul-123",
        "naïve-token",
        "x" * 4097,
        "token…token",
        "\r\nX: injected",
        "\u00a0vps-token",
        "Bearer vps-token\u00a0",
        "Bearer \tvps-token",
    ],
)
def test_what_can_t_be_a_token_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(UnsoundTokenError) as refused:
        Token(text)
    assert str(refused.value) == "This can't be a token: a token is 8 to 4096 plain characters without spaces."
    if text:
        assert text not in "".join(traceback.format_exception_only(refused.value))


@given(st.text())
def test_any_text_is_a_token_of_plain_characters_or_refused(text: str) -> None:
    with suppress(UnsoundTokenError):
        assert re.fullmatch("[!-~]{8,4096}", Token(text).reveal())


def test_tokens_compare_by_their_text() -> None:
    assert Token(CANARY) == Token(CANARY)
    assert len({Token(CANARY), Token(CANARY)}) == 1
    assert len({hash(Token(f"vps_token_{number}")) for number in range(10)}) > 1
    assert Token(CANARY) != Token("vps_another")
    assert Token(CANARY) != CANARY


def test_a_token_can_t_be_pickled_or_copied() -> None:
    token = Token(CANARY)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"^A token can't be pickled or copied\.$"):
            attempt(token)


def test_a_token_fills_a_field_as_any_text_does() -> None:
    assert f"{Token(CANARY):>5}" == "  ***"


def test_a_token_has_no_attributes_to_look_into() -> None:
    assert not hasattr(Token(CANARY), "__dict__")


WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    "URL": lambda text: quote(text, safe=""),
}
ESCAPED: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: "".join(f"\\u00{ord(char):02x}" for char in text),
    "JSON in part": lambda text: "".join(char if char.isalnum() else f"\\u00{ord(char):02x}" for char in text),
    "URL": lambda text: "".join(f"%{ord(char):02x}" for char in text),
    "URL in part": lambda text: "".join(char if char.isalnum() else f"%{ord(char):02x}" for char in text),
}


@pytest.mark.parametrize("way", WRITTEN)
@given(text=SOUND, in_case=st.sampled_from([str, str.lower, str.upper]))
def test_a_token_is_hidden_wherever_it_stands_however_it_is_written(
    way: str, text: str, in_case: Callable[[str], str]
) -> None:
    written = in_case(WRITTEN[way](text)).encode()
    around = (b"\xff A\n", b"\n\n" * 2500, b"\nZ\xff")
    assert Token(text).hide(written.join(around)) == b"***".join(around)


@pytest.mark.parametrize(
    "text", [r"a.b*c+d\e/f\"g%h", r"\leading", '"leading', "/leading", "%2F%2F%2F", "........", "\\" * 8]
)
@pytest.mark.parametrize("way", WRITTEN)
def test_a_token_of_odd_characters_is_hidden_and_nothing_that_resembles_it(way: str, text: str) -> None:
    for around in (b"\n", b"\n" * 2500):
        assert Token(text).hide(around + WRITTEN[way](text).encode() + around) == around + b"***" + around
    assert Token(text).hide(b"axbbcddxe vps-token abcdefgh") == b"axbbcddxe vps-token abcdefgh"


@pytest.mark.parametrize("way", ESCAPED)
@pytest.mark.parametrize("text", ["abcd+EFGH/1234==xyz", CANARY, "a%41\\u0041/b"])
@pytest.mark.parametrize("in_case", [str.lower, str.upper])
def test_a_token_whose_characters_are_escaped_in_any_way_is_hidden_however_long_the_text(
    way: str, text: str, in_case: Callable[[str], str]
) -> None:
    written = in_case(ESCAPED[way](text)).encode()
    for around in (b"", b">" * 5000):
        assert Token(text).hide(around + written + around) == around + b"***" + around


@pytest.mark.parametrize("letter", ["\\u0076", "\\u0056", "%76", "%56"])
def test_one_letter_that_is_escaped_does_not_show_the_rest(letter: str) -> None:
    for around in ("", ">" * 5000):
        body = f'{{"detail": "bad {letter}{CANARY[1:]}", "more": "{around}"}}'
        assert Token(CANARY).hide(body.encode()) == f'{{"detail": "bad ***", "more": "{around}"}}'.encode()


IN_JSON: dict[str, Callable[[str], str]] = {
    "as Python writes it": json.dumps,
    "as PHP writes it": lambda text: json.dumps(text).replace("/", r"\/"),
    "escaped throughout": lambda text: '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"',
}


@pytest.mark.parametrize("way", IN_JSON)
@given(
    text=SOUND,
    before=st.text(st.sampled_from('\\"/\nuz%0é')),
    after=st.text(st.sampled_from('\\"/\nuz%0é')),
)
def test_json_stays_json_and_holds_no_token_whatever_stands_beside_it(
    way: str, text: str, before: str, after: str
) -> None:
    body = IN_JSON[way](before + text + after)
    hidden = json.loads(Token(text).hide(f'[{body}, "x"]'.encode()))
    assert hidden[1] == "x"
    assert "***" in hidden[0]
    assert text not in hidden[0].replace("***", "\0")


@pytest.mark.parametrize("backslashes", range(5))
def test_backslashes_before_a_token_stay(backslashes: int) -> None:
    body = json.dumps({"description": "C:" + "\\" * backslashes + CANARY})
    assert json.loads(Token(CANARY).hide(body.encode())) == {"description": "C:" + "\\" * backslashes + "***"}


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("nightly-1", rb'["line\nightly-1"]'),
        ("u0041bcde", rb'["\u0041bcde"]'),
        ("0041bcde", rb'["\u0041bcde"]'),
        ("token-1\\", rb'["token-1\""]'),
        ('token-1"', b'["token-1"]'),
    ],
)
def test_what_only_looks_like_the_token_in_json_stays(text: str, body: bytes) -> None:
    assert Token(text).hide(body) == body


def test_a_token_behind_a_backslash_that_is_no_json_is_hidden() -> None:
    assert Token("nightly-1").hide(rb"C:\nightly-1 \\nightly-1") == rb"C:\*** \\***"


@pytest.mark.parametrize("number", ["1e999", "9" * 5000, "NaN"])
def test_odd_numbers_do_not_make_json_something_else(number: str) -> None:
    body = rf'{{"path": "C:\\{CANARY}", "size": {number}}}'
    assert Token(CANARY).hide(body.encode()) == body.replace(CANARY, "***").encode()
    body = body.replace(CANARY, "/leading-1")
    assert Token("/leading-1").hide(body.encode()) == body.replace("/leading-1", "***").encode()


def test_a_token_in_the_other_case_is_hidden_in_json_too() -> None:
    assert Token(CANARY).hide(f'["{CANARY.upper()}", "\\n"]'.encode()) == rb'["***", "\n"]'


def test_a_text_without_the_token_stays_as_it_is() -> None:
    for text in (f"Straße {CANARY[:-1]} \x00".encode(), rb"C:\new [%20]"):
        assert Token(CANARY).hide(text) is text
    assert Token(CANARY).hide(b"") == b""


def test_what_looks_like_a_token_is_hidden_where_none_is_known() -> None:
    assert without_tokens(f"run {CANARY} or vps_x, not vps") == "run vps_*** or vps_*** not vps"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see vps_0f1e2d3c4b5a6978!", True),
        ("vps_ProductionWebEast", False),
        ("vps_web1-db2-app3-mail4-dns5", False),
        ("vps_mx1.fra1.k8s.example2.com", False),
        ("vps_node1a-rack2b-dc3_GMBH1", False),
        ("vps_aaaaaaaaaaaaBcdefgHijk", False),
        ("vps_aBcDaBcDaBcDaBcDaBcD", True),
        ("vps_ABCDEFGHIJKLMNOPabcd", True),
        ("vps_k8snode1a-production", False),
        ("vps_kunde-GmbH-webserver", False),
        ("vps_web-server_2026-11-28T03-04-05", False),
        ("vps_backup.before-migrationV2", False),
        ("vps_live_aBcDeFgHiJkLmNo7", True),
        ("vps_x7Kq-9f2LmZ_tR4b-Vw8sYc1N_pQ6hJd3g-Ke5", True),
        ("vps_x7Kq_9f2LmZ_tR4b_Vw8sYc1N_pQ6hJd3g", True),
        ("vps_0f3a9c1b7e5d2486", True),
        ("vps_550e8400-e29b-41d4-a716-446655440000", True),
        ("vps_aB3+dE6/hI9=lM2pQr4s", True),
        ("vps_k8s-node-pool-1a-v2", False),
        ("vps_10gb_ssd_frankfurt.example.com/2026-11-28", False),
        ("vps_production-Database_REPLICA-01-20261128", False),
        ("'vps_production_database_01' is not listed", False),
        ("vps_0123456789abcde", False),
        ("vps_production_database_replica_01", False),
        ("vps_thelongestnameofaserver", False),
        ("0123456789abcdef0123456789abcdef", False),
    ],
)
def test_what_can_hardly_be_anything_but_a_token_is_known_and_names_are_left_alone(text: str, expected: bool) -> None:
    assert holds_token(text) is expected
    assert ("vps_***" in without_sure_tokens(text)) is expected
    assert expected or without_sure_tokens(text) == text


@pytest.mark.parametrize("tail", ["-SECRETTAILSECRETTAIL7", "_SECRETTAIL", ".SECRETTAIL", "/+=TAIL"])
def test_nothing_is_left_of_what_must_be_a_token(tail: str) -> None:
    shown = without_sure_tokens(f"no server is called 'vps_Ab3dEf6hIj9lMn2pQr{tail}'; `list` shows them")
    assert shown == "no server is called 'vps_***'; `list` shows them"


@pytest.mark.parametrize(
    "text", ["allsmalllettersareatokentoo", "0123456789abcdef0123456789abcdef", "vps_lower-only", "8letters"]
)
def test_a_token_that_is_in_use_is_known_whatever_it_looks_like(text: str) -> None:
    around = f"pasted '{text.upper()}' by mistake"
    own = text.removeprefix("vps_")
    first, second = Token(text), Token(text)
    del first
    assert holds_token(around)
    assert holds_token(f"without its beginning {own}")
    for shown in (without_sure_tokens(around), without_tokens(around)):
        assert own not in shown.lower()
        assert shown.endswith("***' by mistake")
    del second
    assert not holds_token(around)


def test_each_of_several_tokens_in_use_is_known() -> None:
    tokens = [Token("thefirsttoken"), Token("thesecondtoken")]
    assert [holds_token(token.reveal()) for token in tokens] == [True, True]
    assert without_sure_tokens("thefirsttoken, thesecondtoken") == "***, ***"


def test_of_a_short_token_no_part_counts_as_the_token() -> None:
    token = Token("vps_1234")
    assert not holds_token("backup 1234")
    assert holds_token(token.reveal())
