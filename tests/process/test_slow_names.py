"""A name server that gives no answer keeps nobody from leaving: a lookup can't be called off."""

import signal
from pathlib import Path

import pytest

from tests.process.running import Running, until
from tests.process.terminal import Terminal

SOON = 5.0
# Python runs a module of this name before anything else.
_SILENT_NAME_SERVER = """
import pathlib, socket, time

def never(*arguments, **options):
    pathlib.Path({asked!r}).touch()
    time.sleep(60)

socket.getaddrinfo = never
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service whose name is looked up for a minute; the file is there once that has begun."""
    asked = tmp_path / "asked"
    (tmp_path / "sitecustomize.py").write_text(_SILENT_NAME_SERVER.format(asked=str(asked)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("VPS_API_URL", "https://service.invalid/api/v1")
    monkeypatch.setenv("VPS_API_TOKEN", "vps_of_nobody_at_all")
    return asked


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_ends_in_the_middle_of_a_lookup(asked: Path, number: int) -> None:
    with Running("list") as program:
        until(asked.exists, "the lookup")
        program.hit(number)
        until(lambda: program.has_ended, "the end", SOON)
        assert program.code() == 128 + number


def test_the_screen_ends_in_the_middle_of_a_lookup(asked: Path) -> None:
    with Terminal([]) as program:
        until(asked.exists, "the lookup")
        program.hit(signal.SIGTERM)
        assert program.ended(SOON) == 143
