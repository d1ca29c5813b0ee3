"""What httpx and httpcore would load, or look for in vain, though nothing here needs it."""

import sys
from typing import Final

_UNNEEDED: Final = {
    "httpx._main": "httpx's command line, which takes as long to load as all the rest where click is installed",
    "sniffio": "sought several times a request, in every folder of the path: a fifth of the work where it isn't there",
}


def leave_out() -> None:
    """Tell Python, by None, that these are not there; to be called before httpx is loaded."""
    for name in _UNNEEDED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
