"""The second door: the command line."""
