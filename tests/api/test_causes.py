import errno
import socket
import ssl

import pytest

from vpsbackup_tui.api.causes import cause_of


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


HINT = "if your network has a CA of its own, name its file in SSL_CERT_FILE"
NO_WAY = "there is no way to it; check the network"
NO_FILES = "this machine has no more open files to give; close some programs"


@pytest.mark.parametrize(
    ("error", "words", "passing"),
    [
        (socket.gaierror(socket.EAI_NONAME, "secret"), "its name can't be found; check the network and the name", True),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "secret"),
            "it refused the connection; check the address, or try again later",
            True,
        ),
        (OSError(errno.ENETUNREACH, "secret"), NO_WAY, True),
        (OSError(errno.EHOSTUNREACH, "secret"), NO_WAY, True),
        (OSError(errno.ENETDOWN, "secret"), NO_WAY, True),
        (OSError(errno.EMFILE, "secret"), NO_FILES, True),
        (OSError(errno.ENFILE, "secret"), NO_FILES, True),
        (
            ssl.SSLError(1, "secret"),
            "no secure connection could be made; what answers there may not speak TLS",
            True,
        ),
        (certificate_error(9), "its certificate is not valid yet; check the clock of this machine", False),
        (certificate_error(10), "its certificate has expired, or the clock of this machine is wrong", False),
        (certificate_error(62), "its certificate is for another name; check the base URL", False),
        (certificate_error(64), "its certificate is for another name; check the base URL", False),
        (
            certificate_error(20),
            f"its certificate is signed by nobody that this machine trusts; {HINT}",
            False,
        ),
        (
            certificate_error(23),
            f"its certificate can't be trusted; check the clock of this machine, and {HINT}",
            False,
        ),
    ],
)
def test_a_cause_is_found_beneath_everything_and_told_in_own_words(
    error: BaseException, words: str, passing: bool
) -> None:
    middle = RuntimeError("secret")
    middle.__context__ = BaseExceptionGroup("secret", [ValueError("secret"), error])
    outer = RuntimeError("secret")
    outer.__cause__ = middle
    error.__context__ = outer  # a circle
    assert cause_of(outer, {}) == (words, passing)


def test_a_ca_file_that_is_set_and_not_read_is_told() -> None:
    cause = cause_of(certificate_error(20), {"REQUESTS_CA_BUNDLE": "/etc/corp.pem"})
    assert cause is not None
    assert cause.words.endswith(f"{HINT} (REQUESTS_CA_BUNDLE is not read)")


def test_an_error_met_twice_hides_no_other() -> None:
    again = RuntimeError("x")
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "x")
    assert cause_of(BaseExceptionGroup("x", [refused, again, again]), {}) == cause_of(refused, {})


def test_a_handshake_that_was_waited_for_when_time_was_up_is_no_cause() -> None:
    late = TimeoutError()
    late.__context__ = ssl.SSLWantReadError(2, "The operation did not complete")
    assert cause_of(late, {}) is None
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "x")
    assert cause_of(BaseExceptionGroup("x", [refused, late]), {}) == cause_of(refused, {})


def test_a_circle_of_errors_has_an_end() -> None:
    first, second = RuntimeError("x"), RuntimeError("x")
    first.__cause__, second.__context__ = second, first
    assert cause_of(first, {}) is None


def test_without_a_word_of_the_system_there_is_no_cause() -> None:
    assert cause_of(RuntimeError("x"), {}) is None
    assert cause_of(OSError(errno.EPERM, "x"), {}) is None
