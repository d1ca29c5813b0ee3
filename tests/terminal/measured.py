"""The program in a terminal that gives letters widths of its own, and knows where its cursor is."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte
from rich.cells import get_character_cell_size

from tests.terminal.program import Program
from tests.ui.picture.terminal import Terminal
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.ui.widths.question import ANSWERS, ROOM

NAMES = ("சென்னை-சேவையகம்", "नमस्ते-सर्वर", "เซิร์ฟเวอร์น้ำ", "北京服务器", "web👍🏽🚀🇩🇪", "plain-server")
"""Tamil, Hindi, Thai, Chinese, emoji."""
_FIRST = 3
"""The line of the first row of the table."""
_TONES = "🏻🏼🏽🏾🏿"
Widths = Callable[[str], int]


def as_tmux(char: str) -> int:
    """Give a cell to each vowel sign and two to the colour of a skin, as tmux and the C library do."""
    if char in _TONES:
        return 2
    return 1 if unicodedata.category(char) == "Mc" else get_character_cell_size(char)


def in_clusters(char: str) -> int:
    """Give no cell to what belongs to the letter before, as terminals do that measure clusters."""
    return (
        0 if char in _TONES or char == "\u0e33" or unicodedata.category(char) == "Mc" else get_character_cell_size(char)
    )


class Measured(Program):
    """What it would answer is kept in `asked`, and only sent by `answer`."""

    def __init__(self, environment: Mapping[str, str], width_of: Widths, *, rows: int = 24, columns: int = 120) -> None:
        super().__init__([], environment=environment, rows=rows, columns=columns)
        self.screen = Terminal(columns, rows, width_of)
        self._stream = pyte.ByteStream(self.screen)
        self.asked: list[str] = []
        self.screen.write_process_input = self._note_answer  # type: ignore[method-assign]

    def _note_answer(self, data: str) -> None:
        """Keep an answer to the question for widths, which is about the first columns; no other one is answered."""
        if int(data.rpartition(";")[2][:-1]) <= ROOM:
            self.asked.append(data)

    def expect_question(self) -> None:
        """Wait until it is asked how wide letters are."""
        self._wait_until(lambda: len(self.asked) == ANSWERS, "a question about widths")

    def answer(self) -> None:
        """Answer all that was asked."""
        self.send("".join(self.asked))

    def expect_row(self, row: int) -> None:
        """Wait until the cursor is on a row of the table, counted from the top."""
        self._wait_until(lambda: self._is_on(row), f"the cursor on row {row}")

    def expect_file(self, path: Path) -> None:
        """Wait until there is a file."""
        self._wait_until(path.exists, str(path))

    def _is_on(self, row: int) -> bool:
        lines = self.text().splitlines()
        return any(re.search(r"›\d{5}", line) for line in lines[_FIRST + row : _FIRST + row + 1])

    def rows(self) -> list[list[str]]:
        """Return the cells of each line of the table with a backup of ours."""
        lines = [[self.screen.buffer[y][x].data for x in range(self.screen.columns)] for y in range(self.screen.lines)]
        return [line for line in lines if "straight" in "".join(line)]


def add_names(demo: DemoService) -> None:
    """Give the service a server and a backup of each name, and nothing else."""
    demo.service.clear_backups()
    for number, name in enumerate(NAMES):
        server = {"id": 90000 + number, "name": name}
        demo.service.add_raw_server({**server, "hostname": name, "status": "stopped"})
        demo.service.add_raw_backup(
            {
                "id": 80000 + number,
                "server": server,
                "backup_type": "manual",
                "status": "completed",
                "size_mb": 100,
                "created_at": "2025-01-16T11:00:00Z",
                "expires_at": None,
                "description": "straight",
            }
        )


def start_of(word: str, cells: list[str]) -> int:
    """Return the column of a word in plain letters, of which there is one."""
    (start,) = (x for x in range(len(cells)) if cells[x : x + len(word)] == list(word))
    return start
