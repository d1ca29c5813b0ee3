from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.cells import clip, clip_middle, fit, width

TAMIL = "சென்னை-சேவையகம்"


@given(st.text().map(clean), st.integers(0, 40), st.booleans())
def test_fitted_text_takes_exactly_its_cells(text: str, cells: int, right: bool) -> None:
    fitted = fit(text, cells, right=right)
    assert width(fitted) == cells
    assert cell_len(fitted) == cells


@given(st.text().map(clean), st.integers(0, 40))
def test_clipped_text_is_whole_or_ends_in_an_ellipsis(text: str, cells: int) -> None:
    clipped = clip(text, cells)
    assert width(clipped) <= cells
    assert clipped == text or clipped.endswith("…") or cells == 0


@given(st.text(max_size=30).map(clean), st.integers(0, 40))
def test_text_cut_in_the_middle_fits_and_shows_the_cut(text: str, cells: int) -> None:
    cut = clip_middle(text, cells)
    assert width(cut) <= cells
    assert cut == text or not cells or "…" in cut


def test_a_cut_in_the_middle_keeps_the_end_and_no_mark_without_its_letter() -> None:
    assert clip_middle("staging-server-01", 9) == "stag…r-01"
    assert clip_middle("short", 9) == "short"
    assert clip_middle(TAMIL, 5).split("…")[1][0] not in "\u0bc0\u0bbe\u0bc8\u0bcd"


def test_numbers_are_padded_on_the_left() -> None:
    assert fit("4.4 GB", 8, right=True) == "  4.4 GB"


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert fit("日本語", 4) == "日 …"


def test_a_mark_does_not_make_up_for_a_wide_character() -> None:
    assert clip("0000⺀0\u0591", 6) == "0000 …"
