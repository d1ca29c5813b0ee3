"""Coverage-guided fuzzing, with atheris, of everything that reads what others have written (`readings.py`).

    .venv/bin/pip install 'atheris>=3,<4'               once: 35 MB, for Linux; nothing else needs it
    .venv/bin/python -m tests.wire.fuzz                 ten minutes
    .venv/bin/python -m tests.wire.fuzz --minutes 60
    .venv/bin/python -m tests.wire.fuzz FILE...         only the bytes in which a fault was found

It begins with the seeds of `seeds.py`, and with what earlier runs have kept in `.fuzz/`: all that went
through code that nothing before it had. A fault, or ten seconds for one input, ends the run; the bytes are then
in `.fuzz/fault-*`. The first byte of an input chooses the reading. The last lines tell how many inputs were run,
and how many edges of the program's code (`cov`) they have gone through.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.wire.spoiling import Mutator

KEPT = Path(__file__).parents[2] / ".fuzz"
_LONGEST = 16_384  # bytes of an input
_SLOWEST = 10  # seconds for one
_READ = ("accounts", "api", "cli", "fleet", "operations", "store", "kept_lists", "origin", "secret", "start", "text")


def main() -> None:
    """Fuzz until the time is up or a fault is found; libFuzzer then ends the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    parser.add_argument("files", nargs="*", metavar="FILE", help="inputs to run, and nothing else")
    asked = parser.parse_args()
    try:
        atheris = importlib.import_module("atheris")
    except ModuleNotFoundError:
        parser.error("atheris is missing: .venv/bin/pip install 'atheris>=3,<4'")
    with atheris.instrument_imports(include=[f"vpsbackup_tui.{each}" for each in _READ]):
        readings = importlib.import_module("tests.wire.readings").READINGS
    _plant(importlib.import_module("tests.wire.seeds").SEEDS)
    options = ["-timeout=" + str(_SLOWEST), f"-max_len={_LONGEST}", f"-artifact_prefix={KEPT}/fault-"]
    if not asked.files:
        options += [f"-max_total_time={asked.minutes * 60:.0f}", "-print_final_stats=1", str(KEPT / "corpus")]
    atheris.Setup([sys.argv[0], *options, *asked.files], _run(readings), custom_mutator=_mutation(atheris))
    atheris.Fuzz()


def _plant(seeds: Mapping[str, list[bytes]]) -> None:
    """Put the seeds where the inputs are kept."""
    corpus = KEPT / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (name, several) in enumerate(seeds.items()):
        for which, seed in enumerate(several):
            (corpus / f"seed-{name}-{which}").write_bytes(bytes([number]) + seed)


def _run(readings: Mapping[str, Callable[[bytes], bool]]) -> Callable[[bytes], None]:
    """Return what runs one input."""
    several = list(readings.values())

    def run(data: bytes) -> None:
        if data:
            several[data[0] % len(several)](data[1:])

    return run


def _mutation(atheris: Any) -> Callable[[bytes, int, int], bytes]:
    """Return what makes an input of another: half of the time as JSON is spoiled, else byte by byte."""

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2 and data:
            try:
                return data[:1] + Mutator(seed).mutant(data[1:])[: most - 1]
            except (RecursionError, OverflowError, ValueError):  # too deep to be walked, or a number too long
                pass
        return bytes(atheris.Mutate(data, most))  # looked up when it is called, as `Fuzz` puts another there

    return mutated


if __name__ == "__main__":
    main()
