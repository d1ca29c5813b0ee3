import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.measuring import laid_out_by
from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.widths.kinds import Widths

PICTURES = sorted((Path(__file__).parent.parent / "screenshots").glob("*.svg"))
TEXT = re.compile(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>')
CELL = 12.2
TAMIL = re.compile("[\u0b80-\u0bff]")


@pytest.fixture(autouse=True)
def spacing_marks_take_a_cell() -> Iterator[None]:
    with laid_out_by(Widths()):
        yield


def words(picture: str) -> str:
    texts = (html.unescape(found[3]) for found in TEXT.findall((PICTURES[0].parent / f"{picture}.svg").read_text()))
    return " ".join(texts).replace("\xa0", " ")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_every_text_of_a_picture_takes_its_cells_whatever_font_it_is_shown_in(picture: Path) -> None:
    end = (0.0, 0.0)
    for x, y, length, content in TEXT.findall(picture.read_text()):
        text = html.unescape(content)
        assert float(length) == pytest.approx(width(text) * CELL, abs=0.01), text
        assert float(x) >= end[0] - 0.1 or float(y) != end[1], text
        assert not TAMIL.search(text) or not re.search(r"[\s\d]", text), "what follows would be moved by shaped text"
        end = (float(x) + float(length), float(y))


def test_the_pictures_show_what_they_are_named_for() -> None:
    assert "There is no backup of this account." in words("empty")
    assert "Down for maintenance." in words("error")
    assert "schema" in words("filter")
