"""The size of a terminal below which the program only says what it needs."""

from textual.geometry import Size

_COLUMNS, _ROWS = 60, 15
WORDS = f"The terminal is too small: {_COLUMNS}×{_ROWS} is needed."


def is_too_small(size: Size) -> bool:
    """Tell whether there is no room to see what one does."""
    return size.width < _COLUMNS or size.height < _ROWS
