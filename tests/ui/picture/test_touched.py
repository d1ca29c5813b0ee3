"""An update of parts shows what Textual's own would, and asks no widget for lines that it doesn't show."""

from random import Random

from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from vpsbackup_tui.ui.picture.touched import TouchedOnly
from vpsbackup_tui.ui.picture.updates import _chops

WIDTH, HEIGHT = 30, 10


class Letters(Widget):
    """Shows one letter everywhere, and counts how often it is asked to."""

    asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += 1
        return super().render_lines(crop)

    def render(self) -> str:
        return "\n".join([(self.id or "") * WIDTH] * HEIGHT)


class Layers(App[None]):
    """Two panes side by side, and a panel that covers a part of both."""

    CSS = """
    Screen { layers: below above; }
    Horizontal { height: 100%; }
    #a { width: 12; height: 8; }
    #b { width: 1fr; }
    #c { layer: above; offset: 6 3; width: 12; height: 4; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Letters(id="a")
            yield Letters(id="b")
        yield Letters(id="c")


def shown(update: ChopsUpdate | None) -> dict[tuple[int, int], str]:
    """Return the letters of an update by their places, those of its spans."""
    assert update is not None
    inside = {(x, y) for y, left, right in update.spans for x in range(left, right)}
    letters = {(x + at, y): letter for x, y, strip in _chops(update) for at, letter in enumerate(strip.text)}
    return {place: letters[place] for place in inside}


async def test_parts_show_what_they_show_in_textuals_own_way() -> None:
    app = Layers()
    async with app.run_test(size=(WIDTH, HEIGHT)):
        stock, ours = Compositor(), TouchedOnly()
        for each in (stock, ours):
            each.reflow(app.screen, app.size)
        random = Random(1)
        for _ in range(300):
            left, top = random.randrange(WIDTH), random.randrange(HEIGHT)
            parts = {
                Region(left, top, random.randint(1, WIDTH - left), random.randint(1, HEIGHT - top)),
                Region(random.randrange(WIDTH), random.randrange(HEIGHT), 1, 1),
            }
            for each in (stock, ours):
                each._dirty_regions = set(parts)
            assert shown(ours.render_partial_update()) == shown(stock.render_partial_update()), parts


async def test_only_what_is_seen_in_a_part_is_asked_for_lines() -> None:
    app = Layers()
    async with app.run_test(size=(WIDTH, HEIGHT)):
        ours = TouchedOnly()
        ours.reflow(app.screen, app.size)
        panes = [app.query_one(f"#{name}", Letters) for name in "abc"]
        for part, asked in ((Region(7, 4, 3, 1), "c"), (Region(2, 4, 6, 1), "ac"), (Region(20, 0, 2, 2), "b")):
            before = [pane.asked for pane in panes]
            ours._dirty_regions = {part}
            ours.render_partial_update()
            assert "".join(str(p.id) for p, was in zip(panes, before, strict=True) if p.asked > was) == asked


def test_before_there_is_a_screen_nothing_is_updated() -> None:
    ours = TouchedOnly()
    assert ours.visible_widgets == {}
    assert ours.render_partial_update() is None
