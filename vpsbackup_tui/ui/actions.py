"""The one table of what can be done with which keys; bindings, key line, help and palette are made from it."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key

from vpsbackup_tui.accounts.errors import ConfigError


class Action(NamedTuple):
    """One thing that can be done.

    `id` is its name in the configuration and `method` that of the screen's `action_…`;
    `label` is its word in the key line, where it has a place there. An action without a
    method belongs to the lists, which bind it themselves.
    """

    id: str
    keys: str
    method: str
    words: str
    group: str
    label: str = ""


class HelpEntry(NamedTuple):
    """One thing that can be done: under which heading, with which keys, in which words."""

    group: str
    keys: str
    words: str


MOVE, SHOW, CHANGE, PROGRAM = "Move", "Show", "Change", "Program"

ACTIONS: tuple[Action, ...] = (
    Action("move.down", "down,j", "", "down", MOVE),
    Action("move.up", "up,k", "", "up", MOVE),
    Action("move.first", "home,g", "", "to the first", MOVE),
    Action("move.last", "end,G", "", "to the last", MOVE),
    Action("move.page-down", "pagedown", "", "a page down", MOVE),
    Action("move.page-up", "pageup", "", "a page up", MOVE),
    Action("move.half-down", "ctrl+d", "", "half a page down", MOVE),
    Action("move.half-up", "ctrl+u", "", "half a page up", MOVE),
    Action("move.other-pane", "tab,shift+tab", "switch_pane", "to the other side", MOVE),
    Action("move.servers", "left,h", "focus_servers", "to the servers", MOVE),
    Action("move.backups", "right,l", "focus_backups", "to the backups", MOVE),
    Action("move.open", "enter", "", "details of the backup; from a server to its backups", MOVE, "Details"),
    Action("back", "escape", "back", "back: stop a long load, clear the filter, go to all servers", MOVE),
    Action("filter", "slash", "filter", "filter as you type", SHOW, "Filter"),
    Action("type.previous", "left_square_bracket", "change_type(-1)", "the type before: all, manual, automatic", SHOW),
    Action("type.next", "right_square_bracket", "change_type(1)", "the next type", SHOW, "Type"),
    Action("servers.all", "0", "all_servers", "all servers", SHOW),
    Action("sort.next", "s", "sort_next", "sort by the next column", SHOW, "Sort"),
    Action("sort.reverse", "S", "reverse_sort", "the other way round", SHOW),
    Action("times", "t", "change_times", "times: age, exact local, exact UTC", SHOW),
    Action("refresh", "r,f5,ctrl+r", "refresh_lists", "read everything again", SHOW, "Refresh"),
    Action("activity", "at", "show_activity", "what was done: running, finished, not known yet", SHOW),
    Action("backup.create", "n", "create_backup", "new backup of the chosen server", CHANGE, "New"),
    Action("backup.restore", "R", "restore_server", "restore the server from this backup", CHANGE, "Restore"),
    Action("restore.undo", "U", "undo_restore", "undo the last restore, where its server was backed up first", CHANGE),
    Action("backup.delete", "D,delete", "delete_backup", "delete this backup", CHANGE, "Delete"),
    Action("delete.undo", "z", "take_back", "take back a delete that is still counting down", CHANGE),
    Action("copy", "y", "copy_backup", "copy: id, row as JSON, command line", PROGRAM),
    Action("help", "question_mark,f1", "show_help", "this help", PROGRAM, "Help"),
    Action("palette", "ctrl+p,colon", "show_palette", "all actions by name", PROGRAM),
    Action("redraw", "ctrl+l", "draw_anew", "draw the screen anew, where something else wrote on it", PROGRAM),
    Action("quit", "q,ctrl+q", "quit_program", "quit", PROGRAM, "Quit"),
)

IN_SERVERS = ("move.open", "move.backups", "servers.all", "backup.create", "filter")
IN_BACKUPS = (
    "move.open",
    "backup.restore",
    "backup.delete",
    "copy",
    "sort.next",
    "sort.reverse",
    "type.next",
    "filter",
)
"""What help names first, by the side that has the focus."""
IN_DIALOGS = ("delete.undo", "redraw", "help")
"""What works in dialogs, too."""
KEY_LINE = (
    ("backup.create",),
    ("backup.restore",),
    ("backup.delete",),
    ("filter",),
    ("type.previous", "type.next"),
    ("sort.next",),
    ("refresh",),
)
"""What the key line shows from the left; actions that belong together share a place, and the last one's word."""
KEY_LINE_END = (("move.open",), ("help",), ("quit",))
"""What the key line shows at its right end, which is never cut."""
_NO_KEY = "no-key"  # Textual ignores an empty entry; no terminal sends this
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})
_KEY_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())
_BY_ID = {action.id: action for action in ACTIONS}
_SHOWN = {
    "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]", "at": "@", "question_mark": "?",
    "colon": ":", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "up": "↑", "down": "↓", "left": "←",
    "right": "→",
}  # fmt: skip


def action_of(action_id: str) -> Action:
    """Return the action with this id; raise `KeyError`."""
    return _BY_ID[action_id]


def keys_of(action: Action, keymap: Mapping[str, str]) -> list[str]:
    """Return the keys of an action, as Textual names them; none where the operator took them away."""
    keys = keymap.get(action.id, action.keys)
    return [_named(key.strip()) for key in keys.split(",") if key.strip()]


def shown_keys(action: Action, keymap: Mapping[str, str]) -> str:
    """Return the keys of an action as they are printed on the keyboard."""
    return " ".join(_SHOWN.get(key, key) for key in keys_of(action, keymap))


def first_key(action_id: str, keymap: Mapping[str, str]) -> str:
    """Return one key of an action as it is printed on the keyboard; empty where it has none."""
    return next(iter(shown_keys(action_of(action_id), keymap).split()), "")


def bindings() -> Iterable[Binding]:
    """Yield the bindings of the screen's own actions, with the keys they have unless the operator changed them."""
    for action in ACTIONS:
        if action.method:
            yield Binding(action.keys, action.method, action.words, show=False, id=action.id)


def textual_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return a keymap in the form that Textual's `App.set_keymap` takes; raise `ConfigError` as `check_keymap` does."""
    check_keymap(keymap)
    return {action_id: ",".join(keys_of(_BY_ID[action_id], keymap)) or _NO_KEY for action_id in keymap}


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Raise `ConfigError` where a keymap names no action or no key, or gives one key to two actions."""
    for action_id in keymap:
        if action_id not in _BY_ID:
            near = get_close_matches(action_id, _BY_ID, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(_BY_ID)}."
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


def _named(key: str) -> str:
    """Return Textual's name of a key that may be written as the character it types."""
    return _character_to_key(key) if len(key) == 1 else key.lower()


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
