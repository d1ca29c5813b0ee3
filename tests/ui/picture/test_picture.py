"""The picture: the terminal shows what is wanted, whatever was there before, and little is sent for it."""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.screens import Char
from rich.cells import get_character_cell_size

from tests.ui.measuring import laid_out_by
from tests.ui.picture.terminal import Terminal
from vpsbackup_tui.ui.picture.cells import Cell, atoms, spread
from vpsbackup_tui.ui.picture.looks import PLAIN, look_of
from vpsbackup_tui.ui.picture.picture import Picture, Piece, Size
from vpsbackup_tui.ui.widths.kinds import Widths

LOOKS = [look_of(codes) for codes in ("", "1", "31", "7", "44", "1;31;44", "7;38;5;253;48;5;233", "4;44", "9")]
WORDS = ("a", "b", " ", "    ", " " * 15, "web-01", "│", "●", "…", "漢字", "가", "é", "e\u0301\u0323", "சென்னை", "नमस्ते",
         "ไทย", "🙂", "ש", "x" * 40, "が")  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, width: int) -> list[Cell]:
    """Return cells that fill some of a line."""
    runs = draw(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(LOOKS)), max_size=6))
    cells, _ = spread(runs)
    cells = cells[: draw(st.integers(0, width))]
    while cells and len(cells) < width and cells[-1][0] and get_character_cell_size(cells[-1][0][0]) == 2:
        cells.pop()  # half a letter
    if len(cells) == width and cells and get_character_cell_size((cells[-1][0] or "x")[0]) == 2:
        cells.pop()
    return cells


def piece(x: int, y: int, cells: list[Cell]) -> Piece:
    return Piece(x, y, cells, spread((text, look) for text, look in cells)[1])


@st.composite
def frames(draw: st.DrawFn) -> tuple[Size, list[list[Piece]]]:
    """Return a size and some frames; the first one covers all of the screen."""
    size = Size(draw(st.integers(1, 60)), draw(st.integers(1, 3)))
    first = [piece(0, y, _filled(draw(lines(size.width)), size.width)) for y in range(size.height)]
    more = []
    for _ in range(draw(st.integers(1, 5))):
        frame = []
        for _ in range(draw(st.integers(0, 3))):
            x, y = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
            frame.append(piece(x, y, draw(lines(size.width - x))))
        more.append(frame)
    return size, [first, *more]


def _filled(cells: list[Cell], width: int) -> list[Cell]:
    return cells + [(" ", LOOKS[4])] * (width - len(cells))


class Wanted:
    """What should be on the screen, kept in the plainest way; None where half a letter was left."""

    def __init__(self, size: Size) -> None:
        self.rows: list[list[Cell | None]] = [[None] * size.width for _ in range(size.height)]

    def put(self, piece: Piece) -> None:
        """Put cells on a line, and lose the letters of which half is covered."""
        row, start, end = self.rows[piece.y], piece.x, piece.x + len(piece.cells)
        if not piece.cells:
            return
        while start > 0 and _is_rest(row[start]):
            start -= 1
        row[start : piece.x] = [None] * (piece.x - start)
        row[piece.x : end] = piece.cells
        while end < len(row) and _is_rest(row[end]):
            row[end] = None
            end += 1


def _is_rest(cell: Cell | None) -> bool:
    return cell is not None and not cell[0]


@lru_cache(maxsize=4096)
def expected(cell: Cell) -> Char:
    """Return a cell as a terminal shows it."""
    terminal = Terminal(3, 1)
    text, look = cell
    terminal.feed(f"\x1b[{';'.join(look.codes)}m{text or '漢'}")
    return terminal.shown()[0][1 if not text else 0]


def stranger(char: str) -> int:
    """Return the width of a terminal that thinks otherwise of every letter that one may think otherwise of."""
    kind = unicodedata.category(char)
    if kind == "Mc":
        return 0
    return 1 if ord(char) > 0x1F000 else get_character_cell_size(char)


@pytest.mark.parametrize("erases", [True, False])
@given(frames())
@settings(max_examples=40, deadline=None)
def test_the_terminal_shows_what_is_wanted(erases: bool, frames: tuple[Size, list[list[Piece]]]) -> None:
    size, sequence = frames
    picture, wanted, terminal = Picture(erases=erases), Wanted(size), Terminal(*size)
    for frame in sequence:
        for each in frame:
            wanted.put(each)
        terminal.feed(picture.changes(size, frame))
        assert_shows(terminal, wanted, lambda _: True)


@given(frames())
@settings(max_examples=40, deadline=None)
def test_a_terminal_that_counts_otherwise_shows_every_other_cell_as_wanted(
    frames: tuple[Size, list[list[Piece]]],
) -> None:
    size, sequence = frames
    picture, wanted, terminal = Picture(erases=True), Wanted(size), Terminal(*size, width_of=stranger)
    for frame in sequence:
        for each in frame:
            wanted.put(each)
        terminal.feed(picture.changes(size, frame))
        assert_shows(terminal, wanted, lambda certain: certain)


def assert_shows(terminal: Terminal, wanted: Wanted, matters: Callable[[bool], bool]) -> None:
    for row, shown in zip(wanted.rows, terminal.shown(), strict=True):
        uncertain = {place for atom in atoms(row) if atom.uncertain for place in range(atom.start - 1, atom.end)}
        for place, (cell, char) in enumerate(zip(row, shown, strict=True)):
            if cell is not None and matters(place not in uncertain):
                assert char == expected(cell), (place, row)


@given(frames())
@settings(max_examples=50, deadline=None)
def test_what_is_shown_already_is_not_sent(frames: tuple[Size, list[list[Piece]]]) -> None:
    size, sequence = frames
    picture = Picture(erases=True)
    for frame in sequence:
        picture.changes(size, frame)
    whole = [piece(0, 0, cells)] if None not in (cells := [c for c in picture._rows[0] if c]) else []
    if len(cells) == size.width:
        assert picture.changes(size, whole) == ""


def changed(before: str, after: str, width: int = 40, erases: bool = True) -> str:
    """Return what is sent where one text stood and another should."""
    picture, size = Picture(erases=erases), Size(width, 1)
    picture.changes(size, [Piece(0, 0, *spread([(before.ljust(width), PLAIN)]))])
    return picture.changes(size, [Piece(0, 0, *spread([(after.ljust(width), PLAIN)]))])


def test_one_letter_is_sent_alone() -> None:
    assert changed("backup 501 completed", "backup 502 completed") == "\x1b[1;10H2"


def test_a_short_way_is_written_and_a_long_one_jumped() -> None:
    assert changed("1 2 3", "4 5 6") == "\x1b[H4 5 6"
    assert changed("1 the same 2", "3 the same 4") == "\x1b[H3\x1b[10C4"


def test_the_rest_of_a_line_is_erased() -> None:
    assert changed("a long text", "a") == "\x1b[1;3H\x1b[K"


def test_a_coloured_ground_is_erased_only_where_the_terminal_can() -> None:
    look = look_of("44")
    for erases, length in ((True, len("\x1b[1;1H\x1b[44m\x1b[K\x1b[m")), (False, 40)):
        sent = Picture(erases=erases).changes(Size(40, 1), [Piece(0, 0, [(" ", look)] * 40, even=True)])
        assert (len(sent) <= length) is erases


def test_both_halves_of_a_wide_letter_go_together() -> None:
    assert changed("漢字", "漢a") == "\x1b[1;3Ha "


def test_a_run_of_uncertain_width_is_sent_whole_and_what_follows_at_its_place() -> None:
    assert changed("🙂🙂 1", "🙂🙂 2") == "\x1b[1;6H2"
    assert changed("🙂🙂 1", "🙂🙃 2") == "\x1b[H    \r🙂🙃\x1b[5G 2"


def test_what_a_run_may_have_covered_is_sent_again() -> None:
    assert changed("☀☀ 1", "☀☁ 1") == "\x1b[H  \r☀☁\x1b[3G 1"


def test_a_mark_with_a_cell_of_its_own_goes_with_its_letter() -> None:
    with laid_out_by(Widths()):
        assert changed("ak\u0bbe 1", "ak\u0bbf 1") == "\x1b[1;2H  \x1b[2Gk\u0bbf"


def test_a_line_on_which_somebody_wrote_is_drawn_anew() -> None:
    picture, size, terminal = Picture(erases=True), Size(8, 2), Terminal(8, 2)
    pieces = [piece(0, y, spread([(text, LOOKS[4])])[0]) for y, text in enumerate(("🙂 words", "last    "))]
    terminal.feed(picture.changes(size, pieces))
    shown = terminal.shown()
    for y in range(2):
        terminal.feed(f"\x1b[{y + 1}H漢字漢字{picture.line_anew(y)}")
        assert terminal.shown() == shown
    assert picture.changes(size, pieces) == ""


def test_a_line_of_which_something_is_unknown_isnt_drawn_anew() -> None:
    picture = Picture(erases=True)
    picture.changes(Size(8, 1), [piece(0, 0, spread([("half", PLAIN)])[0])])
    assert picture.line_anew(0) == ""


def test_only_lines_with_letters_of_uncertain_width_are_forgotten_when_these_count_otherwise() -> None:
    picture, size = Picture(erases=True), Size(6, 2)
    pieces = [piece(0, y, spread([(text, PLAIN)])[0]) for y, text in enumerate(("🙂 abc", "plain "))]
    picture.changes(size, pieces)
    picture.forget_uneven()
    assert picture.changes(size, pieces) == "\x1b[H  \r🙂\x1b[3G abc"


def test_nothing_is_known_after_forgetting() -> None:
    picture, size = Picture(erases=True), Size(5, 1)
    pieces = [Piece(0, 0, *spread([("hello", PLAIN)]))]
    assert picture.changes(size, pieces) == "\x1b[Hhello"
    assert picture.changes(size, pieces) == ""
    picture.forget()
    assert picture.changes(size, pieces) == "\x1b[Hhello"


def test_another_size_is_another_picture() -> None:
    picture = Picture(erases=True)
    pieces = [Piece(0, 0, *spread([("hello", PLAIN)]))]
    picture.changes(Size(5, 1), pieces)
    assert picture.changes(Size(6, 1), pieces) == "\x1b[Hhello"


def test_a_control_character_in_a_text_is_not_sent() -> None:
    cells, even = spread([("a\x1b[2Jb\x9b1mc\r\n", PLAIN)])
    assert "".join(text for text, _ in cells) == "a[2Jb1mc"
    assert not even
