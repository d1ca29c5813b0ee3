"""A home of its own for each test, and a token that must appear nowhere."""

import base64
import os
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from vpsbackup_tui.cli.main import run

CANARY = "vps_canary+0123456789/abcdef"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep everything that a command writes in a folder of its own, and look for the token in it afterwards."""
    mask = os.umask(0o077)
    for name in [name for name in os.environ if name.startswith(("VPS", "XDG_", "TEXTUAL"))]:
        monkeypatch.delenv(name)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    yield tmp_path
    os.umask(mask)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not holds_token(path.read_bytes()), path


def environment(folder: Path) -> dict[str, str]:
    """Return the variables that keep a command in `folder`, without a keyring and without colours."""
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "TERM": "xterm",
        "COLUMNS": "100",
    }


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command line in this process."""

    def run_it(*words: str) -> Ended:
        code = run(list(words))
        printed = capsys.readouterr()
        assert not holds_token((printed.out + printed.err).encode())
        assert "Traceback" not in printed.err
        return Ended(code, printed.out, printed.err)

    return run_it


def holds_token(text: bytes) -> bool:
    """Tell whether the token stands in a text, plain or in a disguise."""
    plain = CANARY.encode()
    return any(
        form in text for form in (plain, base64.b64encode(plain)[:-4], urllib.parse.quote(plain, safe="").encode())
    )
