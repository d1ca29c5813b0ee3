"""More pages at once while the service keeps up, fewer when it doesn't."""

from vpsbackup_tui.api.window import AT_ONCE, MOST_AT_ONCE, Window


def sizes(*seconds: float) -> list[int]:
    """Return how large a window is after each of some pages."""
    window = Window()
    found = []
    for each in seconds:
        window.came(each)
        found.append(window.size)
    return found


def test_a_window_widens_after_each_of_its_pages_came_in_time() -> None:
    assert sizes(*[0.1] * 14) == [6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 8, 8]


def test_a_window_never_grows_beyond_what_is_usual() -> None:
    assert set(sizes(*[0.1] * 200)[-100:]) == {MOST_AT_ONCE}


def test_pages_that_take_more_than_twice_the_quickest_narrow_a_window_and_begin_the_count_anew() -> None:
    grown = [0.1] * 13
    assert sizes(*grown, 0.3)[-2:] == [8, 7]
    assert sizes(*grown, 0.3, 0.3, 0.3)[-1] == AT_ONCE
    assert sizes(*[0.1] * 5, 0.3, *[0.1] * 6)[-6:] == [6, 6, 6, 6, 6, 7]


def test_what_is_quick_all_the_same_is_not_slow() -> None:
    assert sizes(0.001, *[0.05] * 5)[-1] == 7
    assert sizes(1.0, *[2.0] * 5)[-1] == 7


def test_a_service_that_gets_quicker_is_measured_by_that() -> None:
    assert sizes(1.0, 0.1, 0.9, *[0.1] * 6)[-1] == 7
    assert sizes(1.0, 0.1, 0.9, *[0.1] * 5)[-1] == 6
