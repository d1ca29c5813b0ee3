"""The one table of what can be done with which keys; bindings, key line, help and palette are made from it. Pure."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from vpsbackup_tui.ui.runs import Run, cells_of


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
    """One thing that can be done: under which heading, with which keys, in which words; `name` is the action's id."""

    group: str
    keys: str
    words: str
    name: str = ""


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
    Action("delete.undo", "z", "take_back", "take back what is confirmed and not sent yet", CHANGE),
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
CHANGES = frozenset({"backup.create", "backup.restore", "restore.undo", "backup.delete"})
"""What changes something at the service."""
_BY_ID = {action.id: action for action in ACTIONS}
_SHOWN = {
    "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]", "at": "@", "question_mark": "?",
    "colon": ":", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "up": "↑", "down": "↓", "left": "←",
    "right": "→",
}  # fmt: skip
_NAMED_BY_TEXTUAL = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
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


def told_key(action_id: str, keymap: Mapping[str, str]) -> str:
    """Return what to call an action's key in a sentence: as it is mapped, or by its words where it has none."""
    return first_key(action_id, keymap) or f"“{action_of(action_id).words}”"


class NamedKeys(NamedTuple):
    """The keys of an action as they are printed on the keyboard, and what they do."""

    keys: str
    label: str
    action_id: str


def keys_to_name(keymap: Mapping[str, str]) -> tuple[list[NamedKeys], list[NamedKeys]]:
    """Return what stands in the key line, at the left and at the right; nothing for what has no key."""
    left, right = (
        [
            NamedKeys(" ".join(keys), action_of(place[-1]).label, place[-1])
            for place in places
            if (keys := [key for action_id in place if (key := first_key(action_id, keymap))])
        ]
        for places in (KEY_LINE, KEY_LINE_END)
    )
    return left, right


class KeyHint(NamedTuple):
    """A key, what it does, and whether it can now."""

    key: str
    label: str
    possible: bool


def hints_of(named: Sequence[NamedKeys], is_possible: Callable[[str], bool]) -> list[KeyHint]:
    """Return named keys as hints; `is_possible` tells of an action, by its id, whether it can run now."""
    return [KeyHint(keys, label, is_possible(action_id)) for keys, label, action_id in named]


def fitting(hints: Sequence[KeyHint], end: Sequence[KeyHint], cells: int) -> tuple[list[Run], list[Run]]:
    """Return as many hints from the left as fit whole, and those that must be there at the right."""
    right = [run for hint in end for run in _runs(hint)]
    room = cells - cells_of(right)
    left: list[Run] = []
    for hint in hints:
        if cells_of([*left, *_runs(hint)]) > room:
            break
        left += _runs(hint)
    return left, right


def _runs(hint: KeyHint) -> list[Run]:
    if hint.possible:
        return [("title", f" {hint.key}"), ("", f" {hint.label} ")]
    return [("quiet", f"({hint.key} {hint.label})")]  # as wide, so that no other moves


def _named(key: str) -> str:
    """Return Textual's name of a key that may be written as the character it types."""
    if len(key) > 1:
        return key.lower()
    if key.isalnum():
        return key
    with suppress(ValueError):
        key = unicodedata.name(key).lower().replace("-", "_").replace(" ", "_")
    return _NAMED_BY_TEXTUAL.get(key, key)
