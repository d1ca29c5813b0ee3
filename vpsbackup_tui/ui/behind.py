"""Read behind the first frame what it did without, so that no key press and no list waits for it.

A thread reads it, as the screen goes on meanwhile. Whoever needs one of these modules
before imports it where it is used: then it is read there, or waited for. What fails here
is a bug like any other, and `threading.excepthook` hears of it.
"""

from threading import Thread

from vpsbackup_tui.start import garbage


def begin() -> None:
    """Begin to read; nobody who leaves waits for it."""
    Thread(target=read, daemon=True, name="behind").start()


def read() -> None:
    """Read the rest of the program: first what the list waits for that the service sends."""
    try:
        from vpsbackup_tui.api import allowed, transport  # noqa: F401, PLC0415 - all of these belong behind the first frame
        from vpsbackup_tui.fleet import search  # noqa: F401, PLC0415
        from vpsbackup_tui.operations import engine, machine, under_restore, way_back  # noqa: F401, PLC0415
        from vpsbackup_tui.ui import restoring  # noqa: F401, PLC0415
        from vpsbackup_tui.ui.dialogs import (  # noqa: F401, PLC0415
            activity,
            copying,
            create,
            delete,
            details,
            help,
            palette,
            quitting,
            restore,
            token,
        )
    finally:
        garbage.collect_again()
