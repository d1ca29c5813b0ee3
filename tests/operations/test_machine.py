"""Whether a server is the machine that the operator stands on."""

import pytest

from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.machine import Machine, this_machine

MACHINE = Machine(frozenset({"bastion"}), frozenset({"203.0.113.10", "2001:db8::1"}))


@pytest.mark.parametrize(
    ("server", "likeness"),
    [
        (Server(id=1, addresses=("203.0.113.10",)), "the address 203.0.113.10"),
        (Server(id=1, addresses=("198.51.100.1", "2001:0db8:0::1")), "the address 2001:0db8:0::1"),
        (Server(id=1, addresses=("::ffff:203.0.113.10",)), "the address ::ffff:203.0.113.10"),
        (Server(id=1, hostname="Bastion"), "the name Bastion"),
        (Server(id=1, name="bastion"), "the name bastion"),
    ],
)
def test_a_server_with_an_address_or_name_of_this_machine_is_it(server: Server, likeness: str) -> None:
    assert MACHINE.likeness(server).endswith(likeness)


@pytest.mark.parametrize(
    "server",
    [
        Server(id=1),
        Server(id=1, name="bastion-2", hostname="bastion.example.com", addresses=("203.0.113.11",)),
        Server(id=1, addresses=("not an address", "")),
    ],
)
def test_any_other_server_is_not(server: Server) -> None:
    assert MACHINE.likeness(server) == ""


def test_the_side_of_the_ssh_connection_that_was_called_is_an_address_of_this_machine() -> None:
    machine = this_machine({"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.9 22"})
    assert "203.0.113.9" in machine.addresses
    assert "198.51.100.7" not in machine.addresses


@pytest.mark.parametrize("value", ["", "odd", "a b c d", "127.0.0.1 1 127.0.0.1 22"])
def test_an_odd_ssh_connection_adds_nothing(value: str) -> None:
    assert this_machine({"SSH_CONNECTION": value}) == this_machine({})


def test_loopback_is_everywhere_and_so_tells_nothing() -> None:
    assert not this_machine({}).addresses & {"127.0.0.1", "::1"}
    assert "localhost" not in this_machine({}).names
