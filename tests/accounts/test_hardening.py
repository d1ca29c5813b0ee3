import os
import subprocess

import pytest

from tests.accounts.conftest import python

REPORT = """
import os, resource
from vpsbackup_tui.accounts.hardening import harden_process
harden_process()
import ctypes
print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="prctl is Linux's")
def test_a_hardened_process_makes_private_files_and_shows_no_memory() -> None:
    shown = subprocess.run(python(REPORT), capture_output=True, text=True, check=True).stdout
    assert shown == "0o77 (0, 0) 0\n"
