"""What a dialog says of the record it is about: the same facts in the same places."""

from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from textual.content import Content
from textual.widgets import Static

from vpsbackup_tui.fleet.formats import NOTHING, age_text, exact_text, size_text
from vpsbackup_tui.fleet.models import Backup, Id, Server
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.dialogs.names import ascii_form, has_mixed_scripts, hides_characters

_LABEL_WIDTH = 13
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
    exact = exact_text(moment, zone)
    if moment is None or exact == NOTHING:
        return NOTHING
    return f"{exact} {clean(datetime.fromtimestamp(moment, zone).astimezone(zone).tzname() or '', 12)}"


def facts_text(rows: list[tuple[str, str]]) -> Content:
    """Return labelled values, one a line; a value is bold, so that no name can pass for our own words."""
    lines = [Content.assemble(f"{label:<{_LABEL_WIDTH}}", (value, "bold")) for label, value in rows]
    return Content("\n").join(lines)


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


def backup_facts(backup: Backup, standpoint: Standpoint) -> Static:
    """Return the facts that every dialog about a backup shows."""
    created = moment_text(backup.created, standpoint.zone)
    if backup.created is not None:
        created += f" · {_ago(backup.created, standpoint.now)}"
    rows = [
        ("Account", account_text(standpoint)),
        (
            "Backup",
            f"{backup.id} · {backup.type or NOTHING} · {backup.status or NOTHING} · {size_text(backup.size_mb)}",
        ),
        ("Server", server_text(backup.server_name, backup.server_id)),
        ("Created", created),
    ]
    if backup.description:
        rows.append(("Description", clean(backup.description, _MOST_OF_A_TEXT)))
    return Static(_with_warnings(facts_text(rows), backup, backup.server_name), id="facts", markup=False)


def server_facts(server: Server, standpoint: Standpoint) -> Static:
    """Return the facts that a dialog about a server shows."""
    rows = [("Account", account_text(standpoint)), ("Server", server_text(server.name, server.id))]
    return Static(_with_warnings(facts_text(rows), server, server.name), id="facts", markup=False)


def _ago(created: float, now: float) -> str:
    age = age_text(created, now)
    return age if age == "just now" or age.startswith("in ") else f"{age} ago"


def _with_warnings(facts: Content, record: Backup | Server, name: str) -> Content:
    """Return the facts with what is not as it looks."""
    lines = [facts]
    if hides_characters(record):
        lines.append(Content("! Contains hidden characters."))
    if has_mixed_scripts(name):
        lines.append(Content.assemble("! Mixed scripts; in ASCII: ", (ascii_form(name), "bold")))
    return Content("\n").join(lines)
