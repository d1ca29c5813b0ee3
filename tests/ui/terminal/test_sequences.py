from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from vpsbackup_tui.ui.terminal import sequences
from vpsbackup_tui.ui.terminal.sequences import ESCAPE, ESCAPE_DELAY, PASTE, Splitter, escape_delay

PASTE_END = "\x1b[201~"
ANSWER = "\x1b[1;24R"
# Textual's table has Escape before a key too, which are two keys.
KNOWN = sorted(keys for keys in ANSI_SEQUENCES_KEYS if len(keys) > 1 and not keys.startswith("\x1b\x1b"))
UNITS = st.one_of(
    st.sampled_from(KNOWN),
    st.sampled_from(
        ["\x1b[<0;10;20M", "\x1b[?2026;2$y", "\x1b[97;5u", "\x1b[M !!", "\x1b[I", "\x1b]11;rgb:0/0/0\x1b\\"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters=ESCAPE), min_size=1, max_size=3),
    st.text(st.characters(codec="ascii", exclude_characters=ESCAPE)).map(lambda text: PASTE + text + PASTE_END),
)


def split(*pieces: str) -> list[str]:
    splitter = Splitter()
    units = [unit for piece in pieces for unit in splitter.feed(piece)]
    return [*units, splitter.give_up()] if splitter.patience else units


@pytest.mark.parametrize("keys", KNOWN, ids=repr)
def test_every_key_that_textual_knows_is_one_unit_however_it_comes(keys: str) -> None:
    assert split(keys) == [keys]
    assert split(*keys) == [keys]
    assert split(keys + "x" + keys) == [keys, "x", keys]


@given(st.lists(UNITS, max_size=8), st.lists(st.integers(0, 60), max_size=6))
def test_it_does_not_matter_where_the_line_tears_what_is_sent(units: list[str], places: list[int]) -> None:
    text = "".join(units)
    edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    assert "".join(split(*pieces)) == text
    assert _without_text(split(*pieces)) == _without_text(units)


def _without_text(units: list[str]) -> list[str]:
    """Return the keys, reports and pastes; a run of text may come in any pieces."""
    return [unit for unit in units if unit.startswith(ESCAPE)]


@given(st.text(st.sampled_from("\x1b[]OPM<0;9$?~aR\x07\\"), max_size=40))
def test_whatever_is_sent_nothing_is_doubled_or_made_up(text: str) -> None:
    sent = iter(text)
    assert all(character in sent for unit in split(text) for character in unit)


def test_a_lone_escape_waits_for_a_moment_only() -> None:
    splitter = Splitter()
    assert list(splitter.feed(ESCAPE)) == []
    assert splitter.patience == ESCAPE_DELAY == 0.025
    assert splitter.give_up() == ESCAPE
    assert splitter.patience is None


def test_what_has_begun_waits_longer() -> None:
    splitter = Splitter()
    list(splitter.feed("\x1b["))
    assert splitter.patience is not None
    assert splitter.patience >= 0.25
    assert list(splitter.feed("A")) == ["\x1b[A"]
    assert splitter.patience is None


def test_escape_twice_is_escape_twice() -> None:
    assert split("\x1b\x1b") == [ESCAPE, ESCAPE]
    assert split("\x1b\x1b[A") == [ESCAPE, "\x1b[A"]


def test_the_rest_of_a_key_that_comes_just_too_late_is_that_key() -> None:
    splitter = Splitter()
    list(splitter.feed(ESCAPE))
    splitter.give_up()
    assert list(splitter.feed("[D")) == ["\x1b[D"]
    assert list(splitter.feed("[D")) == ["[D"]


@pytest.mark.parametrize("torn_at", [(1,), (2,), (3,), (4,), (5,), (6,), (1, 3), (1, 4), (1, 5), (3, 4), (4, 6)])
def test_the_rest_of_an_answer_that_comes_seconds_later_presses_nothing(
    torn_at: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(sequences, "monotonic", lambda: now)
    splitter = Splitter()
    answer = "\x1b[1;23R"
    units: list[str] = []
    for start, end in pairwise((0, *torn_at, len(answer))):
        units += splitter.feed(answer[start:end])
        if splitter.patience is not None and splitter.patience < 4:
            units.append(splitter.give_up())
        now += 4.5
    assert [*units, *splitter.feed("j")][-2:] == [answer, "j"]
    assert units[:-1] in ([], [ESCAPE], ["\x1b["])


def test_what_is_typed_after_escape_is_no_rest_of_a_key() -> None:
    splitter = Splitter()
    list(splitter.feed(ESCAPE))
    splitter.give_up()
    assert list(splitter.feed("[")) == ["["]
    assert list(splitter.feed("D")) == ["D"]


def test_an_escape_in_a_paste_ends_nothing() -> None:
    assert split(PASTE + "rm\x1bq\x1b[20D" + PASTE_END + "j") == [PASTE + "rmq[20D" + PASTE_END, "j"]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let seconds pass."""
    now = 100.0
    monkeypatch.setattr(sequences, "monotonic", lambda: now)

    def let_pass(seconds: float) -> None:
        nonlocal now
        now += seconds

    return let_pass


def test_a_paste_whose_end_is_lost_is_dropped_after_a_while(passes: Callable[[float], None]) -> None:
    splitter = Splitter()
    assert list(splitter.feed(PASTE + "half of it\x1b")) == []
    assert splitter.patience == 10
    splitter.give_up()
    assert splitter.patience is None
    assert list(splitter.feed("j")) == ["j"]


def test_no_answer_keeps_a_paste_open_whose_end_is_lost(passes: Callable[[float], None]) -> None:
    splitter = Splitter()
    assert list(splitter.feed(PASTE + "y")) == []
    for _ in range(3):
        passes(3)
        assert list(splitter.feed(ANSWER)) == [ANSWER]
    assert splitter.patience == 1
    passes(2)
    assert splitter.patience == 0
    assert splitter.give_up() == ""


def test_no_key_keeps_a_paste_open_for_ever(passes: Callable[[float], None]) -> None:
    splitter = Splitter()
    assert list(splitter.feed(PASTE + "half of it")) == []
    for _ in range(20):
        assert splitter.patience
        passes(3)
        assert list(splitter.feed("q")) == []
    assert splitter.patience == 0
    assert splitter.give_up() == ""


@pytest.mark.parametrize(("pieces", "seconds"), [(["more of it"], 9.0), (["i", "t"], 0.09)])
def test_a_paste_is_waited_for_as_long_as_more_of_it_comes(
    passes: Callable[[float], None], pieces: list[str], seconds: float
) -> None:
    splitter = Splitter()
    list(splitter.feed(PASTE))
    for piece in pieces * 300:
        passes(seconds)
        assert list(splitter.feed(piece)) == []
    assert splitter.patience == 10
    assert list(splitter.feed(PASTE_END)) == [PASTE + "".join(pieces * 300) + PASTE_END]


def test_no_key_that_is_held_keeps_a_paste_open_for_ever(passes: Callable[[float], None]) -> None:
    splitter = Splitter()
    list(splitter.feed(PASTE + "half of it"))
    for _ in range(2000):
        passes(0.033)
        assert list(splitter.feed("\x11")) == []
    assert splitter.patience == 0
    assert splitter.give_up() == ""
    assert list(splitter.feed("\x11")) == ["\x11"]


def test_what_comes_with_the_end_of_a_paste_that_was_given_up_presses_nothing() -> None:
    splitter = Splitter()
    list(splitter.feed(PASTE + "half of it"))
    splitter.give_up()
    assert list(splitter.feed("y" + PASTE_END + "j")) == ["j"]
    assert list(splitter.feed("k" + PASTE_END)) == ["k", PASTE_END]


def test_a_paste_behind_one_that_was_given_up_is_one() -> None:
    splitter = Splitter()
    list(splitter.feed(PASTE + "half of it"))
    splitter.give_up()
    assert list(splitter.feed("j" + PASTE + "web" + PASTE_END)) == ["j", PASTE + "web" + PASTE_END]
    assert list(splitter.feed("k" + PASTE_END)) == ["k", PASTE_END]


def test_of_a_huge_paste_no_more_is_kept_than_anybody_takes() -> None:
    splitter = Splitter()
    list(splitter.feed(PASTE))
    for _ in range(100):
        assert list(splitter.feed("x" * 4096)) == []
    assert list(splitter.feed(PASTE_END[:3])) == []
    (paste,) = splitter.feed(PASTE_END[3:])
    assert 60_000 < len(paste) < 70_000
    assert paste.endswith("x" + PASTE_END)
    assert list(splitter.feed("j")) == ["j"]


def test_an_answer_that_falls_into_a_paste_is_no_part_of_it() -> None:
    assert split(PASTE + "web", ANSWER, "-ser", ANSWER[:4], ANSWER[4:] + "ver", PASTE_END + ANSWER) == [
        *(ANSWER, ANSWER),
        PASTE + "web-server" + PASTE_END,
        ANSWER,
    ]


def test_what_never_ends_is_not_kept() -> None:
    splitter = Splitter()
    list(splitter.feed("\x1b[" + "9" * 5000))
    assert splitter.patience is None


@pytest.mark.parametrize(
    ("said", "seconds"), [("", ESCAPE_DELAY), ("200", 0.2), ("-5", ESCAPE_DELAY), ("soon", ESCAPE_DELAY)]
)
def test_the_delay_of_escape_is_that_of_curses(said: str, seconds: float) -> None:
    assert escape_delay({"ESCDELAY": said} if said else {}) == seconds
