"""Which bytes the program itself may send to a terminal: all others came from somebody else."""

import re
import unicodedata

# What Textual's driver and compositor write, and nothing that a text could need.
_OWN = re.compile(
    r"""
    \x1b\[[0-9]+H\x1b\[8m(?:\r[^\x00-\x1f]{1,2}\x1b\[6n){8}\x1b\[m   # how wide are these letters?
    | \x1b\[[0-9]+G\x1b\[6n                  # is all of this on the screen by now?
    | \x1b\[[0-9;:]*m                        # colours and styles
    | \x1b\[[0-9]*;?[0-9]*H                  # cursor to a place
    | \x1b\[[0-9]*[ABCDGJK]                  # cursor by a step, clear
    | \x1b\[[0-9]+X                          # blank some cells
    | \x1b\[\?(?:25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048|7)[hl]   # modes
    | \x1b\[\?(?:2026|2048)\$p               # what the terminal can do
    | \x1b\[[<>=]\d*u                        # keyboard protocol on and off
    | \x1b\[\?\d*u
    | \x1b\[>\d*q
    | \x1b]22;[a-z-]+\x07                    # shape of the mouse pointer
    | \x1b[78]
    | \x1bP\+q[0-9a-f]*\x1b\\
    """,
    re.VERBOSE,
)
_MAY_CONTROL = frozenset("\r\n")


def foreign(output: bytes) -> list[str]:
    """Return what of a terminal's output is neither text that draws nor a sequence of the program's own."""
    text = output.decode("utf-8", errors="surrogateescape")
    rest = _OWN.sub("", text)
    return [repr(rest[max(0, place - 12) : place + 24]) for place, char in enumerate(rest) if not _draws(char)]


def _draws(char: str) -> bool:
    """Tell whether a character draws something and does nothing else."""
    if char in _MAY_CONTROL:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
