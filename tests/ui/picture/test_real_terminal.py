"""The program in a terminal: what is there after many changes is what drawing it all anew makes of it."""

from tests.conftest import CANARY
from tests.terminal.oracle import foreign
from tests.terminal.program import Program
from tests.terminal.test_hostile import open_and_close
from vpsbackup_tui.demo import DemoService

NAMES = ("漢字サーバー", "e\u0301te\u0301", "சென்னை-தளம்", "नमस्ते", "ไทย", "🙂🙃 web")
WALK = ("t", "G", "\x1b[5~", "]", "[", "s", "hjj", "l")  # exact times: ages would go on growing


def test_drawing_anew_changes_nothing(demo: DemoService) -> None:
    for number, name in enumerate(NAMES):
        demo.service.add_raw_server({"id": 90000 + number, "name": name, "hostname": name, "status": "running"})
    environment = {"VPS_API_URL": demo.url, "VPS_API_TOKEN": CANARY}
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with Program([], environment=environment, rows=24, columns=100) as program:
        program.expect("as of", "q Quit")
        for key in WALK:
            program.send(key)
            program.quiet()
        open_and_close(program, "?", "Here: ")
        program.send("/")
        program.expect("words that must all occur")
        program.send("c")
        program.expect("filter c")
        program.quiet(0.3)
        before, sent = cells(program), len(program.output)
        program.send("\x0c")
        program.quiet(0.3)
        assert len(program.output) - sent > 1000
        assert cells(program) == before
        program.send("\x11")
        assert program.wait() == 0
    assert foreign(program.output) == []


def cells(program: Program) -> list[list[object]]:
    """Return every cell but those of the clock."""
    screen = program.screen
    rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(1, screen.lines)]
    return [[(cell.data, cell.bg, cell.reverse) if cell.data == " " else cell for cell in row] for row in rows]
