"""Whatever ends the program in the middle of a change: one request at most, and a journal that tells the truth.

A case is a number: it says what is changed, what strikes, when, and all that is random in
it.
"""

import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event
from urllib.parse import urlsplit

import pytest

from tests.process.running import Running, until
from tests.scale import cases
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.demo.records import FIRST_SERVER_ID
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.store.journal import Entry, Journal

CASES = cases(24)
SERVER = FIRST_SERVER_ID
ACTIONS = ("create", "delete", "restore")
MOMENTS = ("starting", "listing", "journal made", "intent kept", "sent", "made", "answered", "any")
BLOWS = ("KILL", "TERM", "HUP", "INT", "STOP", "hang-up")
_SETTLED_UNSENT = (Outcome.NOT_SENT, Outcome.REFUSED)


@dataclass(frozen=True)
class Case:
    """One change, and what strikes it."""

    number: int

    @property
    def random(self) -> Random:
        """Return the case's own chance, the same at every call."""
        return Random(self.number)

    @property
    def action(self) -> str:
        """Return what is changed."""
        return ACTIONS[self.number % len(ACTIONS)]

    @property
    def moment(self) -> str:
        """Return when the blow falls."""
        return MOMENTS[self.number % len(MOMENTS)]

    @property
    def blow(self) -> str:
        """Return what strikes; the division makes every pair of blow and moment come up."""
        return BLOWS[(self.number + self.number // len(MOMENTS)) % len(BLOWS)]

    def __str__(self) -> str:
        return f"{self.number}: {self.action}, {self.blow} when {self.moment}"


class World:
    """The service, the journal on the disk, and the truth about the one change."""

    def __init__(self, demo: DemoService, home: Path, case: Case) -> None:
        self.demo = demo
        self.case = case
        host = urlsplit(demo.url).netloc.replace(":", "_")
        self.journal = home / f".local/state/vpsbackup-tui/default@{host}.sqlite3"
        made = [each for each in demo.service.backups(SERVER) if each.status == "completed"]
        self.backup = made[-1].id
        self._before = {each.id for each in demo.service.backups(SERVER)}

    @property
    def words(self) -> list[str]:
        """Return the command line."""
        if self.case.action == "create":
            return ["create", str(SERVER), "--description", "before the upgrade"]
        return [self.case.action, str(self.backup), "--yes"]

    @property
    def is_made(self) -> bool:
        """Tell whether the service has made the change."""
        if self.case.action == "restore":
            server = self.demo.service.server(SERVER)
            return server is not None and server.status == "restoring"
        return {each.id for each in self.demo.service.backups(SERVER)} != self._before

    @property
    def sent(self) -> int:
        """Return how many requests that change something have come."""
        return self.demo.count("POST") + self.demo.count("DELETE")

    def has_intent(self) -> bool:
        """Tell whether the journal holds an open intent, without touching the file."""
        try:
            with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True) as database:
                found = database.execute("SELECT count(*) FROM changes WHERE open").fetchone()[0]
            database.close()
        except sqlite3.OperationalError:  # not there yet, or being written
            return False
        return bool(found)

    def arm(self) -> None:
        """Give the moment a width that a blow can hit."""
        method = "DELETE" if self.case.action == "delete" else "POST"
        match self.case.moment:
            case "listing":
                self.demo.faults.add(Fault(method="GET", delay=0.2))
            case "sent":
                self.demo.faults.add(Fault(method=method, delay=0.2))
            case "made" if self.case.blow == "STOP":
                self.demo.faults.add(Fault(method=method, drip=0.03))
            case "made":
                self.demo.faults.add(Fault(method=method, hold=True))

    def has_come(self, program: Running, began: float) -> bool:
        """Tell whether the moment has come, or the program has ended before."""
        moments: dict[str, Callable[[], object]] = {
            "starting": lambda: time.monotonic() - began > self.case.random.uniform(0, 0.5),
            "listing": lambda: self.demo.count("GET"),
            "journal made": self.journal.exists,
            "intent kept": self.has_intent,
            "sent": lambda: self.sent,
            "made": lambda: self.is_made,
            "answered": lambda: self.is_made and time.monotonic() - began > self.case.random.uniform(0.3, 0.8),
            "any": lambda: time.monotonic() - began > self.case.random.uniform(0.3, 1.2),
        }
        return program.has_ended or bool(moments[self.case.moment]())

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


def strike(program: Running, world: World) -> None:
    """Let the blow fall; who is stopped in the middle of a change goes on after the service has made it."""
    match world.case.blow:
        case "STOP":
            program.stop()
            until(lambda: not world.sent or world.is_made, "the service to make what it was sent")
            program.hit(signal.SIGCONT)
        case "hang-up":
            program.hang_up()
        case _:
            program.hit(signal.Signals[f"SIG{world.case.blow}"])


@pytest.mark.parametrize("case", [Case(number) for number in CASES], ids=str)
def test_a_blow_in_the_middle_of_a_change_leaves_one_request_at_most_and_the_truth(
    service: DemoService, own_home: Path, case: Case
) -> None:
    world = World(service, own_home, case)
    world.arm()
    with Running(*world.words, in_terminal=case.blow == "hang-up") as program:
        began = time.monotonic()
        until(lambda: world.has_come(program, began), case.moment)
        was_there = not program.has_ended
        strike(program, world)
        if case.moment == "made" and case.blow not in ("KILL", "STOP"):
            until(lambda: program.has_ended or _struck_again(program, case.blow), "the second blow to end it")
        code = program.code()
        assert program.members() == []
    until(lambda: world.sent == 0 or world.is_made, "the service to make what it was sent")
    assert code in _codes(case, was_there=was_there), program
    check_truth(world, code)


def check_truth(world: World, code: int) -> None:
    """Compare the journal and the exit code with what the service has seen and done."""
    assert world.sent <= 1
    entries = world.entries()
    assert len(entries) <= 1
    assert len(entries) >= world.sent
    for entry in entries:
        outcome = Outcome(entry.known["operation"]["outcome"])
        assert entry.open == (outcome in (Outcome.RUNNING, Outcome.UNKNOWN))
        if outcome is Outcome.DONE:
            assert world.is_made
        if outcome in _SETTLED_UNSENT:
            assert not world.sent
    if code == 0:
        assert world.is_made


def _struck_again(program: Running, blow: str) -> bool:
    """Strike again, where that can be done more than once."""
    program.hit(signal.SIGHUP if blow == "hang-up" else signal.Signals[f"SIG{blow}"])
    return False


def _codes(case: Case, *, was_there: bool) -> set[int]:
    """Return the exit codes that may follow; a blow may come after the program's last step or before its first."""
    if case.blow == "STOP" or not was_there:
        return {0}
    number = signal.SIGHUP if case.blow == "hang-up" else signal.Signals[f"SIG{case.blow}"]
    # Python itself ends so where it is interrupted before it has come to any code of ours.
    python_alone = {1} if (case.blow, case.moment) == ("INT", "starting") else set()
    return {0, 128 + number} | python_alone


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_terminal_that_has_gone_when_a_change_is_told_makes_no_failure_of_it(
    service: DemoService, own_home: Path, form: list[str]
) -> None:
    world = World(service, own_home, Case(1))
    service.faults.add(Fault(method="DELETE", until=(answer := Event())))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as after `nohup`: else the signal may come first
    try:
        with Running("delete", str(world.backup), "--yes", *form, in_terminal=True) as program:
            until(lambda: service.count("DELETE"), "the request")
            program.hang_up()
            answer.set()
            assert program.code() == 0
    finally:
        answer.set()
        signal.signal(signal.SIGHUP, before)
    assert service.count("DELETE") == 1
