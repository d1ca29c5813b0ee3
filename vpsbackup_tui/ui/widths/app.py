"""The app that lays out by the widths of the terminal at hand, and asks it for them once a frame stands."""

import locale
import os
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual.screen import Screen

from vpsbackup_tui.ui.picture.app import PicturedApp
from vpsbackup_tui.ui.table.rows import RowList
from vpsbackup_tui.ui.terminal.reports import Asking
from vpsbackup_tui.ui.widths.question import ANSWERS, ROOM, question, read_answers
from vpsbackup_tui.ui.widths.remembered import FILE, Kept, known_of, remember, today
from vpsbackup_tui.ui.widths.tables import lay_out_by


class MeasuringApp(PicturedApp):
    """Asks nothing, and measures as Rich does, until `know_terminal` was called."""

    _should_ask = False

    def know_terminal(self, folder: Path | None) -> None:
        """Lay out by what the terminal has answered before; ask it where need be, and keep that in a folder, if any."""
        self._terminal, self._widths, self._should_ask = known_of(
            folder, os.environ, locale.getpreferredencoding(False)
        )
        self._answers_file = folder / FILE if folder else None
        lay_out_by(self._widths)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self._should_ask:
            self._ask()

    def _ask(self) -> None:
        """Ask on the last line, which is drawn again at once; later, where nothing is known of it yet."""
        columns, lines = self._picture.size
        driver = self._driver
        if not isinstance(driver, Asking) or lines < 2 or columns < ROOM:
            return
        line = lines - 1
        draw_line = self._picture.line_anew(line)
        if draw_line:
            self._should_ask = False
            asked = question(line, draw_line)
            driver.ask(asked, line=line, answers=ANSWERS, take=lambda answer: self.call_later(self._learn, answer))

    def _learn(self, columns: list[int]) -> None:
        """Lay out by what the terminal has answered from now on, and remember it."""
        widths = read_answers(columns)
        if widths is None:
            return
        if widths != self._widths:
            self._widths = widths
            lay_out_by(widths)
            self._lay_out_anew()
        if (file := self._answers_file) is not None:
            self.run_worker(lambda: remember(file, self._terminal, Kept(widths, today())), thread=True)

    def _lay_out_anew(self) -> None:
        """Measure and draw again whatever has letters of which nobody could know how wide they are."""
        self._picture.forget_uneven()
        for screen in self.screen_stack:
            for widget in screen.walk_children():
                if isinstance(widget, RowList):
                    widget.measure_anew()
                widget.refresh(layout=True)
