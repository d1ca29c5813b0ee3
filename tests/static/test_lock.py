"""The lock file pins all that is installed, each package to files with a known hash."""

import pytest

from tests.static.requirements import ROOT, closure, development, locked, runtime

LOCK = locked((ROOT / "requirements.lock").read_text("utf-8"))
_HASH = "0" * 64


def test_every_package_has_a_hash() -> None:
    assert LOCK
    assert [name for name, (_, hashes) in LOCK.items() if not hashes] == []


def test_every_package_that_the_program_needs_is_there() -> None:
    assert closure(runtime()) <= set(LOCK)


def test_every_pinned_version_is_one_that_the_project_asks_for() -> None:
    for requirement in runtime() + development():
        version, _ = LOCK[requirement.name.lower()]
        assert requirement.specifier.contains(version), requirement


def test_a_package_without_a_hash_would_be_seen() -> None:
    text = f"# by hand\none==1.0 \\\n    --hash=sha256:{_HASH}\ntwo==2.0 ; os_name == 'nt' \\\n    --hash=sha256:00\n"
    assert locked(text) == {"one": ("1.0", [f"sha256:{_HASH}"]), "two": ("2.0", [])}


@pytest.mark.parametrize(
    "line", ["one>=1.0", "-e .", "one @ https://example.com/one.zip", "git+https://example.com/one"]
)
def test_a_package_that_is_not_pinned_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a pinned package"):
        locked(line)
