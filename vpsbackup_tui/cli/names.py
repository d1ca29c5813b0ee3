"""What this program is called."""

from typing import Final

PROGRAM: Final = "vpsbackup-tui"
