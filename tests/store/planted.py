"""Entries of a journal, and a way to put rows into it past the program."""

import sqlite3
from pathlib import Path

from vpsbackup_tui.store.journal import Entry, Journal


def entry(number: int, *, is_open: bool = False) -> Entry:
    """Return an entry whose text is as odd as a text can be."""
    return Entry(f"op-{number}", float(number), is_open, {"outcome": "done", "name": "\ud800 [/x]"})


def plant(path: Path, *rows: tuple[str, float, int, str, str]) -> None:
    """Put rows into a journal past the program."""
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.executemany("INSERT INTO changes (id, at, open, owner, entry) VALUES (?, ?, ?, ?, ?)", rows)
    database.close()
