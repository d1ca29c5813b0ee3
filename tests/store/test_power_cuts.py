"""The power cut at any moment of the journal's life: what was confirmed to be on the disk is there afterwards."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.store.power import TRACED, Disk, steps_of
from vpsbackup_tui.store.journal import Journal

_WRITING = """
import os, sys
from pathlib import Path
from vpsbackup_tui.store.journal import Entry, Journal

journal = Journal(Path(sys.argv[1]))
os.write(1, b"0")
for number in (1, 2, 3):
    journal.begin(Entry(f"op-{number}", float(number), True, {"name": "x" * 3000 * number}), lambda others, lost: None)
    os.write(1, b"i")
journal.write(Entry("op-1", 1.0, False, {"outcome": "done"}))
os.write(1, b"s")
"""


def traced(path: Path, trace: Path) -> str:
    """Return the system calls of a process that begins three changes and settles one."""
    if shutil.which("strace") is None and os.environ.get("CI") != "true":
        pytest.skip("needs strace")
    command = ["strace", "-f", "-xx", "-s", "100000", "-e", f"trace={TRACED}", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", _WRITING, str(path)], check=True, capture_output=True)
    return trace.read_text()


def test_no_power_cut_loses_a_confirmed_entry_or_tears_the_journal(path: Path, tmp_path: Path) -> None:
    disk, random = Disk(), Random(1)
    seen: set[tuple[bytes | None, ...]] = set()
    for step in steps_of(traced(path, tmp_path / "trace"), path.parent):
        disk.take(step)
        for files in disk.left(random):
            others = (files.get(name) for name in (f"{path.name}-journal", f"{path.stem}.opening"))
            state = (disk.said, files.get(path.name), *others)
            if state not in seen:
                seen.add(state)
                check(path, files, disk.said)
    assert disk.said == b"0iiis"
    assert len(seen) > 100


def check(path: Path, files: dict[str, bytes], said: bytes) -> None:
    """Open what a power cut left, and compare it with what was confirmed before."""
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(mode=0o700)
    for name, content in files.items():
        path.with_name(name).write_bytes(content)
    journal = Journal(path)
    assert journal.notice == ""
    kept = {each.id: each for each, _ in journal.entries()}
    journal.close()
    for number in range(1, said.count(b"i") + 1):
        assert kept[f"op-{number}"].known, (number, said)
    assert len(kept) <= said.count(b"i") + 1
    if said.endswith(b"s"):
        assert not kept["op-1"].open
