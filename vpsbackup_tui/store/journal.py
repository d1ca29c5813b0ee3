"""The journal: every change this program made or tried, kept on disk before it is sent.

One SQLite file a service. An entry is written twice: as an open intent before the
first byte of a change may leave, and again with its outcome. Each write is on the disk
when the call returns, so that a kill or a power cut at any moment leaves either no intent
and nothing sent, or an intent. That takes `synchronous=EXTRA` (with `FULL` a power cut may
bring back the file by which SQLite takes a finished transaction back) and a fsync of the
folder for a new file.

Several instances may use one file (`instances`); an open intent whose owner has ended was
left behind. The file is made, and moved aside where it is damaged, by one instance at a
time, and has its name only once it is whole: nobody ever finds one half made, nor moves
aside what another has just begun.

Entries stand in the order in which they were begun, whatever the clock said meanwhile.
"""

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.store.instances import alone, hold, is_alive, lock_path, mark_of

_VERSION = 2
_LAYOUT = (
    """
    CREATE TABLE IF NOT EXISTS changes (
        id TEXT PRIMARY KEY,
        at REAL NOT NULL,
        open INTEGER NOT NULL,
        owner TEXT NOT NULL,
        entry TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS open_changes ON changes (open) WHERE open",
    "CREATE TABLE IF NOT EXISTS losses (words TEXT NOT NULL) STRICT",
    f"PRAGMA user_version = {_VERSION}",
)
_PUT = """
    INSERT INTO changes (id, at, open, owner, entry) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET open = excluded.open, owner = excluded.owner, entry = excluded.entry
    WHERE NOT excluded.open OR changes.owner = excluded.owner
"""
_REMOVED = "The journal was removed, or moved away: what it held is not known, and a new one was begun."
_ROW = "SELECT id, at, open, CAST(entry AS BLOB), owner FROM changes"  # in bytes, as it may be no text
_OPEN = f"{_ROW} WHERE open ORDER BY rowid"


class _DamagedError(Exception):
    """The file is a database, and its pages don't hold together."""


class Entry(msgspec.Struct, frozen=True):
    """One change in the journal; `known` is what is known of it, as JSON can hold it; `at` is in Unix seconds."""

    id: str
    at: float
    open: bool
    known: dict[str, Any]


class Owned(NamedTuple):
    """An entry and, where it is open, whether the instance that wrote it still runs."""

    entry: Entry
    alive: bool


class Journal:
    """The changes at one service from this machine; safe to use from several threads and processes."""

    def __init__(self, path: Path, *, most_settled: int = 10_000, busy_seconds: float = 5.0) -> None:
        """Open the journal at `path`, made anew where there is none; raise `JournalError`.

        The latest `most_settled` entries with an outcome are kept; `busy_seconds` is how
        long to wait for another instance.

        A file that is no journal is moved aside, and `notice` says so, also to those who open
        it later, until `told`; one written by a newer version of this program is left alone
        and refused.
        """
        self.path = path
        self._losses: list[str] = []
        self._most_settled = most_settled
        self._busy_seconds = busy_seconds
        self._owner = os.urandom(8).hex()
        self._lock = Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_folder(path.parent)
            self._database = self._open()
            try:
                self._alive = hold(lock_path(self.path, self._owner))
            except OSError:
                self._database.close()
                raise
            try:
                self.lost_since()
            except JournalError:
                self.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"The journal {path.name} can't be opened: {_why(error)}.") from error

    @property
    def notice(self) -> str:
        """Return what was lost of the journal, as far as nobody was told yet; mostly nothing."""
        return " ".join(self._losses)

    def write(self, entry: Entry) -> None:
        """Put an entry on the disk, in place of an earlier one with its id; raise `JournalError`.

        An open one takes the place of none that another instance has taken over: that one knows more.
        """
        with self._transaction() as database:
            self._put(database, entry)
            database.execute(
                "DELETE FROM changes WHERE NOT open AND id NOT IN"
                " (SELECT id FROM changes WHERE NOT open ORDER BY rowid DESC LIMIT ?)",
                (self._most_settled,),
            )

    def begin(self, entry: Entry, forbid: Callable[[list[Owned], str], str | None]) -> str | None:
        """Put an open entry on the disk, unless `forbid` objects to it.

        `forbid` is given all open entries, of which this instance's own count as those of one
        that has ended, and what `lost_since` would return. All of that happens at once, so that
        of two instances only one begins. Returns the objection, None where there is none;
        raises `JournalError`.
        """
        with self._transaction() as database:
            rows = database.execute(_OPEN).fetchall()
            kept = [Owned(_entry(row), row[4] != self._owner and is_alive(self.path, row[4])) for row in rows]
            objection = forbid(kept, self._learn_losses(database))
            if objection is None:
                self._put(database, entry)
            return objection

    def claim(self, entry: Entry, wanted: Callable[[], object] = lambda: True) -> None:
        """Put an entry on the disk in place of an open one that is this instance's; raise `JournalError`.

        Others may hold the journal for a while: what isn't `wanted` any more after that isn't put there.
        """
        with self._transaction() as database:
            rows = database.execute("SELECT owner FROM changes WHERE open AND id = ?", (entry.id,)).fetchall()
            if rows != [(self._owner,)]:
                raise JournalError(f"The journal {self.path.name} doesn't hold this change any more as it was begun.")
            if wanted():
                self._put(database, entry)

    def entries(self) -> list[Owned]:
        """Return all entries that are kept, newest first; raise `JournalError`."""
        with self._transaction() as database:
            return _all_entries(database, self.path)

    def open_entries(self) -> list[Entry]:
        """Return the changes whose outcome is not settled, of every instance, oldest first; raise `JournalError`."""
        with self._transaction() as database:
            rows = database.execute(_OPEN)
            return [_entry(row) for row in rows]

    def adopt_left_behind(self, wants: Callable[[Entry], bool] = lambda entry: True) -> list[Entry]:
        """Return the open entries whose instance has ended, oldest first, and take over those that `wants` says.

        Raises `JournalError`.
        """
        with self._transaction() as database:
            rows = database.execute(_OPEN).fetchall()
            left = [row for row in rows if row[4] != self._owner and not is_alive(self.path, row[4])]
            adopted = [(self._owner, row[0]) for row in left if wants(_entry(row))]
            database.executemany("UPDATE changes SET owner = ? WHERE id = ?", adopted)
        for owner in {row[4] for row in left}:
            with suppress(OSError):  # it is in nobody's way
                lock_path(self.path, owner).unlink()
        return [_entry(row) for row in left]

    def lose(self, ids: Sequence[str], words: str) -> None:
        """Close open entries that nobody understands, and keep the words for that until `told`; raise `JournalError`.

        The entries themselves stay as they are.
        """
        with self._transaction() as database:
            database.executemany("UPDATE changes SET open = 0 WHERE id = ?", [(each,) for each in ids])
            database.execute("INSERT INTO losses VALUES (?)", (words,))
        self._losses.append(words)

    def told(self) -> None:
        """Take note that somebody was told what `notice` says, and empty that; raise `JournalError`."""
        told = list(self._losses)
        with self._transaction() as database:
            database.executemany("DELETE FROM losses WHERE words = ?", [(each,) for each in told])
        self._losses = [each for each in self._losses if each not in told]

    def lost_since(self) -> str:
        """Return what other instances have lost since this was last asked, also in `notice`; raise `JournalError`."""
        with self._transaction() as database:
            return self._learn_losses(database)

    def _learn_losses(self, database: sqlite3.Connection) -> str:
        kept = [words for (words,) in database.execute("SELECT words FROM losses")]
        fresh = [words for words in kept if words not in self._losses]
        self._losses += fresh
        return " ".join(fresh)

    def close(self) -> None:
        """Close the file and let go of this instance's open intents."""
        with self._lock:
            self._database.close()
            with suppress(OSError):
                lock_path(self.path, self._owner).unlink()
            os.close(self._alive)

    def _put(self, database: sqlite3.Connection, entry: Entry) -> None:
        database.execute(_PUT, (entry.id, entry.at, entry.open, self._owner, json.dumps(entry.known)))

    def _open(self) -> sqlite3.Connection:
        """Return the database, its file moved aside first where it holds something else."""
        with alone(self.path, self._busy_seconds) as opening:
            if not os.path.lexists(self.path):
                self._make(_REMOVED if opening.was_made else "")
            opening.note_made()
            try:
                return self._connect()
            except _DamagedError:
                pass
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                    raise
            aside = self.path.with_suffix(f".damaged-{os.urandom(3).hex()}")
            _put_aside(self.path, aside)
            self._make(f"The journal could not be read; it was moved aside to {aside.name}, and a new one was begun.")
            return self._connect()

    def _make(self, loss: str = "") -> None:
        """Make a journal that holds nothing but the words for a loss, on the disk before it has its name."""
        new = self.path.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        with closing(self._database_at(new)) as database:
            _lay_out(database, loss)
        new.rename(self.path)
        _sync_folder(self.path.parent)

    def _connect(self) -> sqlite3.Connection:
        _check_file(self.path)
        self.path.chmod(0o600)
        database = self._database_at(self.path)
        try:
            damage = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if damage != "ok":
                raise _DamagedError
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise JournalError(
                    f"The journal {self.path.name} was written by a newer version of this program: use that one."
                )
            if version < _VERSION:
                _lay_out(database, "" if version else "The journal was empty: what it may have held is not known.")
        except BaseException:
            database.close()
            raise
        return database

    def _database_at(self, path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA synchronous = EXTRA")
        return database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements as one, on the disk when it ends."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except sqlite3.Error as error:
                raise JournalError(f"The journal {self.path.name} can't be used: {_why(error)}.") from error
            finally:
                with suppress(sqlite3.ProgrammingError):  # it is closed: a thread has come too late
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")


def read_only(path: Path) -> list[Owned]:
    """Return all entries of the journal at `path`, newest first, none where none was made; raise `JournalError`.

    Nothing is written; only a transaction that a kill has cut is taken back, where that can be done.
    """
    try:
        _check_file(path)
    except FileNotFoundError as error:
        if (mark := mark_of(path)) is None:
            return []
        words = f"The journal {path.name} was removed, and what may be under way is lost with it: look at the servers"
        raise JournalError(f"{words}. Where no new one can be made, remove {mark.name}, too.") from error
    except OSError as error:
        raise JournalError(f"The journal {path.name} can't be read: {_why(error)}.") from error
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as database:
            return _all_entries(database, path)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(f"The journal {path.name} can't be read: {_why(error)}.") from error


def _put_aside(path: Path, aside: Path) -> None:
    """Give a file a second name, or a copy where the file system has no second names; it keeps its own until later."""
    try:
        os.link(path, aside)
    except OSError:
        _copy(path, aside)


def _copy(path: Path, copy: Path) -> None:
    """Copy a file to a name that is free; on the disk when this returns, and gone where that fails."""
    handle = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with open(handle, "wb") as written, path.open("rb") as read:
            while piece := read.read(1 << 20):
                written.write(piece)
            written.flush()
            os.fsync(handle)
    except OSError:
        copy.unlink()
        raise


def _lay_out(database: sqlite3.Connection, loss: str) -> None:
    """Give a database the tables that it lacks, and keep the words for a loss in it until they are told."""
    database.execute("BEGIN IMMEDIATE")
    for statement in _LAYOUT:
        database.execute(statement)
    database.executemany("INSERT INTO losses VALUES (?)", [(loss,)] if loss else [])
    database.execute("COMMIT")


def _all_entries(database: sqlite3.Connection, path: Path) -> list[Owned]:
    rows = database.execute(f"{_ROW} ORDER BY rowid DESC").fetchall()
    alive = {owner: is_alive(path, owner) for owner in {row[4] for row in rows if row[2]}}
    return [Owned(_entry(row), alive.get(row[4], False)) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    """Return a row of `id, at, open, entry` as an entry; nothing is known of one that isn't a JSON object."""
    try:
        known = json.loads(row[3])
    except (ValueError, RecursionError):
        known = {}
    return Entry(row[0], row[1], bool(row[2]), known if isinstance(known, dict) else {})


def _check_file(path: Path) -> None:
    """Raise `JournalError` for what is no file of its own: a link leads elsewhere, a pipe is waited for without end."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise JournalError(f"The journal {path.name} is no plain file: put one in its place, or remove it.")


def _check_folder(folder: Path) -> None:
    """Raise `JournalError` where somebody else may write in a folder: they could plant changes to be looked into."""
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise JournalError(f"Others can write in the journal's folder {folder.name}: chmod go-w and chown it.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: OSError | sqlite3.Error) -> str:
    """Return the reason, in the operating system's or SQLite's own words where they say it, without paths."""
    if isinstance(error, OSError):
        return str(error.strerror)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_DBMOVED:
        return "its file was moved or removed meanwhile; start the program again, and it begins another"
    return str(error)
