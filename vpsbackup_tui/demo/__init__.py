"""An embedded VPS.org: real HTTP on loopback with believable, made-up data."""

from vpsbackup_tui.demo.connection import Seen
from vpsbackup_tui.demo.faults import Fault
from vpsbackup_tui.demo.server import DemoService

__all__ = ["DemoService", "Fault", "Seen"]
