"""The app that sends only the cells that changed, where Textual is what that leans on."""

import os
from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.events import Resize
from textual.screen import Screen

from vpsbackup_tui.ui.picture.pen import erases
from vpsbackup_tui.ui.picture.picture import Picture
from vpsbackup_tui.ui.picture.stock import EverythingSent, Filter, choose_filter


class PicturedApp(App[int]):
    """Keeps a picture of the terminal and sends what differs from it; in Textual's way where Textual has changed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._picture = Picture(erases=erases(os.environ.get("TERM", "")))
        self._only_changes: Filter = choose_filter(self._picture)
        self._was_resized: Callable[[], bool] | None = None

    @property
    def stands_early(self) -> bool:
        """Tell whether the terminal shows a picture that was drawn before the first frame, which is still to come."""
        return self._was_resized is not None

    def go_on_from(self, picture: Picture, was_resized: Callable[[], bool]) -> None:
        """Take it that the terminal shows this already, unless it `was_resized`, which is asked at the first frame."""
        self._picture, self._was_resized = picture, was_resized
        self._only_changes = choose_filter(picture)

    def action_draw_anew(self) -> None:
        """Send the whole screen: somebody else may have drawn on the terminal."""
        self._picture.forget()
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Trust nothing that the terminal shows once it has been taken, or was given a size, be it the same."""
        if self.stands_early and tuple(event.size) == self._picture.size:
            return
        self._picture.forget()
        if [event.size] == [screen.outer_size for screen in self.screen_stack[-1:]]:
            self.refresh()  # as Textual lays out nothing anew, be it after another size for a moment

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what differs; nothing where nothing does: Textual would still send where the cursor stands."""
        if self._was_resized is not None and renderable is not None:
            if self._was_resized():
                self._picture.forget()
            self._was_resized = None
        update = self._only_changes(renderable)
        leans = not isinstance(self._only_changes, EverythingSent)
        if leans and self._is_written and self._is_at_rest and self._only_changes.draws_nothing(update, self):
            update = None
        if leans and self._is_written and update is not None:
            self._only_changes.ask_behind(update, self.behind_frame())
        super()._display(screen, update)

    def behind_frame(self) -> str:
        """Return what is to be sent behind a frame; it may move the cursor."""
        return ""

    @property
    def _is_written(self) -> bool:
        """Tell whether what is displayed now reaches a terminal."""
        return not (self._batch_count or self.is_headless)

    @property
    def _is_at_rest(self) -> bool:
        """Tell whether the cursor of the terminal is where it should be."""
        return self.screen.outer_size.clamp_offset(self.cursor_position) == self._previous_cursor_position
