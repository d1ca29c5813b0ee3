import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vpsbackup_tui.text import HIDDEN, NEW_LINE, REPLACEMENT, clean

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\ufe0f\U000e0100"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

ANY_TEXT = st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Mn", "Me", "Zl", "Zp", "Lo"]))


@given(ANY_TEXT, st.integers(1, 300))
@example("\x1b]52;c;cm0=\x07", 256)
@example(BIDI + FILLERS, 256)
@example("e" + "\u0301" * 50, 256)
@example("\u0301", 1)
@example("a\r\n\tb", 3)
def test_nothing_that_acts_or_hides_comes_out(value: str, limit: int) -> None:
    shown = clean(value, limit)
    assert len(shown) <= limit
    for char in shown:
        assert char == " " or unicodedata.category(char) not in FORBIDDEN | {"Zs"}
        assert char not in FILLERS + BIDI
    shown.encode()


def test_there_is_no_character_that_acts_or_hides() -> None:
    every = "a".join(map(chr, range(0x110000)))
    shown = set(clean(every, len(every)))
    assert not {char for char in shown if unicodedata.category(char) in FORBIDDEN}
    assert not shown & set(FILLERS + BIDI)


@given(ANY_TEXT, st.integers(1, 300))
def test_what_is_clean_stays_as_it_is(value: str, limit: int) -> None:
    shown = clean(value, limit)
    assert clean(shown, limit) == shown


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=256))
def test_printable_ascii_is_the_very_same_object(value: str) -> None:
    assert clean(value) is value


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Po", "So"]), max_size=100))
def test_letters_of_any_script_come_through(value: str) -> None:
    hidden = set(FILLERS)
    assert clean(value) == "".join(HIDDEN if char in hidden else char for char in value)


@given(ANY_TEXT)
def test_at_most_three_marks_stay_on_a_character(value: str) -> None:
    marks = 0
    for char in clean(value):
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        assert marks <= 3


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        ("web-01 [/x]", "web-01 [/x]"),
        ("Grüße 東京 🙂", "Grüße 東京 🙂"),
        ("a\tb", "a b"),
        ("a\u00a0b\u2003c", "a b c"),
        ("a\nb\r\nc\rd\u2028e", "a⏎b⏎c⏎d⏎e"),
        ("\x00\x1b\x7f\x9b", "����"),
        ("\ud800", "�"),
        ("\ue000\U0010ffff", "��"),
        ("a\u202eb\u200bc\ufeffd", "a␣b␣c␣d"),
        ("\u2800\u3164", "␣␣"),
        ("हिन्दी", "हिन्दी"),
        ("\u0301x", "␣x"),
    ],
)
def test_each_kind_of_character_is_drawn_as_it_should(value: str, shown: str) -> None:
    assert clean(value) == shown


def test_a_cut_is_shown() -> None:
    assert clean("x" * 300) == "x" * 255 + "…"
    assert clean("x" * 256) == "x" * 256
    assert clean("xyz", 2) == "x…"


def test_marks_are_public() -> None:
    assert {unicodedata.category(mark) for mark in (REPLACEMENT, HIDDEN, NEW_LINE)} == {"So"}
