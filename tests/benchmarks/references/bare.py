"""A bare Textual app that paints one line: what any program made with Textual costs at least."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """Paints one line."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - Textual's own way

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield Static("a bare Textual app")


if __name__ == "__main__":
    Bare().run()
