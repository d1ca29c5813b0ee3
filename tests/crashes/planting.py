"""Start the program with a bug in it that holds the token, and look whether what it leaves behind repeats that."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import CANARY, shows_token

_START = Path(__file__).parent / "start"
_OURS = ("vpsbackup_tui.", "httpx:", "keyring.", "json:")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?<>=]*[a-zA-Z]|[=>])")
BUG = re.compile(
    r"vpsbackup-tui: this is a bug in this program \((?P<kind>\w+)\)"
    r"; a report without any data of yours is in (?P<report>\S+)"
)


class Planted:
    """A bug at one or more places of the program."""

    def __init__(self, places: str, folder: Path) -> None:
        self._places = [each if each.startswith(_OURS) else f"vpsbackup_tui.{each}" for each in places.split()]
        self._mark = folder / "reached"

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables with which the program has the bug."""
        return {
            "PYTHONPATH": str(_START),
            "PLANTED": " ".join(self._places),
            "PLANTED_MARK": str(self._mark),
            "PLANTED_TOKEN": CANARY.encode().hex(),
        }

    @property
    def is_reached(self) -> bool:
        """Tell whether the program has come to all the places."""
        return self._mark.exists() and self._mark.read_text().split() == self._places


def check_told(said: str, home: Path, *before: str, kind: str = "ZeroDivisionError") -> None:
    """Fail unless one line told of the bug, behind those that match `before`, and a report is kept without any data."""
    *others, bug = said.splitlines()
    assert len(others) == len(before), said
    assert all(re.search(pattern, line) for pattern, line in zip(before, others, strict=True)), said
    told = BUG.fullmatch(bug)
    assert told, said
    (report,) = reports_in(home)
    assert told["kind"] == kind
    assert told["report"] == str(report)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert f".{kind}\n" in text
    if kind != "CancelledError":  # which asyncio makes anew
        assert "builtins.ValueError" in text  # the cause
        assert "sitecustomize.py" in text


def reports_in(home: Path) -> list[Path]:
    """Return the reports of bugs that were kept."""
    return list(home.rglob("bug-*.txt"))


def check_hidden(home: Path, *written: str | bytes) -> None:
    """Fail where the token, or a traceback, shows in what was written or in a file of the home."""
    for each in written:
        assert not shows_token(each)
        assert "Traceback" not in (each if isinstance(each, str) else each.decode(errors="replace"))
    for path in home.rglob("*"):
        assert not path.is_file() or not shows_token(path.read_bytes()), path


def without_sequences(text: str) -> str:
    """Return what a terminal was sent without what moves, colours and switches."""
    return _SEQUENCE.sub("", text).replace("\r", "")
