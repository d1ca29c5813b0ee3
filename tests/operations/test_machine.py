"""Whether a server is the machine that the operator stands on."""

import socket
from pathlib import Path

import pytest

from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations import machine as machine_module
from vpsbackup_tui.operations.machine import Machine, this_machine

MACHINE = Machine(frozenset({"bastion", "git.example.com"}), frozenset({"203.0.113.10", "2001:db8::1"}))


@pytest.mark.parametrize(
    ("server", "likeness"),
    [
        (Server(id=1, addresses=("203.0.113.10",)), "the address 203.0.113.10"),
        (Server(id=1, addresses=("198.51.100.1", "2001:0db8:0::1")), "the address 2001:0db8:0::1"),
        (Server(id=1, addresses=("::ffff:203.0.113.10",)), "the address ::ffff:203.0.113.10"),
        (Server(id=1, addresses=("203.0.113.10/24",)), "the address 203.0.113.10/24"),
        (Server(id=1, addresses=("[2001:db8::1]",)), "the address [2001:db8::1]"),
        (Server(id=1, addresses=(" 2001:DB8::1/64 ",)), "the address  2001:DB8::1/64 "),
        (Server(id=1, hostname="Bastion"), "the name Bastion"),
        (Server(id=1, name="bastion"), "the name bastion"),
        (Server(id=1, hostname="bastion.example.com"), "the name bastion.example.com"),
        (Server(id=1, hostname="Git.Example.com."), "the name Git.Example.com."),
        (Server(id=1, name="git"), "the name git"),
    ],
)
def test_a_server_with_an_address_or_name_of_this_machine_is_it(server: Server, likeness: str) -> None:
    assert MACHINE.likeness(server).endswith(likeness)


@pytest.mark.parametrize(
    "server",
    [
        Server(id=1),
        Server(id=1, name="bastion-2", hostname="git.example.org", addresses=("203.0.113.11",)),
        Server(id=1, addresses=("not an address", "")),
    ],
)
def test_any_other_server_is_not(server: Server) -> None:
    assert MACHINE.likeness(server) == ""


def test_the_side_of_the_ssh_connection_that_was_called_is_an_address_of_this_machine() -> None:
    machine = this_machine({"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.9 22"})
    assert "203.0.113.9" in machine.addresses
    assert "198.51.100.7" not in machine.addresses


@pytest.mark.parametrize("value", ["", "odd", "a b c d", "127.0.0.1 1 127.0.0.1 22", "1 2 3 203.0.113.9"])
def test_an_odd_ssh_connection_adds_nothing(value: str) -> None:
    assert this_machine({"SSH_CONNECTION": value}) == this_machine({})


def test_loopback_is_everywhere_and_so_tells_nothing() -> None:
    assert not this_machine({}).addresses & {"127.0.0.1", "::1"}
    assert "localhost" not in this_machine({}).names


@pytest.mark.parametrize(
    ("called", "known"),
    [("Bastion", {"bastion"}), ("localhost", set()), ("LocalHost", set()), ("", set())],
)
def test_its_name_is_the_one_of_the_host_unless_every_host_is_called_so(
    monkeypatch: pytest.MonkeyPatch, called: str, known: set[str]
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: called)
    assert this_machine({}).names == known


FIB_TRIE = """\
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 203.0.113.10
           /32 host LOCAL
        |-- 203.0.113.255
           /32 link BROADCAST
        |-- 169.254.0.7
           /32 host LOCAL
"""
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000001 02 40 00 80     eth0
fe800000000000000000000000000001 02 40 20 80     eth0
00000000000000000000000000000000 03 40 20 80     eth1
"""


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The files in which Linux tells the addresses of a machine."""
    files = tmp_path / "fib_trie", tmp_path / "if_inet6"
    for path, text, name in zip(files, (FIB_TRIE, IF_INET6), ("_FIB", "_INET6"), strict=True):
        path.write_text(text)
        monkeypatch.setattr(machine_module, name, path)
    return files


def test_its_addresses_are_those_of_its_interfaces_that_no_other_machine_has(system: tuple[Path, Path]) -> None:
    assert this_machine({}).addresses == {"203.0.113.10", "2001:db8::1"}


def test_where_the_system_tells_only_a_part_that_part_is_known(system: tuple[Path, Path]) -> None:
    system[1].unlink()
    assert this_machine({}).addresses == {"203.0.113.10"}
    system[0].unlink()
    assert this_machine({}).addresses == set()


@pytest.mark.parametrize("text", ["\n", "nothing that is an address\n", "f" * 33 + " 01\n"])
def test_a_file_of_another_shape_ends_the_reading_and_nothing_else(system: tuple[Path, Path], text: str) -> None:
    system[1].write_text(text + IF_INET6)
    assert this_machine({}).addresses == {"203.0.113.10"}


def test_an_address_with_the_name_of_its_interface_is_that_address(system: tuple[Path, Path]) -> None:
    assert this_machine({}).likeness(Server(id=1, addresses=("2001:db8::1%eth0",))) != ""
    assert this_machine({}).likeness(Server(id=1, addresses=(" 203.0.113.10 ",))) != ""
