"""What comes out of the cleaner, whatever goes in.

Besides the strings that hypothesis makes, a quick run takes 5,000 made of what terminals and
eyes fall for; `VPSBACKUP_CASES=1000000` takes a million.
"""

import unicodedata
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.scale import cases
from vpsbackup_tui import text
from vpsbackup_tui.text import HIDDEN, NEW_LINE, REPLACEMENT, as_word, clean, quoted

STRINGS = cases(5000)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\ufe0f\U000e0100"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

PIECES = [
    *BIDI,
    *FILLERS,
    *"a<[/x]\\ \n\r\t\v\f\x00\x07\x1b\x1c\x7f\x85\x9b\xa0\xad\u2028\u2029\u200b\u200d\u3000\ufeff\ufffd\uffff",
    *("\r\n", "\x1b[2J", "\x1b[6n", "\x1b]52;c;cm0=\x07", "\x1b]8;;http://x\x1b\\", "\x9b31m", "\x1bP+q\x1b\\"),
    *("\u0301", "\u0301" * 5, "\u20dd", "\u0e33", "é", "हिन्दी", "東京", "🙂", "👨\u200d👩", "🇳🇴", "👍🏽", "☠\ufe0f"),
    *("\ud800", "\udfff", "\ud83d\ude42", "\ue000", "\U000e0041", "\U000f0000", "\U0010ffff"),
]

ANY_TEXT = st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Mn", "Me", "Zl", "Zp", "Lo"]))


@pytest.fixture(autouse=True)
def nothing_learned() -> None:
    """Let each test meet every character for the first time."""
    text._TABLE.clear()


@given(ANY_TEXT, st.integers(1, 300))
@example("\x1b]52;c;cm0=\x07", 256)
@example(BIDI + FILLERS, 256)
@example("e" + "\u0301" * 50, 256)
@example("\u0301", 1)
@example("a\r\n\tb", 3)
def test_nothing_that_acts_or_hides_comes_out(value: str, limit: int) -> None:
    assert_harmless(clean(value, limit), limit)


@pytest.mark.timeout(60 + len(STRINGS) // 1000)
def test_strings_made_to_act_or_hide_come_out_harmless() -> None:
    for number in STRINGS:
        random = Random(number)
        anything = [chr(random.randrange(0x110000)) for _ in range(random.randint(0, 5))]
        value = "".join(random.choices(PIECES + anything, k=random.randint(0, 30)))
        limit = random.choice([1, 20, 256])
        shown = clean(value, limit)
        assert_harmless(shown, limit)
        assert clean(shown, limit) == shown


def assert_harmless(shown: str, limit: int) -> None:
    """Check that a text is one short line of characters that are seen, whose marks stay in their row."""
    assert len(shown) <= limit
    for char in shown:
        assert char == " " or unicodedata.category(char) not in FORBIDDEN | {"Zs"}
        assert char not in FILLERS + BIDI
    assert most_marks(shown) <= 3
    shown.encode()


def most_marks(shown: str) -> int:
    """Return how many combining marks stand on one character at most."""
    most = marks = 0
    for char in shown:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        most = max(most, marks)
    return most


@pytest.mark.parametrize(("first", "last"), [(0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF)])
def test_selectors_of_a_form_are_drawn_and_their_neighbours_are_none(first: int, last: int) -> None:
    for code in range(first, last + 1):
        assert clean("a" + chr(code)) == "a" + HIDDEN
    for code in (first - 1, last + 1):
        assert HIDDEN not in clean("a" + chr(code))


def test_a_character_is_drawn_the_same_however_often_it_is_met() -> None:
    value = "a\tb\u202ec\x1b\n"
    assert clean(value) == clean(value) == "a b␣c�⏎"


def test_not_every_character_is_learned() -> None:
    every = "".join(map(chr, range(0x100, 0x3000)))
    assert clean(every, len(every)) == clean(every, len(every))
    assert len(text._TABLE) == 4096


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
    assert most_marks(clean("e" + value)) <= 3


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
        ("\u0301" * 4 + "x", "␣\u0301\u0301x"),
        ("e" + "\u0301" * 4 + "x", "e" + "\u0301" * 3 + "x"),
        ("e" + "\u20dd" * 4, "e" + "\u20dd" * 3),
        ("e" + "\u0301" * 3 + "o" + "\u0301" * 3, "e" + "\u0301" * 3 + "o" + "\u0301" * 3),
        ("e" + "\u0301" * 5 + "o\u0301", "e" + "\u0301" * 3 + "o\u0301"),
    ],
)
def test_each_kind_of_character_is_drawn_as_it_should(value: str, shown: str) -> None:
    assert clean(value) == shown


def test_a_cut_is_shown() -> None:
    assert clean("x" * 300) == "x" * 255 + "…"
    assert clean("x" * 256) == "x" * 256
    assert clean("xyz", 2) == "x…"


@pytest.mark.parametrize("name", ["web-01", "db.example.com:2222", "a_b@c", "x", "", "东京", "हिन्दी", "சென்னை-தளம்", "½"])
def test_a_plain_word_stands_in_a_sentence_as_it_is(name: str) -> None:
    assert as_word(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x is deleted. Backup 7 of y", "“x is deleted. Backup 7 of y”"),
        ("✓done", "“✓done”"),
        ("web'01", "“web'01”"),
        ("done”. And “more", "“done␣. And ␣more”"),
        (" web", "“ web”"),
        ("web ", "“web ”"),
        ("␣", "“␣”"),
    ],
)
def test_what_may_be_more_than_a_word_stands_in_quotes(name: str, shown: str) -> None:
    assert as_word(name) == shown


@given(ANY_TEXT)
def test_nothing_ends_its_quotes(value: str) -> None:
    shown = quoted(clean(value))
    assert (shown[0], shown[-1]) == ("“", "”")
    assert not set("“”") & set(shown[1:-1])


def test_marks_are_public() -> None:
    assert {unicodedata.category(mark) for mark in (REPLACEMENT, HIDDEN, NEW_LINE)} == {"So"}
