"""What strikes a program in the middle of a change, and the truth about that change to measure its journal by."""

import sqlite3
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import Signals
from urllib.parse import urlsplit

from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.demo.records import FIRST_SERVER_ID
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.store.journal import Entry, Journal

SERVER = FIRST_SERVER_ID
_REQUESTS = {"create": ("POST", "/backups/"), "delete": ("DELETE", "/backups/"), "restore": ("POST", "/restore/")}
_SETTLED_UNSENT = (Outcome.NOT_SENT, Outcome.REFUSED)


@dataclass(frozen=True)
class Case(ABC):
    """One change, and what strikes it; its number decides everything."""

    number: int

    @property
    def random(self) -> Random:
        """Return the case's own chance, the same at every call."""
        return Random(self.number)

    @property
    @abstractmethod
    def action(self) -> str:
        """Return what is changed."""

    @property
    @abstractmethod
    def moment(self) -> str:
        """Return when the blow falls."""

    @property
    @abstractmethod
    def blow(self) -> str:
        """Return what strikes: a signal without its SIG, or `hang-up` for a terminal that is closed."""

    @property
    def sends(self) -> tuple[str, ...]:
        """Return the changes that may be sent, one request each."""
        return (self.action,)

    @property
    def signal(self) -> Signals:
        """Return the signal that the process gets."""
        return Signals.SIGHUP if self.blow == "hang-up" else Signals[f"SIG{self.blow}"]

    def __str__(self) -> str:
        return f"{self.number}: {self.action}, {self.blow} when {self.moment}"


class World:
    """The service, the journal on the disk, and the truth about the one change."""

    def __init__(self, demo: DemoService, home: Path, sends: tuple[str, ...]) -> None:
        """Look at the service before anything of it is changed; `sends` are the changes that may be sent."""
        self.demo = demo
        self.sends = sends
        host = urlsplit(demo.url).netloc.replace(":", "_")
        self.journal = home / f".local/state/vpsbackup-tui/{host}.sqlite3"
        made = [each for each in demo.service.backups(SERVER) if each.status == "completed"]
        self.backup = made[-1].id
        self._before = {each.id for each in demo.service.backups(SERVER)}

    @property
    def sent(self) -> int:
        """Return how many requests that change something have come."""
        return self.demo.count("POST") + self.demo.count("DELETE")

    def sent_of(self, action: str) -> int:
        """Return how many requests of one kind of change have come."""
        return self.demo.count(*_REQUESTS[action])

    def has_made(self, action: str) -> bool:
        """Tell whether the service has made a change."""
        now = {each.id for each in self.demo.service.backups(SERVER)}
        match action:
            case "create":
                return not now <= self._before
            case "delete":
                return not now >= self._before
        server = self.demo.service.server(SERVER)
        return server is not None and server.status == "restoring"

    @property
    def is_made(self) -> bool:
        """Tell whether the service has made everything that was asked for."""
        return all(self.has_made(action) for action in self.sends)

    @property
    def is_settled(self) -> bool:
        """Tell whether the service has made everything that it was sent."""
        return all(self.has_made(action) for action in self.sends if self.sent_of(action))

    def has_intent(self) -> bool:
        """Tell whether the journal holds an open intent, without touching the file."""
        try:
            with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True) as database:
                found = database.execute("SELECT count(*) FROM changes WHERE open").fetchone()[0]
            database.close()
        except sqlite3.OperationalError:  # not there yet, or being written
            return False
        return bool(found)

    def entries(self) -> list[Entry]:
        """Return what the journal holds; every open intent in it can be taken over."""
        if not self.journal.exists():
            return []
        journal = Journal(self.journal)
        try:
            left_open = journal.open_entries()
            assert journal.adopt_left_behind() == left_open
            assert not journal.notice
            return [kept.entry for kept in journal.entries()]
        finally:
            journal.close()


def check_truth(world: World) -> None:
    """Compare the journal with what the service has seen and done."""
    assert all(world.sent_of(action) <= 1 for action in world.sends)
    assert world.sent == sum(world.sent_of(action) for action in world.sends)
    entries = world.entries()
    actions = [entry.known["operation"]["action"] for entry in entries]
    assert len(actions) == len(set(actions))
    assert {action for action in world.sends if world.sent_of(action)} <= set(actions) <= set(world.sends)
    for action, entry in zip(actions, entries, strict=True):
        outcome = Outcome(entry.known["operation"]["outcome"])
        assert entry.open == (outcome in (Outcome.RUNNING, Outcome.UNKNOWN))
        if outcome is Outcome.DONE:
            assert world.has_made(action)
        if outcome in _SETTLED_UNSENT or (entry.open and not entry.known["sent"]):
            assert not world.sent_of(action)
