"""Whatever strikes the screen around a confirmed change: one request at most, a true journal, a terminal as it was.

A case is a number: it says what is changed, what strikes, when, and all that is random in
it.
"""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.conftest import CANARY
from tests.process.blows import SERVER, Case, World, check_truth
from tests.process.confirming import HEADINGS, confirm, fill_in, leave, opened
from tests.process.running import Running, at_home_in, members_of, stands, until
from tests.process.terminal import Terminal
from tests.scale import cases
from vpsbackup_tui.demo import DemoService, Fault

CASES = cases(12)
ACTIONS = ("create", "delete", "restore", "safe restore")
MOMENTS = (
    "starting", "countdown", "confirmation typed", "waiting for the copy", "listing", "quitting in the countdown",
    "intent kept", "sent", "made", "quitting", "answered", "any",
)  # fmt: skip
"""In the order in which the first cases hit each of them with an action that has it, and with every blow."""
BLOWS = ("TERM", "HUP", "hang-up", "QUIT", "STOP", "INT", "KILL")
_ACTION_OF = {"countdown": "delete", "quitting in the countdown": "delete", "waiting for the copy": "safe restore"}
_UNCONFIRMED = ("starting", "countdown", "confirmation typed", "quitting in the countdown")
_SPREAD = {
    "starting": 0.9, "countdown": 0.5, "confirmation typed": 0.3, "waiting for the copy": 0.5, "listing": 0.1,
    "quitting in the countdown": 0.15, "intent kept": 0.02, "sent": 0.1, "made": 0.1, "quitting": 0.5,
    "answered": 0.3, "any": 1.0,
}  # fmt: skip
"""Within how many seconds after a moment the blow falls."""
_METHODS = {"create": ("POST", "/backups/"), "delete": ("DELETE", "/backups/"), "restore": ("POST", "/restore/")}
_NEVER = 300  # seconds
_ORPHANED = 5.0  # seconds
_LOOKS = 90.0  # seconds; what was sent and not made is looked for, for a minute


class ScreenCase(Case):
    """One change confirmed on the screen, and what strikes it."""

    @property
    def action(self) -> str:
        """Return what is changed; the division makes every action meet every moment and every blow."""
        own = ACTIONS[(self.number + self.number // len(MOMENTS)) % len(ACTIONS)]
        return _ACTION_OF.get(self.moment, own)

    @property
    def moment(self) -> str:
        """Return when the blow falls."""
        return MOMENTS[self.number % len(MOMENTS)]

    @property
    def blow(self) -> str:
        """Return what strikes."""
        return BLOWS[self.number % len(BLOWS)]

    @property
    def sends(self) -> tuple[str, ...]:
        """Return the changes that may be sent: before a safe restore a backup is made."""
        return ("create", "restore") if self.action == "safe restore" else (self.action,)

    @property
    def struck(self) -> str:
        """Return the one of these whose moment it is."""
        return self.chance("struck").choice(self.sends)

    @property
    def delay(self) -> float:
        """Return how many seconds after the moment the blow falls."""
        return self.chance("delay").uniform(0, _SPREAD[self.moment])

    @property
    def grace(self) -> float:
        """Return for how many seconds a delete can be taken back."""
        if self.moment in _UNCONFIRMED:
            return _NEVER
        return self.chance("grace").choice((0, 0.5)) if self.moment == "any" else 0

    @property
    def types_id(self) -> bool:
        """Tell whether a delete is of a server's last backup, whose id is to be typed."""
        return self.moment == "confirmation typed" or self.chance("last").random() < 0.5

    def chance(self, purpose: str) -> Random:
        """Return a chance of its own for one purpose, the same at every call."""
        return Random(f"{self.number} {purpose}")


class ScreenWorld(World):
    """The world of one screen; only one server has backups, and one of them, which failed, is never changed."""

    def __init__(self, demo: DemoService, home: Path, case: ScreenCase) -> None:
        demo.service.clear_backups()
        for age in (1,) if case.action == "delete" and case.types_id else (2, 1):
            demo.service.add_backup(SERVER, created=demo.now() - age * 3600)
        demo.service.add_backup(SERVER, created=demo.now() - 3 * 3600, status="failed")
        super().__init__(demo, home, case.sends)
        self.case = case
        config = home / "config.toml"
        config.write_text(f"refresh_seconds = 0\ndelete_grace_seconds = {case.grace}\n")
        self.words = ["--config", str(config)]
        if case.moment not in ("waiting for the copy", "quitting"):
            demo.service.backup_seconds = 0.0

    def arm(self) -> None:
        """Give the moment a width that a blow can hit, once the screen has read its lists."""
        method, path = _METHODS[self.case.struck]
        self._looks = self.case.chance("looks").randrange(len(self.case.sends))
        self._read = self.demo.count("GET", "/backups/")
        match self.case.moment:
            case "listing":
                self.demo.faults.add(Fault(method="GET", path="/backups/", after=self._looks, delay=0.3))
            case "sent" | "intent kept":  # else it may be over between two looks
                self.demo.faults.add(Fault(method=method, path=path, delay=0.3))
            case "made" | "quitting" if self.case.blow == "STOP":
                self.demo.faults.add(Fault(method=method, path=path, drip=0.03))
            case "made" | "quitting":
                self.demo.faults.add(Fault(method=method, path=path, hold=True))

    def has_come(self, program: Terminal) -> bool:
        """Tell whether the moment has come since the change was confirmed."""
        sends, struck = self.case.sends, self.case.struck
        moments: dict[str, Callable[[], object]] = {
            "countdown": lambda: "z takes it back" in program.text(),
            "waiting for the copy": lambda: "waiting until backup" in program.text(),
            "listing": lambda: self.demo.count("GET", "/backups/") > self._read + self._looks,
            "intent kept": self.has_intent,
            "sent": lambda: self.sent_of(struck),
            "made": lambda: self.has_made(struck),
            "answered": lambda: self.has_made(struck),
            "quitting": lambda: self.has_made(sends[0]),
            "any": lambda: HEADINGS[self.case.action] not in program.text(),
        }
        moments["quitting in the countdown"] = moments["countdown"]
        return bool(moments[self.case.moment]())


def lead_to(program: Terminal, world: ScreenWorld) -> None:
    """Do what leads to the moment, and let the case's own delay pass."""
    case = world.case
    if case.moment != "starting":
        opened(program)
        world.arm()
        key = fill_in(program, case.action, backup=world.backup, types_id=case.types_id)
        if case.moment != "confirmation typed":
            confirm(program, key, case.action, lambda: world.has_come(program))
    if case.moment.startswith("quitting"):
        program.send("q")
    began = time.monotonic()
    until(lambda: time.monotonic() - began > case.delay, "the moment")


def strike(program: Terminal, world: ScreenWorld) -> None:
    """Let the blow fall; what is stopped goes on after the service has made what it was sent."""
    match world.case.blow:
        case "STOP":
            program.hit(signal.SIGSTOP)
            until(lambda: stands(program.pid) or program.has_ended, "the process to stand")
            until(lambda: world.is_settled, "the service to make what it was sent")
            if not program.has_ended:
                program.hit(signal.SIGCONT)
        case "hang-up":
            program.close()
        case _:
            program.hit(world.case.signal)


def end(program: Terminal, case: ScreenCase) -> int:
    """Wait for the end, or bring it about after a stop, and return the exit code as a shell shows it."""
    if case.blow == "hang-up":
        return program.ended(20)
    if case.blow == "STOP":
        if case.moment == "starting":
            opened(program)
        if case.moment == "confirmation typed":
            program.escape_from(HEADINGS[case.action])
        code = leave(program, asks=not case.moment.startswith("quitting"))
    else:
        code = program.wait()
    program.quiet(0)
    return 128 - code if code < 0 else code


def codes(world: ScreenWorld) -> set[int]:
    """Return the exit codes that may follow; who quits may have ended before the blow, or leave a change open."""
    case = world.case
    if case.blow == "STOP":
        return {0, 5} if world.sent else {0}
    before = {0} if case.moment == "quitting in the countdown" else set()
    return {128 + case.signal} | before | ({1} if _is_python_alone(case) else set())


def _is_python_alone(case: ScreenCase) -> bool:
    """Tell whether Python may be interrupted before it has come to any code of ours."""
    return (case.blow, case.moment) == ("INT", "starting")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("case", [ScreenCase(number) for number in CASES], ids=str)
def test_a_blow_to_the_screen_leaves_one_request_at_most_the_truth_and_the_terminal(
    service: DemoService, own_home: Path, case: ScreenCase
) -> None:
    world = ScreenWorld(service, own_home, case)
    with Terminal(world.words, columns=120) as program:
        lead_to(program, world)
        strike(program, world)
        code = end(program, case)
        until(lambda: not (members_of(program.pid) or at_home_in(own_home)), "its last process to go", _ORPHANED)
        assert code in codes(world), program.text()
        if case.blow not in ("KILL", "hang-up"):
            program.check_restored()
    assert not list(world.journal.parent.glob("bug-*"))
    until(lambda: world.is_settled, "the service to make what it was sent")
    assert CANARY.encode() not in program.output
    assert b"Traceback" not in program.output or _is_python_alone(case)
    if case.moment in _UNCONFIRMED:
        assert not world.sent
        assert not world.entries()
    check_truth(world)
    check_history(world)
    check_truth(world)


def check_history(world: ScreenWorld) -> None:
    """Start the program again, and compare what it says of the change with what the service has seen and done."""
    with Running("history", "--json") as second:
        assert second.code(_LOOKS) == 0
    told = {each["action"]: each["outcome"] for each in json.loads(second.said)["results"]}
    assert "running" not in told.values()
    for action in world.sends:
        outcome = told.get(action)
        assert outcome or not world.sent_of(action)
        if outcome in ("refused", "not_sent"):
            assert not world.sent_of(action)
        if outcome == "done":
            assert world.has_made(action)
