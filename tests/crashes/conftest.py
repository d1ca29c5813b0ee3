"""Name the demo service in the environment of the programs that a test starts; let shared checks say what failed."""

import pytest

from vpsbackup_tui.demo import DemoService

pytest.register_assert_rewrite("tests.crashes.planting", "tests.process.terminal")


@pytest.fixture
def service(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> DemoService:
    """The demo service, named with its token in the environment."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("VPS_API_URL", demo.url)
    monkeypatch.setenv("VPS_API_TOKEN", demo.token)
    return demo
