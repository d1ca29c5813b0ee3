"""The table of actions, and the keys that an operator gives them."""

import string

import pytest
from textual.keys import _character_to_key

from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.ui.actions import ACTIONS, KEY_LINE, KEY_LINE_END, action_of, keys_of
from vpsbackup_tui.ui.keymap import check_keymap, textual_keymap
from vpsbackup_tui.ui.main_screen import MainScreen
from vpsbackup_tui.ui.table.rows import RowList


def test_the_table_itself_has_no_clash() -> None:
    check_keymap({})


def test_every_action_with_a_method_has_it() -> None:
    for action in ACTIONS:
        if action.method:
            assert hasattr(MainScreen, f"action_{action.method.partition('(')[0]}"), action.id


def test_every_action_without_a_method_is_bound_by_the_lists_under_its_id() -> None:
    bound = {binding.id: binding.key for binding in RowList.BINDINGS if not isinstance(binding, tuple)}
    assert bound == {action.id: action.keys for action in ACTIONS if not action.method}


def test_every_place_of_the_key_line_has_a_word() -> None:
    assert all(action_of(place[-1]).label for place in (*KEY_LINE, *KEY_LINE_END))


def test_nothing_is_reachable_only_by_keys_that_multiplexers_take() -> None:
    for action in ACTIONS:
        assert set(keys_of(action, {})) - {"ctrl+a", "ctrl+b", "ctrl+space", "ctrl+@"}


def test_what_can_lose_data_needs_a_capital_or_the_delete_key() -> None:
    for action_id in ("backup.restore", "backup.delete"):
        assert all(key.isupper() or key == "delete" for key in keys_of(action_of(action_id), {}))


@pytest.mark.parametrize(
    ("keymap", "words"),
    [
        ({"backup.remove": "x"}, "backup.remove"),
        ({"backup.delet": "x"}, "did you mean backup.delete?"),
        ({"refresh": "n"}, "both"),
        ({"refresh": "x,x"}, "x"),
        ({"refresh": "hyper+banaan"}, "hyper+banaan"),
        ({"refresh": "rr"}, "rr"),
        ({"refresh": "ctrl+q"}, "ctrl+q"),
        ({"refresh": "ctrl+"}, "ctrl+"),
    ],
)
def test_an_unsound_keymap_is_refused_in_words(keymap: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        textual_keymap(keymap)
    assert words in caught.value.message


@pytest.mark.parametrize(
    "keys", ["x", "X", "?", "ctrl+x", "f12", "shift+f3", "space", "backspace", "x,ctrl+o", "é", "$", "alt+x"]
)
def test_a_key_may_be_written_as_it_is_printed(keys: str) -> None:
    keymap = {"refresh": keys, "help": ""}
    assert textual_keymap(keymap)["help"]
    assert len(textual_keymap(keymap)["refresh"].split(",")) == len(keys.split(","))


def test_keys_may_be_swapped() -> None:
    assert textual_keymap({"refresh": "n", "backup.create": "r"}) == {"refresh": "n", "backup.create": "r"}


def test_a_key_that_is_written_as_a_character_is_named_as_textual_names_it() -> None:
    for char in string.ascii_letters + string.digits + string.punctuation.replace(",", "") + "ä€×":
        assert keys_of(action_of("help"), {"help": char}) == [_character_to_key(char)]
