"""The verb `demo-server`: the embedded service alone, for trying things out with any client."""

import argparse
import json
import threading
from typing import NoReturn

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import flush, note, say
from vpsbackup_tui.demo import DemoService


def serve(arguments: argparse.Namespace) -> NoReturn:
    """Run the embedded service until a signal ends it; the first line of output says where it is."""
    given = {name: getattr(arguments, name) for name in ("port", "servers", "backups", "seed", "token")}
    try:
        demo = DemoService(**{name: value for name, value in given.items() if value is not None})
        with demo:
            say(json.dumps({"url": demo.url, "token": demo.token}))
            flush()
            note("the demo runs until it is stopped (Ctrl-C)")
            threading.Event().wait()
    except OSError as error:
        raise CommandError(f"the demo can't listen on port {arguments.port}: {error.strerror}", Exit.FAILED) from error
    raise AssertionError("only a signal ends the wait")
