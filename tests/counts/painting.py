"""What Textual sends to a terminal, kept in place of being sent."""

Painted = list[str]
