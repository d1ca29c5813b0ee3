"""Run the program, and write down what its first frame that shows `$SHOWN` took.

That is modules, pictures in vain and text that was sent.

It imports nothing that the program wouldn't. No second passes, so that no age grows.
"""

import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from textual.app import App

from vpsbackup_tui.__main__ import main

_paint = App._display
_build_driver = App._build_driver
_now = time.time()
_SEQUENCE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")
_before: list[object] = []


def _note_and_paint(app: App[Any], screen: Any, renderable: Any) -> None:
    """Paint; at the first useful frame, if nothing of it is sent too, note what is there and what was painted."""
    report = Path(os.environ["REPORT"])
    if not report.exists():
        if not app._batch_count and _is_useful(screen):
            modules, text = list(sys.modules), _text_of_painting(app, screen, renderable)
            unfinished = report.with_suffix(".part")
            unfinished.write_text("\n".join([str(len(_before)), str(len(text)), *modules]))
            unfinished.rename(report)
            return
        if renderable is not None:
            _before.append(renderable)
    _paint(app, screen, renderable)


def _text_of_painting(app: App[Any], screen: Any, renderable: Any) -> str:
    """Paint, and return what was written but for the sequences."""
    driver: Any = app._driver
    write = driver.write
    sent: list[str] = []

    def note_and_write(data: str) -> None:
        sent.append(data)
        write(data)

    driver.write = note_and_write
    _paint(app, screen, renderable)
    del driver.write
    return _SEQUENCE.sub("", "".join(sent))


def _is_useful(screen: Any) -> bool:
    text = "\n".join(strip.text for strip in screen._compositor.render_strips())
    return all(each in text for each in (" All ", os.environ["SHOWN"], "q Quit"))


def _build_driver_and_note(app: App[Any], *arguments: Any, **options: Any) -> Any:
    """Note from now on: by now our app has looked whether Textual's is the one that it knows."""
    App._display = _note_and_paint  # type: ignore[method-assign, assignment]
    return _build_driver(app, *arguments, **options)


if __name__ == "__main__":
    time.time = lambda: _now
    App._build_driver = _build_driver_and_note  # type: ignore[method-assign, assignment]
    sys.exit(main())
