"""Text is laid out by the widths that a terminal has, here and in all that Rich measures."""

import unicodedata

import pytest
from rich.cells import cell_len

from tests.ui.measuring import RICHS, laid_out_by
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.cells import clip_middle, fit, width
from vpsbackup_tui.ui.picture.cells import most_cells
from vpsbackup_tui.ui.widths.kinds import SAMPLES, Widths

TAMIL = "சென்னை-சேவையகம்"
ODD = [RICHS, Widths(), *(Widths(**{kind: cells}) for kind, sample in SAMPLES.items() for cells in sample.may_take)]


@pytest.mark.parametrize("widths", ODD, ids=repr)
def test_each_kind_takes_what_it_takes_in_the_terminal(widths: Widths) -> None:
    with laid_out_by(widths):
        for kind, sample in SAMPLES.items():
            before = getattr(widths, sample.before_kind) if sample.before_kind else len(sample.before)
            cells = before + getattr(widths, kind) * len(sample.letters)
            text = sample.before + sample.letters
            assert width(text) == cell_len(text) == cells, kind
            assert most_cells(text) >= cells, kind
            assert width(fit(f"{text} {text} {text}", 4)) == 4
            assert width(clip_middle(text * 4, 5)) <= 5


def test_unmeasured_letters_keep_their_width() -> None:
    texts = [chr(code) for code in range(0x20, 0x20000) if clean(chr(code)) == chr(code)]
    before = [cell_len(text) for text in texts]
    with laid_out_by(RICHS):
        assert [cell_len(text) for text in texts] == before
    with laid_out_by(Widths()):
        changed = {
            unicodedata.category(text) for text, cells in zip(texts, before, strict=True) if cell_len(text) != cells
        }
    assert changed == {"Mc", "Sk"}


def test_what_is_measured_last_counts() -> None:
    assert width(TAMIL) == 9
    with laid_out_by(Widths()):
        assert width(TAMIL) == 13
        assert width(fit(TAMIL, 10)) == 10
        assert width("e\u0301日本") == 5
    assert width(TAMIL) == 9
