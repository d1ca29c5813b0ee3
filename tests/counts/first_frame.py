"""Run the program, and write down which modules there are when the first useful frame is put together."""

import os
import sys
from pathlib import Path
from typing import Any

from textual.app import App

from tests.benchmarks.goals.start import is_useful
from vpsbackup_tui.__main__ import main

_paint = App._display


def _note_and_paint(app: App[Any], screen: Any, renderable: Any) -> None:
    """Paint; note the modules at the first useful frame, whether it is sent at once or held back for a moment."""
    report = Path(os.environ["MODULES"])
    if renderable is not None and not report.exists() and is_useful(_text(screen)):
        unfinished = report.with_suffix(".part")
        unfinished.write_text("\n".join(sys.modules))
        unfinished.rename(report)
    _paint(app, screen, renderable)


def _text(screen: Any) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


if __name__ == "__main__":
    App._display = _note_and_paint  # type: ignore[method-assign, assignment]
    sys.exit(main())
