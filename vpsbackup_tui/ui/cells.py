"""How many terminal cells text takes, and text made to take exactly so many."""

import unicodedata

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"


def width(text: str) -> int:
    """Return how many cells `text` takes on the terminal."""
    return len(text) if text.isascii() else cell_len(text)


def clip(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells; a cut is shown by an ellipsis."""
    if width(text) <= cells:
        return text
    if cells <= 1:
        return ELLIPSIS[:cells]
    return (text[: cells - 1] if text.isascii() else set_cell_size(text, cells - 1)) + ELLIPSIS


def clip_middle(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells, cut in the middle: of names, it is often the end that differs."""
    if width(text) <= cells or cells < 3:
        return clip(text, cells)
    end = text[-((cells - 1) // 2) :]
    while width(end) > (cells - 1) // 2 or (end and unicodedata.category(end[0]).startswith("M")):
        end = end[1:]  # no mark without the letter that it belongs to
    return clip(text, cells - width(end)) + end


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return `text` in exactly `cells` cells, padded on the right (or left) or clipped."""
    text = clip(text, cells)
    padding = " " * (cells - width(text))
    return padding + text if right else text + padding
