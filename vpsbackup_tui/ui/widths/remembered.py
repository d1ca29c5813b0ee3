"""What terminals have answered, kept in a small file: the next start lays out by it at once."""

import re
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from vpsbackup_tui.accounts.private_files import UnfitFileError, nobody_else_reads, read_bounded, write_private
from vpsbackup_tui.ui.widths.kinds import SAMPLES, Widths

FILE = "terminals"
_NAMING = (
    "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LC_TERMINAL", "LC_TERMINAL_VERSION", "VTE_VERSION", "XTERM_VERSION",
    "KONSOLE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID",
)  # fmt: skip
_ONLY_WHETHER = frozenset({"WT_SESSION", "KITTY_WINDOW_ID"})
_NOT_UNICODE = frozenset({"linux", "dumb", ""})
_ANYBODY = frozenset({"xterm", "xterm-256color", "xterm-color", "screen", "screen-256color", "vt220"})
"""Names of terminals by which many others go."""
_DAY = 86400  # seconds
_GOOD_FOR = 30  # days: terminals learn new letters
_MOST_KEPT = 32
_MOST_BYTES = 4096
_LINE = re.compile(rf"([0-9a-f]{{8}}) ([0-9]{{1,6}}) ([0-9]{{{len(SAMPLES)}}})")


class Kept(NamedTuple):
    """What a terminal has answered, and on which day (since 1970)."""

    widths: Widths
    day: int


class Terminal(NamedTuple):
    """A terminal as far as the environment tells which one it is."""

    key: str
    """Stands for the terminal in the file, so that nothing of the environment is in there."""
    has_name: bool
    """Whether it can't well be taken for another one."""
    can_answer: bool


class Known(NamedTuple):
    """The terminal at hand, its widths as far as they are known, and whether to ask it."""

    terminal: Terminal
    widths: Widths
    should_ask: bool


def known_of(folder: Path | None, environ: Mapping[str, str], encoding: str) -> Known:
    """Return what is known of the terminal at hand, from the file in a folder, if any."""
    terminal = terminal_at_hand(environ, encoding)
    kept = recall(folder / FILE, terminal) if folder else None
    should_ask = terminal.can_answer and not is_fresh(kept, terminal, today())
    return Known(terminal, kept.widths if kept else Widths(), should_ask)


def today() -> int:
    """Return the day, counted since 1970."""
    return int(time.time()) // _DAY


def terminal_at_hand(environ: Mapping[str, str], encoding: str) -> Terminal:
    """Return the terminal that the environment tells of."""
    term = environ.get("TERM", "")
    named = {name: environ[name] for name in _NAMING if environ.get(name)}
    inside = [name for name in ("TMUX", "STY", "ZELLIJ") if environ.get(name)]
    origin = "" if inside else environ.get("SSH_CONNECTION", "").partition(" ")[0]
    charset = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    told = [(name, "" if name in _ONLY_WHETHER else value) for name, value in named.items()]
    facts = repr((term, told, inside, origin, charset))
    return Terminal(
        key=f"{zlib.crc32(facts.encode(errors='replace')):08x}",
        has_name=bool(named) or term not in _ANYBODY,
        can_answer=term not in _NOT_UNICODE and encoding.lower().replace("-", "") == "utf8",
    )


def recall(path: Path, terminal: Terminal) -> Kept | None:
    """Return what is kept of a terminal; None where there is nothing that can be used."""
    return _read(path).get(terminal.key)


def is_fresh(kept: Kept | None, terminal: Terminal, today: int) -> bool:
    """Tell whether a terminal need not be asked again."""
    return kept is not None and terminal.has_name and 0 <= today - kept.day < _GOOD_FOR


def remember(path: Path, terminal: Terminal, kept: Kept) -> None:
    """Keep what a terminal has answered; where that can't be written it is asked again next time."""
    known = _read(path)
    known.pop(terminal.key, None)
    known[terminal.key] = kept
    lines = [f"{key} {day} {''.join(map(str, widths))}\n" for key, (widths, day) in known.items()]
    with suppress(OSError, UnfitFileError):
        write_private(path, "".join(lines[-_MOST_KEPT:]).encode())


def _read(path: Path) -> dict[str, Kept]:
    """Return what is kept of each terminal, the one heard of last at the end; lines that aren't ours are none."""
    try:
        content = read_bounded(path, most_bytes=_MOST_BYTES, check=nobody_else_reads, follow=False)
    except (OSError, UnfitFileError):
        return {}
    found = map(_LINE.fullmatch, content.decode("ascii", "replace").splitlines())
    known = {match[1]: Kept(Widths(*map(int, match[3])), int(match[2])) for match in found if match}
    return {key: kept for key, kept in known.items() if are_sound(kept.widths)}


def are_sound(widths: Widths) -> bool:
    """Tell whether each kind takes what it may."""
    return all(cells in sample.may_take for cells, sample in zip(widths, SAMPLES.values(), strict=True))
