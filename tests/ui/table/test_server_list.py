from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.ui.table.server_list import ServerList

SERVERS = [
    Server(id=1, name="app", status="active"),
    Server(id=2, name="db", status="stopped"),
    Server(id="c-3", name="[/nope]", status="rescue_mode"),
    Server(id=4, status=""),
]
INACTIVE = [
    Server(id=5, name="mail-01", status="suspended"),
    Server(id=6, name="staging-server-01", status="stopped"),
    Server(id=7, name="staging-server-02", status="stopped"),
    Server(id=8, name="சென்னை-தளம்-சென்னை-தளம்", status="stopped"),
]
BACKUPS = [Backup(id=row, server_id=row % 3, server_name="gone") for row in range(1_500)]


class Host(App[None]):
    CSS = "ServerList { height: 1fr; }"

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.chosen: list[Id | None] = []
        self.entered = 0

    def compose(self) -> ComposeResult:
        self.servers = ServerList()
        self.servers.styles.width = self.cells
        yield self.servers

    def on_server_list_chosen(self, event: ServerList.Chosen) -> None:
        self.chosen.append(event.server_id)

    def on_server_list_entered(self) -> None:
        self.entered += 1


@asynccontextmanager
async def showing(fleet: Fleet, cells: int = 26) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host(cells)
    async with app.run_test(size=(80, 12)) as pilot:
        app.servers.focus()
        app.servers.show(fleet)
        await pilot.pause()
        yield app, pilot


def lines(app: Host) -> list[str]:
    shown = [app.servers.render_line(y).text.rstrip() for y in range(app.servers.size.height)]
    return [line for line in shown if line]


async def test_each_server_has_a_mark_and_a_count_and_a_word_if_it_is_not_active() -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, _):
        assert lines(app) == [
            "›≡ All servers      1,500",
            " ◌ #4                   0",
            " ▲ [/nope]  rescue mode 0",
            " ● app                500",
            " ■ db         stopped 500",
            " ◌ gone    not listed 500",
        ]


async def test_where_there_is_little_room_a_word_is_short_and_names_still_differ() -> None:
    async with showing(Fleet((), [*SERVERS, *INACTIVE]), cells=21) as (app, _):
        assert lines(app) == [
            "›≡ All servers     0",
            " ◌ #4              0",
            " ▲ [/nope] rescue… 0",
            " ● app             0",
            " ■ db      stopped 0",
            " ‖ mail-01 suspen… 0",
            " ■ stag…r-01 stop… 0",
            " ■ stag…r-02 stop… 0",
            " ■ சென்னை-த…தளம் stop… 0",
        ]


@pytest.mark.parametrize("cells", range(8, 40))
async def test_every_line_takes_exactly_its_cells(cells: int) -> None:
    async with showing(Fleet(BACKUPS, [*SERVERS, *INACTIVE]), cells=cells) as (app, _):
        strips = [app.servers.render_line(y) for y in range(app.servers.size.height)]
        assert {sum(segment.cell_length for segment in strip) for strip in strips} == {cells}


async def test_servers_are_not_called_missing_where_no_list_of_them_came() -> None:
    async with showing(Fleet(BACKUPS[:3], servers_listed=False)) as (app, _):
        assert " ◌ gone                 1" in lines(app)


async def test_a_move_chooses_at_once() -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, pilot):
        await pilot.press("j", "down", "G", "g")
        assert app.chosen == [4, "c-3", 0, None]


async def test_a_click_chooses_and_enter_goes_on() -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, pilot):
        await pilot.click(ServerList, offset=(4, 3))
        await pilot.press("enter")
        assert app.chosen == [1]
        assert app.entered == 1


async def test_the_chosen_server_stays_chosen_over_a_refresh() -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, pilot):
        app.servers.choose(2)
        app.servers.show(Fleet(BACKUPS, [Server(id=9, name="aaa"), *SERVERS]))
        await pilot.pause()
        assert app.servers.chosen == 2
        assert app.chosen == [2]
        assert any(line.startswith("›■ db") for line in lines(app))


async def test_all_servers_are_chosen_when_the_chosen_one_is_gone() -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, pilot):
        app.servers.choose(2)
        app.servers.show(Fleet((), SERVERS[:1]))
        await pilot.pause()
        assert app.chosen == [2, None]


@pytest.mark.parametrize("unknown", [77, "2", None])
async def test_choosing_what_is_not_there_chooses_all(unknown: Id | None) -> None:
    async with showing(Fleet(BACKUPS, SERVERS)) as (app, _):
        app.servers.choose(1)
        app.servers.choose(unknown)
        assert app.servers.chosen is None
