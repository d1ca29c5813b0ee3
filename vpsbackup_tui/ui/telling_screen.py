"""The screen that tells what has become of changes: on its status line, beside the backups, and in the history."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from textual.events import ScreenResume

from vpsbackup_tui.fleet.models import Id
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.store.errors import JournalError
from vpsbackup_tui.ui.countdown import Countdowns
from vpsbackup_tui.ui.live_screen import LiveScreen
from vpsbackup_tui.ui.reading import Reading
from vpsbackup_tui.ui.turns import Turns

_BLINK = 0.1  # seconds
_TO_HEAR = 3.0  # seconds
_MAY_LAG = 600.0  # seconds
_UNDER_WAY = {Action.CREATE: "", Action.DELETE: "deleting", Action.RESTORE: "restoring"}


class History(NamedTuple):
    """The changes that are known, newest first; where the history can't be read, `unread` says why."""

    changes: list[Operation]
    unread: str = ""


class TellingScreen(LiveScreen):
    """Tells of every change how far it has come and how it has ended, also of what another run has left open."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.countdowns = Countdowns(self.count)
        self.turns = Turns(self._say_end, self.set_timer)
        self._why_unread = ""
        self.unfinished: dict[str, Operation] = {}
        """The changes that have begun and whose end nobody has been told, by their ids."""

    def on_mount(self) -> None:
        """Hear of every step of every change."""
        self.session.on_operation = self.show_operation

    @property
    def under_way(self) -> list[Operation]:
        """Return the changes that run."""
        return self.session.operations.running if self.session.connected else []

    async def history(self) -> History:
        """Return what is known of every change, those of this session as they are now."""
        try:
            changes, unread = await self.session.history(), ""
        except JournalError as error:
            changes, unread = self.session.operations.recent if self.session.connected else [], error.message
        self._tell_notice()
        return History(changes, unread)

    async def history_for_key(self) -> History:
        """Return the same, for a key that was pressed; say what is waited for where that takes longer than a blink."""
        words = f"Reading the history: waiting for the journal {self.session.journal_path.name}."
        waiting = self.set_timer(_BLINK, lambda: self.say(words, alarm=True, about=words))
        history = await self.history()
        waiting.stop()
        self.turns.forget(words)
        if self.status.message == words:
            self.say("")
        return history

    def take_reading(self, reading: Reading) -> None:
        """Show what a reading has brought; look into what is not known yet, and into what another run has left open."""
        super().take_reading(reading)
        self.mark_changes()  # a list may still show what was deleted
        self._look_into_changes()

    def take_stopped(self, reading: Reading) -> None:
        """Show what is left of a reading; changes of unknown outcome are looked into all the same."""
        super().take_stopped(reading)
        self.mark_changes()
        self._look_into_changes()

    def _look_into_changes(self) -> None:
        """Look into what another run has left open, and into what is not known yet."""
        self.run_story(self._look_back())
        self.run_story(self._look_again())

    async def _look_again(self) -> None:
        """Tell what has become of changes of unknown outcome, as far as the lists prove it by now."""
        for operation in await self.session.operations.look_again():
            self._finish_earlier(operation)

    async def _look_back(self) -> None:
        """Look into the changes that another run of this program left open, and tell what became of them."""
        with suppress(TimeoutError):  # what the first looks can't prove yet, later ones can
            async with asyncio.timeout(_TO_HEAR):
                await self.session.asked_for_account()  # an empty list of the same account proves a delete
        try:
            left_open = await self.session.operations.resume(self._finish_earlier)
        except JournalError as error:
            if error.message != self._why_unread:  # else it would take the place of how a change has ended
                self.say(error.message, alarm=True)
            self._why_unread = error.message
            return
        self._why_unread = ""
        if not left_open:
            self._tell_notice()

    def _tell_notice(self) -> None:
        """Say, once, what the operator must know of the journal; who looks away hears it from the next change."""
        if notice := self.session.take_notice():
            self.say(notice, alarm=True)

    def finish(self, operation: Operation) -> None:
        """Say how a change has ended, and read what it has made of things."""
        self.mark_changes()
        self.turns.end(operation)
        self.unfinished.pop(operation.id, None)
        self.reload()

    def _finish_earlier(self, operation: Operation) -> None:
        """Say how a change has ended that was begun earlier, in its turn, and read what it has made of things."""
        self.turns.end_in_turn(operation)
        self.unfinished.pop(operation.id, None)
        self.reload()

    def say(
        self,
        message: str,
        *,
        alarm: bool = False,
        about: object = None,
        lasting: bool = False,
        still: Callable[[], bool] = lambda: True,
    ) -> None:
        """Say something, behind how a change has ended that nobody should miss, unless what it is about is forgotten.

        What is `lasting` is said once more where a dialog is open, below which nobody may see it. It is said only as
        long as it is `still` so. To say nothing takes away what was said.
        """
        if message:
            say = partial(super().say, message, alarm=alarm, still=still)
            self.turns.reply(say, about=about, lasting=lasting, still=still)
        else:
            super().say("")

    def say_step(self, message: str, *, about: object) -> None:
        """Say how far something has come, behind what is still to be read."""
        self.turns.step(partial(super().say, message, alarm=True), about=about)

    def say_in_turn(self, words: str, *, alarm: bool, still: Callable[[], bool] = lambda: True) -> None:
        """Say it behind how the last change ended."""
        self.turns.in_turn(partial(super().say, words, alarm=alarm, still=still), still=still)

    def on_screen_suspend(self) -> None:
        """Let nobody miss below a dialog how a change has ended."""
        self.turns.cover()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Give what stood below a dialog its time."""
        self.turns.uncover()

    def _say_end(self, operation: Operation) -> None:
        """Say the exact word for how a change ended, and why."""
        is_done = operation.outcome is Outcome.DONE
        notice = self.session.take_notice()
        super().say(f"{operation.word.capitalize()}: {operation.message} {notice}".rstrip(), alarm=not is_done)
        if self.session.operations.accept_loss(operation):
            self.run_story(asyncio.to_thread(self.session.told))
        if not is_done:
            self.ring()

    def show_operation(self, operation: Operation) -> None:
        """Mark what is being changed, and say how far it has come."""
        self.mark_changes()
        if operation.outcome is Outcome.RUNNING:
            if not operation.part_of:
                self.unfinished[operation.id] = operation
            what = f"{operation.what[0].upper()}{operation.what[1:]}"
            self.say_step(f"{what}: {operation.message}", about=operation.part_of or operation.id)
            if operation.safety is not None and operation.safety.is_busy:
                self.reload()  # the backup that it waits for has just come to be

    def mark_changes(self) -> None:
        """Mark the backups that are being changed, and those that are deleted and still listed; count what runs."""
        operations = self.session.operations
        self.count()
        marks = {each.backup.id: _UNDER_WAY[each.action] for each in operations.running if each.backup}
        marks |= {each.backup.id: "waiting" for each in operations.waiting if each.backup}
        deleted = self.deleted_of_late
        listed = self.fleet.with_ids([each for _, each in deleted if each is not None])
        marks |= {each.id: "deleted" for each in listed.values() if (str(each.server_id), each.id) in deleted}
        self.table.set_marks({each: word for each, word in marks.items() if each is not None})

    def count(self) -> None:
        """Count what is under way and, where that is more than the line tells, what is not sent yet."""
        unsent = len(self.countdowns)
        self.status.count(len(self.under_way), unsent if unsent > 1 or self.turns.holds_words else 0)

    @property
    def deleted_of_late(self) -> set[tuple[str, Id | None]]:
        """Return server and id of the backups that were deleted of late; a list may show them for a while."""
        late = self.clock() - _MAY_LAG
        done = [each for each in self.session.operations.recent if each.outcome is Outcome.DONE and each.at > late]
        return {(str(each.server_id), each.backup.id) for each in done if each.action is Action.DELETE and each.backup}
