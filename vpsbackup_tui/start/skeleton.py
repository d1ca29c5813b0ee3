"""Draw the empty frame of the screen before anything else is loaded, and take it away where no screen follows.

As long as it stands, no signal may end the process on the spot: those that ask for an
end wait until somebody heeds them, and those of the keyboard until the terminal can be
given back. Little but `os` and `signal` is imported: each other module is a later frame.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from vpsbackup_tui.start.signals import ENDING

OTHER_SCREEN = "\x1b[?1049h"
"""What opens the terminal's other screen; it is open already while the skeleton stands."""
TAKEN_OVER = "\x1b[m"
"""What is sent in its place: the style is nobody's again."""
TAKE_A_VALUE = frozenset({"--account", "--base-url", "--config"})
STAND_ALONE = frozenset({"--read-only", "--no-journal", "--demo", "--no-input", "--no-color", "-v", "--verbose"})
"""The options that may stand before a screen: with anything else, something else may be asked for."""
_WAITING = (*ENDING, signal.SIGTSTP, signal.SIGWINCH)
_TERMINAL = 1  # standard output, where the screen will be
_AT_ONCE = 512  # bytes, that a terminal which takes some takes at once
_PATIENCE = 0.5  # seconds
_SMALLEST = 40  # columns
_TITLE, _WORD = " VPS Backups   ", "starting "
_COLOURS = "\x1b[38;5;253;48;5;233m"  # those of the screen, in a palette in which they are exact
_QUIET = "\x1b[22;38;5;247m"
_BEGIN = f"{OTHER_SCREEN}\x1b[?25l"
# What is typed meanwhile would be drawn by the terminal itself: unseen, on a line that is empty.
_END = "\x1b[3;1H\x1b[8m"
_OVER = "\x1b[m\x1b[?7l"  # a line that is full must not go on in the next
_REMOVE = "\x1b[m\x1b[?7h\x1b[?1049l\x1b[?25h"


class _Skeleton:
    """What is known of the one terminal of this process."""

    is_standing = False
    mask: set[int | signal.Signals]
    line: "list[int | list[bytes | int]] | None" = None
    """How the terminal's line was, once it has been told not to draw what is typed."""


_it = _Skeleton()


def is_standing() -> bool:
    """Tell whether the skeleton is what the terminal shows."""
    return _it.is_standing


def show(argv: list[str]) -> None:
    """Draw the skeleton where these arguments ask for the screen and there is a terminal for it."""
    with suppress(OSError, ValueError):
        if not (asks_for_screen(argv) and _is_ours()):
            return
        columns = terminal_size().columns
        if columns < _SMALLEST:
            return
        _it.mask = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITING)
        _it.is_standing = True
        os.write(_TERMINAL, _drawn(columns, os.environ).encode())


def terminal_size() -> os.terminal_size:
    """Return the size of the terminal; raise `OSError` where it has gone."""
    return os.get_terminal_size(_TERMINAL)


def draw_over(frame: str, encoding: str) -> bool:
    """Draw a whole frame in the place of the skeleton; tell whether that went well.

    No line of it is empty, so from now on nobody draws what is typed. And it is kept key by key for the
    screen: the terminal's line would make something else of enter and ctrl+q, and nothing of ctrl+d.
    """
    import termios  # noqa: PLC0415 - not at the first sight

    if not _it.is_standing:
        return False
    with suppress(OSError, termios.error):
        line = termios.tcgetattr(_TERMINAL)
        _it.line = line
        kept = termios.tcgetattr(_TERMINAL)
        kept[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON)
        kept[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        kept[6][termios.VMIN], kept[6][termios.VTIME] = 1, 0
        termios.tcsetattr(_TERMINAL, termios.TCSANOW, kept)
        return _is_taken((_OVER + frame).encode(encoding, "replace"))
    return False


def _is_taken(data: bytes) -> bool:
    """Write to a terminal that may stand still (ctrl+s), as long as it takes anything; tell whether it took all."""
    import select  # noqa: PLC0415 - not at the first sight

    for start in range(0, len(data), _AT_ONCE):
        if not select.select([], [_TERMINAL], [], _PATIENCE)[1]:
            return False
        os.write(_TERMINAL, data[start : start + _AT_ONCE])
    return True


def line_before() -> "list[int | list[bytes | int]] | None":
    """Return how the terminal's line was before something was drawn over the skeleton; None where it still is so."""
    return _it.line if _it.is_standing else None


def heed_resizes() -> bool:
    """Let changes of the terminal's size be heard from now on; tell whether there were any since the skeleton came."""
    was_resized = signal.SIGWINCH in signal.sigpending()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGWINCH,))
    return was_resized


@contextmanager
def attended() -> Iterator[None]:
    """Heed the signals that have waited; take the skeleton away at the end, unless a screen has taken it over."""
    try:
        if _it.is_standing:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        yield
    finally:
        remove()


def remove() -> None:
    """Give the terminal back as it was, where the skeleton still stands."""
    if _it.is_standing:
        give_back(_REMOVE, _it.line)
        hand_over()


def give_back(sequences: str, line: "list[int | list[bytes | int]] | None") -> None:
    """Send what puts the terminal back, and set its line as it was, if that is known; where it has gone do nothing."""
    with suppress(OSError):
        os.write(_TERMINAL, sequences.encode())
    if line is not None:
        import termios  # noqa: PLC0415 - is there

        with suppress(termios.error):
            termios.tcsetattr(_TERMINAL, termios.TCSANOW, line)


def hand_over(*, resizes_wait: bool = False) -> None:
    """Leave the terminal to somebody else, and let signals do what they do; `heed_resizes` is for those that wait."""
    if _it.is_standing:
        _it.is_standing = False
        waiting = {signal.SIGWINCH} if resizes_wait else set()
        signal.pthread_sigmask(signal.SIG_SETMASK, _it.mask | waiting)


def asks_for_screen(argv: list[str]) -> bool:
    """Tell whether arguments can't mean anything but the screen; where it is doubtful, they don't."""
    words = iter(argv)
    for word in words:
        option, equals, _ = word.partition("=")
        if option in TAKE_A_VALUE:
            if not equals and next(words, None) is None:
                return False
        elif word not in STAND_ALONE:
            return False
    return True


def _is_ours() -> bool:
    """Tell whether both ends are a terminal that can show a screen, with this process in its foreground."""
    terminals = os.isatty(0) and os.isatty(_TERMINAL)
    return terminals and os.environ.get("TERM", "dumb") not in ("dumb", "") and os.tcgetpgrp(0) == os.getpgrp()


def _drawn(columns: int, environ: Mapping[str, str]) -> str:
    """Return what draws the skeleton: the header with its title, and nothing below."""
    colours, quiet = (_COLOURS, _QUIET) if colour_bits(environ) else ("", "\x1b[22m")
    right = columns - len(_WORD) + 1
    return f"{_BEGIN}{colours}\x1b[2J\x1b[H\x1b[1m{_TITLE}{quiet}\x1b[{right}G{_WORD}{_END}"


def colour_bits(environ: Mapping[str, str]) -> int:
    """Return how many bits a colour of Textual's will have here: 24, 8, or 0 where it has its own few."""
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 24
    return 8 if environ.get("TERM", "").strip().lower().rpartition("-")[2] in ("256color", "kitty") else 0
