"""Changing things: guard, baseline, send once, classify. No screen and no command line in here."""
