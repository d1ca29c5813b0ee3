"""Whatever ends the program in the middle of a change: one request at most, and a journal that tells the truth.

A case is a number: it says what is changed, what strikes, when, and all that is random in
it.
"""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from tests.process.blows import SERVER, Case, World, check_truth
from tests.process.running import Running, until
from tests.scale import cases
from vpsbackup_tui.demo import DemoService, Fault

CASES = cases(24)
ACTIONS = ("create", "delete", "restore")
MOMENTS = ("starting", "listing", "journal made", "intent kept", "sent", "made", "answered", "any")
BLOWS = ("KILL", "TERM", "HUP", "INT", "STOP", "hang-up")


class CommandCase(Case):
    """One change on the command line, and what strikes it."""

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


class CommandWorld(World):
    """The world of one command line."""

    def __init__(self, demo: DemoService, home: Path, case: CommandCase) -> None:
        super().__init__(demo, home, case.sends)
        self.case = case

    @property
    def words(self) -> list[str]:
        """Return the command line."""
        if self.case.action == "create":
            return ["create", str(SERVER), "--description", "before the upgrade"]
        return [self.case.action, str(self.backup), "--yes"]

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


def strike(program: Running, world: CommandWorld) -> None:
    """Let the blow fall; who is stopped in the middle of a change goes on after the service has made it."""
    match world.case.blow:
        case "STOP":
            program.stop()
            until(lambda: not world.sent or world.is_made, "the service to make what it was sent")
            program.hit(signal.SIGCONT)
        case "hang-up":
            program.hang_up()
        case _:
            program.hit(world.case.signal)


@pytest.mark.parametrize("case", [CommandCase(number) for number in CASES], ids=str)
def test_a_blow_in_the_middle_of_a_change_leaves_one_request_at_most_and_the_truth(
    service: DemoService, own_home: Path, case: CommandCase
) -> None:
    world = CommandWorld(service, own_home, case)
    world.arm()
    with Running(*world.words, in_terminal=case.blow == "hang-up") as program:
        began = time.monotonic()
        until(lambda: world.has_come(program, began), case.moment)
        was_there = not program.has_ended
        strike(program, world)
        if case.moment == "made" and case.blow not in ("KILL", "STOP"):
            until(lambda: program.has_ended or _struck_again(program, case.signal), "the second blow to end it")
        code = program.code()
        assert program.members() == []
    until(lambda: world.sent == 0 or world.is_made, "the service to make what it was sent")
    assert code in _codes(case, was_there=was_there), program
    check_truth(world)
    if code == 0:
        assert world.is_made


def _struck_again(program: Running, number: signal.Signals) -> bool:
    """Strike again, where that can be done more than once."""
    program.hit(number)
    return False


def _codes(case: CommandCase, *, was_there: bool) -> set[int]:
    """Return the exit codes that may follow; a blow may come after the program's last step or before its first."""
    if case.blow == "STOP" or not was_there:
        return {0}
    # Python itself ends so where it is interrupted before it has come to any code of ours.
    python_alone = {1} if (case.blow, case.moment) == ("INT", "starting") else set()
    return {0, 128 + case.signal} | python_alone


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_terminal_that_has_gone_when_a_change_is_told_makes_no_failure_of_it(
    service: DemoService, own_home: Path, form: list[str]
) -> None:
    world = CommandWorld(service, own_home, CommandCase(1))
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
