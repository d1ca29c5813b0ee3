"""Base URLs: which ones a token may be sent to, and the origin that a token is bound to."""

import re
from ipaddress import IPv4Address, IPv6Address

_LONGEST = 2048
_LARGEST_PORT = 65535
_DEFAULT_PORTS = {"https": "443", "http": "80"}
# One strict grammar instead of a lenient parser: what is accepted here reads the same to every HTTP library.
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|$))[a-z0-9._~-]+)*)"
    r"/*",
    re.ASCII | re.IGNORECASE,
)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}", re.ASCII)
_LOOPBACK = re.compile(rf"localhost|127(?:\.{_BYTE}){{3}}|\[::1\]", re.ASCII)


class BaseUrlError(ValueError):
    """The URL can't be the service's; the message goes on after its name ("must …") and never repeats it."""


def check_base_url(url: str) -> str:
    """Return `url` in its one spelling: small letters in scheme and host, no default port, no slash at the end.

    Raises `BaseUrlError` unless it is https, or http to this machine, without user
    name, query and fragment.
    """
    found = _URL.fullmatch(url) if len(url) <= _LONGEST else None
    if found is None:
        raise BaseUrlError(_what_is_wrong(url))
    scheme, host, port = found["scheme"].lower(), found["host"].lower(), found["port"]
    if port is not None and not 0 < int(port) <= _LARGEST_PORT:
        raise BaseUrlError("must have a port from 1 to 65535, or none")
    if scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise BaseUrlError("must begin with https:// (http:// is for this machine only: the token could be read)")
    if not is_host(host):
        raise BaseUrlError("must name a host that can exist, or its address")
    shown_port = "" if port is None or str(int(port)) == _DEFAULT_PORTS[scheme] else f":{int(port)}"
    return f"{scheme}://{host}{shown_port}{found['path']}"


def is_host(host: str) -> bool:
    """Tell whether a host as it stands in a URL, in small letters, is an address or a name that can be looked up."""
    try:
        if host.startswith("["):
            return bool(IPv6Address(host[1:-1]))
        if _NUMBERS.fullmatch(host):
            return bool(IPv4Address(host))
        if host.startswith("xn--"):  # httpx reads such a name back into the letters it stands for
            import idna  # noqa: PLC0415 - 10 ms, and hardly ever needed

            idna.decode(host)
    except ValueError:
        return False
    return len(host) <= _LONGEST_NAME and all(len(label) <= _LONGEST_LABEL for label in host.split("."))


def origin_of(base_url: str) -> str:
    """Return scheme, host and port of a checked base URL: what a token is bound to."""
    return "/".join(base_url.split("/")[:3])


def _what_is_wrong(url: str) -> str:
    """Return the first thing that keeps `url` from being a base URL."""
    scheme, separator, rest = url.partition("://")
    if len(url) > _LONGEST:
        return f"must have {_LONGEST} characters at most"
    if not separator or scheme.lower() not in _DEFAULT_PORTS:
        return "must begin with https://"
    if "@" in rest.partition("/")[0]:
        return "must not hold a user name or password"
    if "?" in rest or "#" in rest:
        return "must not have a query (?) or a fragment (#)"
    return "must look like https://host or https://host/path, in plain letters"
