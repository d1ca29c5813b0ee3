from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.ui.runs import clipped, is_thumb, merged, message_run

runs = st.lists(st.tuples(st.sampled_from(["", "quiet", "bad"]), st.text("abc ", max_size=5)))


@given(runs)
def test_merging_changes_no_character_and_leaves_no_equal_neighbours(given: list[tuple[str, str]]) -> None:
    joined = merged(given)
    styled = [(name, char) for name, text in given for char in text]
    assert [(name, char) for name, text in joined for char in text] == styled
    assert all(text for _, text in joined)


def test_runs_are_cut_where_the_room_ends() -> None:
    assert clipped([("", "abc"), ("bad", "defg"), ("", "h")], 5) == [("", "abc"), ("bad", "d…")]
    assert clipped([("", "abc")], 3) == [("", "abc")]


@given(st.integers(1, 80), st.integers(0, 10**6), st.data())
def test_the_thumb_is_in_the_bar_wherever_the_rows_are_scrolled_to(high: int, count: int, data: st.DataObject) -> None:
    top = data.draw(st.integers(0, max(0, count - high)))
    covered = [line for line in range(high) if is_thumb(line, top, high, count)]
    assert bool(covered) == (count > high)
    if top == 0 and covered:
        assert covered[0] == 0
    if count > high and top == count - high:
        assert covered[-1] == high - 1


def test_a_message_stands_in_the_middle_and_wraps() -> None:
    lines = [message_run("No backups", "n makes one of\nthis server", line, 14, 9)[1] for line in range(9)]
    assert [line.strip() for line in lines if line.strip()] == ["No backups", "n makes", "one of", "this", "server"]
    assert {len(line) for line in lines} == {14}
    assert lines[0].strip() == ""
