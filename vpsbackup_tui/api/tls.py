"""Whom to believe that it is the service: the CA store of this machine. It can't be switched off."""

import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vpsbackup_tui.api.errors import NotSentError

CA_FILE_VARIABLE: Final = "SSL_CERT_FILE"


def trusting_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that trusts the CAs of this machine and those in `SSL_CERT_FILE`; it reads files.

    Raises `NotSentError`, which names the variable, where its file can't be used.
    """
    ca_file = environ.get(CA_FILE_VARIABLE, "")
    if ca_file and not Path(ca_file).is_file():
        raise NotSentError(f"{CA_FILE_VARIABLE} names no file: correct it or unset it.")
    context = _system_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # covers ssl.SSLError
            raise NotSentError(
                f"{CA_FILE_VARIABLE} names a file that can't be read as certificates (PEM): correct it or unset it."
            ) from error
    return context


def trusting_nobody() -> ssl.SSLContext:
    """Return a context for plain http, where none is needed: it would refuse every certificate."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _system_context() -> ssl.SSLContext:
    """Return a context with the CAs of this machine.

    On most Linux systems OpenSSL finds them, and has them loaded once; truststore would
    load them anew for each connection, 27 ms each. Everywhere else truststore finds them.
    """
    if sys.platform == "linux":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        if context.cert_store_stats()["x509_ca"]:
            return context
    import truststore  # noqa: PLC0415 - 20 ms that few Linux systems need

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
