"""From one look to another: the shortest way, and always the same end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.ui.picture.looks import PLAIN, Look, change, look_of

MARKS = ("1", "2", "3", "4", "5", "7", "8", "9", "21", "53")
FRONTS = ("", "31", "97", "39", "38;5;253", "38;2;1;48;3")
BACKS = ("", "41", "107", "49", "48;5;1", "48;2;38;5;31")
OFF = {"22": "12", "23": "3", "24": "4", "25": "5", "27": "7", "28": "8", "29": "9"}


@st.composite
def codes(draw: st.DrawFn) -> str:
    marks = draw(st.lists(st.sampled_from(MARKS), unique=True))
    return ";".join(filter(None, [*marks, draw(st.sampled_from(FRONTS)), draw(st.sampled_from(BACKS))]))


def obeyed(look: Look, sequence: str) -> Look:
    """Return what a terminal makes of a look and a sequence, code by code."""
    on = {*look.marks}
    front, back = look.front, look.back
    for text in filter(None, sequence.split("m")):
        assert text.startswith("\x1b[")
        parts = (text[2:] or "0").split(";")
        while parts:
            code = parts.pop(0)
            if code in ("38", "48"):
                rest = 2 if parts[0] == "5" else 4
                code = ";".join([code, *parts[:rest]])
                del parts[:rest]
            if code == "0":
                on, front, back = set(), "", ""
            elif code in OFF:
                on -= set(OFF[code])
            elif len(code) > 1 and code[0] in "39":
                front = "" if code == "39" else code
            elif len(code) > 1 and code[0] in "41":
                back = "" if code == "49" else code
            else:
                on.add(code)
    return look_of(";".join(filter(None, [*on, front, back])))


@given(codes(), codes())
def test_a_change_ends_in_the_look_that_is_wanted(before: str, after: str) -> None:
    assert obeyed(look_of(before), change(look_of(before), look_of(after))) is look_of(after)


@given(codes(), codes())
def test_a_change_is_never_longer_than_beginning_anew(before: str, after: str) -> None:
    anew = "\x1b[" + ";".join(["0", *look_of(after).codes]) + "m"
    assert len(change(look_of(before), look_of(after))) <= len(anew)


@given(codes())
def test_a_look_is_one_object(text: str) -> None:
    assert look_of(";".join(reversed(look_of(text).codes))) is look_of(text)
    assert change(look_of(text), look_of(text)) == ""


@pytest.mark.parametrize(
    ("before", "after", "sequence"),
    [
        ("1;38;5;253;48;5;233", "38;5;247;48;5;233", "\x1b[22;38;5;247m"),
        ("1;38;5;253;48;5;233", "", "\x1b[m"),
        ("", "7", "\x1b[7m"),
        ("1;2;31;41", "2;31;41", "\x1b[22;2m"),
        ("31;41", "41", "\x1b[39m"),
        ("53;31", "31", "\x1b[0;31m"),
    ],
)
def test_a_change_says_what_differs(before: str, after: str, sequence: str) -> None:
    assert change(look_of(before), look_of(after)) == sequence


@pytest.mark.parametrize(
    ("codes", "blank"),
    [("1;31;44", "44"), ("3", ""), ("7;31;44", "7;31;44"), ("4;31", "4;31"), ("", "")],
)
def test_on_a_blank_only_ground_lines_and_reverse_are_seen(codes: str, blank: str) -> None:
    assert look_of(codes).blank is look_of(blank)


def test_plain_is_no_codes() -> None:
    assert PLAIN.codes == []
    assert look_of("39;49") is PLAIN
