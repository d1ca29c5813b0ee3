"""What a dialog says of the record it is about: the same facts in the same places."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from textual.containers import HorizontalGroup, VerticalGroup
from textual.content import Content
from textual.widgets import Static

from vpsbackup_tui.fleet.formats import NOTHING, age_phrase, size_text
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.fleet.names import ascii_form, has_mixed_scripts, hides_characters
from vpsbackup_tui.text import clean

_MOST_OF_A_NAME = 60
_MOST_OF_A_TEXT = 80


class Standpoint(NamedTuple):
    """Whose service is looked at, and from when: account, its service's host, Unix time, zone (None is the local)."""

    account: str
    host: str
    now: float
    zone: tzinfo | None = UTC


def moment_text(moment: float | None, zone: tzinfo | None) -> str:
    """Return a Unix time with the zone it is in: `2025-01-16 03:00 UTC`; `–` for none."""
    if moment is None:
        return NOTHING
    try:
        there = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return NOTHING
    return f"{there:%Y-%m-%d %H:%M} {clean(there.tzname() or '', 12)}"


class Facts(VerticalGroup):
    """Warnings, then labelled values, a line each; a value is bold, so that no name can pass for our own words."""

    DEFAULT_CSS = """
    Facts HorizontalGroup > .label { width: 13; }
    Facts HorizontalGroup > .value { width: 1fr; text-style: bold; }
    """

    def __init__(self, rows: list[tuple[str, str]], warnings: Sequence[Content] = ()) -> None:
        super().__init__(
            *(Static(warning, classes="warning", markup=False) for warning in warnings),
            *(
                HorizontalGroup(
                    Static(Content(label), classes="label", markup=False),
                    Static(Content(value), classes="value", markup=False),
                )
                for label, value in rows
            ),
        )


def account_text(standpoint: Standpoint) -> str:
    """Return the account and the host of its service."""
    return f"{standpoint.account} · {standpoint.host}"


def short_name(name: str) -> str:
    """Return a server's name, cut to what leaves room for the rest."""
    return clean(name, _MOST_OF_A_NAME)


def server_text(name: str, server_id: Id | None) -> str:
    """Return a server's name and id."""
    label = short_name(name) or "(no name)"
    return f"{label} · id {NOTHING if server_id is None else server_id}"


def backup_facts(backup: Backup, standpoint: Standpoint) -> Facts:
    """Return the facts that every dialog about a backup shows."""
    created = moment_text(backup.created, standpoint.zone)
    if backup.created is not None:
        created += f" · {age_phrase(backup.created, standpoint.now)}"
    words = (str(backup.id), backup.type or NOTHING, backup.status or NOTHING, size_text(backup.size_mb))
    rows = [
        ("Account", account_text(standpoint)),
        ("Backup", " · ".join(words)),
        ("Server", server_text(backup.server_name, backup.server_id)),
        ("Created", created),
    ]
    if backup.description:
        rows.append(("Description", clean(backup.description, _MOST_OF_A_TEXT)))
    return Facts(rows, warnings(backup, backup.server_name))


def server_facts(server: Server, standpoint: Standpoint) -> Facts:
    """Return the facts that a dialog about a server shows."""
    rows = [("Account", account_text(standpoint)), ("Server", server_text(server.name, server.id))]
    return Facts(rows, warnings(server, server.name))


def warnings(record: Backup | Server, name: str) -> list[Content]:
    """Return what of a record is not as it looks."""
    found: list[Content] = []
    if hides_characters(record):
        found.append(Content("! Contains hidden characters."))
    if has_mixed_scripts(name):
        found.append(Content.assemble("! Mixed scripts; in ASCII: ", (ascii_form(name), "bold")))
    return found
