import pytest

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.reading import server_named
from vpsbackup_tui.fleet.models import Server

SERVERS = [
    Server(id=1, name="web"),
    Server(id=2, name="Web"),
    Server(id=3, name="twin"),
    Server(id=4, name="twin"),
    Server(id=5, name="Mail"),
    Server(id="a-uuid", name="1"),
    Server(id=6, name="DB"),
    Server(id=7, name="dB"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("2", 2), ("web", 1), ("Web", 2), ("mail", 5), ("a-uuid", "a-uuid"), ("1", 1), ("DB", 6)],
)
def test_an_id_wins_over_a_name_and_a_name_over_one_in_other_letter_case(wanted: str, found: object) -> None:
    assert server_named(wanted, SERVERS, all_known=True).id == found


@pytest.mark.parametrize(("wanted", "ids"), [("twin", ["3", "4"]), ("WEB", ["1", "2"]), ("db", ["6", "7"])])
def test_a_name_of_several_servers_is_a_usage_error_that_lists_them(wanted: str, ids: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        server_named(wanted, SERVERS, all_known=True)
    assert caught.value.code is Exit.USAGE
    assert all(each in caught.value.message for each in ids)


@pytest.mark.parametrize("wanted", ["", "nope", "99", "\x1b[2J"])
def test_a_server_that_does_not_exist_is_refused_as_the_service_would(wanted: str) -> None:
    with pytest.raises(CommandError) as caught:
        server_named(wanted, SERVERS, all_known=True)
    assert caught.value.code is Exit.REFUSED
    assert "\x1b" not in caught.value.message


def test_an_id_is_taken_as_it_is_where_not_all_servers_can_be_seen() -> None:
    assert server_named("99", SERVERS, all_known=False).id == 99
    with pytest.raises(CommandError):
        server_named("nope", SERVERS, all_known=False)
