"""A terminal opened anew, so that nothing waits for it: the flags of one that a shell has opened are its, too."""

import os


def open_anew(terminal: int, flags: int) -> int | None:
    """Return a descriptor of the terminal of which no read and no write waits, None where it is somebody else's.

    It is after `su`. `flags` are those of `os.open` that tell what it is for.
    """
    try:
        return os.open(os.ttyname(terminal), flags | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None
