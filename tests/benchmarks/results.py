"""What was measured for a goal, and whether the goal is met."""

from dataclasses import dataclass, replace
from statistics import median
from typing import Self


@dataclass(frozen=True)
class Result:
    """One line of the table: texts as they are printed; `met` is None where nothing could be measured."""

    goal: int
    what: str
    reference: str
    ours: str
    ratio: str
    limit: str
    met: bool | None
    note: str = ""

    @classmethod
    def compared(cls, goal: int, what: str, ours: float, to: tuple[str, float], limit: float, unit: str) -> Self:
        """Return the result of a pair: ours may be `limit` times the reference, which is its name and its figure."""
        name, reference = to
        ratio = ours / reference if reference else float("inf")
        return cls(
            goal,
            what,
            f"{name}: {shown(reference, unit)}",
            shown(ours, unit),
            f"{ratio:.2f}",
            f"≤ {limit:g} ×",
            ratio <= limit,
        )

    @classmethod
    def bounded(cls, goal: int, what: str, ours: float, limit: float, unit: str, reference: str = "–") -> Self:
        """Return the result of a figure that has a limit of its own."""
        return cls(goal, what, reference, shown(ours, unit), "–", f"≤ {shown(limit, unit)}", ours <= limit)

    @classmethod
    def unmeasured(cls, goal: int, what: str, why: str) -> Self:
        """Return that a goal could not be measured, and why."""
        return cls(goal, what, "–", "not measured", "–", "–", None, why)

    def noted(self, note: str) -> Self:
        """Return the same with a note."""
        return replace(self, note=note)


def shown(figure: float, unit: str) -> str:
    """Return a figure with its unit, to three digits."""
    if unit == "s":
        return f"{figure:.2f} s" if figure >= 1 else f"{figure * 1000:.1f} ms"
    digits = 0 if figure >= 100 or figure == int(figure) else 1
    return f"{figure:,.{digits}f} {unit}"


def middle(figures: list[float]) -> float:
    """Return the median."""
    return median(figures)


def nearly_worst(figures: list[float]) -> float:
    """Return the 99th percentile: the figure that one in a hundred exceeds."""
    ranked = sorted(figures)
    return ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]
