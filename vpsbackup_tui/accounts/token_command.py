"""Ask the operator's own program for the token."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from vpsbackup_tui.accounts.child import Answer, SaidTooMuchError, TookTooLongError, run_child
from vpsbackup_tui.accounts.errors import TokenSourceError
from vpsbackup_tui.secret import Token, UnsoundTokenError, without_tokens
from vpsbackup_tui.text import clean

LIMIT = 10.0  # seconds
_MOST_BYTES = 8192


async def ask_command(argv: Sequence[str], environ: Mapping[str, str], *, limit: float = LIMIT) -> Token:
    """Return the token that the program prints as its first line; raise `TokenSourceError`.

    No shell reads the words, the program has no terminal, and what it writes to its
    standard error isn't shown: it could hold the token.
    """
    # The other words aren't shown either: one of them could be a secret.
    name = clean(without_tokens(PurePath(argv[0]).name), 64)
    try:
        answer = await run_child(argv, environ=environ, question=b"", seconds=limit, most_bytes=_MOST_BYTES)
    except TookTooLongError as error:
        raise _failed(name, f"took longer than {limit:g} s and was stopped") from error
    except SaidTooMuchError as error:
        raise _failed(name, f"printed more than {_MOST_BYTES} bytes and was stopped") from error
    except OSError as error:
        # Not chained: it names the program in full, and a token may stand in its place.
        raise _failed(name, f"could not be started ({error.strerror})") from None
    return _token(name, answer)


def _token(name: str, answer: Answer) -> Token:
    if answer.status != 0:
        how = f"failed with exit status {answer.status}" if answer.status > 0 else f"ended by signal {-answer.status}"
        raise _failed(name, how)
    first_line = answer.output.partition(b"\n")[0]
    if not first_line.strip():
        raise _failed(name, "printed nothing")
    try:
        return Token(first_line.decode("ascii", errors="replace"))
    except UnsoundTokenError:
        raise _failed(name, "printed something that can't be a token") from None


def _failed(name: str, what: str) -> TokenSourceError:
    return TokenSourceError(f"No token: the token_command ({name}) {what}. Run it by hand to see why.")
