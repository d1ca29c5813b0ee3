"""The watch over the token bites: a test that lets it show fails, whatever it shows in."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

INNER = """
import base64, logging, os
from tests.conftest import CANARY

def test_prints_it(): print(CANARY)
def test_prints_it_from_a_child(): os.system("echo " + CANARY + " >&2")
def test_logs_it(): logging.getLogger("x").debug("%s", CANARY)
def test_writes_it(own_home): (own_home / "deep").mkdir(); (own_home / "deep" / "f").write_text("x" + CANARY)
def test_disguises_it(tmp_path): (tmp_path / "f").write_bytes(base64.b64encode(CANARY.encode()))
def test_keeps_it_where_it_may(tmp_path, token_may_be_in):
    (tmp_path / "store").write_text(CANARY)
    token_may_be_in.add(tmp_path / "store")
def test_is_silent(demo): assert demo.token == CANARY
def test_has_a_home_of_its_own(tmp_path):
    assert os.environ["HOME"].startswith(str(tmp_path))
    assert not [name for name in os.environ if name.startswith(("VPS_", "XDG_", "PYTHON_KEYRING_", "HTTPS_PROXY"))]
def test_meets_a_bug_of_the_demo(demo): demo.errors.append(ValueError("bug"))
"""
BITTEN = {
    "prints_it", "prints_it_from_a_child", "logs_it", "writes_it", "disguises_it", "meets_a_bug_of_the_demo",
}  # fmt: skip


def test_the_watch_fails_exactly_the_tests_that_let_the_token_show() -> None:
    # A folder of its own, as the failures show the token on purpose.
    with TemporaryDirectory() as folder:
        (Path(folder) / "test_inner.py").write_text(INNER)
        plugins = ["-p", "tests.conftest", "-p", "no:asyncio", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-rA",
                *plugins,
                f"--rootdir={folder}",
                f"--basetemp={folder}/made",
                folder,
            ],
            env={**os.environ, "VPS_API_TOKEN": "x", "HTTPS_PROXY": "x", "PYTHON_KEYRING_BACKEND": "x"},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    assert results("ERROR", done.stdout) == BITTEN, done.stderr
    assert results("FAILED", done.stdout) == set()
    assert len(results("PASSED", done.stdout)) == 9


def results(word: str, report: str) -> set[str]:
    """Return the inner tests of which the short summary says so."""
    return set(re.findall(rf"^{word} \S*test_inner\.py::test_(\w+)", report, re.MULTILINE))
