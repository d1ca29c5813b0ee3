"""The table of results, for the terminal and for the file that the README quotes."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.processes import processor
from tests.benchmarks.results import Result

FILE = Path(__file__).parent / "RESULTS.md"
_TITLES = ("goal", "what", "reference", "ours", "ratio", "limit", "met")
_MET = {True: "yes", False: "**no**", None: "?"}

_HOW = """\
Made by `.venv/bin/python -m tests.benchmarks`, which starts everything in a pseudo-terminal
(`TERM=xterm-256color`, no `COLORTERM`) and looks at it from outside: key written to last byte
come, text on the screen, bytes, `/proc`. Ours and its reference take turns in the same run, and
what is shown is the median. Only ratios and counts mean anything: milliseconds are those of one
machine at one moment. *Stock* is Textual's DataTable with the same rows (`references/stock.py`),
*bare Textual* an app that paints one line. A frame is a 60th of a second.
"""


def lines(results: Sequence[Result]) -> list[str]:
    """Return the table in Markdown, a line a result, and the notes below it."""
    rows = [(str(r.goal), r.what, r.reference, r.ours, r.ratio, r.limit, _MET[r.met]) for r in results]
    widths = [max(len(row[column]) for row in (*rows, _TITLES)) for column in range(len(_TITLES))]
    table = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (_TITLES, *rows)
    ]
    table.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"- {r.goal}, {r.what}: {r.note}" for r in results if r.note]
    return [*table, "", *notes] if notes else table


def heading() -> list[str]:
    """Return when and where this was measured."""
    now = datetime.now(UTC)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return [
        f"{now:%Y-%m-%d %H:%M} UTC · Python {platform.python_version()} · Textual {version('textual')}"
        f" · {platform.system()} {platform.machine()} · {processor()} · load {load}",
        "",
    ]


def write(results: Sequence[Result], peers: Sequence[str] = ()) -> None:
    """Write the file."""
    met = sum(result.met is True for result in results)
    verdict = f"{met} of {len(results)} lines are met."
    text = ["# Speed, measured", "", *heading(), verdict, "", *lines(results), "", _HOW.rstrip(), *peers]
    FILE.write_text("\n".join(text) + "\n")
