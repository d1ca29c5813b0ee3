"""See, make, restore and delete the backups of VPS.org servers from a terminal."""

__version__ = "0.1.0"
