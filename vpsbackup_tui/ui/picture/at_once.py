"""Paints what has changed in the turn of the key, or of the answer, that has changed it."""

from textual.screen import Screen
from textual.widget import Widget


def paint_at_once(*widgets: Widget) -> None:
    """Paint in one frame what is marked of some widgets of a screen, unless more waits, there or in the app's queue.

    Textual does the same some messages later: from each widget to the screen, to its timer and back, and what
    comes behind the timer waits for two frames more. That keeps the order of what else is to be done, and lets
    several keys be painted together, so it is left to do both.
    """
    marked = [each for each in widgets if each._repaint_required]
    if not marked:
        return
    screen, app = marked[0].screen, marked[0].app
    more = screen._layout_required or screen._scroll_required or screen._callbacks
    busy = app._batch_count or app.message_queue_size or any(each._layout_required for each in widgets)
    if screen.is_current and not more and not busy:
        for each in marked:
            each._repaint_required = False
        screen._dirty_widgets.update(marked)
        screen._on_timer_update()


def try_painting() -> str:
    """Return in what Textual paints otherwise than this leans on; empty where all is well."""
    marks = {"_repaint_required", "Update"} <= set(Widget._check_refresh.__code__.co_names)
    collects = "_dirty_widgets" in Screen._on_update.__code__.co_names
    waits = {"_layout_required", "_scroll_required", "_callbacks", "_batch_count", "is_current"}
    paints = {*waits, "_dirty_widgets", "update_widgets"} <= set(Screen._on_timer_update.__code__.co_names)
    return "" if marks and collects and paints else "Screen paints in another way"
