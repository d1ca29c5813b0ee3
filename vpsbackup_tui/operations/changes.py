"""The three changes: what each may touch, what it sends, and what proves that it was made."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from vpsbackup_tui.api.client import Listing
from vpsbackup_tui.api.errors import NotFoundError, ServiceError
from vpsbackup_tui.fleet.formats import exact_text
from vpsbackup_tui.fleet.models import Backup, Id, server_word
from vpsbackup_tui.operations import rules
from vpsbackup_tui.operations.operation import Action, Moment, Operation, Outcome
from vpsbackup_tui.operations.rules import Finding
from vpsbackup_tui.operations.under_restore import under_restore
from vpsbackup_tui.text import quoted


class BackupService(Protocol):
    """What a change needs of the service; every method raises `ServiceError`."""

    async def list_backups(self, *, server_id: Id | None = None) -> Listing[Backup]:
        """Return the backups of a server."""
        ...

    async def create_backup(self, server_id: Id, description: str) -> Backup:
        """Ask for a backup, once."""
        ...

    async def delete_backup(self, backup_id: Id) -> None:
        """Ask for a deletion, once."""
        ...

    async def restore_server(self, server_id: Id, backup_id: Id) -> str:
        """Ask for a restore, once; return the service's words."""
        ...


class Evidence(NamedTuple):
    """What may prove what became of a change whose request, by ending in `error`, proved nothing.

    `operation_id` is that of the change, `known` are the ids of the backups of its server that were listed before
    anything was sent, `looks` the server's lists since, `others` the other changes that are remembered;
    `same_account` tells whether the lists are known to be of the account that the change was sent to.
    """

    operation_id: str
    known: Collection[Id]
    looks: Sequence[Sequence[Backup]]
    error: ServiceError
    others: Sequence[Operation]
    same_account: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ABC):
    """What the engine asks of a change at each step; only `send` does anything.

    Server, backup and description are those that the operator confirmed; `reason` is
    why, in their words, and stays here. `copies_first` asks for a backup of the server's
    present state before anything is sent; `part_of` is the id of the change before which
    such a backup is made.
    """

    action: ClassVar[Action]
    shows_in_lists: ClassVar[bool] = True
    """Whether lists of backups can show that the change was made."""

    server_id: Id
    server_name: str
    backup: Backup | None = None
    description: str = ""
    copies_first: bool = False
    part_of: str = ""
    reason: str = ""

    @property
    def server_word(self) -> str:
        """Return what to call the server in a sentence."""
        return server_word(self.server_id, self.server_name)

    def conflict(self, operation: Operation, others: Iterable[Operation]) -> str | None:
        """Return which other change forbids to begin this one as `operation`; None if none does."""
        return rules.conflict(operation, [other for other in others if not self.overlooks(other)])

    def overlooks(self, other: Operation) -> bool:
        """Tell whether the operator has decided on this change in spite of another one."""
        return False

    @abstractmethod
    def objection(self, baseline: Sequence[Backup], others: Sequence[Operation], now: Moment) -> str | None:
        """Return why the server's fresh list, or what others did there until `now`, forbids the change; None if not."""

    @abstractmethod
    async def send(self, service: BackupService) -> Finding:
        """Send the change, once, and return what the answer proves; raise `ServiceError`."""

    def outcome_of(self, error: ServiceError) -> Outcome:
        """Return what a failed `send` proves."""
        return rules.outcome_of(error)

    @abstractmethod
    def settle(self, evidence: Evidence) -> Finding:
        """Return what is proved of a change whose request proved nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Change):
    """Make a manual backup of a server."""

    action: ClassVar[Action] = Action.CREATE

    def objection(self, baseline: Sequence[Backup], others: Sequence[Operation], now: Moment) -> str | None:
        """Return None: a new backup harms nothing."""
        return None

    async def send(self, service: BackupService) -> Finding:
        """Ask for the backup."""
        made = await service.create_backup(self.server_id, self.description)
        return Finding(Outcome.DONE, f"Backup {made.id} of {self.server_word} is being made.", made)

    def settle(self, evidence: Evidence) -> Finding:
        """Look for a matching new backup."""
        not_its_own = {*evidence.known, *rules.made_by(evidence.others, self.server_id)}
        return rules.settle_create(
            not_its_own,
            evidence.looks,
            self.description,
            is_marked=rules.is_marked(self.description, evidence.operation_id),
            is_contested=rules.contested(self.server_id, self.description, evidence.others),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Change):
    """Delete a backup.

    `last_confirmed` tells that the operator knows that it may be its server's last
    completed one; `despite` are the ids of the restores that may still read it: the
    operator was told of them, and goes on.
    """

    action: ClassVar[Action] = Action.DELETE
    backup: Backup
    last_confirmed: bool = False
    despite: Collection[str] = ()

    def overlooks(self, other: Operation) -> bool:
        """Tell whether this is a restore of unknown outcome, in spite of which the operator wants this."""
        return other.id in self.despite and other.is_undecidable

    def objection(self, baseline: Sequence[Backup], others: Sequence[Operation], now: Moment) -> str | None:
        """Return why this backup must not be deleted any more."""
        objection = rules.objection(Action.DELETE, self.backup, baseline, last_confirmed=self.last_confirmed)
        restore = under_restore(self.backup, None, others, now)
        if objection or restore is None or restore.ids <= {*self.despite}:
            return objection
        started = restore.started_at(f"{exact_text(restore.since)} UTC")
        return f"a {started}; confirm that, if you mean it"

    async def send(self, service: BackupService) -> Finding:
        """Ask for the deletion."""
        await service.delete_backup(rules.sound_id(self.backup))
        return Finding(Outcome.DONE, f"Backup {self.backup.id} of {self.server_word} is deleted.")

    def outcome_of(self, error: ServiceError) -> Outcome:
        """Return what a failed deletion proves: "not found" may mean "already gone", which a list must confirm."""
        return Outcome.UNKNOWN if isinstance(error, NotFoundError) else rules.outcome_of(error)

    def settle(self, evidence: Evidence) -> Finding:
        """Look whether the backup has gone."""
        _, known, looks, error, _, same_account = evidence
        return rules.settle_delete(rules.sound_id(self.backup), known, looks, error, same_account=same_account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Change):
    """Overwrite a server with one of its backups.

    `despite` are the ids of the restores of unknown outcome in spite of which the operator,
    who has looked at the server, wants this one: of any other they know nothing.
    """

    action: ClassVar[Action] = Action.RESTORE
    shows_in_lists: ClassVar[bool] = False
    backup: Backup
    despite: Collection[str] = ()

    def overlooks(self, other: Operation) -> bool:
        """Tell whether this is another restore of the server, of which nobody will know more than who has looked."""
        return other.id in self.despite and other.is_undecidable

    def objection(self, baseline: Sequence[Backup], others: Sequence[Operation], now: Moment) -> str | None:
        """Return why this backup can't be restored from any more."""
        return rules.objection(Action.RESTORE, self.backup, baseline)

    async def send(self, service: BackupService) -> Finding:
        """Ask for the restore."""
        words = await service.restore_server(self.server_id, rules.sound_id(self.backup))
        said = f" The service says: {quoted(words)}" if words else ""
        return Finding(Outcome.DONE, f"{self.server_word} is being restored from backup {self.backup.id}.{said}")

    def settle(self, evidence: Evidence) -> Finding:
        """Return that no list can tell."""
        words = f"look at it before anything else, as no list can show whether backup {self.backup.id} was restored"
        return Finding(Outcome.UNKNOWN, words)


def change_of(operation: Operation) -> Change:
    """Return the change that an operation was begun for; raise `ValueError` where it names no backup but must."""
    match operation.action, operation.backup:
        case Action.CREATE, _:
            return Create(
                server_id=operation.server_id,
                server_name=operation.server_name,
                description=operation.description,
            )
        case Action.DELETE, Backup() as backup:
            return Delete(server_id=operation.server_id, server_name=operation.server_name, backup=backup)
        case Action.RESTORE, Backup() as backup:
            return Restore(server_id=operation.server_id, server_name=operation.server_name, backup=backup)
    raise ValueError(f"a {operation.action} without a backup")
