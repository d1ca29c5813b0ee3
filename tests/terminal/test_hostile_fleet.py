"""Hundreds of random hostile strings a fleet, paged through in a real terminal: none of them reaches it as it is."""

from random import Random

import pytest

from tests.conftest import CANARY
from tests.scale import cases
from tests.terminal.oracle import foreign
from tests.terminal.program import Program
from tests.terminal.test_hostile import HOSTILE, environment, open_and_close
from vpsbackup_tui.demo import DemoService

STRINGS = 500
"""How many strings a case takes, each in every text field of a backup of its own."""
PAGE = 45
"""How many rows of the table are in sight, and the key for a page goes on by."""
PIECES = (
    *HOSTILE[:10],
    *("\x1b", "\x9b", "\x9d", "\x90", "\x1b]", "\x1b[", "\x1bP", "\x1b_", "\x07", "\x9c", "\x0e", "\x0f", "\x1bc"),
    *("2J", "6n", "?1049l", "?25h", "52;c;", "0;", "31m", ";", "[", "]", "[/]", "[b]", "@click=quit", "\\", "\r", "\n"),
    *("\u202e", "\u2066", "\u200f", "\u200b", "\u2060", "\ufeff", "\ufe0f", "\u00ad", "\u3164", "\U000e0041", "\ud83d"),
    *(
        "東京",
        "சென்னை",
        "हिन्दी",
        "👩\u200d🚀",
        "🇩🇪",
        "é",
        "e\u0301",
        "web",
        "01",
        " ",
        "\t",
        "\u00a0",
        "\ue000",
        "\ufffe",
    ),
)


def hostile_text(random: Random) -> str:
    """Return a few pieces and random characters in a row."""
    pieces = [random.choice(PIECES) if random.random() < 0.7 else chr(random.randrange(0x110000)) for _ in range(12)]
    return "".join(pieces[: random.randint(1, len(pieces))])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", cases(1))
def test_no_string_of_a_hostile_fleet_reaches_the_terminal(demo: DemoService, seed: int) -> None:
    random = Random(seed)
    demo.service.clear_backups()
    for number in range(STRINGS):
        text = hostile_text(random)
        if number % 10 == 0:
            demo.service.add_raw_server({"id": 90000 + number, "name": text, "hostname": text, "status": text})
        demo.service.add_raw_backup(
            {
                "id": 80000 + number,
                "server": {"id": 90000 + number // 10 * 10, "name": text},
                "backup_type": random.choice(("manual", "automatic", text)),
                "status": random.choice(("completed", "failed", text)),
                "size_mb": 100,
                "created_at": "2025-01-16T11:00:00Z",
                "expires_at": None,
                "description": text,
            }
        )
    with Program([], environment=environment(demo), rows=50, columns=160) as program:
        program.expect("as of")
        for key in ("l", "g"):
            program.send(key)
            program.quiet()
        for row in (*range(STRINGS - 1, 0, -PAGE), 0):
            program.expect(f"›{80000 + row}", *(f"{80000 + each}" for each in range(row, min(row + PAGE, STRINGS))))
            program.send("\x1b[6~")
        program.send("S/")
        program.expect("words that must all occur")
        program.send("[")
        program.expect("filter [")
        program.send("\x1b")
        program.expect_gone("filter [")
        for key in ("h", "\x1b[6~", "\x1b[6~", "l"):
            program.send(key)
            program.quiet()
        open_and_close(program, "\r", "Description")
        program.send("q")
        assert program.wait() == 0
    assert foreign(program.output) == []
    assert CANARY.encode() not in program.output
