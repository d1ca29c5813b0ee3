"""What the system knows of a process: its memory and its wake-ups."""

import time
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_LOOKS, _BETWEEN_LOOKS = 4, 0.005


def memory_mb(pid: int) -> float:
    """Return the resident memory in MB of a process and all that it has started."""
    return sum(_memory_kb(each) for each in _family(pid)) / 1024


def wake_ups(pid: int) -> int:
    """Return how often the threads of a process and all that it has started have begun to wait for something."""
    return sum(int(_field(path, "voluntary_ctxt_switches")) for each in _family(pid) for path in _threads(each))


def is_working(pid: int) -> bool:
    """Tell whether a thread of a process runs or waits for a processor, in one of a few looks."""
    for _ in range(_LOOKS):
        if any(_field(path, "State") == "R" for path in _threads(pid)):
            return True
        time.sleep(_BETWEEN_LOOKS)
    return False


def processor() -> str:
    """Return the name of the processor and how many there are of it."""
    lines = (_PROC / "cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else "unknown"


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        for task in _tasks(member):
            with suppress(OSError):
                members += map(int, (task / "children").read_text().split())
    return members


def _tasks(pid: int) -> list[Path]:
    with suppress(OSError):
        return list((_PROC / str(pid) / "task").iterdir())
    return []


def _threads(pid: int) -> list[Path]:
    return [task / "status" for task in _tasks(pid)]


def _memory_kb(pid: int) -> int:
    return int(_field(_PROC / str(pid) / "status", "VmRSS"))


def _field(path: Path, name: str) -> str:
    """Return the first word of a line of a status file; 0 where the process has gone."""
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return line.split()[1]
    return "0"
