"""Which proxy leads to a host: the environment's word, checked before anything is built on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from vpsbackup_tui.api.errors import NotSentError
from vpsbackup_tui.origin import is_host

# A small letter variant wins, as in curl and urllib. HTTP_PROXY is left out: http is for this machine only.
PROXY_VARIABLES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
NO_PROXY_VARIABLES: Final = ("no_proxy", "NO_PROXY")
_PROXY = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?:[!-.0-9:;<=>A-Z\[\]^-~]*@)?"
    r"(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.ASCII | re.IGNORECASE,
)
_LARGEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the environment variable that names it; the URL may hold a password."""

    url: str = field(repr=False)
    variable: str

    @property
    def is_secure(self) -> bool:
        """Tell whether the proxy itself is spoken to over TLS."""
        return self.url.lower().startswith("https:")


def proxy_for(base_url: str, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy that leads to a checked base URL, None for the direct way.

    Raises `NotSentError`, which names the variable but not its value, where that can't
    be used. This machine is never reached through a proxy.
    """
    url = urlsplit(base_url)
    host = url.hostname or ""
    if url.scheme != "https" or _is_loopback(host) or _goes_direct(host, url.port or 443, environ):
        return None
    variable = next((name for name in PROXY_VARIABLES if environ.get(name, "").strip()), None)
    if variable is None:
        return None
    return Proxy(_checked(environ[variable].strip(), variable), variable)


def _checked(value: str, variable: str) -> str:
    """Return a proxy's URL with its scheme; raise `NotSentError` for one that can't be used."""
    found = _PROXY.fullmatch(value)
    scheme = (found["scheme"] or "http").lower() if found else ""
    if scheme.startswith("socks"):
        raise NotSentError(
            f"{variable} names a SOCKS proxy, which can't be used here."
            " Name an http:// proxy, or put the host into NO_PROXY."
        )
    if (
        found is None
        or scheme not in ("http", "https")
        or not is_host(found["host"].lower())
        or not 0 < int(found["port"] or 1) <= _LARGEST_PORT
    ):
        raise NotSentError(f"{variable} doesn't name a proxy that can be used: it must look like http://host:port.")
    return value if found["scheme"] else f"http://{value}"


def _goes_direct(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Tell whether NO_PROXY has the host: by name, domain, address or network; what can't be read is passed over."""
    listed = next((environ[name] for name in NO_PROXY_VARIABLES if environ.get(name)), "")
    return any(_covers(entry, host, port) for entry in re.split(r"[,\s]+", listed.lower()) if entry)


def _covers(entry: str, host: str, port: int) -> bool:
    """Tell whether one entry of NO_PROXY has the host; an entry with a port is for that port only."""
    if entry == "*":
        return True
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::([0-9]{1,5}))?", entry)
    named = re.fullmatch(r"([^:/\[\]]+):([0-9]{1,5})", entry)
    found = bracketed or named
    if found:
        entry = found[1]
        if found[2] and int(found[2]) != port:
            return False
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:  # one of them is a name
        name = entry.removeprefix("*").removeprefix(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
