"""Other programs for the terminal, where they are installed: first paint, memory, bytes of an arrow key, 30×120."""

import shutil
from collections.abc import Iterator
from typing import NamedTuple

from tests.benchmarks.bench import Bench
from tests.benchmarks.goals.start import has_something, is_loaded
from tests.benchmarks.processes import memory_mb
from tests.benchmarks.results import middle, shown
from tests.benchmarks.service import serving
from tests.benchmarks.terminal import Look, Terminal

_ROWS, _COLUMNS = 30, 120
_ARROWS = 8
_SETTLED = 1.0  # seconds without a byte after which a program counts as started


_UP, _DOWN = "\x1b[A", "\x1b[B"
_DOWN_OF_CURSES = "\x1bOB"  # they ask the terminal for the other form of its keys


class Peer(NamedTuple):
    """A program, how it is started, and an arrow key that it does something at."""

    name: str
    argv: tuple[str, ...]
    arrow: str = _DOWN


PEERS = (
    Peer("toolong", ("tl", "/etc/services"), _UP),  # it begins at the end of a file
    Peer("posting", ("posting",)),
    Peer("harlequin", ("harlequin",)),
    Peer("servonaut", ("servonaut",)),
    Peer("ranger", ("ranger", "/usr/lib"), _DOWN_OF_CURSES),
    Peer("mc", ("mc", "/usr/lib"), _DOWN_OF_CURSES),
    Peer("htop", ("htop",), _DOWN_OF_CURSES),
)


def compare(bench: Bench) -> Iterator[str]:
    """Yield a table of the peers, ours first, and which of them are not installed."""
    yield from ("", "## Peers, in the same run (30×120)", "", "| program | first full paint | memory | an arrow key |")
    yield "|---|---|---|---|"
    with serving() as served:
        for _ in range(2):  # the first start reads the disk
            with bench.ours(served, rows=_ROWS, columns=_COLUMNS) as ours:
                line = _line("vpsbackup-tui", ours, is_loaded, _DOWN)
        yield line
    missing = []
    for peer in PEERS:
        if shutil.which(peer.argv[0]) is None:
            missing.append(peer.name)
            continue
        yield _try(bench, peer)
    if missing:
        yield from ("", f"Not installed, so not measured: {', '.join(missing)}.")


def _try(bench: Bench, peer: Peer) -> str:
    """Return the line of a program, or why it has none; one that can't be measured is tried once."""
    line = ""
    environment = bench.environment()
    del environment["PYTHONPATH"]
    try:
        for _ in range(2):  # as above
            with Terminal(peer.argv, environment, rows=_ROWS, columns=_COLUMNS) as program:
                line = _line(peer.name, program, has_something, peer.arrow)
    except (OSError, ValueError) as error:
        return f"| {peer.name} | not measured: {str(error).partition(';')[0]} | | |"
    return line


def _line(name: str, program: Terminal, look: Look, arrow: str) -> str:
    program.seen(look, "the first paint")
    program.quiet(_SETTLED)
    painted = program.last - program.started
    sizes = [float(program.press(arrow).size) for _ in range(_ARROWS)]
    return (
        f"| {name} | {painted * 1000:,.0f} ms | {shown(memory_mb(program.pid), 'MB')} | {shown(middle(sizes), 'B')} |"
    )
