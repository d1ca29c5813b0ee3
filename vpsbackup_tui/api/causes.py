"""Why no connection came about, in words, from what lies beneath a client library's error."""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

# Verification codes of OpenSSL (x509_vfy.h).
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_WRONG_NAME: Final = frozenset({62, 64})
_UNKNOWN_SIGNER: Final = frozenset({2, 18, 19, 20, 21})


class Cause(NamedTuple):
    """Why there is no connection; `passing` tells whether another try may have more luck."""

    words: str
    passing: bool = True


def cause_of(error: BaseException, environ: Mapping[str, str]) -> Cause | None:
    """Return why a connection failed, read off the system's own errors beneath; None where they don't tell."""
    for each in _beneath(error):
        match each:
            case ssl.SSLCertVerificationError():
                return Cause(_certificate_words(each.verify_code, environ), passing=False)
            case ssl.SSLWantReadError() | ssl.SSLWantWriteError():
                continue  # the handshake was waiting when its time was up
            case ssl.SSLError():
                return Cause("no secure connection could be made; what answers there may not speak TLS")
            case socket.gaierror():
                return Cause("its name can't be found; check the network and the name")
            case ConnectionRefusedError():
                return Cause("it refused the connection; check the address, or try again later")
            case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.ENETDOWN):
                return Cause("there is no way to it; check the network")
            case OSError(errno=errno.EMFILE | errno.ENFILE):
                return Cause("this machine has no more open files to give; close some programs")
    return None


def _certificate_words(code: int, environ: Mapping[str, str]) -> str:
    """Return what is wrong with a certificate, and what can be done about it."""
    if code == _EXPIRED:
        return "its certificate has expired, or the clock of this machine is wrong"
    if code == _NOT_YET_VALID:
        return "its certificate is not valid yet; check the clock of this machine"
    if code in _WRONG_NAME:
        return "its certificate is for another name; check the base URL"
    ignored = " (REQUESTS_CA_BUNDLE is not read)" if environ.get("REQUESTS_CA_BUNDLE") else ""
    hint = f"if your network has a CA of its own, name its file in SSL_CERT_FILE{ignored}"
    if code in _UNKNOWN_SIGNER:
        return f"its certificate is signed by nobody that this machine trusts; {hint}"
    return f"its certificate can't be trusted; check the clock of this machine, and {hint}"


def _beneath(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything it came from, without going in circles."""
    pending, met = [error], set[int]()
    while pending:
        each = pending.pop()
        if id(each) in met:
            continue
        met.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            pending.extend(each.exceptions)
        pending.extend(cause for cause in (each.__context__, each.__cause__) if cause is not None)
