"""Measure the goals of speed from outside, each beside its reference in the same run."""
