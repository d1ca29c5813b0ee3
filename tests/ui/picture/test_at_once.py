"""What a key has changed is painted in the key's own turn, unless more waits: then Textual paints both."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tests.ui.idle import idle
from vpsbackup_tui.ui.picture.at_once import paint_at_once, try_painting
from vpsbackup_tui.ui.picture.stock import choose_painting, leave_to_textual


class Painting(App[None]):
    """A line, and how often the screen was painted."""

    painted = 0

    def compose(self) -> ComposeResult:
        yield Static("a line")

    def post_display_hook(self) -> None:
        self.painted += 1


@asynccontextmanager
async def running() -> AsyncIterator[Painting]:
    """Run the app up to where it has painted all."""
    app = Painting()
    async with app.run_test():
        await idle(app)
        app.painted = 0
        yield app


async def test_what_is_marked_is_painted_before_anything_else_happens_and_only_once() -> None:
    async with running() as app:
        paint_at_once(app.query_one(Static).refresh())
        assert app.painted == 1
        await idle(app)
        assert app.painted == 1


async def test_where_nothing_is_marked_nothing_is_painted() -> None:
    async with running() as app:
        paint_at_once(app.query_one(Static))
        await idle(app)
        assert app.painted == 0


MORE: dict[str, Callable[[Painting], object]] = {
    "a layout of its own": lambda app: app.query_one(Static).refresh(layout=True),
    "a layout": lambda app: app.screen.refresh(layout=True),
    "a scroll": lambda app: setattr(app.screen, "_scroll_required", True),
    "a call after painting": lambda app: app.screen._invoke_later(lambda: None, app),
    "another key": lambda app: app.call_later(lambda: None),
}


@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
async def test_where_more_waits_both_are_painted_later(more: Callable[[Painting], object]) -> None:
    async with running() as app:
        line = app.query_one(Static).refresh()
        more(app)
        paint_at_once(line)
        assert app.painted == 0
        await idle(app)
        assert app.painted


async def test_where_nothing_is_to_be_painted_for_a_while_it_is_painted_after_that() -> None:
    async with running() as app:
        with app.batch_update():
            paint_at_once(app.query_one(Static).refresh())
            assert app.painted == 0
        await idle(app)
        assert app.painted == 1


async def test_what_another_screen_covers_is_left_to_textual() -> None:
    async with running() as app:
        line = app.query_one(Static)
        await app.push_screen(Screen())
        await idle(app)
        app.painted = 0
        paint_at_once(line.refresh())
        assert app.painted == 0


def test_textual_paints_as_this_leans_on() -> None:
    assert try_painting() == ""
    assert choose_painting() is paint_at_once


@pytest.fixture
def choose() -> Iterator[Callable[[], Callable[[Widget], None]]]:
    """Choose as if it were for the first time."""
    choose_painting.cache_clear()
    yield choose_painting
    choose_painting.cache_clear()


@pytest.mark.parametrize(
    ("owner", "name"), [(Widget, "_check_refresh"), (Screen, "_on_update"), (Screen, "_on_timer_update")]
)
@pytest.mark.parametrize("changed", [lambda _: None, None])
def test_where_textual_paints_in_another_way_it_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
    choose: Callable[[], Callable[[Widget], None]],
    owner: type[Widget],
    name: str,
    changed: Callable[[object], None] | None,
) -> None:
    monkeypatch.setattr(owner, name, changed)
    assert choose() is leave_to_textual
