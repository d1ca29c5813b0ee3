"""Our own parts, run apart from the rest of the program."""
