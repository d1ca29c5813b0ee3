"""A machine that has no open file left to give: nothing is sent that isn't written down first."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.demo import DemoService


def create(most: int) -> subprocess.CompletedProcess[str]:
    """Make a backup in a process that may open no more than so many files."""
    return subprocess.run(
        [sys.executable, "-m", "vpsbackup_tui", "create", "12345"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)),
    )


def changes_begun(home: Path) -> bool:
    return any((home / ".local/state/vpsbackup-tui").glob("*.sqlite3"))


@pytest.mark.skipif("COVERAGE_PROCESS_START" in os.environ, reason="a measured process needs more")
def test_without_open_files_a_change_is_refused_in_words_or_made_and_written_down(
    service: DemoService, own_home: Path
) -> None:
    ends = []
    for most in range(6, 14):  # with fewer Python itself doesn't start
        sent = service.count("POST")
        ended = create(most)
        ends.append(ended.returncode)
        assert "Traceback" not in ended.stderr
        assert service.count("POST") - sent == (ended.returncode == Exit.DONE)
        assert service.count("POST") == 0 or changes_begun(own_home)
    assert {Exit.UNREACHABLE, Exit.REFUSED, Exit.DONE} <= set(ends)
