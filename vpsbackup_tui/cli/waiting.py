"""How what was started ends at the service, where somebody waits for that (`--wait`)."""

import argparse

import msgspec

from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.cli.exits import Exit
from vpsbackup_tui.cli.output import note, say
from vpsbackup_tui.cli.progress import Progress
from vpsbackup_tui.cli.telling import Telling
from vpsbackup_tui.cli.verdicts import code_of_all
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.operations.follow import BackupWatched, RestoreWatched, follow_backup, follow_restore
from vpsbackup_tui.operations.operation import Action, Operation
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError


def conclude(work: Work, told: Telling, operation: Operation, arguments: argparse.Namespace) -> Exit:
    """Print how a create or restore ended, after waiting for the service where that was asked for."""
    code = code_of_all(operation, work.session.operations.recent)
    if not arguments.wait or code is not Exit.DONE:
        told.tell(operation)
        return code
    if not arguments.json:
        told.tell(operation)
    settled = operation
    try:
        code, settled = work.run(_follow(work.session, operation))
    except SignalledError as ended:
        raise SignalledError(ended.number, "what was started goes on at the service") from ended
    finally:  # whoever stops waiting still learns what was started
        if arguments.json:
            told.tell(settled)
    if code is not Exit.DONE:
        note(settled.message)
    elif not arguments.json:
        say(settled.message)
    return code


async def _follow(session: Session, operation: Operation) -> tuple[Exit, Operation]:
    """Return how what a change has started ended at the service, and the change with that in its message."""
    async with Progress(f"waiting for the service: {operation.message}"):
        try:
            if operation.action is Action.CREATE and operation.backup is not None:
                return _backup_ended(operation, await follow_backup(session.service, operation.backup))
            return _restore_ended(operation, await follow_restore(session.service, operation.server_id))
        except ServiceError as error:
            words = f"{operation.message} It can't be followed any further: {error.message}"
            return Exit.UNKNOWN, msgspec.structs.replace(operation, message=words)


def _restore_ended(operation: Operation, watched: RestoreWatched) -> tuple[Exit, Operation]:
    """Return 0 for a restore that was seen to end only: of any other its outcome is not known."""
    name, server = operation.server_word, watched.server
    if server is None:
        code, words = Exit.UNKNOWN, f"{name} isn't listed, so the restore can't be followed."
    elif watched.seen:
        code = Exit.DONE
        words = f"The service no longer reports a restore of {name} (its status: {server.status_word})."
    else:
        code = Exit.UNKNOWN
        words = f"The service has reported no restore of {name} so far (its status: {server.status_word}); look there."
    return code, msgspec.structs.replace(operation, message=words)


def _backup_ended(operation: Operation, watched: BackupWatched) -> tuple[Exit, Operation]:
    backup = watched.backup
    if backup is None and not watched.seen:
        words = f"{operation.message} It has not shown up in the list so far."
        return Exit.UNKNOWN, msgspec.structs.replace(operation, message=words)
    if backup is None:
        words = f"The new backup of {operation.server_word} has left the list before it was completed."
        return Exit.FAILED, msgspec.structs.replace(operation, message=words)
    words = f"Backup {backup.id} of {operation.server_word} is {backup.status_word}."
    code = Exit.DONE if backup.is_completed else Exit.FAILED
    return code, msgspec.structs.replace(operation, backup=backup, message=words)
