"""Read what the project requires, what that requires in turn on this machine, and what the lock file holds."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
_ENTRY = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})(?=\s|$)")


def runtime() -> list[Requirement]:
    """Return what the program itself requires."""
    return [Requirement(line) for line in _project()["project"]["dependencies"]]


def development() -> list[Requirement]:
    """Return what its tests and checks require besides."""
    return [Requirement(line) for line in _project()["dependency-groups"]["dev"]]


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """Return the names of all packages that these requirements bring to this machine, themselves included."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        wanted = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if wanted not in found:
            found.add(wanted)
            needed = (Requirement(line) for line in distribution(requirement.name).requires or ())
            waiting += [each for each in needed if _applies(each, requirement.extras)]
    return {name for name, _ in found}


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def locked(text: str) -> Mapping[str, tuple[str, list[str]]]:
    """Return the version and the hashes of each package in a lock file; raise `ValueError` at any other line."""
    packages: dict[str, tuple[str, list[str]]] = {}
    for line in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines():
        if line.strip():
            entry = _ENTRY.match(line)
            if not entry:
                raise ValueError(f"not a pinned package: {line}")
            packages[canonicalize_name(entry["name"])] = (entry["version"], _HASH.findall(line))
    return packages


def _project() -> dict[str, dict[str, list[str]]]:
    project: dict[str, dict[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return project
