"""The screen on which backups are made, restored and deleted: one story, one confirmation, one request each."""

import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vpsbackup_tui.api.errors import TokenRefusedError
from vpsbackup_tui.fleet.models import Backup, Id
from vpsbackup_tui.operations.operation import Action, Moment, Operation
from vpsbackup_tui.secret import Token
from vpsbackup_tui.ui.actions import CHANGES
from vpsbackup_tui.ui.countdown import Countdown
from vpsbackup_tui.ui.dialogs.facts import moment_text
from vpsbackup_tui.ui.filter_field import FilterField
from vpsbackup_tui.ui.telling_screen import TellingScreen

if TYPE_CHECKING:
    from vpsbackup_tui.operations.under_restore import UnderRestore
    from vpsbackup_tui.ui.restoring import Restoring

_MOMENT = 1.0  # seconds
_OF_A_BACKUP = frozenset({"backup.restore", "backup.delete", "copy"})


class ChangingScreen(TellingScreen):
    """Changes what an account holds; a change belongs to the engine and runs on, whatever becomes of its story."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._confirmed_at = float("-inf")

    @cached_property
    def restoring(self) -> "Restoring":
        """The restores of this screen."""
        from vpsbackup_tui.ui.restoring import Restoring  # noqa: PLC0415 - behind the first frame

        return Restoring(self, self._may_begin, self.finish)

    def why_not(self, action_id: str) -> str:
        """Return why an action can't run now; empty where it can."""
        if action_id in CHANGES and (reason := self._why_no_change()):
            return reason
        if action_id == "backup.create" and not self.fleet.servers:
            return "No server is known to make a backup of."
        if action_id in _OF_A_BACKUP and not self.shows_backups:
            return f"The backups are not on the screen: {self.key_of('move.backups')} shows them."
        if action_id in _OF_A_BACKUP:
            return self._why_not_with(action_id, self.table.cursor_backup)
        if action_id == "delete.undo" and not self.countdowns:
            return self._why_nothing_back()
        return super().why_not(action_id)

    async def begin(self, token: Token) -> None:
        """Take back what was confirmed with an earlier token and isn't sent yet; read the lists with this one."""
        self.countdowns.take_back_all()
        await super().begin(token)

    def ask_after_refusal(self, error: TokenRefusedError) -> None:
        """Ask for another token, once nothing counts down that the question would hide."""
        if not self.countdowns:
            super().ask_after_refusal(error)

    # The stories

    def action_create_backup(self) -> None:
        """Begin a new backup."""
        self.begin_story("backup.create", self._create_backup)

    def action_restore_server(self) -> None:
        """Begin a restore."""
        self._begin_story_of("backup.restore", self.restoring.restore)

    def action_undo_restore(self) -> None:
        """Begin the restore that undoes the last one: of the chosen server, of any where all are shown."""
        self.begin_story("restore.undo", self._undo_restore)

    def action_delete_backup(self) -> None:
        """Begin a deletion."""
        self._begin_story_of("backup.delete", self.delete_backup)

    def action_take_back(self) -> None:
        """Take back what was confirmed last of what counts down or waits for what must be known."""
        if reason := self.why_not("delete.undo"):
            self._say_why_not("delete.undo", reason)
        else:
            self.countdowns.take_back()

    @property
    def has_just_confirmed(self) -> bool:
        """Tell whether a delete was confirmed a moment ago, so that one more of that key means nothing."""
        return time.monotonic() < self._confirmed_at + _MOMENT

    async def _undo_restore(self) -> None:
        if not self.shows_all:
            key = self.key_of("refresh")
            self.say(f"Not all backups are known, so it is not known what to undo: {key} reads them again.", alarm=True)
            return
        server_id = self.query_shown.server_id  # that of this key press, whatever is chosen while the journal is read
        history = await self.history_for_key()
        if history.unread:
            self.say(f"The history can't be read, so it is not known what to undo: {history.unread}", alarm=True)
        elif not self.is_active:
            self.say("The last restore is not undone: another question was asked meanwhile.", lasting=True)
        else:
            await self._undo_last(history.changes, server_id)

    async def _undo_last(self, changes: Sequence[Operation], server_id: Id | None) -> None:
        """Restore a server, or any, from the copy that was made before its last restore."""
        from vpsbackup_tui.operations.way_back import (  # noqa: PLC0415 - behind the first frame
            NoWayBackError,
            way_back,
        )

        try:
            back = way_back(changes, self.fleet, server_id)
        except NoWayBackError as error:
            self.say(error.message, alarm=True)
            return
        if reason := self.why_not_of("backup.restore", back.copy):
            self.say(reason, alarm=True)
        else:
            await self.restoring.restore(back.copy, what_it_is=back.words)

    async def _create_backup(self) -> None:
        """Ask for the server and a description, and make the backup."""
        from vpsbackup_tui.ui.dialogs.create import CreateDialog  # noqa: PLC0415 - behind the first frame

        server = self.fleet.server(self.query_shown.server_id)
        changes = [each for each in self.session.operations.recent if each.is_open and each.action is Action.CREATE]
        running = {operation.server_id for operation in changes}
        running |= {backup.server_id for backup in self.fleet.busy_backups() if backup.server_id is not None}
        dialog = CreateDialog(self.fleet.servers, server, self.standpoint, running=running)
        answer = await self.app.push_screen_wait(dialog)
        if answer is None or not await self._may_begin(f"create a backup of {answer.server.word}"):
            self.say("No backup was made.")
            return
        self.finish(await self.session.operations.create(answer.server, answer.description))

    async def delete_backup(self, backup: Backup) -> None:
        """Ask, count down, and delete the backup."""
        from vpsbackup_tui.ui.dialogs.delete import (  # noqa: PLC0415 - behind the first frame
            KeyDeleteDialog,
            TypedDeleteDialog,
        )

        going = {backup.id, *self._going(backup.server_id), *self.countdowns.backup_ids}
        remaining = self.fleet.completed_without(backup.server_id, going)
        last = backup.is_completed and not remaining
        restore = self._restore_from(backup)
        question = TypedDeleteDialog if last or restore is not None else KeyDeleteDialog
        dialog = question(
            backup,
            self.standpoint,
            remaining=remaining,
            restore=restore.words(moment_text(restore.since, self.standpoint.zone)) if restore else "",
        )
        answer = await self.app.push_screen_wait(dialog)
        if answer is None:
            self.say("Nothing was deleted.")
            return
        self._confirmed_at = time.monotonic()
        if not await self._may_delete(backup):
            words = f"Taken back: backup {backup.id} of {backup.server_word} is not deleted."
            self.say(words, about=backup.id, lasting=True)
            self.ask_again_after_refusal()
        else:
            still = self._restore_from(backup)  # its server may be listed again meanwhile
            despite = restore.ids & still.ids if restore and still else frozenset()
            change = self.session.operations.delete(backup, last_confirmed=last, despite=despite, reason=answer.reason)
            self.finish(await change)

    def _going(self, server_id: Id | None) -> set[Id | None]:
        """Return the ids of a server's backups that deletes may take: of these nobody knows whether they stay."""
        from vpsbackup_tui.operations.rules import leaving  # noqa: PLC0415 - behind the first frame

        return leaving(self.session.operations.recent, server_id)

    def _restore_from(self, backup: Backup) -> "UnderRestore | None":
        """Return which restore may read a backup now, if any."""
        from vpsbackup_tui.operations.under_restore import under_restore  # noqa: PLC0415 - behind the first frame

        server, recent = self.fleet.server(backup.server_id), self.session.operations.recent
        is_gone = self.fleet.has_lost(backup.server_id)
        now = Moment.now()
        return under_restore(backup, server, recent, now, is_gone=is_gone)

    # How a story goes

    def begin_story(self, action_id: str, story: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin a story, or say why it can't be."""
        if reason := self.why_not(action_id):
            self._say_why_not(action_id, reason)
        else:
            self.run_story(story())

    def _begin_story_of(self, action_id: str, story: Callable[[Backup], Coroutine[Any, Any, None]]) -> None:
        """Begin a story of the backup that is under the cursor at this key press, whatever comes under it later."""
        backup = self.table.cursor_backup
        if (reason := self.why_not(action_id)) or backup is None:
            self._say_why_not(action_id, reason)
        else:
            self.run_story(story(backup))

    def _say_why_not(self, action_id: str, reason: str) -> None:
        self.say(reason, still=lambda: self.why_not(action_id) == reason)

    async def _may_delete(self, backup: Backup) -> bool:
        """Wait for the seconds in which a delete can be taken back, and for what the token may do.

        Tell whether it wasn't taken back.
        """
        deleting, server = f"Deleting backup {backup.id}", backup.server_word
        seconds = self.session.settings.delete_grace_seconds
        self.turns.forget(backup.id)  # that an earlier delete of it was taken back
        with self._can_be_taken_back(f"delete backup {backup.id} of {server}", backup.id) as countdown:
            return await countdown.run(
                seconds,
                lambda left: self._offer_back(countdown, f"{deleting} in {left} s, {self._takes_back}: {server}"),
            ) and await self._hears_of_rights(countdown)

    @contextmanager
    def _can_be_taken_back(self, what: str, backup_id: Id | None = None) -> Iterator[Countdown]:
        """Let a change be taken back, and say no more that it can be once it can't."""
        with self.countdowns.begin(what, backup_id) as countdown:
            try:
                yield countdown
            finally:
                self.turns.forget(countdown)

    async def _may_begin(self, what: str, look: Callable[[], Coroutine[Any, Any, None]] | None = None) -> bool:
        """Wait for what must be known before a change is sent, and for a look at what has changed, if one is wanted.

        Tell whether it wasn't taken back meanwhile.
        """
        words = f"{self.key_of('delete.undo')} takes back: {what} · not sent yet, reading once more what it does"
        with self._can_be_taken_back(what) as countdown:
            may_begin = await self._hears_of_rights(countdown)
            if may_begin and look is not None:
                may_begin = await countdown.until(look, lambda: self._offer_back(countdown, words))
        if not may_begin:
            self.ask_again_after_refusal()
        return may_begin

    async def _hears_of_rights(self, countdown: Countdown) -> bool:
        """Wait until it is known what the token may do, or can't be; tell whether the change wasn't taken back.

        Where it may only read, the change itself is refused for that.
        """
        if self.session.knows_account:
            return True
        key = self.key_of("delete.undo")
        words = f"{key} takes back: {countdown.what} · not sent yet, asking what this token may do"
        return await countdown.until(self.learn_account, lambda: self._offer_back(countdown, words))

    def _offer_back(self, countdown: Countdown, words: str) -> None:
        """Say what can be taken back, where that is what the key takes back: the last one of several."""
        if self.countdowns.is_next(countdown):
            if countdown.is_told:
                self.say_step(words, about=countdown)
            else:
                self.say(words, alarm=True, about=countdown)
            countdown.is_told = True
        self.count()

    @property
    def _takes_back(self) -> str:
        way_out = "esc, then " if isinstance(self.focused, FilterField) else ""  # it takes letters
        return f"{way_out}{self.key_of('delete.undo')} takes it back"

    def _what_forbids_delete(self, backup: Backup) -> str | None:
        """Return which change would forbid to delete a backup, so that nobody is asked first."""
        if not self.session.connected:
            return None
        recent = self.session.operations.recent
        if not recent:
            return None
        from vpsbackup_tui.operations.rules import conflict  # noqa: PLC0415 - behind the first frame

        server_id = "" if backup.server_id is None else backup.server_id
        delete = Operation(id="", action=Action.DELETE, server_id=server_id, backup=backup, at=0.0)
        forbids = conflict(delete, recent)
        if forbids and (asked_about := self._restore_from(backup)):
            return conflict(delete, [each for each in recent if each.id not in asked_about.ids])
        return forbids

    def _why_nothing_back(self) -> str:
        if not self.under_way:
            return "Nothing can be taken back: no change that was confirmed waits to be sent."
        return f"Too late to take back what is under way: {', '.join(each.what for each in self.under_way)}."

    def _why_no_change(self) -> str:
        if why := self.session.why_read_only:
            return f"Nothing can be changed: {why}."
        if not (self.session.connected or self.is_opening):
            return f"There is no token yet: {self.key_of('refresh')} asks for it."
        if self.is_too_small:
            return "The terminal is too small to change anything."
        return self.why_not_known

    def why_not_of(self, action_id: str, backup: Backup) -> str:
        """Return why a backup can't be changed now, wherever it was chosen; empty where it can."""
        return self._why_no_change() or self._why_not_with(action_id, backup)

    def _why_not_with(self, action_id: str, backup: Backup | None) -> str:
        """Return what of a backup forbids an action; empty where nothing does."""
        if backup is None:
            return "No backup is selected."
        if action_id == "copy":
            return ""
        if backup.id is None or backup.unreadable or backup.server_id is None:
            return "This backup's record can't be read, so nothing can be done with it."
        if (str(backup.server_id), backup.id) in self.deleted_of_late:
            return f"Backup {backup.id} is deleted; the service's list only lags behind."
        server = self.fleet.server(backup.server_id)
        if action_id == "backup.restore" and self.fleet.servers_listed and not (server and server.listed):
            return f"{backup.server_word} is not among the servers any more, so nothing can be restored."
        if action_id == "backup.delete" and (conflict := self._what_forbids_delete(backup)):
            return f"No delete: {conflict}."
        if backup.id in self.countdowns.backup_ids:
            return f"The delete of backup {backup.id} is counting down already: {self._takes_back}."
        if action_id == "backup.delete" and backup.is_busy:
            return f"Backup {backup.id} is still being made; it can be deleted after that."
        if action_id == "backup.restore" and not backup.is_completed:
            status = backup.status_word or "of unknown status"
            return f"Only a completed backup can be restored from; this one is {status}."
        return ""
