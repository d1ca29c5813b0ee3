"""Name the demo service in the environment of the programs that a test starts; let shared checks say what failed."""

from pathlib import Path

import pytest

from tests.scale import EXHAUSTIVE
from vpsbackup_tui.demo import DemoService

pytest.register_assert_rewrite("tests.crashes.planting", "tests.process.terminal")
_EACH = 4  # of so many places a quick run takes one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take some of the places only, unless all are wanted."""
    here = [each for each in items if each.path.is_relative_to(Path(__file__).parent)]
    left = set() if EXHAUSTIVE or len(here) < _EACH**2 else {*here} - {*here[::_EACH]}
    if left:
        config.hook.pytest_deselected(items=[*left])
        items[:] = [each for each in items if each not in left]


@pytest.fixture
def service(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> DemoService:
    """The demo service, named with its token in the environment."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("VPS_API_URL", demo.url)
    monkeypatch.setenv("VPS_API_TOKEN", demo.token)
    return demo
