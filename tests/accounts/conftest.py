import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from vpsbackup_tui.accounts.settings import Settings, load_settings

SettingsMaker = Callable[..., Settings]


@pytest.fixture
def config_dir(own_home: Path) -> Path:
    folder = own_home / ".config" / "vpsbackup-tui"
    folder.mkdir(parents=True, mode=0o700)
    return folder


@pytest.fixture
def config_file(config_dir: Path) -> Path:
    return config_dir / "config.toml"


@pytest.fixture
def environ(own_home: Path) -> dict[str, str]:
    """An environment without a session bus: there is no keyring in it."""
    return {"PATH": os.environ["PATH"], "HOME": str(own_home)}


@pytest.fixture
def settings(config_dir: Path) -> SettingsMaker:
    """Make settings as a program started in this home would."""
    return lambda environ, **options: load_settings(environ=environ, **options)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def told(error: BaseException) -> str:
    """Show what a traceback of the error and of all its causes says."""
    return "\n".join(traceback.TracebackException.from_exception(error).format())
