"""Whether a name is what it looks like, and what is typed to confirm a restore."""

import unicodedata
from typing import Any, Final

from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.text import clean

GROUND_TO_TYPE: Final = "overwrite this machine"
"""What is typed, once more, before the machine is overwritten that the operator stands on."""
# Scripts whose letters are taken for one another; Chinese beside Latin misleads nobody.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL"})
_MOST_TYPED = 60
# Enough to find what is hidden in anything that is shown.
_LOOKED_AT = 65_536


def is_typeable(name: str) -> bool:
    """Tell whether a name can be typed exactly: plain ASCII, no space at an end, none double, not too long."""
    return 0 < len(name) <= _MOST_TYPED and name.isascii() and name.isprintable() and name == " ".join(name.split())


def text_to_type(record: Backup | Server) -> str:
    """Return what confirms a restore: the server's name, or its id where the name can't be typed exactly."""
    if isinstance(record, Backup):
        name, server_id = record.server_name, record.server_id
    else:
        name, server_id = record.name, record.id
    return name if is_typeable(name) and not hides_characters(record) else str(server_id)


def has_mixed_scripts(name: str) -> bool:
    """Tell whether letters of scripts that look alike stand side by side."""
    if name.isascii():
        return False
    scripts = {unicodedata.name(char, "?").split()[0] for char in name if char.isalpha()}
    return len(scripts & _ALIKE) > 1


def ascii_form(name: str) -> str:
    """Return a name with every letter beyond ASCII as its code, such as `\\u0430`."""
    return name.encode("ascii", "backslashreplace").decode()


def hides_characters(record: Backup | Server) -> bool:
    """Tell whether a text that the service sent held characters which are not shown as they are."""
    return any(_hides(text) for text in _texts(record.raw or {}))


def _hides(text: str) -> bool:
    text = text[:_LOOKED_AT]
    return clean(text, len(text)) != text


def _texts(raw: dict[str, Any]) -> list[str]:
    """Return the texts of a raw record and of the records in it."""
    found: list[str] = []
    for value in raw.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            found += [inner for inner in value.values() if isinstance(inner, str)]
    return found
