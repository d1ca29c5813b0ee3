"""Which input counts, by the times at which it was read."""

from hypothesis import given
from hypothesis import strategies as st
from textual import events

from vpsbackup_tui.ui.dialogs.gate import Gate, Pace

PAINTED = 1_000.0
gaps = st.floats(0, 10)


def key(at: float, name: str = "y") -> events.Key:
    made = events.Key(name, name if len(name) == 1 else None)
    made.time = at
    return made


def open_gate() -> Gate:
    gate = Gate(lambda: PAINTED)
    gate.painted()
    return gate


def test_nothing_counts_before_the_first_paint() -> None:
    assert not Gate(lambda: PAINTED).admits(key(PAINTED + 60))


@given(st.floats(-60, 60))
def test_input_counts_from_three_tenths_of_a_second_after_the_paint(after: float) -> None:
    at = PAINTED + after
    assert open_gate().admits(key(at)) == (at >= PAINTED + 0.3)


def test_what_is_typed_ahead_is_dropped_whole() -> None:
    gate = open_gate()
    assert [gate.admits(key(PAINTED + after)) for after in (-0.1, 0.2, 0.45, 0.7)] == [False] * 4
    assert gate.admits(key(PAINTED + 1.0))
    assert gate.admits(key(PAINTED + 1.1))


@given(st.floats(-60, 60))
def test_escape_counts_at_once_and_keeps_nothing_else_back(after: float) -> None:
    gate = open_gate()
    assert gate.admits(key(PAINTED + after, "escape"))
    assert gate.admits(key(max(PAINTED + after, PAINTED + 0.3)))


def test_where_nothing_can_be_lost_every_key_counts_at_once_and_has_settled_after_a_pause() -> None:
    gate = Gate(lambda: PAINTED, strict=False)
    assert gate.admits(key(PAINTED - 60))
    gate.painted()
    assert [gate.admits(key(PAINTED + after)) for after in (0.1, 0.2)] == [True, True]
    assert [gate.has_settled(PAINTED + after) for after in (0.3, 0.49, 0.5)] == [False, False, True]
    assert gate.admits(key(PAINTED + 0.6))
    assert gate.has_settled(PAINTED + 0.65), "there was a pause"


def test_a_mouse_event_waits_as_a_key_does_and_other_events_never() -> None:
    gate = Gate(lambda: PAINTED)
    click = events.MouseScrollDown(None, 0, 0, 0, 0, 0, False, False, False)
    assert not gate.admits(click)
    assert gate.admits(events.Focus())


def test_a_gate_that_was_shut_waits_for_the_next_paint() -> None:
    gate = open_gate()
    gate.shut()
    assert not gate.admits(key(PAINTED + 60))
    gate.painted()
    assert not gate.admits(key(PAINTED + 60.2)), "typed on behind what was dropped"
    assert gate.admits(key(PAINTED + 61))


def test_a_key_knows_what_it_confirms_once_the_last_change_is_on_the_screen() -> None:
    gate = open_gate()
    assert gate.knew(PAINTED - 1), "nothing has changed"
    first, second = gate.changed(), gate.changed()
    assert not gate.knew(PAINTED + 60)
    gate.shown(first)
    assert not gate.knew(PAINTED + 60)
    gate.shown(second)
    assert gate.knew(PAINTED)
    assert not gate.knew(PAINTED - 0.01)


def test_it_is_open_once_the_dialog_has_settled() -> None:
    times = iter([0.0, 0.2, 0.4])
    gate = Gate(lambda: next(times))
    assert not gate.is_open
    gate.painted()
    assert not gate.is_open
    assert gate.is_open


@given(gaps, gaps)
def test_a_key_stands_alone_with_quiet_before_and_after_it(before: float, after: float) -> None:
    gate = open_gate()
    first = PAINTED + 1
    second = first + before
    third = second + after
    gate.admits(key(first))
    gate.admits(key(second))
    gate.admits(key(second))
    assert gate.stands_alone(second) == (second - first >= 0.05 or second == first)
    if third > second:
        gate.admits(key(third))
        assert not gate.stands_alone(second)


def test_the_times_are_those_that_were_promised() -> None:
    assert Gate.pace == Pace(settle=0.3, quiet=0.05, burst=0.01)
