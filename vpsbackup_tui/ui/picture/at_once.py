"""Paints a widget in the turn of the key that has changed it."""

from textual.screen import Screen
from textual.widget import Widget


def paint_at_once(widget: Widget) -> None:
    """Paint what is marked in a widget, unless more than that waits, be it on the screen or in the queue of the app.

    Textual does the same some messages later: from the widget to the screen, to its timer and back. That keeps
    the order of what else is to be done, and lets several keys be painted together, so it is left to do both.
    """
    screen, app = widget.screen, widget.app
    more = widget._layout_required or screen._layout_required or screen._scroll_required or screen._callbacks
    if widget._repaint_required and screen.is_current and not (more or app._batch_count or app.message_queue_size):
        widget._repaint_required = False
        screen._dirty_widgets.add(widget)
        screen._on_timer_update()


def try_painting() -> str:
    """Return in what Textual paints otherwise than this leans on; empty where all is well."""
    marks = {"_repaint_required", "Update"} <= set(Widget._check_refresh.__code__.co_names)
    collects = "_dirty_widgets" in Screen._on_update.__code__.co_names
    waits = {"_layout_required", "_scroll_required", "_callbacks", "_batch_count", "is_current"}
    paints = {*waits, "_dirty_widgets", "update_widgets"} <= set(Screen._on_timer_update.__code__.co_names)
    return "" if marks and collects and paints else "Screen paints in another way"
