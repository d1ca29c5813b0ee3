"""Run a command line in this process, against the demo service."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import CANARY
from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.cli.main import run
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.session import Session
from vpsbackup_tui.store.journal import Journal

NO_KEYRING = "keyring.backends.null.Keyring"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def own_mask() -> Iterator[None]:
    """Give the process its umask back, which every command sets."""
    mask = os.umask(0o077)
    yield
    os.umask(mask)


@pytest.fixture(autouse=True)
def no_keyring(own_home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keyring of whoever runs the tests out of them."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NO_KEYRING)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a command line and return how it ended; the token and a traceback are never printed."""

    def run_it(*words: str) -> Ended:
        variables = dict(os.environ)
        code = run(list(words))
        os.environ.update(variables)  # a command takes the token out of it
        out, err = capfd.readouterr()
        assert CANARY not in out + err
        assert "Traceback" not in err
        return Ended(code, out, err)

    return run_it


@pytest.fixture
def service(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> DemoService:
    """The demo service, named with its token in the environment."""
    monkeypatch.setenv("VPS_API_URL", demo.url)
    monkeypatch.setenv("VPS_API_TOKEN", demo.token)
    return demo


@pytest.fixture
def journal(service: DemoService, own_home: Path) -> Journal:
    """The journal of the account that `call` works with, as another instance of the program holds it."""
    settings = load_settings(base_url=service.url, environ={})
    return Journal(Session(settings, Tokens(settings, {})).journal_path)
