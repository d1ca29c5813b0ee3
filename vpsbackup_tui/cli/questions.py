"""What is asked before something is lost: the record, what is lost with it, and what must be typed."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence

from vpsbackup_tui.accounts.settings import Settings
from vpsbackup_tui.cli.ask import can_ask, confirm
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import note
from vpsbackup_tui.fleet.formats import NOTHING, age_phrase, exact_text, long_span_text, size_text
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.fleet.names import GROUND_TO_TYPE, ascii_form, has_mixed_scripts, hides_characters, text_to_type
from vpsbackup_tui.operations.machine import this_machine
from vpsbackup_tui.operations.operation import Operation
from vpsbackup_tui.operations.rules import leaving
from vpsbackup_tui.operations.under_restore import UnderRestore

_MOST_SHOWN = 20


def confirm_delete(
    backups: Sequence[Backup],
    settings: Settings,
    arguments: argparse.Namespace,
    *,
    bared: Mapping[object, str],
    restores: Sequence[UnderRestore] = (),
) -> None:
    """Ask for as much as the loss is heavy; raise `CommandError` where it isn't confirmed.

    `bared` are the servers that have no completed backup left then, `restores` those that
    may read one of the backups now.
    """
    loss = [restore.words(_exactly(restore.since)) for restore in restores]
    loss += [f"After this {name} has no completed backup left." for name in bared.values()]
    if arguments.yes:
        for line in loss:
            note(f"warning: {line}")
        return
    _must_ask(arguments, "a delete")
    facts = _facts(backups[0], settings) if len(backups) == 1 else _many_facts(backups, settings)
    text = "\n".join([*facts, "", *loss, "A delete can't be undone.", ""])
    if len(backups) > 1:
        expected = f"delete {len(backups)}"
        confirm(f"{text}To delete these {len(backups)} backups, type `{expected}`: ", expected)
    elif loss:
        confirm(f"{text}To delete it, type the backup's id: ", str(backups[0].id))
    else:
        confirm(f"{text}Delete it? [y/N] ", "y", "Y", "yes")


def confirm_restore(
    backup: Backup, fleet: Fleet, settings: Settings, arguments: argparse.Namespace, *, doubts: Sequence[str]
) -> None:
    """Ask for the server's name, or its id where the name can't be typed; raise `CommandError` if it isn't.

    `doubts` are what speaks against it, in words.
    """
    loss = _restore_loss(backup, fleet)
    if arguments.yes:
        for line in (loss[0], *doubts):
            note(f"warning: {line}")
        return
    _must_ask(arguments, "a restore")
    expected = text_to_type(backup)
    noun = "name" if expected == backup.server_name else "id"
    if arguments.safe:
        loss.append("Before that its present state is backed up; where that fails, nothing is restored.")
    text = "\n".join([*_facts(backup, settings), "", *loss, *doubts, ""])
    confirm(f"{text}To overwrite the server, type its {noun} ({expected}): ", expected)


def confirm_ground(server: Server, arguments: argparse.Namespace) -> None:
    """Ask once more before this machine itself is overwritten; raise `CommandError` if that isn't confirmed."""
    likeness = this_machine(os.environ).likeness(server)
    if not likeness or (arguments.yes and arguments.this_machine):
        return
    warning = f"{server.word} is the machine you are standing on: {likeness}."
    if arguments.yes or not can_ask(arguments):
        raise CommandError(f"not confirmed: {warning} It needs --yes --this-machine; nothing was changed", Exit.REFUSED)
    confirm(f"{warning} Your way in may be gone.\nTo go on, type `{GROUND_TO_TYPE}`: ", GROUND_TO_TYPE)


def bared_servers(backups: Sequence[Backup], fleet: Fleet, history: Sequence[Operation]) -> dict[object, str]:
    """Return id and word of each server that would have no completed backup left without `backups`.

    Nobody knows whether those stay that a delete of the `history` may take.
    """
    asked_for = {backup.id for backup in backups}
    return {
        backup.server_id: backup.server_word
        for backup in backups
        if backup.is_completed
        and not fleet.completed_without(backup.server_id, asked_for | leaving(history, backup.server_id))
    }


def _must_ask(arguments: argparse.Namespace, what: str) -> None:
    if not can_ask(arguments):
        raise CommandError(
            f"not confirmed: {what} needs --yes where nobody can be asked; nothing was changed", Exit.REFUSED
        )


def _facts(backup: Backup, settings: Settings) -> list[str]:
    """Return what a backup is and whose, a line a fact."""
    facts = [
        ("Account", f"{settings.account} · {_host(settings)}"),
        ("Backup", " · ".join([str(backup.id), backup.type or NOTHING, backup.status, size_text(backup.size_mb)])),
        ("Server", f"{backup.server_name or '(no name)'} · id {backup.server_id}"),
        ("Created", f"{_moment(backup)} · {age_phrase(backup.created, time.time())}"),
    ]
    if backup.description:
        facts.append(("Description", backup.description))
    if hides_characters(backup):
        facts.append(("Beware", "it contains hidden characters"))
    if has_mixed_scripts(backup.server_name):
        facts.append(("Beware", f"mixed scripts; in ASCII the server is {ascii_form(backup.server_name)}"))
    return [f"{label:<13}{text}" for label, text in facts]


def _many_facts(backups: Sequence[Backup], settings: Settings) -> list[str]:
    """Return a line for each of several backups."""
    lines = [f"{'Account':<13}{settings.account} · {_host(settings)}"]
    for backup in backups[:_MOST_SHOWN]:
        what = " · ".join([str(backup.id), backup.type or NOTHING, backup.status, size_text(backup.size_mb)])
        lines.append(f"{'Backup':<13}{what} · {_moment(backup)} · {backup.server_label} (id {backup.server_id})")
    if len(backups) > _MOST_SHOWN:
        lines.append(f"{'':<13}and {len(backups) - _MOST_SHOWN} more")
    return lines


def _restore_loss(backup: Backup, fleet: Fleet) -> list[str]:
    """Return what a restore destroys, the main thing first."""
    if backup.created is None:
        since = "since this backup was made"
    else:
        since = f"since {_moment(backup)} ({long_span_text(time.time() - backup.created)})"
    newer = fleet.newer_restore_points(backup)
    points = f"{newer:,} newer restore {'point' if newer == 1 else 'points'}" if newer else "no newer restore point"
    return [f"Everything on {backup.server_word} {since} is overwritten.", f"The server has {points}."]


def _moment(backup: Backup) -> str:
    return _exactly(backup.created)


def _exactly(moment: float | None) -> str:
    return NOTHING if moment is None else f"{exact_text(moment)} UTC"


def _host(settings: Settings) -> str:
    return settings.origin.partition("://")[2]
