"""Many backups in a quarter of the memory of as many records: a column for each field.

A screen shows fifty of a hundred thousand backups, so a record is made of a row when it is
asked for. Whatever looks at all of them looks at columns: ids and sizes stand packed as
numbers, words that repeat are kept once, and a time takes its 20 letters.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any, Final, cast, overload

from vpsbackup_tui.fleet.formats import parse_time
from vpsbackup_tui.fleet.models import Backup, Id

NO_SIZE: Final = -(2**63)
"""Stands in the column of sizes where a backup has none."""
_FORM: Final = b"0000-00-00T00:00:00Z"
_NO_TIME: Final = _FORM.decode().replace("0", " ")
_WIDE: Final = len(_FORM)
_DIGITS: Final = _FORM.count(b"0")
_AS_ZERO: Final = bytes.maketrans(b"123456789 ", b"0" * 10)
_FIRST: Final = bytes.maketrans(b" TZ", b"000")  # 16 hexadecimal digits make a number of 64 bits
_LAST: Final = bytes.maketrans(b" TZ", b"f00")
_USUAL: Final = (False, None)  # a row that is readable, and that came as it is documented
_COLUMNS: Final = (
    *("ids", "server_ids", "server_names", "types", "statuses", "sizes", "created_at", "expires_at", "descriptions"),
    *("_odd", "_one_of"),
)


class Times:
    """Times in the service's own words, packed as long as each is None or has 20 characters of ASCII."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._words: list[str | None] | None = None  # in place of the packed ones where one can't be packed

    def extend(self, times: Sequence[str | None]) -> None:
        """Add times."""
        if self._words is None:
            words = [_NO_TIME if time is None else time for time in times]
            text = "".join(words)
            if text.isascii() and set(map(len, words)) <= {_WIDE} and _NO_TIME not in times:
                self._packed += text.encode()
                return
            self._words = self.words()
            self._packed.clear()
        self._words += times

    def words(self) -> list[str | None]:
        """Return all of them."""
        if self._words is not None:
            return self._words.copy()
        text = self._packed.decode()
        words: list[Any] = [text[start : start + _WIDE] for start in range(0, len(text), _WIDE)]
        return [None if word == _NO_TIME else word for word in words] if _NO_TIME in words else words

    def text(self) -> str:
        """Return one text in which each of them occurs; what stands between two of them is no matter."""
        return self._packed.decode() if self._words is None else "\n".join([word or "" for word in self._words])

    def keys(self, *, missing: float) -> Sequence[Any]:
        """Return what to sort them by; one that is `missing` or can't be read comes first or last (-inf, inf).

        Where all read like `2025-01-16T03:00:00Z`, as the service documents, their digits are their order,
        read as a number in base 16. One that no calendar has, such as the 31st of a month of 30 days, then sorts
        as it reads: reading each would take 20 times as long.
        """
        if self._words is None and self._are_digits():
            digits = self._packed.translate(_FIRST if missing < 0 else _LAST, b"-:")
            numbers = array("Q", bytes.fromhex(digits.decode()))
            if sys.byteorder == "little":
                numbers.byteswap()
            return numbers.tolist()
        moments = map(parse_time, self.words())
        return [missing if moment is None else moment for moment in moments]

    def _are_digits(self) -> bool:
        """Tell whether each packed time has a digit wherever the documented form has one, or is none at all."""
        packed = self._packed
        if packed.translate(_AS_ZERO) != _FORM * (len(packed) // _WIDE):
            return False
        blanks = packed.count(b" ")
        return not blanks or blanks == _DIGITS * packed.count(_NO_TIME.encode())

    def __copy__(self) -> "Times":
        twin = Times()
        twin._packed, twin._words = copy(self._packed), copy(self._words)
        return twin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Times) and (self._packed, self._words) == (other._packed, other._words)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __getitem__(self, row: int) -> str | None:
        if self._words is not None:
            return self._words[row]
        word = self._packed[row * _WIDE : (row + 1) * _WIDE].decode()
        return None if word == _NO_TIME else word


class Backups(Sequence[Backup]):
    """Backups in the order they came. The columns are for reading; only `extend` changes them.

    A column of `ids` or `sizes` is a list where one of them is no number of 64 bits.
    """

    def __init__(self, backups: Iterable[Backup] = ()) -> None:
        """Begin with some backups."""
        self.ids: Sequence[Id | None] = array("q")
        self.server_ids: list[Id | None] = []
        self.server_names: list[str] = []
        self.types: list[str] = []
        self.statuses: list[str] = []
        self.sizes: Sequence[int] = array("q")
        """In MB; `NO_SIZE` where there is none."""
        self.created_at = Times()
        self.expires_at = Times()
        self.descriptions: list[str] = []
        self._odd: dict[int, tuple[bool, dict[str, Any] | None]] = {}  # `unreadable` and `raw`, where any
        self._one_of: dict[Id | None, Id | None] = {}  # ids of servers, each of which is kept once
        self.extend(backups)

    def extend(self, backups: Iterable[Backup]) -> None:
        """Add backups."""
        some = list(backups)
        first = len(self)
        self.ids = _longer(self.ids, [each.id for each in some])
        self.server_ids += map(self._one_of.setdefault, ids := [each.server_id for each in some], ids)
        self.server_names += [each.server_name for each in some]
        self.types += [each.type for each in some]
        self.statuses += [each.status for each in some]
        self.sizes = _longer(self.sizes, [NO_SIZE if each.size_mb is None else each.size_mb for each in some])
        self.created_at.extend([each.created_at for each in some])
        self.expires_at.extend([each.expires_at for each in some])
        self.descriptions += [each.description for each in some]
        self._odd |= {
            row: (each.unreadable, each.raw)
            for row, each in enumerate(some, first)
            if each.unreadable or each.raw is not None
        }

    def __copy__(self) -> "Backups":
        twin = Backups()
        for name in _COLUMNS:
            setattr(twin, name, copy(getattr(self, name)))
        return twin

    def __len__(self) -> int:
        return len(self.types)

    @overload
    def __getitem__(self, row: int) -> Backup: ...
    @overload
    def __getitem__(self, row: slice) -> list[Backup]: ...
    def __getitem__(self, row: int | slice) -> Backup | list[Backup]:
        rows = range(len(self))[row]  # as a list takes an index, and refuses one
        return self._record(rows) if isinstance(rows, int) else list(map(self._record, rows))

    def _record(self, row: int) -> Backup:
        size = self.sizes[row]
        return Backup(
            self.ids[row],
            self.server_ids[row],
            self.server_names[row],
            self.types[row],
            self.statuses[row],
            None if size == NO_SIZE else size,
            self.created_at[row],
            self.expires_at[row],
            self.descriptions[row],
            *self._odd.get(row, _USUAL),
        )

    def __iter__(self) -> Iterator[Backup]:
        return map(self._record, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backups) and all(getattr(self, name) == getattr(other, name) for name in _COLUMNS)

    __hash__ = None  # type: ignore[assignment]  # it grows


def _longer(column: Sequence[Any], values: list[Any]) -> Sequence[Any]:
    """Return a column with more values: packed as long as all are numbers, a list otherwise."""
    if isinstance(column, array):
        try:
            column += array("q", values)
            return column
        except (TypeError, OverflowError):
            column = column.tolist()
    longer = cast(list[Any], column)
    longer += values
    return longer
