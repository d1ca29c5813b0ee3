import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from vpsbackup_tui.accounts.settings import Settings, load_settings

CANARY = "canary-token-7f3a9c5e1b"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and nothing of the tester's own settings."""
    for name in ("VPS_API_TOKEN", "VPS_API_URL", "VPSBACKUP_ACCOUNT", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "config" / "vpsbackup-tui").mkdir(parents=True, mode=0o700)
    return tmp_path


@pytest.fixture
def config_file(home: Path) -> Path:
    return home / "config" / "vpsbackup-tui" / "config.toml"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """An environment without a session bus: there is no keyring in it."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}


SettingsMaker = Callable[..., Settings]


@pytest.fixture
def settings(home: Path) -> SettingsMaker:
    """Make settings as a program started in this home would."""
    return lambda environ, **options: load_settings(environ=environ, **options)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def told(error: BaseException) -> str:
    """What a traceback of the error and of all its causes shows."""
    return "\n".join(traceback.TracebackException.from_exception(error).format())
