"""What can't be looked at isn't called clean; the rest is shown over sockets, in tests/wire."""

from vpsbackup_tui.api.leftovers import nothing_follows


def test_a_response_whose_parts_have_changed_counts_as_one_with_more_to_come() -> None:
    assert not nothing_follows(object())
