"""The exit codes, and the one exception that ends a command with one of them."""

from enum import IntEnum
from typing import Final

from vpsbackup_tui.secret import without_sure_tokens

_SIGNAL_BASE: Final = 128


class Exit(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_TOKEN = 3
    UNREACHABLE = 4
    UNKNOWN = 5
    REFUSED = 6
    BUG = 70


# Of several changes in one command: what must be looked at first comes first.
_GRAVITY = (Exit.UNKNOWN, Exit.UNREACHABLE, Exit.NO_TOKEN, Exit.REFUSED, Exit.FAILED, Exit.DONE)

_NOTHING_CHANGED = (Exit.UNREACHABLE, Exit.REFUSED)


def gravest(codes: list[Exit]) -> Exit:
    """Return the exit code of several changes: that of the one which needs the most attention.

    Where it would say that nothing was changed, and something was, they have failed in part.
    """
    code = min(codes, key=_GRAVITY.index, default=Exit.DONE)
    return Exit.FAILED if code in _NOTHING_CHANGED and Exit.DONE in codes else code


def signal_code(number: int) -> int:
    """Return the exit code of a command that a signal ended."""
    return _SIGNAL_BASE + number


class CommandError(Exception):
    """The command ends here: `message` says why in clean words, `code` is its exit code.

    A token may have been given in the place of a name: what must be one is hidden.
    """

    def __init__(self, message: str, code: Exit) -> None:
        self.message = without_sure_tokens(message)
        super().__init__(self.message)
        self.code = code
