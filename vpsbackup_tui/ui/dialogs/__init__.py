"""What is asked of the operator: one dialog a file, each typed by its answer; `None` is "cancelled"."""
