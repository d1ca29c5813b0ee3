"""The keyring, in a process of its own: one question as JSON on standard input, one answer on standard output.

A keyring may hang without limit, ask on the terminal, load foreign plug-ins and fail
with any exception there is. All of that happens here, where it can be killed. Run as
`python -P -m vpsbackup_tui.accounts.keyring_helper`; the only module that knows keyring.

Question: `do` ("get", "set", "delete" or "name"), `service`, `user`, `token`, `seconds` to live.
Answer: `backend` (its name in words), `token`, `removed`; or `problem` (a `Problem`),
`named` (what named the backend) and `error` (the name of an exception's type).
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import keyring.core
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import PasswordDeleteError
from keyring.util.platform_ import config_root

from vpsbackup_tui.accounts.keyring_problems import KeyringProblemError, Problem

_VARIABLE = "PYTHON_KEYRING_BACKEND"
_FILE = "keyringrc.cfg"
# The modules of keyring that keep secrets in the system's own store.
_SYSTEM_STORES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
# Named here, not discovered: discovery loads the plug-ins of every installed package.
_MACOS_CANDIDATES = ["keyring.backends.macOS.Keyring"]
_CANDIDATES = [
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
]
_SWITCHED_OFF = ("keyring.backends.null", "keyring.backends.fail")
_MEANINGS = {
    "KeyringLocked": Problem.LOCKED,
    "LockedException": Problem.LOCKED,
    "SecretServiceNotAvailableException": Problem.DIED,
    "ConnectionResetError": Problem.DIED,
    "ConnectionRefusedError": Problem.DIED,
    "BrokenPipeError": Problem.DIED,
    "InitError": Problem.INIT,
    "NoKeyringError": Problem.NONE,
    "PasswordSetError": Problem.SET_FAILED,
}


def main() -> None:
    """Answer the one question that stands on standard input."""
    out = _private_output()
    question = json.loads(sys.stdin.buffer.read())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(question["seconds"]))
    with os.fdopen(out, "w", encoding="utf-8") as answer:
        json.dump(_answer(question), answer)


def _private_output() -> int:
    """Return standard output, and point the one that plug-ins print to at nothing."""
    out = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return out


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the keyring said, or why it was of no use."""
    named = _named_by()
    facts = {"named": named}
    try:
        backend = _backend(named)
        facts["backend"] = _name(backend)
        _refuse_unfit(backend)
        return {**facts, **_carry_out(backend, question)}
    except KeyringProblemError as error:
        return {**facts, "problem": error.problem}
    except Exception as error:  # The edge of this process: plug-ins raise what they like.
        return {**facts, "problem": _meaning(error, question["do"]), "error": type(error).__name__}


def _carry_out(backend: KeyringBackend, question: dict[str, Any]) -> dict[str, Any]:
    service, user = question.get("service", ""), question.get("user", "")
    match question["do"]:
        case "get":
            return {"token": backend.get_password(service, user)}
        case "set":
            backend.set_password(service, user, question["token"])
        case "delete":
            try:
                backend.delete_password(service, user)
            except PasswordDeleteError:
                return {"removed": False}
            return {"removed": True}
    return {}


def _named_by() -> str:
    """Return which variable or file names the backend, "" where nothing does."""
    if os.environ.get(_VARIABLE):
        return _VARIABLE
    return _FILE if (config_root() / _FILE).is_file() else ""


def _backend(named: str) -> KeyringBackend:
    """Return the backend that is named, else the first that works here; raise `KeyringProblemError`."""
    try:
        chosen = keyring.core.load_env() if named == _VARIABLE else keyring.core.load_config() if named else None
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise KeyringProblemError(Problem.BROKEN) from error
    except (RuntimeError, OSError) as error:
        raise KeyringProblemError(Problem.NONE) from error
    if chosen is not None:
        return chosen
    for candidate in _MACOS_CANDIDATES if sys.platform == "darwin" else _CANDIDATES:
        with suppress(RuntimeError, ImportError, AttributeError, OSError):
            return keyring.core.load_keyring(candidate)
    raise KeyringProblemError(Problem.NONE)


def _refuse_unfit(backend: KeyringBackend) -> None:
    """Raise `KeyringProblemError` where the backend keeps nothing, or keeps it in a plain file."""
    module, name = type(backend).__module__, type(backend).__name__
    if module in _SWITCHED_OFF:
        raise KeyringProblemError(Problem.DISABLED)
    if module.startswith("keyrings.alt") or "plaintext" in name.lower():
        raise KeyringProblemError(Problem.PLAIN)
    if isinstance(backend, ChainerBackend):
        modules = [type(member).__module__ for member in backend.backends]
        if not modules:
            raise KeyringProblemError(Problem.NONE)
        if not _SYSTEM_STORES.keys() >= set(modules):
            raise KeyringProblemError(Problem.PLAIN)


def _name(backend: KeyringBackend) -> str:
    kind = type(backend)
    return _SYSTEM_STORES.get(kind.__module__, f"{kind.__module__}.{kind.__name__}")


def _meaning(error: BaseException, do: str) -> Problem:
    """Return what an exception says about the keyring: the innermost cause that is known counts."""
    known = [_MEANINGS[type(cause).__name__] for cause in _causes(error) if type(cause).__name__ in _MEANINGS]
    return known[-1] if known else Problem.SET_FAILED if do == "set" else Problem.FAILED


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


if __name__ == "__main__":
    main()
