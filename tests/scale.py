"""How many cases a random test takes: a few while one works, more at a push, all of them in a full run.

`tests/full.py` sets the environment that is read here. A case is a number, and a seed: one
that fails is had again with `VPSBACKUP_FIRST=<number> VPSBACKUP_CASES=1`.
"""

import os

EXHAUSTIVE = "VPSBACKUP_EXHAUSTIVE" in os.environ
"""Whether to take every byte and every shape, where a quick run takes a part of them."""


def cases(quick: int) -> range:
    """Return the numbers of the cases to take: `quick` of them, unless the environment names others."""
    first = int(os.environ.get("VPSBACKUP_FIRST", "0"))
    return range(first, first + int(os.environ.get("VPSBACKUP_CASES", quick)))
