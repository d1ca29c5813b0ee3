"""The verbs `create`, `delete` and `restore`: ask, carry out, say exactly what became of it."""

import argparse
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import msgspec

from vpsbackup_tui.cli.connecting import connected, tell_notice
from vpsbackup_tui.cli.exits import CommandError, Exit, gravest
from vpsbackup_tui.cli.output import note
from vpsbackup_tui.cli.progress import Progress
from vpsbackup_tui.cli.questions import bared_servers, confirm_delete, confirm_ground, confirm_restore
from vpsbackup_tui.cli.reading import as_given, find_server, read_backups, read_servers, servers_by_id
from vpsbackup_tui.cli.restores import restores_from
from vpsbackup_tui.cli.telling import Telling, telling
from vpsbackup_tui.cli.verdicts import code_of_operation
from vpsbackup_tui.cli.waiting import conclude
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import MOST_OF_A_DESCRIPTION, MOST_OF_A_REASON, Backup, Server
from vpsbackup_tui.operations import rules
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome, in_doubt
from vpsbackup_tui.operations.under_restore import may_still_run
from vpsbackup_tui.operations.way_back import NoWayBackError, way_back
from vpsbackup_tui.secret import holds_token
from vpsbackup_tui.session import Session
from vpsbackup_tui.start.signals import SignalledError
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.text import clean

# After one of these the next change might meet the same trouble, or make it worse.
_STOPPING = frozenset({Exit.UNKNOWN, Exit.UNREACHABLE, Exit.NO_TOKEN})
_LOOKED = "Once you have looked, --again restores it all the same."


def create(arguments: argparse.Namespace) -> int:
    """Make a backup of a server."""
    _check_words("a description", arguments.description, MOST_OF_A_DESCRIPTION)
    with telling(Action.CREATE, arguments) as told, connected(arguments) as work:
        session = work.session
        _check_words("a description", arguments.description, MOST_OF_A_DESCRIPTION)  # now that the token is known
        work.run(session.learn_account())
        server = work.run(find_server(session, arguments.server))
        if rules.may_repeat(server.id, arguments.description, work.run(_history(session))):
            note(f"it is not known what became of the last equal backup of {server.word}: this may be another one")
        operation = _carried_out(work, told, partial(session.operations.create, server, arguments.description))
        return conclude(work, told, operation, arguments)


def delete(arguments: argparse.Namespace) -> int:
    """Delete backups one after the other."""
    _check_words("a reason", arguments.reason, MOST_OF_A_REASON)
    with telling(Action.DELETE, arguments) as told, connected(arguments) as work:
        session = work.session
        _check_words("a reason", arguments.reason, MOST_OF_A_REASON)  # now that the token is known
        work.run(session.learn_account())
        fleet = work.run(_read_fleet(session))
        backups = [_named(fleet, wanted, Action.DELETE) for wanted in dict.fromkeys(arguments.ids)]
        history = work.run(_history(session))
        bared = bared_servers(backups, fleet, history)
        restores = work.run(restores_from(session, backups, history))
        if not session.why_read_only:  # the operations refuse it, without a question before
            confirm_delete(backups, session.settings, arguments, bared=bared, restores=[*restores.values()])
            if any(each.is_gone for each in restores.values()):  # its server may be listed again meanwhile
                restores = work.run(restores_from(session, backups, history))
        codes: list[Exit] = []
        for backup in backups:
            change = partial(
                session.operations.delete,
                backup,
                last_confirmed=backup.server_id in bared,
                despite=restores[backup.id].ids if backup.id in restores else (),
                reason=arguments.reason,
            )
            try:
                operation = _carried_out(work, told, change)
            except SignalledError as ended:
                raise SignalledError(ended.number, _nothing_sent(backups[told.begun :])) from ended
            codes.append(code_of_operation(operation))
            told.tell(operation)
            if codes[-1] in _STOPPING and len(codes) < len(backups):
                note(f"stopped here; {_nothing_sent(backups[told.begun :])}")
                break
        return gravest(codes)


def restore(arguments: argparse.Namespace) -> int:
    """Overwrite a server with one of its backups."""
    with telling(Action.RESTORE, arguments) as told, connected(arguments) as work:
        session = work.session
        work.run(session.learn_account())
        fleet = work.run(_read_fleet(session))
        wanted = arguments.id if arguments.undo is None else _way_back(work, fleet, arguments.undo)
        backup = _named(fleet, wanted, Action.RESTORE)
        history = work.run(_history(session))
        unknown = in_doubt(history, backup.server_id)
        if unknown and not (arguments.again or session.why_read_only):
            raise _in_doubt_error(session, backup, [each for each in history if each.id in unknown])
        if not session.why_read_only:  # the operations refuse it, without a question before
            now = Moment.now()
            doubts = (may_still_run(backup.server_id, history, now), rules.delete_in_doubt(backup, history))
            confirm_restore(backup, fleet, session.settings, arguments, doubts=[*filter(None, doubts)])
            confirm_ground(work.run(_server_of(session, backup)), arguments)
        despite = unknown if arguments.again else ()
        change = partial(session.operations.restore, backup, safely=arguments.safe, despite=despite)
        operation = _naming_again(_carried_out(work, told, change), session.operations.recent)
        return conclude(work, told, operation, arguments)


def _nothing_sent(backups: Sequence[Backup]) -> str:
    """Return what to say of backups whose delete was not begun; empty where there is none."""
    return f"nothing was sent for {', '.join(str(each.id) for each in backups)}" if backups else ""


def _check_words(what: str, words: str, most: int) -> None:
    """Refuse what can't be kept exactly as typed and shown as one line."""
    if len(words) > most:
        raise CommandError(f"{what} has at most {most} characters", Exit.USAGE)
    if holds_token(words):
        raise CommandError(f"{what} must not hold a token: it is kept, and others can read it", Exit.USAGE)
    if clean(words) != words:
        raise CommandError(f"{what} can't hold line breaks, control or invisible characters", Exit.USAGE)


async def _read_fleet(session: Session) -> Fleet:
    """Return the backups of all servers, all of them; raise `CommandError` where they can't all be had."""
    listing = await read_backups(session)
    if not listing.complete:
        raise CommandError("the service did not send the whole list of backups, so nothing was sent", Exit.UNREACHABLE)
    return Fleet(listing.items, total=listing.total)


def _named(fleet: Fleet, wanted: str, action: Action) -> Backup:
    """Return the backup with this id; raise `CommandError` where there is none, or it must not be touched."""
    row = next((row for row, known in enumerate(fleet.backups.ids) if known is not None and str(known) == wanted), None)
    if row is None:
        raise CommandError(f"nothing was sent: there is no backup {as_given(wanted)}", Exit.REFUSED)
    found = fleet.backups[row]
    listed = fleet.of_server(found.server_id)
    objection = rules.objection(action, found, listed, last_confirmed=True)
    if objection:
        raise CommandError(f"nothing was sent: backup {found.id}: {objection}", Exit.REFUSED)
    return found


def _way_back(work: Work, fleet: Fleet, server: str) -> str:
    """Return the id of the backup that undoes a server's last restore, and say what it is."""
    try:
        server_id = work.run(find_server(work.session, server)).id
        back = way_back(work.run(work.session.history()), fleet, server_id)
    except NoWayBackError as error:
        raise CommandError(f"nothing was sent: {error.message}", Exit.REFUSED) from error
    except JournalError as error:
        raise CommandError(f"nothing was sent: {error.message}", Exit.FAILED) from error
    note(back.words)
    return str(back.copy.id)


async def _history(session: Session) -> list[Operation]:
    """Return every change that is remembered; none where the journal can't be read, as the change itself will say."""
    try:
        return await session.history()
    except JournalError:
        return []


async def _server_of(session: Session, backup: Backup) -> Server:
    """Return the server of a backup with all that is known of it; its id and name where servers can't be listed.

    Raises `CommandError` where they can, and it isn't there.
    """
    servers = await read_servers(session)
    found = servers_by_id(servers).get(str(backup.server_id))
    if found is None and servers is not None and servers.complete:
        words = f"{backup.server_word} isn't listed any more, so it can't be restored"
        raise CommandError(f"nothing was sent: {words}", Exit.REFUSED)
    return found or Server(id=backup.server_id or "", name=backup.server_name, listed=False)


def _in_doubt_error(session: Session, backup: Backup, unknown: Sequence[Operation]) -> CommandError:
    """Return why a server is not restored of which it is not known what it holds: nobody is asked about it first."""
    server_id = backup.server_id or ""
    wanted = Operation(id="", action=Action.RESTORE, server_id=server_id, backup=backup, who=session.who(), at=0.0)
    return CommandError(f"nothing was sent: {rules.conflict(wanted, unknown)}. {_LOOKED}", Exit.REFUSED)


def _naming_again(restore: Operation, others: Sequence[Operation]) -> Operation:
    """Return a restore; one that was refused for another whose outcome is not known tells which option goes on."""
    why = rules.conflict(restore, [each for each in others if each.is_undecidable])
    if restore.outcome is not Outcome.REFUSED or why is None or why not in restore.message:
        return restore
    return msgspec.structs.replace(restore, message=f"{restore.message} {_LOOKED}")


def _carried_out(work: Work, told: Telling, begin: Callable[[], Coroutine[Any, Any, Operation]]) -> Operation:
    """Return how the change ended that `begin` begins."""
    operations = work.session.operations
    told.begin(operations)
    operation = work.run(_watched(work.session, begin, told.take))
    tell_notice(work.session, to_who_changes=operations.is_refused_for_loss(operation))
    return operation


async def _watched(
    session: Session, begin: Callable[[], Coroutine[Any, Any, Operation]], take: Callable[[Operation], object]
) -> Operation:
    """Return how a change ended, showing meanwhile how far it has come; `take` is told of each step."""
    async with Progress("…") as progress:

        def tell(operation: Operation) -> None:
            take(operation)
            progress.words = f"{operation.action} {operation.server_word}: {operation.message}"

        session.on_operation = tell
        return await begin()
