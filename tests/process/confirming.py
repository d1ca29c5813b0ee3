"""Confirm a change in the dialogs of the screen, each key once the one before it is seen to have been taken.

A dialog takes no key that comes too early, and drops a burst whole; what was not taken
is pressed anew after long waiting, and never on another screen.
"""

from collections.abc import Callable
from functools import partial

from tests.process.terminal import Terminal
from tests.terminal.program import PATIENCE
from vpsbackup_tui.demo.records import FIRST_SERVER_ID

NAME = "web-server-01"
"""The name of the server that is changed."""
HEADINGS = {
    "create": "New backup",
    "delete": "Delete backup",
    "restore": "Restore from backup",
    "safe restore": "Restore from backup",
}
"""What heads the dialog of a change."""
LEAVES = "Quit anyway"
"""What leaves while a change is under way."""
_KEYS = {"create": "n", "delete": "D", "restore": "R", "safe restore": "R"}
_SAFELY = "back up its present state first"
_TOO_EARLY = 0.4  # seconds after a dialog was drawn
_AGAIN = 5.0  # seconds
_ATTEMPTS = 4
_NO_PASTE = 3  # keys in one go that a field doesn't take for a paste


def opened(program: Terminal) -> None:
    """Wait until the screen shows the service's data, and changes can be made."""
    program.expect(NAME, " D Delete ")
    program.quiet()


def fill_in(program: Terminal, action: str, *, backup: int, types_id: bool) -> str:
    """Open the dialog of a change and fill it in; return the key that confirms it.

    `types_id` tells that a delete asks for the backup's id to be typed.
    """
    program.send(_KEYS[action])
    program.expect(HEADINGS[action])
    program.quiet(_TOO_EARLY)
    match action:
        case "create":
            _type(program, str(FIRST_SERVER_ID))
            _press(program, "\r", lambda: _has_cursor_below(program, "Description, optional"))
            _type(program, "before the upgrade")
        case "delete" if types_id:
            _type(program, str(backup))
        case "delete":
            _press(program, "w", lambda: "confirms nothing" in program.text())
            _type(program, "no longer needed")
            _press(program, "\r", lambda: "confirms nothing" not in program.text())
            return "y"
        case _:
            _type(program, NAME)
    if action == "safe restore":
        program.send("\t")
        _press(program, "\x1b[B", lambda: f"› {_SAFELY}" in program.text())
    return "\r"


def confirm(program: Terminal, key: str, action: str, moment: Callable[[], object]) -> None:
    """Press the confirming key, and wait for a moment from then on."""
    _press(program, key, moment, where=HEADINGS[action])
    assert program.hears(moment, PATIENCE), program.text()


def leave(program: Terminal, *, asks: bool = True) -> int:
    """Quit, at once where a change is under way, and return the exit code; without `asks` that was begun already."""
    if asks:
        program.quiet()
        program.send("q")
    program.hears(lambda: program.has_ended or LEAVES in program.text(), PATIENCE)
    for _ in range(_ATTEMPTS):
        if LEAVES in program.text() and not program.has_ended:
            program.quiet(_TOO_EARLY)
            program.send("\x11")
            program.hears(lambda: program.has_ended, _AGAIN)
    return program.wait()


def _shows(program: Terminal, text: str) -> bool:
    return text in program.text()


def _has_cursor_below(program: Terminal, label: str) -> bool:
    """Tell whether the cursor of a field is in the row below a label."""
    rows = program.text().splitlines()
    row = next((number for number, text in enumerate(rows) if label in text), -2) + 1
    return any(program.screen.buffer[row][column].reverse for column in range(program.screen.columns))


def _type(program: Terminal, text: str) -> None:
    """Type into the field that has the focus, and see it there."""
    for start in range(0, len(text), _NO_PASTE):
        shown = f"› {text[: start + _NO_PASTE]}"
        _press(program, text[start : start + _NO_PASTE], partial(_shows, program, shown))


def _press(program: Terminal, keys: str, shown: Callable[[], object], *, where: str = "") -> None:
    """Press keys until something is shown, as long as `where` is; fail where it never is."""
    for attempt in range(_ATTEMPTS):
        program.quiet(_TOO_EARLY if attempt or where else 0.05)
        program.send(keys)
        if program.hears(lambda: shown() or where not in program.text(), _AGAIN):
            return
    raise AssertionError(f"{keys!r} has no effect; it shows:\n{program.text()}")
