"""Textual is what the picture leans on; where it isn't, Textual's own way is taken."""

from typing import Any

import pytest
from rich.segment import Segment
from textual import _compositor
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from vpsbackup_tui.ui.picture.picture import Picture, Size
from vpsbackup_tui.ui.picture.stock import choose_compositor, choose_filter, find_changes
from vpsbackup_tui.ui.picture.touched import TouchedOnly, try_compositor

UPDATE = LayoutUpdate([[Strip([Segment("ab")], 2)]], Region(0, 0, 2, 1))


def other_display(self: App[Any], renderable: object) -> None:
    """Display in another way."""


def other_full(self: LayoutUpdate, lines: object, region: Region) -> None:
    self.lines, self.region = lines, region  # type: ignore[attr-defined]


def other_partial(self: ChopsUpdate, chops: Any, spans: Any, chop_ends: Any) -> None:
    self.chops, self.spans, self.chop_ends = chops, [(y, x, x + width) for y, x, width in spans], chop_ends


def test_textual_is_what_the_picture_leans_on() -> None:
    assert find_changes() == []
    assert choose_filter(Picture(erases=True))(UPDATE) is not UPDATE


@pytest.mark.parametrize(
    ("owner", "name", "changed"),
    [
        (App, "_display", other_display),
        (LayoutUpdate, "__init__", other_full),
        (ChopsUpdate, "__init__", other_partial),
        (_compositor, "ChopsUpdate", None),
        (Strip, "render", lambda self, console: self.text),
    ],
)
def test_a_change_of_textual_is_found_and_its_own_way_taken(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, changed: Any
) -> None:
    monkeypatch.setattr(owner, name, changed)
    monkeypatch.delitem(__import__("sys").modules, "vpsbackup_tui.ui.picture.updates", raising=False)
    if changed is None:
        monkeypatch.delattr(owner, name)
    assert find_changes() != []
    assert choose_filter(Picture(erases=True))(UPDATE) is UPDATE


def test_textual_composes_as_ours_leans_on() -> None:
    assert try_compositor() == ""
    assert isinstance(choose_compositor(), TouchedOnly)


def other_chops(self: Compositor, crop: Region) -> None:
    """Render in another way."""


@pytest.mark.parametrize("changed", [other_chops, None])
def test_where_textual_composes_in_another_way_that_is_taken(monkeypatch: pytest.MonkeyPatch, changed: Any) -> None:
    monkeypatch.setattr(Compositor, "_render_chops", changed)
    assert type(choose_compositor()) is Compositor


def test_what_is_drawn_otherwise_makes_the_picture_void() -> None:
    picture = Picture(erases=True)
    only_changes = choose_filter(picture)
    picture.changes(Size(2, 1), [])
    assert only_changes(None) is None
    assert picture.size == (2, 1)
    assert only_changes("a text") == "a text"
    assert picture.size == (0, 0)
