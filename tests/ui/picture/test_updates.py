"""The compositor's updates: each of them ends in what Textual's own rendering of it shows."""

from io import StringIO
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from tests.ui.picture.terminal import Terminal
from vpsbackup_tui.ui.picture.picture import Picture
from vpsbackup_tui.ui.picture.updates import ChangesOnly

CONSOLE = Console(color_system="256", file=StringIO(), force_terminal=True)
WIDTH, HEIGHT = 24, 3
STYLES = (None, Style(bold=True), Style(color="red", bgcolor="blue"), Style(reverse=True), Style(dim=True, color="red"))


@st.composite
def strips(draw: st.DrawFn, cells: int) -> Strip:
    text = draw(st.text("ab ─漢", max_size=cells))
    strip = Strip([Segment(char, draw(st.sampled_from(STYLES))) for char in text])
    return strip.adjust_cell_length(cells)


@st.composite
def updates(draw: st.DrawFn) -> CompositorUpdate:
    lines = []
    for _ in range(HEIGHT):
        cuts = [0, *sorted(draw(st.sets(st.integers(1, WIDTH - 1), max_size=4))), WIDTH]
        lines.append({x: draw(strips(end - x)) for x, end in pairwise(cuts)})
    if draw(st.booleans()):
        return LayoutUpdate([line.values() for line in lines], Region(0, 0, WIDTH, HEIGHT))
    spans = []
    for y in sorted(draw(st.sets(st.integers(0, HEIGHT - 1), min_size=1))):
        left = draw(st.integers(0, WIDTH - 1))
        spans.append((y, left, draw(st.integers(left + 1, WIDTH))))
    return ChopsUpdate(lines, spans, [[*list(line)[1:], WIDTH] for line in lines])


@given(st.lists(updates(), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_updates_show_what_textual_itself_would_show(frames: list[CompositorUpdate]) -> None:
    stock, ours, only_changes = Terminal(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT), ChangesOnly(Picture(erases=True))
    for frame in frames:
        stock.feed(frame.render_segments(CONSOLE).replace("\n", "\r\n"))
        changed = only_changes(frame)  # type: ignore[arg-type]
        assert isinstance(changed, CompositorUpdate)
        ours.feed(changed.render_segments(CONSOLE))
        assert ours.shown() == stock.shown()


def test_a_frame_that_is_there_already_draws_nothing() -> None:
    frame = LayoutUpdate([[Strip([Segment("ab")], 2)]], Region(0, 0, 2, 1))
    only_changes, app = ChangesOnly(Picture(erases=True)), App[None]()
    assert not only_changes.draws_nothing(only_changes(frame), app)
    assert only_changes.draws_nothing(only_changes(frame), app)
    only_changes.picture.forget()
    assert not only_changes.draws_nothing(only_changes(frame), app)


def test_a_style_is_what_textual_would_send_but_for_its_link() -> None:
    style = Style(bold=True, color="#ff8700", link="http://evil.example")
    frame = LayoutUpdate([[Strip([Segment("ab", style)], 2)]], Region(0, 0, 2, 1))
    changed = ChangesOnly(Picture(erases=True))(frame)
    assert isinstance(changed, CompositorUpdate)
    assert changed.render_segments(CONSOLE) == "\x1b[H\x1b[1;38;5;208mab\x1b[m"
