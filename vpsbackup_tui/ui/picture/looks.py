"""How a cell is painted, and the shortest way from one look to another. Pure."""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

_SEEN_ON_BLANK = frozenset({"4", "7", "9", "21", "51", "52", "53"})  # lines, frames and reverse
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
_WEIGHTS = frozenset({"1", "2"})  # bold and dim go off together
_FRONTS = frozenset(range(30, 40)) | frozenset(range(90, 98))
_BACKS = frozenset(range(40, 50)) | frozenset(range(100, 108))
_EXTENDED = {"5": 1, "2": 3}  # by how many numbers a colour of a palette, or of its own, goes on


class Look:
    """The codes of a style: its marks (bold, reverse …), its colour and that of the ground.

    There is one object for each look, so that comparing two of them costs nothing: get it
    from `look_of`. `blank` is the look of a blank that can't be told from one in this look,
    and `cells` are the cells of single characters in this look, of which there is one each too.
    """

    __slots__ = ("back", "blank", "cells", "front", "marks")

    def __init__(self, marks: frozenset[str], front: str, back: str) -> None:
        self.marks = marks
        self.front = front
        self.back = back
        self.blank = self if marks & _SEEN_ON_BLANK or not (marks or front) else _one_look(frozenset(), "", back)
        self.cells = _Cells(self)

    @property
    def codes(self) -> list[str]:
        """Return the codes that make this look out of a plain one."""
        return [*sorted(self.marks, key=int), *filter(None, (self.front, self.back))]

    def __repr__(self) -> str:
        return f"Look({';'.join(self.codes)})"


class _Cells(dict[str, tuple[str, Look]]):
    """Makes the cell of a character when it is first asked for; a blank's is the same in all looks that it allows."""

    def __init__(self, look: Look) -> None:
        super().__init__({" ": (" ", look) if look.blank is look else look.blank.cells[" "]})
        self._look = look

    def __missing__(self, char: str) -> tuple[str, Look]:
        cell = self[char] = (char, self._look)
        return cell


@cache
def _one_look(marks: frozenset[str], front: str, back: str) -> Look:
    return Look(marks, front, back)


@lru_cache(maxsize=1024)
def look_of(codes: str) -> Look:
    """Return the look that the codes of a style make out of a plain one, such as `1;38;5;253`."""
    marks, front, back = set(), "", ""
    for code in _split(codes):
        number = int(code.partition(";")[0])
        if number in _FRONTS:
            front = "" if number == 39 else code
        elif number in _BACKS:
            back = "" if number == 49 else code
        else:
            marks.add(code)
    return _one_look(frozenset(marks), front, back)


def _split(codes: str) -> Iterator[str]:
    """Yield codes, those of a colour with all the numbers that belong to it."""
    parts = iter(codes.split(";") if codes else ())
    for part in parts:
        if part in ("38", "48"):
            kind = next(parts)
            yield ";".join((part, kind, *islice(parts, _EXTENDED[kind])))
        else:
            yield part


PLAIN = look_of("")


@lru_cache(maxsize=4096)
def change(before: Look, after: Look) -> str:
    """Return the shortest sequence that turns one look into another."""
    if before is after:
        return ""
    anew = after.codes if before is PLAIN else ["0", *after.codes] if after is not PLAIN else []
    ways = [anew]
    if before.marks - after.marks <= _OFF.keys():
        ways.append(_difference(before, after))
    return min((f"\x1b[{';'.join(codes)}m" for codes in ways), key=len)


def _difference(before: Look, after: Look) -> list[str]:
    """Return the codes for what differs."""
    gone = {_OFF[mark] for mark in before.marks - after.marks}
    kept = before.marks - _WEIGHTS if "22" in gone else before.marks
    codes = sorted(gone) + sorted(after.marks - kept, key=int)
    if before.front != after.front:
        codes.append(after.front or "39")
    if before.back != after.back:
        codes.append(after.back or "49")
    return codes
