"""Where things are on the screen at which size, and below which it only says what it needs. Pure."""

SMALLEST = (60, 15)
"""The columns and rows below which there is no room to see what one does."""
TOO_SMALL = f"The terminal is too small: {SMALLEST[0]}×{SMALLEST[1]} is needed."
SIDEBAR, WIDE_SIDEBAR = 22, 32
"""The columns of the sidebar, with the line at its right."""
_NORMAL, _WIDE = 80, 110  # columns


def is_too_small(size: tuple[int, int]) -> bool:
    """Tell whether there is no room to see what one does."""
    return size[0] < SMALLEST[0] or size[1] < SMALLEST[1]


def is_narrow(columns: int) -> bool:
    """Tell whether there is room for one side only."""
    return columns < _NORMAL


def is_wide(columns: int) -> bool:
    """Tell whether there is room for a wide sidebar."""
    return columns >= _WIDE


def sidebar(columns: int) -> int:
    """Return how many columns the sidebar takes beside the table; none where there is room for one side only."""
    if is_narrow(columns):
        return 0
    return WIDE_SIDEBAR if is_wide(columns) else SIDEBAR
