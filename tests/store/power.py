"""What a power cut may leave of the files of a process, told from its system calls (`strace`).

A write is certainly on the disk once its file was synced, and a name that was made or
removed once its folder was; of the rest any part may be there, the last write even half.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

TRACED = "openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,rename"
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\)\s+= (\d+)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')

Files = dict[str, bytes]


class Step(NamedTuple):
    """One thing done to a file by its name (`data` is its old one where it got another), or without a name: said."""

    what: str
    name: str
    data: bytes = b""
    at: int = 0


def steps_of(trace: str, folder: Path) -> list[Step]:
    """Return what a trace tells of the files in `folder` and of what was said on standard output."""
    handles: dict[str, str] = {"1": ""}
    found: list[Step] = []
    for call, arguments, result in (match.groups() for line in trace.splitlines() if (match := _LINE.match(line))):
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(arguments)]
        handle, *numbers = [part.strip() for part in _TEXT.sub("", arguments).split(",")]
        if call in ("openat", "unlink", "rename"):
            name = _name_in(folder, texts[-1].decode())
            if call == "unlink" and name:
                found.append(Step("unlink", name))
            elif call == "rename":
                found.append(Step("rename", name, _name_in(folder, texts[0].decode()).encode()))
            elif call == "openat":
                handles[result] = name
                if "O_CREAT" in arguments and name:
                    found.append(Step("make", name))
        elif handle in handles and (name := handles[handle]) is not None:
            at = int(numbers[-1]) if call in ("pwrite64", "ftruncate") else 0
            if name or call == "write":
                kind = {"pwrite64": "write", "write": "say", "ftruncate": "cut"}.get(call, "sync")
                found.append(Step(kind, name, texts[0] if texts else b"", at))
    return found


def _name_in(folder: Path, path: str) -> str:
    """Return the name of a file in the folder, `.` for the folder itself, nothing for what lies elsewhere."""
    if Path(path) == folder:
        return "."
    return Path(path).name if Path(path).parent == folder else ""


@dataclass
class Disk:
    """What is certainly on the disk, and what may be."""

    content: Files = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    waiting: dict[str, list[Step]] = field(default_factory=dict)
    renamed: list[Step] = field(default_factory=list)
    said: bytes = b""

    def take(self, step: Step) -> None:
        """Carry a step out."""
        if step.what == "say":
            self.said += step.data
        elif step.what in ("make", "unlink"):
            self.renamed.append(step)
            self.waiting.setdefault(step.name, [])
            if step.what == "make" and step.name not in self.names:
                self.content[step.name], self.waiting[step.name] = b"", []
        elif step.what == "rename":
            self.renamed.append(step)
            old = step.data.decode()
            self.content[step.name], self.waiting[step.name] = self.content[old], self.waiting[old]
        elif step.what in ("write", "cut"):
            self.waiting[step.name].append(step)
        elif step.name == ".":
            self.names = _named(self.names, self.renamed)
            self.renamed = []
        else:
            self.content[step.name] = _written(self.content[step.name], self.waiting[step.name])
            self.waiting[step.name] = []

    def left(self, random: Random) -> Iterator[Files]:
        """Yield what a power cut may leave: of what isn't certain nothing, all, a random part, the last write half."""
        for renamed in ([], self.renamed):
            names = _named(self.names, renamed)
            for part in ("none", "all", "some", "half"):
                yield {
                    name: _written(self.content[name], _part(self.waiting[name], part, random))
                    for name in sorted(names)
                }


def _named(names: set[str], steps: Sequence[Step]) -> set[str]:
    for step in steps:
        gone = {"make": "", "unlink": step.name, "rename": step.data.decode()}[step.what]
        names = (names | {step.name}) - {gone}
    return names


def _part(steps: Sequence[Step], part: str, random: Random) -> Sequence[Step]:
    if part == "some":
        return [step for step in steps if random.random() < 0.5]
    if part == "half" and steps:
        last = steps[-1]
        return [*steps[:-1], last._replace(data=last.data[: len(last.data) // 2])]
    return steps if part == "all" else []


def _written(content: bytes, steps: Sequence[Step]) -> bytes:
    for step in steps:
        if step.what == "cut":
            content = content[: step.at].ljust(step.at, b"\0")
        else:
            content = content.ljust(step.at, b"\0")
            content = content[: step.at] + step.data + content[step.at + len(step.data) :]
    return content
