import errno
import socket
import ssl

import pytest

from vpsbackup_tui.api.causes import cause_of


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "words", "passing"),
    [
        (socket.gaierror(socket.EAI_NONAME, "secret"), "name can't be found", True),
        (ConnectionRefusedError(errno.ECONNREFUSED, "secret"), "refused the connection", True),
        (OSError(errno.ENETUNREACH, "secret"), "no way to it", True),
        (OSError(errno.EMFILE, "secret"), "open files", True),
        (ssl.SSLError(1, "secret"), "no secure connection", True),
        (certificate_error(9), "not valid yet", False),
        (certificate_error(10), "expired", False),
        (certificate_error(62), "another name", False),
        (certificate_error(20), "signed by nobody", False),
        (certificate_error(23), "can't be trusted", False),
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
    cause = cause_of(outer, {})
    assert cause is not None
    assert words in cause.words
    assert "secret" not in cause.words
    assert cause.passing == passing


def test_without_a_word_of_the_system_there_is_no_cause() -> None:
    assert cause_of(RuntimeError("x"), {}) is None
    assert cause_of(OSError(errno.EPERM, "x"), {}) is None
