import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.cli.table import Column, table_lines, width_of
from vpsbackup_tui.text import clean

NAMES = ["web-1", "数据库", "büro", "日本", "한국", "a\u0301b"]


def test_columns_are_aligned_whatever_the_letters() -> None:
    lines = table_lines([Column("NAME", NAMES), Column("X", ["x"] * len(NAMES))])
    starts = {width_of(line[: line.rindex("x")]) for line in lines[1:]}
    assert len(starts) == 1


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("数据", 4), ("a\u0301", 1), ("ｱ", 1), ("Ａ", 2), ("–", 1)])
def test_a_letter_takes_the_cells_that_terminals_give_it(text: str, width: int) -> None:
    assert width_of(text) == width


def test_numbers_stand_right() -> None:
    assert table_lines([Column("ID", ["5", "501"], right=True)]) == [" ID", "  5", "501"]


def test_the_last_column_leaves_no_blanks_behind() -> None:
    assert table_lines([Column("A", ["a"]), Column("B", [""])])[1] == "a"


def test_the_description_is_cut_before_a_column_leaves() -> None:
    columns = [
        Column("ID", ["1"]),
        Column("AGE", ["11 h"], leaves=4),
        Column("DESCRIPTION", ["a long description of it"], shrinks=True, leaves=5),
    ]
    assert table_lines(columns, width=26)[1] == "1   11 h  a long descript…"
    assert table_lines(columns, width=12)[0] == "ID  AGE"
    assert table_lines(columns, width=4)[0] == "ID"


def test_a_colour_takes_no_space() -> None:
    column = Column("S", ["completed", "x"], paint=["good", ""])
    lines = table_lines([column, Column("T", ["t", "t"])], colour=True)
    assert lines[1] == "\033[32mcompleted\033[0m  t"
    assert lines[2] == "x          t"


@given(st.lists(st.text(max_size=30).map(clean), min_size=1, max_size=5), st.integers(12, 60))
def test_no_line_is_wider_than_the_terminal(names: list[str], width: int) -> None:
    columns = [Column("ID", ["1"] * len(names)), Column("NAME", names, shrinks=True)]
    assert all(width_of(line) <= width for line in table_lines(columns, width=width))
