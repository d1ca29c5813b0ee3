"""The kinds of letters to which terminals give different widths, and how each is asked about. Pure."""

from typing import NamedTuple


class Widths(NamedTuple):
    """Cells that a terminal gives to one letter of each kind.

    The values that stand here are for a terminal that doesn't answer: where terminals
    disagree, room for what most of those take that take more, as a gap after a name does
    less harm than a name that is cut.
    """

    wide: int = 2
    emoji: int = 2
    marks: int = 0
    spacing_marks: int = 1
    thai_am: int = 1
    jamo: int = 0
    tones: int = 2
    flags: int = 1

    def in_words(self) -> str:
        """Return the widths for people: `wide 2, emoji 2, …`."""
        return ", ".join(f"{kind.replace('_', ' ')} {cells}" for kind, cells in self._asdict().items())


class Sample(NamedTuple):
    """Some letters of a kind, with the letter before them that they need."""

    letters: str
    may_take: tuple[int, ...]
    """The cells for one of them that can be laid out by; anything else is no answer."""
    before: str = ""
    before_kind: str = ""
    """The kind of the letter before; `""` where that takes one cell in every terminal."""


SAMPLES = {
    "wide": Sample("中", (1, 2)),
    "emoji": Sample("👍", (1, 2)),
    "marks": Sample("\u0301", (0, 1), "e"),
    "spacing_marks": Sample("\u0bbe", (0, 1), "க"),
    "thai_am": Sample("\u0e33", (0, 1), "ก"),
    "jamo": Sample("\u1161", (0, 1), "\u1100", "wide"),
    "tones": Sample("🏽", (0, 1, 2), "👍", "emoji"),
    "flags": Sample("🇩🇪", (1, 2)),
}
"""What is asked about, in the order of the fields of `Widths`; a kind comes after the one it stands on."""
