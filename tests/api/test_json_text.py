from typing import Any

import pytest

from vpsbackup_tui.api.json_text import ShapeError, parse_json

WEB_PAGE = "it is a web page: a proxy or a log-in page of your network may stand in between"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"<html>", WEB_PAGE),
        (b"\xef\xbb\xbf\n <html>", WEB_PAGE),
        ("\u00a0<html>".encode(), WEB_PAGE),
        (b"nope", "it isn't JSON, but begins with “nope”"),
        (b"\x1b[2J caf\xe9", "it isn't JSON, but begins with “�[2J caf�”"),
        (b"x" * 80, f"it isn't JSON, but begins with “{'x' * 80}”"),
        (b"x" * 81, f"it isn't JSON, but begins with “{'x' * 79}…”"),
    ],
)
def test_what_is_no_json_is_told_by_what_it_seems_to_be(body: bytes, words: str) -> None:
    with pytest.raises(ShapeError) as refused:
        parse_json(body)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        (b"7" * 64, int("7" * 64)),
        (b"7" * 65, "7" * 64 + "…"),
        (b"-1.5", -1.5),
        (b"1e308", 1e308),
        (b"1e400", "1e400"),
        (b"-1e400", "-1e400"),
        (b"1" * 400 + b".5", "1" * 64),
        (b"NaN", "NaN"),
        (b"-Infinity", "-Infinity"),
    ],
)
def test_a_number_that_nothing_can_hold_comes_as_its_text(body: bytes, value: Any) -> None:
    read = parse_json(body)
    assert read == value
    assert type(read) is type(value)
