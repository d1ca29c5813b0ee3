"""Textual's own way of drawing and sending, for a Textual that ours can't build on; and how that is found out."""

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from rich.console import RenderableType
from textual._compositor import Compositor
from textual.app import App
from textual.widget import Widget

from vpsbackup_tui.ui.picture.picture import Picture


class Filter(Protocol):
    """What is put between Textual's compositor and the terminal."""

    def __call__(self, renderable: RenderableType | None, /) -> RenderableType | None:
        """Return what to send."""

    def draws_nothing(self, renderable: RenderableType | None, app: App[Any]) -> bool:
        """Tell whether what an app is about to send, as it was returned, leaves its terminal as it is."""

    def ask_behind(self, renderable: RenderableType, question: str, /) -> None:
        """Send a question behind what an app is about to send, as it was returned."""


class EverythingSent:
    """Sends what Textual wants to send."""

    def __call__(self, renderable: RenderableType | None) -> RenderableType | None:
        """Return it as it is."""
        return renderable

    def draws_nothing(self, renderable: RenderableType | None, app: App[Any]) -> bool:
        """Return False: nobody knows."""
        return False

    def ask_behind(self, renderable: RenderableType, question: str) -> None:
        """Ask nothing."""


def choose_filter(picture: Picture) -> Filter:
    """Return what sends only changes, or what changes nothing where Textual has changed."""
    if find_changes():
        return EverythingSent()
    from vpsbackup_tui.ui.picture.updates import ChangesOnly  # noqa: PLC0415 - fails with another Textual

    return ChangesOnly(picture)


def choose_compositor() -> Compositor:
    """Return what asks only the widgets that an update touches; Textual's where that has changed."""
    try:
        from vpsbackup_tui.ui.picture.touched import TouchedOnly, try_compositor  # noqa: PLC0415 - fails with another Textual

        return Compositor() if try_compositor() else TouchedOnly()
    except (ImportError, AttributeError):
        return Compositor()


@cache
def choose_painting() -> Callable[..., None]:
    """Return what paints widgets in the turn of a key; what leaves it to Textual where that has changed."""
    try:
        from vpsbackup_tui.ui.picture.at_once import paint_at_once, try_painting  # noqa: PLC0415 - fails with another Textual

        return leave_to_textual if try_painting() else paint_at_once
    except (ImportError, AttributeError):
        return leave_to_textual


def leave_to_textual(*widgets: Widget) -> None:
    """Do nothing: what is marked to be painted is painted."""


def find_changes() -> list[str]:
    """Return in what Textual isn't what this room leans on; nothing where all is well."""
    found = []
    code = App._display.__code__
    if code.co_varnames[: code.co_argcount] != ("self", "screen", "renderable"):
        found.append("App._display takes something else")
    sends = {"CompositorUpdate", "render_segments", "move_to", "_batch_count", "_previous_cursor_position"}
    if not sends <= set(code.co_names):
        found.append("App._display sends an update in another way")
    try:
        from vpsbackup_tui.ui.picture.updates import try_updates  # noqa: PLC0415 - fails with another Textual

        found += try_updates()
    except (ImportError, AttributeError, TypeError, ValueError, KeyError) as error:
        found.append(f"the compositor's updates: {error}")
    return found
