"""Valid JSON, spoiled in structure and in bytes by a seed: a mutant that failed can be made again."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7.5, -0.0, 1e308, 2**53, 2**63, 10**64, 10**70),
    *("", " ", "x", "0", "501", "-5", "completed", "in_progress", "manual", "null", "1/../../servers/5", "a" * 65),
    *("\x1b]52;c;cm0=\x07", "\x9b2J", "[/nope]", "[@click=app.quit]x", "\u202egnp.exe", "e" + "\u0301" * 500, "\ud800"),
    *("2025-01-16T03:00:00Z", "2025-01-16T03:00:60Z", "9999-12-31T23:59:59+23:59", "0000-00-00", "2025-W03-4", "now"),
    *([], {}, [[]], [{}], {"id": 5}, {"id": None, "name": []}, {"name": "x"}, {"id": 12345, "name": "web"}, [1, "two"]),
)
ODD_KEYS = (
    "id",
    "uuid",
    "server",
    "server_id",
    "results",
    "count",
    "next",
    "name",
    "status",
    "detail",
    "",
    "\x00",
    "é",
)
ODD_TOKENS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-0", b"1" * 5000, b"0x1F", b"01", b"nul", b"'x'", b'"\\ud800"'),
    *(b'"\\u0000"', b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b"[" * 3000, b'{"a":' * 3000, b"{}{}", b"//", b"\x00"),
)


class Mutator:
    """Spoil a valid answer in one to four ways, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def mutant(self, body: bytes) -> bytes:
        """Return the answer with its structure spoiled, its bytes, or both; only its bytes where it is no JSON."""
        kind = self.random.random()
        value = _value_of(body)
        if value is not None and kind < 0.75:
            for _ in range(self.random.randint(1, 4)):
                value = self._spoiled(value)
            body = json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode(errors="surrogatepass")
        if value is None or kind > 0.6:
            for _ in range(self.random.randint(1, 4)):
                body = self.spoiled_bytes(body)
        return body

    def _spoiled(self, value: Any) -> Any:
        """Return a value with one place in it changed."""
        places = list(_places(value))
        if not places or self.random.random() < 0.03:
            return self.random.choice([*ODD_VALUES, [value], {"results": value}])
        holder, key = self.random.choice(places)
        way = self.random.randrange(6)
        if way == 0:
            del holder[key]
        elif way == 1 and isinstance(holder, dict):
            holder[self.random.choice(ODD_KEYS)] = holder[key]
        elif way == 1:
            holder.append(copy.deepcopy(holder[key]))
        elif way == 2:
            there, place = self.random.choice(places)
            holder[key] = copy.deepcopy(there[place]) if place in there or isinstance(there, list) else None
        elif way == 3:
            holder[key] = self._stretched(holder[key])
        else:
            holder[key] = copy.deepcopy(self.random.choice(ODD_VALUES))
        return value

    def _stretched(self, value: Any) -> Any:
        """Return a value that looks like this one and is of another type or length."""
        if isinstance(value, str):
            return self.random.choice([value * 300, value[:-1], value.upper(), [value], value + "\n", value + "\u200b"])
        if isinstance(value, int):
            return self.random.choice([str(value), float(value), -value, value * 10**40, [value]])
        return [value]

    def spoiled_bytes(self, body: bytes) -> bytes:
        """Return bytes with one place in them changed."""
        at = self.random.randint(0, len(body))
        end = min(len(body), at + self.random.choice([1, 1, 2, 8, 64]))
        ways: list[Callable[[], bytes]] = [
            lambda: body[:at],
            lambda: body[:at] + body[end:],
            lambda: body[:at] + self.random.randbytes(self.random.randint(1, 4)) + body[end:],
            lambda: body[:at] + self.random.choice(ODD_TOKENS) + body[end:],
            lambda: body[:at] + body[at:end] * 2 + body[end:],
            lambda: self.random.choice([b"\xef\xbb\xbf", b"\xff\xfe", b" \n", b")]}',\n", b"<html>"]) + body,
            lambda: body + self.random.choice([b"\n", b"\x00", body, b"}", b"]"]),
            lambda: body.decode("utf-8", "replace").encode("utf-16"),
        ]
        return self.random.choice(ways)()


def _value_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place inside a value, as what holds it and the key or index there."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        yield value, key
        yield from _places(value[key])
