"""Let shared checks say what failed."""

import pytest

pytest.register_assert_rewrite("tests.process.blows", "tests.process.terminal")
