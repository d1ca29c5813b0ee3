import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.keyring.desktop import Desktop

_NEEDED = ("dbus-daemon", "gnome-keyring-daemon")


@pytest.fixture(autouse=True)
def binaries() -> None:
    """Skip where there is no real keyring to be had; fail where there must be one."""
    missing = ", ".join(name for name in _NEEDED if shutil.which(name) is None)
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {missing}")
    if missing:
        pytest.skip(f"not installed: {missing}")


@pytest.fixture
def make_desktop(binaries: None) -> Iterator[Callable[..., Desktop]]:
    """Make desktops that end with the test; their folders have short names, as a socket's name may have 107 bytes."""
    with ExitStack() as all_of_them:

        def make(*, activation: bool = False) -> Desktop:
            folder = Path(all_of_them.enter_context(tempfile.TemporaryDirectory(prefix="vb-")))
            return all_of_them.enter_context(Desktop(folder, activation=activation))

        yield make


@pytest.fixture
def desktop(make_desktop: Callable[..., Desktop]) -> Desktop:
    """A desktop whose keyring is open."""
    desktop = make_desktop()
    desktop.unlock_keyring()
    return desktop
