"""The keys of the actions as Textual binds them, and whether those that an operator gives them can be."""

import unicodedata
from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from vpsbackup_tui.accounts.config_file import did_you_mean
from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.ui.actions import ACTIONS, action_of, keys_of

_NO_KEY = "no-key"  # Textual ignores an empty entry; no terminal sends this
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})
_KEY_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())


def bindings() -> Iterable[Binding]:
    """Yield the bindings of the screen's own actions, with the keys they have unless the operator changed them."""
    for action in ACTIONS:
        if action.method:
            yield binding_of(action.id, action.method)


def binding_of(action_id: str, method: str) -> Binding:
    """Return what binds an action to the `action_…` method of this name, with the keys that the table gives it."""
    action = action_of(action_id)
    return Binding(action.keys, method, action.words, show=False, id=action.id)


def textual_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return a keymap in the form that Textual's `App.set_keymap` takes; raise `ConfigError` as `check_keymap` does."""
    check_keymap(keymap)
    return {action_id: ",".join(keys_of(action_of(action_id), keymap)) or _NO_KEY for action_id in keymap}


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Raise `ConfigError` where a keymap names no action or no key, or gives one key to two actions."""
    known = [action.id for action in ACTIONS]
    for action_id in keymap:
        if action_id not in known:
            hint = did_you_mean(action_id, known) or f"; there are: {', '.join(known)}."
            raise ConfigError(f"[keys] names no action of this program: {action_id}{hint}")
    owner: dict[str, str] = {}
    for action in ACTIONS:
        for key in keys_of(action, keymap):
            if not _is_key(key):
                raise ConfigError(
                    f"[keys] gives {action.id} a key that isn't known: {key}. Write it like x, ctrl+x, f5."
                )
            if key in owner:
                raise ConfigError(f"[keys] gives {key} to both {owner[key]} and {action.id}: change one of them.")
            owner[key] = action.id


def _is_key(key: str) -> bool:
    """Tell whether Textual may ever name a key so."""
    *modifiers, name = key.split("+")
    if not set(modifiers) <= _MODIFIERS:
        return False
    return len(name) == 1 or name in _KEY_NAMES or _names_character(name)


def _names_character(name: str) -> bool:
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True
