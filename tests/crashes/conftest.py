"""Take some of the places where a bug is planted, or all; let shared checks say what failed."""

from pathlib import Path

import pytest

from tests.scale import EXHAUSTIVE

pytest.register_assert_rewrite("tests.crashes.planting", "tests.process.terminal")
_EACH = 4  # of so many places a quick run takes one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take some of the places only, unless all are wanted, or few were asked for."""
    here = [each for each in items if each.path.is_relative_to(Path(__file__).parent)]
    left = set() if EXHAUSTIVE or len(here) < _EACH**2 else {*here} - {*here[::_EACH]}
    if left:
        config.hook.pytest_deselected(items=[*left])
        items[:] = [each for each in items if each not in left]
