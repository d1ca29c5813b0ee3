"""Clean text from outside, so that it can neither act on the terminal nor hide anything.

Everything that was written elsewhere (the service, an error page, a file) goes
through `clean` once, where it is decoded. What comes out is one line of
printable characters: no control code, no bidirectional or invisible character,
no pile of combining marks.
"""

import unicodedata

REPLACEMENT = "\ufffd"
HIDDEN = "\u2423"  # ␣, drawn where an invisible or reordering character stood
NEW_LINE = "\u23ce"  # ⏎

# Letters that draw nothing: category tells nothing about them.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
# Combining marks kept on one base character: Hindi needs three, a pile of them leaves its row.
_MOST_MARKS = 3
_MOST_LEARNED = 4096


def _shown(code: int) -> str:
    """Return what is drawn for one character."""
    char = chr(code)
    if char in _LINE_ENDS:
        return NEW_LINE
    if char == "\t":
        return " "
    if char in _FILLERS or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F:
        return HIDDEN
    category = unicodedata.category(char)
    if category in ("Cc", "Cs", "Co", "Cn"):
        return REPLACEMENT
    if category == "Cf":
        return HIDDEN
    if category == "Zs":
        return " "
    return char


class _Table(dict[int, str]):
    """A translation table that learns each character when it is first met."""

    def __missing__(self, code: int) -> str:
        shown = _shown(code)
        if len(self) < _MOST_LEARNED:
            self[code] = shown
        return shown


_TABLE = _Table()
_IN_A_WORD = frozenset("-_.:@")
_WORDLIKE = frozenset("LMN")  # the categories of letters, marks and numbers


def clean(value: str, limit: int = 256) -> str:
    """Return `value` as one safe line of at most `limit` characters; a cut is shown by an ellipsis."""
    if len(value) > limit:
        value = value[: limit - 1] + "…"
    if value.isascii() and value.isprintable():
        return value
    return _without_piles(value.replace("\r\n", "\n").translate(_TABLE))


def quoted(words: str) -> str:
    """Return clean words of others between quotes that they can't close."""
    return f"“{words.replace('“', HIDDEN).replace('”', HIDDEN)}”"


def as_word(name: str) -> str:
    """Return a clean name as it stands in a sentence of ours: quoted, unless it is one plain word.

    What is in quotes can't pass for our words: `x is deleted. Backup 7 of y` is a name, too.
    """
    is_plain = all(char in _IN_A_WORD or unicodedata.category(char)[0] in _WORDLIKE for char in name)
    return name if is_plain else quoted(name)


def _without_piles(value: str) -> str:
    """Drop the combining marks that would pile up on one base character."""
    kept: list[str] = []
    marks = 0
    for char in value:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if not kept:
                char = HIDDEN
            elif marks > _MOST_MARKS:
                continue
        else:
            marks = 0
        kept.append(char)
    return "".join(kept)
