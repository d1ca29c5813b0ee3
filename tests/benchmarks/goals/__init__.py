"""The goals, a group a module: those that need the same programs are measured together."""

from collections.abc import Iterator
from typing import Protocol

from tests.benchmarks.bench import Bench
from tests.benchmarks.goals import keys, large, leaving, loading, reading, resting, start
from tests.benchmarks.results import Result


class Group(Protocol):
    """A module that measures some goals."""

    @property
    def GOALS(self) -> tuple[int, ...]:
        """Return the numbers of its goals."""
        ...

    def measure(self, bench: Bench, goals: set[int]) -> Iterator[Result]:
        """Yield the results of those of its goals that are asked for."""
        ...


GROUPS: tuple[Group, ...] = (start, loading, large, keys, resting, leaving, reading)
