"""What may be changed, what an answer proves, and what a list proves: decisions without I/O.

Three questions are answered in here, for every change; what only one of them asks
besides stands with it (`changes`, `under_restore`):

- before anything is sent: does another change forbid it (`conflict`), and does the
  fresh list still allow what was confirmed (`objection`)?
- after the request: what does its end prove (`answered`, `outcome_of`)?
- where it proves nothing: what do complete lists prove (`settle_create`, `settle_delete`)?

Decisions rest on ids, never on clocks.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from vpsbackup_tui.api.errors import (
    NotFoundError,
    NotSentError,
    RefusedError,
    ServiceError,
    UnusableAnswerError,
)
from vpsbackup_tui.fleet.models import MANUAL, MOST_OF_A_DESCRIPTION, Backup, Id
from vpsbackup_tui.operations.operation import Action, Operation, Outcome

_MARK = re.compile(r" ?\[vb-[0-9a-f]{8}\]$")


class Finding(NamedTuple):
    """What is proved of a change, and the words for it; `backup` is the one that was made."""

    outcome: Outcome
    message: str
    backup: Backup | None = None


_NOT_SEEN_YET = Finding(Outcome.UNKNOWN, "no list could be read since")


def outcome_of(error: ServiceError) -> Outcome:
    """Return what a failed request proves: only a refusal and an unsent request prove that nothing was done."""
    if isinstance(error, NotSentError):
        return Outcome.NOT_SENT
    if isinstance(error, RefusedError):
        return Outcome.REFUSED
    return Outcome.UNKNOWN


def answered(finding: Finding, known: Collection[Id]) -> Finding:
    """Return what an answer proves; raise `UnusableAnswerError` where what it names can't be what was made.

    A proxy may repeat an older answer, and a service may name a backup that it has
    already: one in `known` from before, or one that the service has made by itself. What
    is neither being made nor completed was not begun. Its description proves nothing: a
    service may put it in another form, or have one of its own.
    """
    made = finding.backup
    if made is None:
        return finding
    if str(made.id) in {str(each) for each in known}:
        raise UnusableAnswerError(f"The answer names backup {made.id}, which was there before.")
    if not _is_manual(made):
        raise UnusableAnswerError(f"The answer names backup {made.id}, which is no manual one.")
    if made.status and not (made.is_busy or made.is_completed):
        raise UnusableAnswerError(f"The answer names backup {made.id}, which is {made.status_word}.")
    return finding


def conflict(wanted: Operation, others: Iterable[Operation]) -> str | None:
    """Return which other change that isn't settled forbids to begin this one; None if none does.

    A backup that is part of a restore is not forbidden by that one.
    """
    for other in others:
        is_same_server = str(other.server_id) == str(wanted.server_id)
        if not is_same_server or not other.is_open or other.id == wanted.part_of:
            continue
        if other.outcome is Outcome.RUNNING and Action.RESTORE in (other.action, wanted.action):
            return f"a {other.action} on {other.server_word} is still under way{_whose(other, wanted)}"
        same_target = _target(other) == _target(wanted)
        if other.outcome is Outcome.RUNNING and other.action is wanted.action and same_target:
            return f"the same {other.action} is still under way{_whose(other, wanted)}"
        if other.action is Action.RESTORE and wanted.action is Action.DELETE and same_target:
            unknown = f"it is not known whether {other.server_word} is being restored from this backup"
            return f"{unknown}{_whose(other, wanted)}: look at the server; once it was restored again, that is settled"
        if other.action is Action.RESTORE is wanted.action:
            return (
                f"it is not known what became of the last restore of {other.server_word}{_whose(other, wanted)}:"
                " look at the server before anything else"
            )
    return None


def _whose(other: Operation, wanted: Operation) -> str:
    """Return the account under whose name another change was begun, where that is not the one of this change."""
    if other.who is None or wanted.who is None or other.who.account == wanted.who.account:
        return ""
    return f" (account {other.who.account})"


def leaving(others: Iterable[Operation], server_id: Id | None) -> set[Id | None]:
    """Return the ids of a server's backups that others may be deleting, or have deleted: lists may show them yet."""
    return {
        other.backup.id
        for other in others
        if other.action is Action.DELETE and other.backup and (other.is_open or other.outcome is Outcome.DONE)
        if str(other.server_id) == str(server_id)
    }


def delete_in_doubt(backup: Backup, others: Iterable[Operation]) -> str:
    """Return what to say before a backup is restored from that a delete has taken, or may; empty where none has."""
    known = [*others]
    if backup.id in leaving([each for each in known if each.outcome is Outcome.DONE], backup.server_id):
        return f"Backup {backup.id} was deleted: the service's list may only lag behind."
    if backup.id in leaving([each for each in known if each.outcome is Outcome.UNKNOWN], backup.server_id):
        return f"It is not known what became of a delete of backup {backup.id}: it may go in the middle of this."
    return ""


def objection(
    action: Action, confirmed: Backup, fresh: Sequence[Backup], *, last_confirmed: bool = False
) -> str | None:
    """Return why `confirmed` must not be deleted or restored from, judged by its server's fresh list; None if it may.

    `last_confirmed` tells that the operator knows that what is deleted is the server's last completed backup.
    """
    if confirmed.id is None or confirmed.unreadable:
        return "its record can't be read"
    if confirmed.server_id is None:
        return "its record names no server"
    found = next((backup for backup in fresh if backup.id == confirmed.id), None)
    if found is None:
        return f"backup {confirmed.id} is gone: the service no longer lists it"
    changed = difference(confirmed, found)
    if changed:
        return f"backup {confirmed.id} is not what you confirmed: {changed}"
    if action is Action.RESTORE:
        return None if found.is_completed else "only a completed backup can be restored from"
    if found.is_busy:
        return "it is still being made"
    last = found.is_completed and not any(each.is_completed and each.id not in (None, found.id) for each in fresh)
    if last and not last_confirmed:
        return "it has become the last completed backup of its server; confirm that, if you mean it"
    return None


def sound_id(backup: Backup) -> Id:
    """Return the id of a backup that can be acted on; raise `ValueError` for an unreadable one."""
    if backup.id is None or backup.unreadable:
        raise ValueError("an unreadable backup can't be acted on")
    return backup.id


def difference(confirmed: Backup, found: Backup) -> str | None:
    """Return in words where a record differs from the one that was confirmed; None where it doesn't."""
    pairs = (
        ("its server", confirmed.server_id, found.server_id),
        ("its time of creation", confirmed.created_at, found.created_at),
        ("its type", confirmed.type, found.type),
        ("its status", confirmed.status, found.status),
    )
    for what, before, after in pairs:
        if before != after:
            return f"{what} was {before} and is {after}"
    return None


def made_by(others: Iterable[Operation], server_id: Id) -> set[Id]:
    """Return the ids of the backups that other creates have made of a server: they prove nothing of any other one."""
    done = [other for other in others if other.action is Action.CREATE and other.outcome is Outcome.DONE]
    made = [other.backup for other in done if str(other.server_id) == str(server_id)]
    return {backup.id for backup in made if backup is not None and backup.id is not None}


def marked(description: str, operation_id: str) -> str:
    """Return a description with the mark of a create at its end, where it has room: its id makes it one of a kind."""
    with_mark = f"{description} {_mark_of(operation_id)}".lstrip()
    return with_mark if len(with_mark) <= MOST_OF_A_DESCRIPTION else description


def is_marked(description: str, operation_id: str) -> bool:
    """Tell whether a description ends in the mark of this very create, and not in another one that was typed."""
    return description.endswith(_mark_of(operation_id))


def unmarked(description: str) -> str:
    """Return a description without the mark at its end, if it has one."""
    return _MARK.sub("", description)


def may_repeat(server_id: Id, description: str, others: Iterable[Operation]) -> bool:
    """Tell whether a create is the same, but for its mark, as another one whose outcome isn't known."""
    wanted = (str(server_id), unmarked(description))
    return any(
        other.action is Action.CREATE
        and other.outcome is Outcome.UNKNOWN
        and (str(other.server_id), unmarked(other.description)) == wanted
        for other in others
    )


def _mark_of(operation_id: str) -> str:
    return f"[vb-{operation_id.removeprefix('op-')}]"


def contested(server_id: Id, description: str, others: Iterable[Operation]) -> bool:
    """Tell whether another create of the same, whose outcome isn't known, may have made what is found."""
    return any(
        other.action is Action.CREATE
        and other.is_open
        and (str(other.server_id), other.description) == (str(server_id), description)
        for other in others
    )


def settle_create(
    known: Collection[Id],
    looks: Sequence[Sequence[Backup]],
    description: str,
    *,
    is_marked: bool = False,
    is_contested: bool = False,
) -> Finding:
    """Decide what became of a create from its server's lists since.

    `known` are the ids that it can't have made: those listed before it was sent, and those
    that another one has made. Where it `is_contested`, what is found may be another one's.
    Without an idempotency key in the service nobody can tell whose new backup it is, so
    the words never claim it, unless its description `is_marked` as that of this create.
    """
    if not looks:
        return _NOT_SEEN_YET
    new = [each for each in looks[-1] if each.id not in {None, *known} and _is_manual(each)]
    matching = [each for each in new if sent_description(each) == description]
    if len(matching) == 1 and is_contested:
        words = f"a matching new backup has appeared, {matching[0].id}, but another create may have made it"
        return Finding(Outcome.UNKNOWN, words)
    if len(matching) == 1:
        found = matching[0]
        words = f"the list now shows a matching new backup, {found.id}"
        words += "" if is_marked else " (it could also be somebody else's)"
        return Finding(Outcome.DONE, f"{words}; it is {found.status_word}" if found.is_failed else words, found)
    if matching:
        ids = ", ".join(str(each.id) for each in matching)
        return Finding(Outcome.UNKNOWN, f"several matching new backups have appeared: {ids}; one of them may be yours")
    if new:
        ids = ", ".join(str(each.id) for each in new)
        return Finding(Outcome.UNKNOWN, f"new backups of another description have appeared: {ids}; one may be yours")
    return Finding(Outcome.UNKNOWN, "no new backup has shown up so far; it still may")


def settle_delete(
    backup_id: Id,
    known: Collection[Id],
    looks: Sequence[Sequence[Backup]],
    error: ServiceError,
    *,
    same_account: bool = True,
) -> Finding:
    """Decide what became of a delete from its server's lists since, each at least 1 s after the one before.

    `known` are the ids listed before it was sent. One list may miss a row that fell
    between two of its pages, so that only two lists in a row prove that the backup is
    gone, also where the service says "not found". A list in which none of the server's
    other backups is seen any more proves nothing: another token may see another account.
    Of a server that had no other, only a list that is known to be of the `same_account`
    does. Nor does one prove it with a row that has no id: that may be this backup's.
    """
    if not looks:
        return _NOT_SEEN_YET
    listed = [any(each.id == backup_id for each in look) for look in looks]
    if len(listed) > 1 and not any(listed[-2:]):
        if any(each.id is None for look in looks[-2:] for each in look):
            return Finding(Outcome.UNKNOWN, "the service no longer lists it, but lists a backup without an id")
        if not _vouched_for(backup_id, known, looks[-1], same_account=same_account):
            return Finding(Outcome.UNKNOWN, "the service no longer lists it, nor anything else that it listed before")
        words = "the service no longer lists it"
        return Finding(Outcome.DONE, f"{words}, whoever deleted it" if isinstance(error, NotFoundError) else words)
    if listed[-1]:
        return Finding(Outcome.UNKNOWN, "it is still listed; it may still go, and you may try again")
    return Finding(Outcome.UNKNOWN, "it has just left the list; a second look is needed")


def _vouched_for(backup_id: Id, known: Collection[Id], look: Sequence[Backup], *, same_account: bool) -> bool:
    """Tell whether a list is of the account that a delete was sent to, as far as its other rows can tell."""
    others = {each for each in known if each != backup_id}
    if others:
        return any(each.id in others for each in look)
    return same_account


def _is_manual(backup: Backup) -> bool:
    """Tell whether somebody may have asked for a backup; a service may not say its type."""
    return backup.type in (MANUAL, "")


def _target(operation: Operation) -> Id | None:
    """Return the id of the backup that an open change is about; an open create is about none yet."""
    return operation.backup.id if operation.backup else None


def sent_description(backup: Backup) -> object:
    """Return the description as the service holds it, not as it is shown."""
    return (backup.raw or {}).get("description", backup.description) or ""
