"""Which keyring backends are used and what odd ones can do: plug-ins as other people write them."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.accounts.conftest import BACKEND, told
from tests.conftest import CANARY
from vpsbackup_tui.accounts.keyring_client import Keyring
from vpsbackup_tui.accounts.keyring_problems import KeyringProblemError, Problem


async def ask(environ: dict[str, str], do: str) -> None:
    keyring = Keyring(environ)
    if do == "get":
        await keyring.get("service", "user")
    elif do == "set":
        await keyring.set("service", "user", CANARY)
    else:
        await keyring.delete("service", "user")


async def problem_of(environ: dict[str, str], do: str = "get") -> KeyringProblemError:
    with pytest.raises(KeyringProblemError) as refused:
        await ask(environ, do)
    assert CANARY not in told(refused.value)
    assert "words of the plug-in" not in told(refused.value)
    return refused.value


async def test_a_backend_that_is_named_is_used(plugins: dict[str, str]) -> None:
    plugins[BACKEND] = "plugins.Sound"
    keyring = Keyring(plugins)
    assert await keyring.get("service", "user") == (None, "plugins.Sound")
    assert await keyring.set("service", "user", "token-turned") == "plugins.Sound"
    assert await keyring.get("service", "user") == ("denrut-nekot", "plugins.Sound")
    assert await keyring.delete("service", "user") == "plugins.Sound"
    assert await keyring.name() == "plugins.Sound"


@pytest.mark.parametrize(
    ("backend", "problem", "message"),
    [
        (
            "keyring.backends.null.Keyring",
            Problem.DISABLED,
            "The OS keyring is switched off by PYTHON_KEYRING_BACKEND.",
        ),
        (
            "keyring.backends.fail.Keyring",
            Problem.DISABLED,
            "The OS keyring is switched off by PYTHON_KEYRING_BACKEND.",
        ),
        (
            "keyring.backends.nowhere.Keyring",
            Problem.BROKEN,
            "PYTHON_KEYRING_BACKEND names a keyring that can't be loaded. Correct it, or take it out.",
        ),
        ("plugins.Nowhere", Problem.BROKEN, "PYTHON_KEYRING_BACKEND names a keyring that can't be loaded"),
        ("nonsense", Problem.BROKEN, "PYTHON_KEYRING_BACKEND names a keyring that can't be loaded"),
        ("os.path", Problem.BROKEN, "PYTHON_KEYRING_BACKEND names a keyring that can't be loaded"),
        (".", Problem.BROKEN, "PYTHON_KEYRING_BACKEND names a keyring that can't be loaded"),
        ("plugins.PlaintextKeyring", Problem.PLAIN, "The OS keyring (plugins.PlaintextKeyring) isn't used: it keeps"),
        ("keyrings.alt.file.EncryptedKeyring", Problem.PLAIN, "The OS keyring (keyrings.alt.file.EncryptedKeyring)"),
        ("keyring.backends.SecretService.Keyring", Problem.NONE, "There is no OS keyring here."),
    ],
)
async def test_a_backend_that_cant_be_used_is_said(
    plugins: dict[str, str], backend: str, problem: Problem, message: str
) -> None:
    plugins[BACKEND] = backend
    error = await problem_of(plugins, "set")
    assert error.problem is problem
    assert error.message.startswith(message)


_IN_A_FILE = """
import os, pathlib
from keyring.backend import KeyringBackend

class InAFile(KeyringBackend):
    priority = 1
    path = pathlib.Path(os.environ["HOME"], "kept")
    def get_password(self, service, user):
        return self.path.read_text()
    def set_password(self, service, user, password):
        self.path.write_text(password)
    def delete_password(self, service, user):
        self.path.unlink()
"""


@pytest.fixture
def installed(plugins: dict[str, str], own_home: Path) -> Path:
    """A backend that keyring finds by itself, as that of an installed package, and the file that it has kept."""
    folder = Path(plugins["PYTHONPATH"])
    (folder / "in_a_file.py").write_text(_IN_A_FILE)
    (folder / "in_a_file-1.0.dist-info").mkdir()
    (folder / "in_a_file-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: in-a-file\nVersion: 1.0\n")
    (folder / "in_a_file-1.0.dist-info/entry_points.txt").write_text("[keyring.backends]\nin-a-file = in_a_file\n")
    (own_home / "kept").write_text("a-token-in-a-file")
    return own_home / "kept"


def kept(file: Path) -> str:
    return file.read_text()


@pytest.mark.parametrize("do", ["get", "set", "delete"])
async def test_a_chain_of_backends_with_a_file_in_it_is_none_and_nothing_is_written(
    plugins: dict[str, str], installed: Path, do: str
) -> None:
    plugins[BACKEND] = "keyring.backends.chainer.ChainerBackend"
    assert (await problem_of(plugins, do)).problem is Problem.PLAIN
    assert kept(installed) == "a-token-in-a-file"


async def test_a_chain_of_no_backends_is_none(plugins: dict[str, str]) -> None:
    plugins[BACKEND] = "keyring.backends.chainer.ChainerBackend"
    assert (await problem_of(plugins, "set")).problem is Problem.NONE


@pytest.mark.parametrize(
    ("backend", "do", "problem", "message"),
    [
        ("Raising", "get", Problem.FAILED, "The OS keyring (plugins.Raising) failed (ZeroDivisionError)."),
        ("Raising", "set", Problem.SET_FAILED, "The OS keyring (plugins.Raising) didn't take the token."),
        ("Raising", "delete", Problem.LOCKED, "The OS keyring (plugins.Raising) is locked"),
        ("Refusing", "get", Problem.INIT, "The OS keyring (plugins.Refusing) holds no keyring yet"),
        ("Refusing", "set", Problem.SET_FAILED, "The OS keyring (plugins.Refusing) didn't take the token."),
        ("Refusing", "delete", Problem.DIED, "The OS keyring (plugins.Refusing) stopped while it was asked."),
        ("Asking", "get", Problem.FAILED, "The OS keyring (plugins.Asking) failed (EOFError)."),
        ("Dying", "get", Problem.FAILED, "The OS keyring failed (its helper process gave no usable answer)."),
        ("Talkative", "get", Problem.FAILED, "The OS keyring failed (its helper process gave no usable answer)."),
        ("Odd", "get", Problem.FAILED, "The OS keyring failed (its helper process gave no usable answer)."),
    ],
)
async def test_whatever_a_backend_raises_is_a_problem_in_our_words(
    plugins: dict[str, str], backend: str, do: str, problem: Problem, message: str
) -> None:
    plugins[BACKEND] = f"plugins.{backend}"
    error = await problem_of(plugins, do)
    assert error.problem is problem
    assert error.message.startswith(message)


async def test_what_a_backend_prints_is_neither_shown_nor_taken_for_the_answer(plugins: dict[str, str]) -> None:
    plugins[BACKEND] = "plugins.Noisy"
    assert await Keyring(plugins).get("service", "user") == ("token-of-a-noisy-one", "plugins.Noisy")


async def test_a_backend_switched_off_in_its_file_is_said(plugins: dict[str, str], own_home: Path) -> None:
    folder = own_home / ".config" / "python_keyring"
    switch_off(folder)
    plugins["XDG_CONFIG_HOME"] = str(folder.parent)
    error = await problem_of(plugins)
    assert error.message == "The OS keyring is switched off by keyringrc.cfg."


def switch_off(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring")


def line_of(environ: dict[str, str], folder: Path) -> int:
    """Return the end of a line that the hanging backend writes to when it is reached, and holds as long as it lives."""
    environ["LINE"] = str(folder / "line")
    os.mkfifo(folder / "line")
    return os.open(folder / "line", os.O_RDONLY | os.O_NONBLOCK)


def all_gone(line: int) -> bool:
    poll = select.poll()
    poll.register(line)
    gone = bool(poll.poll(20_000)) and os.read(line, 10) == b""
    os.close(line)
    return gone


async def test_a_backend_that_hangs_is_given_up(plugins: dict[str, str], tmp_path: Path) -> None:
    plugins[BACKEND] = "plugins.Hanging"
    line = line_of(plugins, tmp_path)
    with pytest.raises(KeyringProblemError) as refused:
        await Keyring(plugins).get("service", "user", patience=0.3)
    assert refused.value.message == "The OS keyring didn't answer in time; it may be waiting to be unlocked."
    os.close(line)


async def test_giving_up_a_search_leaves_no_helper_behind(plugins: dict[str, str], tmp_path: Path) -> None:
    plugins[BACKEND] = "plugins.Hanging"
    line = line_of(plugins, tmp_path)
    search = asyncio.create_task(Keyring(plugins).get("service", "user", patience=30))
    ready = asyncio.Event()
    asyncio.get_running_loop().add_reader(line, ready.set)
    await ready.wait()
    asyncio.get_running_loop().remove_reader(line)
    assert os.read(line, 10) == b"up"
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    assert all_gone(line)


def test_a_helper_whose_program_was_killed_ends_by_itself(plugins: dict[str, str], tmp_path: Path) -> None:
    plugins[BACKEND] = "plugins.Hanging"
    line = line_of(plugins, tmp_path)
    helper = [sys.executable, "-P", "-m", "vpsbackup_tui.accounts.keyring_helper"]
    question = msgspec.json.encode({"do": "get", "service": "", "user": "", "seconds": 1})
    assert subprocess.run(helper, input=question, env=plugins).returncode == -signal.SIGALRM
    os.close(line)


async def test_two_questions_are_asked_one_after_the_other(plugins: dict[str, str]) -> None:
    plugins[BACKEND] = "plugins.Sound"
    keyring = Keyring(plugins)
    kept, found = await asyncio.gather(keyring.set("s", "u", "token-turned"), keyring.get("s", "u"))
    assert (kept, found) == ("plugins.Sound", ("denrut-nekot", "plugins.Sound"))


def test_our_own_process_never_loads_keyring() -> None:
    code = "import sys, vpsbackup_tui.accounts.tokens; print([m for m in sys.modules if m.startswith('keyring')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "[]\n"
