import os
from collections.abc import Iterator
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, MouseDown, Paste
from textual.message import Message

from vpsbackup_tui.ui.terminal.keys import Keys, WakeUp, read_keys, without_waiting


def pressed(*pieces: bytes) -> list[str]:
    """Return the keys that are pressed, each piece after the one before has waited in vain."""
    keys = Keys()
    messages: list[Message] = []
    for piece in pieces:
        messages += keys.feed(piece)
        if keys.patience is not None:
            messages += keys.give_up()
    return [message.key for message in messages if isinstance(message, Key)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"jk", ["j", "k"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[3~", ["delete"]),
        (b"\x1b", ["escape"]),
        (b"\x1b[27u", ["escape"]),
        (b"\x1bx", ["alt+x"]),
        (b"\x1b[", ["left_square_bracket"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        ("é".encode(), ["é"]),
    ],
    ids=repr,
)
def test_keys_are_what_the_terminal_means(data: bytes, expected: list[str]) -> None:
    assert pressed(data) == expected


def test_more_text_at_once_than_anybody_types_is_a_paste_that_the_terminal_did_not_mark() -> None:
    text = "one line\rD\ty" * 30
    (pasted,) = Keys().feed(text.encode())
    assert isinstance(pasted, Paste)
    assert pasted.text == text


def test_keys_that_were_held_for_some_seconds_while_nothing_was_read_are_keys() -> None:
    assert pressed(b"j" * 250) == ["j"] * 250


def test_a_key_is_the_same_each_time_and_a_message_of_its_own() -> None:
    keys = Keys()
    (first,), (second,) = (list(keys.feed(b"\x1b[A")) for _ in range(2))
    assert isinstance(first, Key)
    assert isinstance(second, Key)
    assert (first.key, first.character, first.aliases) == (second.key, second.character, second.aliases)
    assert first is not second


def test_no_key_is_dead_after_a_paste_whose_end_was_lost() -> None:
    assert pressed(b"\x1b[200~", b"j", b"j", b"j")[-2:] == ["j", "j"]


def test_a_size_that_is_none_and_the_mouse_after_it_end_nothing() -> None:
    assert pressed(b"\x1b[48;24;80;0;0t\x1b[<0;1;1M", b"j") == ["j"]


def test_a_key_with_control_in_such_a_paste_is_still_pressed() -> None:
    before, quits, after = Keys().feed(b"x" * 300 + b"\x11" + b"y" * 300)
    assert isinstance(quits, Key)
    assert quits.key == "ctrl+q"
    assert [each.text for each in (before, after) if isinstance(each, Paste)] == ["x" * 300, "y" * 300]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[?1;2c",
        b"\x1b[5;",
        b"\x1b[?20",
        b"\x1b[999z",
        b"\x1b]11;rgb:0000/ffff/0000\x1b\\",
        b"\x1b]52;c;AAAA\x07",
        b"\x1bP1$r0m\x1b\\",
        b"\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17z",
        b"\x1b[1114112u",
        b"\x1b[99999999999999u",
        b"\x1b[200~pasted\x1bq\x1b[201~",
    ],
    ids=repr,
)
def test_what_is_no_key_presses_none_and_harms_none_that_follows(data: bytes) -> None:
    assert pressed(data) == []
    assert pressed(data, b"j") == ["j"]


def test_a_character_in_two_pieces_is_one_key() -> None:
    keys = Keys()
    messages = [*keys.feed("é".encode()[:1]), *keys.feed("é".encode()[1:])]
    assert [message.key for message in messages if isinstance(message, Key)] == ["é"]


def test_a_paste_is_one_message_without_its_escapes() -> None:
    (message,) = Keys().feed(b"\x1b[200~one\x1b[Atwo\x1b[201~")
    assert isinstance(message, Paste)
    assert message.text == "one[Atwo"


def test_the_mouse_works() -> None:
    (message,) = Keys().feed(b"\x1b[<0;11;6M")
    assert isinstance(message, MouseDown)
    assert (message.x, message.y) == (10, 5)


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_no_bytes_end_it_and_the_next_key_is_read(pieces: list[bytes]) -> None:
    # What may have begun is ended first: a paste, an answer in words.
    assert pressed(*pieces, b"\x1b[201~\x07", b"j")[-1:] == ["j"]


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    """A pipe in place of a terminal: its reading and its writing end."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_the_end_wakes_it_without_a_key(line: tuple[int, int]) -> None:
    end, answers = WakeUp(), list[bool]()
    thread = Thread(target=lambda: answers.append(read_keys(line[0], end, Keys(), lambda message: None)))
    thread.start()
    end.set()
    thread.join()
    assert answers == [True]


def test_keys_are_handed_on_and_a_line_that_ends_is_told(line: tuple[int, int]) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"j\x1b")
    os.close(writing)
    taken: list[Message] = []
    assert not read_keys(reading, WakeUp(), Keys(), taken.append)
    os.close(reading)
    assert [getattr(message, "key", "") for message in taken] == ["j"]


def test_an_escape_is_handed_on_without_another_key(line: tuple[int, int]) -> None:
    end = WakeUp()
    taken: list[Message] = []

    def take(message: Message) -> None:
        taken.append(message)
        end.set()

    os.write(line[1], b"\x1b")
    assert read_keys(line[0], end, Keys(), take)
    assert [getattr(message, "key", "") for message in taken] == ["escape"]


def test_a_key_that_somebody_else_has_taken_is_waited_for_no_more(
    line: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = WakeUp()
    read = os.read

    def take_before(descriptor: int, size: int) -> bytes:
        monkeypatch.undo()
        assert read(descriptor, size) == b"j"
        end.set()
        return read(descriptor, size)

    os.set_blocking(line[0], False)
    os.write(line[1], b"j")
    monkeypatch.setattr(os, "read", take_before)
    assert read_keys(line[0], end, Keys(), lambda message: pytest.fail("nothing was typed"))


def test_no_read_waits_and_the_shell_s_still_do() -> None:
    master, slave = os.openpty()
    with without_waiting(slave) as own:
        assert not os.get_blocking(own)
        with pytest.raises(BlockingIOError):
            os.read(own, 1)
        assert os.get_blocking(slave)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(own)
    os.close(master)
    os.close(slave)


def test_what_is_no_terminal_is_read_as_it_is(line: tuple[int, int]) -> None:
    with without_waiting(line[0]) as own:
        assert own == line[0]
    os.fstat(own)


def test_the_end_can_come_again_after_it_was_taken_back(line: tuple[int, int]) -> None:
    end = WakeUp()
    for _ in range(2):
        end.set()
        end.set()
        assert read_keys(line[0], end, Keys(), lambda message: None)
        end.clear()
        assert not end.is_set()
