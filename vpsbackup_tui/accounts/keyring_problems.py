"""What can keep an OS keyring from giving or taking a token, and how to say it."""

from enum import StrEnum


class Problem(StrEnum):
    """Why the keyring was of no use; the values are what the helper process answers."""

    NONE = "none"
    LOCKED = "locked"
    TIMEOUT = "timeout"
    DISABLED = "disabled"
    PLAIN = "plain"
    BROKEN = "broken"
    INIT = "init"
    DIED = "died"
    SET_FAILED = "set failed"
    FAILED = "failed"


_WORDS = {
    Problem.NONE: "There is no OS keyring here.",
    Problem.LOCKED: "{keyring} is locked: unlock it, or enter the token by hand.",
    Problem.TIMEOUT: "{keyring} didn't answer in time; it may be waiting to be unlocked.",
    Problem.DISABLED: "The OS keyring is switched off by {named}.",
    Problem.PLAIN: "{keyring} isn't used: it keeps secrets in plain files, or asks for a password here.",
    Problem.BROKEN: "{named} names a keyring that can't be loaded. Correct it, or take it out.",
    Problem.INIT: "{keyring} holds no keyring yet, and none could be made without a desktop.",
    Problem.DIED: "{keyring} stopped while it was asked.",
    Problem.SET_FAILED: "{keyring} didn't take the token.",
    Problem.FAILED: "{keyring} failed ({error}).",
}


class KeyringProblemError(Exception):
    """The keyring was of no use; `problem` is why, `message` says so in clean words."""

    def __init__(self, problem: Problem, *, backend: str = "", named: str = "", error: str = "") -> None:
        """Word the problem; `named` is the variable or file that names the backend, `error` a type's name."""
        keyring = f"The OS keyring ({backend})" if backend else "The OS keyring"
        self.problem = problem
        self.message = _WORDS[problem].format(
            keyring=keyring, named=named or "its settings", error=error or "no answer"
        )
        super().__init__(self.message)
