"""What every test gets: a home of its own, a demo service with a fixed clock, and a watch over the token."""

import base64
import logging
import os
import signal
import sys
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from vpsbackup_tui.demo import DemoService

CANARY = "vps_canary_7Qm2xT9rLw4ZsK1vNp8B"
"""The token of every test; it must show up nowhere."""
_FORMS = (
    CANARY.encode(),
    base64.b64encode(CANARY.encode()).rstrip(b"="),
    urllib.parse.quote(CANARY, safe="").replace("_", "%5F").encode(),
)
NOON = datetime(2025, 1, 16, 12, 0, tzinfo=UTC).timestamp()
_OURS = ("VPS_", "VPSBACKUP_", "PYTHON_KEYRING_", "TEXTUAL", "XDG_")
_THEIRS = ("NO_COLOR", "CREDENTIALS_DIRECTORY", "DBUS_SESSION_BUS_ADDRESS", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


hypothesis.settings.register_profile("push", max_examples=200, deadline=None)
hypothesis.settings.register_profile("full", max_examples=5000, deadline=None)
hypothesis.settings.load_profile("push")

for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    # As after `nohup`, or in a script's background: what a test starts would ignore it, too.
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, lambda number, frame: None)  # which is not handed down, and does as little


class Clock:
    """Unix seconds that move only when they are told to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def demo(clock: Clock) -> Iterator[DemoService]:
    """A fresh embedded service whose token is the canary; a bug of its own fails the test."""
    with DemoService(seed=1, clock=clock, token=CANARY) as service:
        yield service
    assert not service.errors


@pytest.fixture
def service(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> DemoService:
    """The demo service, named with its token in the environment of the programs that a test starts."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("VPS_API_URL", demo.url)
    monkeypatch.setenv("VPS_API_TOKEN", demo.token)
    return demo


@pytest.fixture
def token_may_be_in() -> set[Path]:
    """Files that a test keeps the token in on purpose: add their paths."""
    return set()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home of its own and an environment without anybody's settings."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name in _THEIRS or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def token_stays_hidden(
    own_home: Path,
    tmp_path: Path,
    token_may_be_in: set[Path],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    """Fail where the token shows in what a test printed, logged or left in its files."""
    caplog.set_level(logging.DEBUG)
    yield
    printed = capfd.readouterr()
    found = [
        name
        for name, text in (("output", printed.out), ("errors", printed.err), ("log", _logged(caplog)))
        if shows_token(text)
    ]
    for path in tmp_path.rglob("*"):
        if path.is_file() and not path.is_symlink() and path not in token_may_be_in and shows_token(path.read_bytes()):
            found.append(str(path))
    # What was read is no longer there for a failure's report.
    sys.stdout.write(printed.out)
    sys.stderr.write(printed.err)
    assert not found, f"the token shows in: {', '.join(found)}"


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return what was logged before the end of a test; `caplog.text` holds only the current phase."""
    form = logging.Formatter("%(name)s %(message)s")
    return "\n".join(form.format(record) for phase in ("setup", "call") for record in caplog.get_records(phase))


def shows_token(text: str | bytes) -> bool:
    """Tell whether a text repeats the token, in any of the forms that are looked for."""
    data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
    return any(form in data for form in _FORMS)
