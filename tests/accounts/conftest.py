import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from vpsbackup_tui.accounts.settings import Settings, load_settings

BACKEND = "PYTHON_KEYRING_BACKEND"
PLUGINS = """
import getpass, os, pathlib, time
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, PasswordSetError

class Sound(KeyringBackend):
    priority = 1
    path = pathlib.Path(os.environ["HOME"], "kept")
    def get_password(self, service, user):
        return self.path.read_text() if self.path.exists() else None
    def set_password(self, service, user, password):
        self.path.write_text(password[::-1])
    def delete_password(self, service, user):
        self.path.unlink()

class PlaintextKeyring(Sound):
    pass

class Noisy(Sound):
    def get_password(self, service, user):
        print("Enter your password:", flush=True)
        os.write(2, b"Gtk-WARNING")
        os.write(1, b"{}")
        return "token-of-a-noisy-one"

class Asking(Sound):
    def get_password(self, service, user):
        return getpass.getpass()

class Hanging(Sound):
    def get_password(self, service, user):
        line = os.open(os.environ["LINE"], os.O_WRONLY)
        os.write(line, b"up")
        time.sleep(600)

class Talkative(Sound):
    def get_password(self, service, user):
        return "x" * 100_000

class Dying(Sound):
    def get_password(self, service, user):
        os.kill(os.getpid(), 9)

class Odd(Sound):
    def get_password(self, service, user):
        return 7

class Unsound(Sound):
    def get_password(self, service, user):
        return "two words"

class Raising(Sound):
    def get_password(self, service, user):
        raise ZeroDivisionError("words of the plug-in")
    def set_password(self, service, user, password):
        raise ValueError(password)
    def delete_password(self, service, user):
        raise KeyringLocked(service)

class Refusing(Sound):
    def get_password(self, service, user):
        raise InitError(service)
    def set_password(self, service, user, password):
        raise PasswordSetError(password)
    def delete_password(self, service, user):
        raise ConnectionResetError(service)

class Unfit(Sound):
    @property
    def priority(self):
        raise RuntimeError("not here")
"""
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
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS")}
    return {"PATH": os.environ["PATH"], "HOME": str(own_home), **measured}


@pytest.fixture
def settings(config_dir: Path) -> SettingsMaker:
    """Make settings as a program started in this home would."""
    return lambda environ, **options: load_settings(environ=environ, **options)


@pytest.fixture
def plugins(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment in which other people's backends are installed."""
    folder = tmp_path / "plugins"
    (folder / "keyrings" / "alt").mkdir(parents=True)
    (folder / "plugins.py").write_text(PLUGINS)
    (folder / "keyrings" / "alt" / "file.py").write_text("import plugins\nclass EncryptedKeyring(plugins.Sound): pass")
    environ["PYTHONPATH"] = str(folder)
    return environ


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def told(error: BaseException) -> str:
    """Show what a traceback of the error and of all its causes says."""
    return "\n".join(traceback.TracebackException.from_exception(error).format())
