"""Whether a server is the machine that this program runs on, so that nobody overwrites the ground they stand on."""

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vpsbackup_tui.fleet.models import Server

_FIB = Path("/proc/net/fib_trie")  # every IPv4 address of this machine stands in it above "host LOCAL"
_INET6 = Path("/proc/net/if_inet6")
_LOCAL = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")


@dataclass(frozen=True, slots=True)
class Machine:
    """The names and addresses of one machine; names in lower case, addresses as `ipaddress` writes them."""

    names: frozenset[str]
    addresses: frozenset[str]

    def likeness(self, server: Server) -> str:
        """Return in words what the server has in common with this machine; empty where nothing."""
        for address in server.addresses:
            if _plain(address) in self.addresses:
                return f"it has the address {address}"
        for name in (server.hostname, server.name):
            if any(_may_be_one(name, own) for own in self.names):
                return f"it has the name {name}"
        return ""


def this_machine(environ: Mapping[str, str]) -> Machine:
    """Return the machine that this program runs on, as far as it can be known without asking the network.

    Its names are the host's own, its addresses those of its interfaces and the one that
    the SSH client of `SSH_CONNECTION` has called. A container or NAT hides what it hides.
    """
    name = socket.gethostname().casefold()
    called = environ.get("SSH_CONNECTION", "").split()[2:3]
    found = {_plain(address) for address in (*_interfaces(), *called)}
    return Machine(frozenset({name} - {"", "localhost"}), frozenset(each for each in found if _tells_apart(each)))


def _may_be_one(name: str, other: str) -> bool:
    """Tell whether two names may be of one host: the same one, or one of them the other without its domain."""
    one, another = (each.casefold().rstrip(".") for each in (name, other))
    has_both_domains = "." in one and "." in another
    return one == another if has_both_domains else one.partition(".")[0] == another.partition(".")[0]


def _interfaces() -> Iterable[str]:
    """Yield the addresses of this machine's interfaces; none where the system doesn't tell."""
    try:
        yield from _LOCAL.findall(_FIB.read_text())
        for line in _INET6.read_text().splitlines():
            yield str(ipaddress.IPv6Address(int(line.split()[0], 16)))
    except (OSError, ValueError, IndexError):
        return


def _plain(address: str) -> str:
    """Return an address as `ipaddress` writes it, so that two spellings are one; as it is where it isn't one.

    The length of a prefix and the zone of a link don't belong to it.
    """
    try:
        parsed = ipaddress.ip_address(re.split("[]/%]", address.strip().removeprefix("["))[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _tells_apart(address: str) -> bool:
    """Tell whether an address belongs to one machine only: loopback and link-local ones are everywhere."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
