"""The main screen: everything that can be looked at and changed, and the way to the rest."""

import asyncio
import json
import math
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.ui import behind
from vpsbackup_tui.ui.actions import (
    ACTIONS,
    IN_BACKUPS,
    IN_DIALOGS,
    IN_SERVERS,
    Action,
    HelpEntry,
    action_of,
    shown_keys,
)
from vpsbackup_tui.ui.changing_screen import ChangingScreen
from vpsbackup_tui.ui.table.backup_table import BackupTable

_LEFT_OPEN = 5
"""The exit code where a change may have been sent and its outcome is not known, as for the commands."""


class MainScreen(ChangingScreen):
    """Shows details, help and what was done, copies, and ends the program."""

    _show_history: Callable[[Sequence[Operation], str], None] | None = None  # where the list of what was done is open

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._taken_back: list[str] = []
        self._awaited: list[Operation] = []
        self.last_words: list[str] = []
        """What the operator left without having been told: what still counted down, and what had just become known."""

    def on_mount(self) -> None:
        """Read what the first frame does without, as soon as that is out."""
        self.call_after_refresh(behind.begin)

    # Details and copying

    def on_backup_table_opened(self, message: BackupTable.Opened) -> None:
        """Show the details of a backup."""
        message.stop()
        self.run_story(self._show_details(message.backup))

    async def _show_details(self, backup: Backup) -> None:
        """Show the details, and go on with what the operator asks for there."""
        from vpsbackup_tui.ui.dialogs.details import DetailsDialog  # noqa: PLC0415 - behind the first frame

        changes = ("backup.restore", "backup.delete")
        forbidden = {action: why for action in changes if (why := self.why_not_of(action, backup))}
        keymap = self.session.settings.keymap
        dialog = DetailsDialog(backup, self.standpoint, forbidden=forbidden, keymap=keymap, seen_at=self.seen_at)
        match await self.app.push_screen_wait(dialog):
            case "copy":
                await self._copy(backup)
            case "restore" | "delete" as action if reason := self.why_not_of(f"backup.{action}", backup):
                self.say(reason)
            case "restore":
                await self.restoring.restore(backup)
            case "delete":
                await self.delete_backup(backup)

    def action_copy_backup(self) -> None:
        """Ask what of the backup to copy."""
        backup = self.table.cursor_backup
        if self.has_just_confirmed:
            return  # the key that confirms a delete, pressed twice
        if (reason := self.why_not("copy")) or backup is None:
            self.say(reason)
        else:
            self.run_story(self._copy(backup))

    async def _copy(self, backup: Backup) -> None:
        """Put the form that is asked for on the clipboard, and say so."""
        from vpsbackup_tui.ui.dialogs.copying import CopyAnswer, CopyDialog  # noqa: PLC0415 - behind the first frame

        whose = ["--demo"] if self._demo else ["--account", self.session.settings.account]
        found = ["--server", str(backup.server_id), "--filter", str(backup.id)]
        command = shlex.join(["vpsbackup-tui", "list", *whose, *found])
        forms: dict[CopyAnswer, str] = {"id": str(backup.id), "json": json.dumps(backup.record()), "command": command}
        answer = await self.app.push_screen_wait(CopyDialog(backup, command))
        if answer is not None:
            self.app.copy_to_clipboard(forms[answer])
            self.say(f"Sent to the terminal's clipboard: {forms[answer]}")

    # Help

    def action_show_activity(self) -> None:
        """Show what was done, in this session and before."""
        self.run_story(self._show_activity())

    async def _show_activity(self) -> None:
        from vpsbackup_tui.ui.dialogs.activity import ActivityDialog  # noqa: PLC0415 - behind the first frame

        history = await self.history_for_key()
        if self._show_history is not None:
            return  # the key was pressed twice
        if not self.is_active:
            self.say("The history is not shown: another question was asked meanwhile.", lasting=True)
            return
        keymap = self.session.settings.keymap
        dialog = ActivityDialog(history.changes, self.standpoint, keymap=keymap, unread=history.unread)
        self._show_history = dialog.show
        await self.app.push_screen_wait(dialog)
        self._show_history = None

    def show_operation(self, operation: Operation) -> None:
        """Show it in the list of what was done, too, where that is open."""
        super().show_operation(operation)
        if self._show_history is not None:
            self.run_story(self._update_activity(self._show_history))

    async def _update_activity(self, show: Callable[[Sequence[Operation], str], None]) -> None:
        show(*await self.history())

    def action_show_help(self) -> None:
        """Show the keys that matter where the focus is, then all of them; those of a dialog where one is open."""
        from vpsbackup_tui.ui.dialogs.dialog import Dialog  # noqa: PLC0415 - behind the first frame
        from vpsbackup_tui.ui.dialogs.help import HelpDialog, help_of  # noqa: PLC0415 - behind the first frame

        match self.app.screen:
            case HelpDialog() as shown:
                shown.answer(None)
            case Dialog() as dialog:
                self.app.push_screen(HelpDialog([*help_of(dialog), *self._everywhere()]))
            case _:
                self.app.push_screen(HelpDialog([*self._here(), *(self._entry(action) for action in ACTIONS)]))

    def _everywhere(self) -> list[HelpEntry]:
        """Return the actions that also work in a dialog."""
        return [self._entry(action_of(action_id))._replace(group="In every dialog") for action_id in IN_DIALOGS]

    def _here(self) -> list[HelpEntry]:
        """Return the actions that matter on the side that has the focus."""
        here, ids = ("Here: the servers", IN_SERVERS) if self.servers.has_focus else ("Here: the backups", IN_BACKUPS)
        return [self._entry(action_of(action_id))._replace(group=here) for action_id in ids]

    def action_show_palette(self) -> None:
        """Find an action by its name."""
        self.run_story(self._run_from_palette())

    async def _run_from_palette(self) -> None:
        from vpsbackup_tui.ui.dialogs.palette import PaletteDialog  # noqa: PLC0415 - behind the first frame

        actions = [action for action in ACTIONS if action.method and action.id != "palette"]
        picked = await self.app.push_screen_wait(PaletteDialog([self._offer(action) for action in actions]))
        if picked is not None:
            await self.run_action(actions[picked].method)

    def _entry(self, action: Action) -> HelpEntry:
        return HelpEntry(action.group, shown_keys(action, self.session.settings.keymap), action.words, action.id)

    def _offer(self, action: Action) -> HelpEntry:
        """Return an entry that says so where the action can't run now; picked all the same, it says why."""
        entry = self._entry(action)
        return entry._replace(words=f"({entry.words}: not now)") if self.why_not(action.id) else entry

    async def action_draw_anew(self) -> None:
        """Send the whole screen, where something else wrote on it."""
        await self.app.run_action("app.draw_anew")

    # The end

    def action_quit_program(self) -> None:
        """Leave; what counts down is not sent, and a change that runs is waited for unless the operator won't."""
        self._taken_back += self.countdowns.take_back_all()
        running = self.under_way
        if running:
            self._ask_to_quit(running)
        else:
            self.leave()

    def leave(self, code: int = 0, awaited: Sequence[Operation] = ()) -> None:
        """End the program; nothing is sent from now on, and what is not known is left open.

        `awaited` are changes that were waited for, as they were. Without another `code` the
        exit code tells whether an outcome is not known.
        """
        self._taken_back += self.countdowns.take_back_all()
        self._awaited += awaited  # a signal may come behind the end of the wait
        left, ended = self._as_left(self._awaited) if self.session.connected else ([], [])
        unsent = [f"not sent: {what}: the screen was left before that" for what in self._taken_back]
        untold = [*left, *ended, *self.turns.untold]
        untold += self._unknown_copies(untold)
        self.last_words = list(dict.fromkeys([*unsent, *(each.last_word for each in untold)]))
        is_open = any(each.outcome is Outcome.UNKNOWN for each in untold)
        self.session.on_operation = lambda operation: None  # what is still told would find no widget left
        self.app.exit(code or (_LEFT_OPEN if is_open else 0))

    def _as_left(self, awaited: Sequence[Operation]) -> tuple[list[Operation], list[Operation]]:
        """Return the changes that run, and those of the awaited ones that have ended, as far as they are known."""
        operations = self.session.operations
        left = operations.leave()
        ids = {each.id for each in awaited} - {each.id for each in left}
        ended = [each for each in operations.recent if {each.id, each.part_of} & ids]
        return left, [each for each in ended if each not in left]

    def _unknown_copies(self, changes: Sequence[Operation]) -> list[Operation]:
        """Return the backups before these restores of which it isn't known whether they are made, as changes."""
        ids = {each.id for each in changes}
        recent = self.session.operations.recent if ids else []
        return [each for each in recent if each.part_of in ids - {""} and each.outcome is Outcome.UNKNOWN]

    def _ask_to_quit(self, running: list[Operation]) -> None:
        """Ask whether to leave in the middle, or show the question where it is asked already."""
        from vpsbackup_tui.ui.dialogs.help import HelpDialog  # noqa: PLC0415 - behind the first frame
        from vpsbackup_tui.ui.dialogs.quitting import QuitDialog  # noqa: PLC0415 - behind the first frame

        if not any(isinstance(screen, QuitDialog) for screen in self.app.screen_stack):
            self.run_story(self._quit_in_the_middle(running))
        elif isinstance(self.app.screen, HelpDialog):
            self.app.screen.answer(None)  # the question is below it

    async def _quit_in_the_middle(self, running: list[Operation]) -> None:
        """Leave when nothing runs any more or the wait is over, at once if the operator wants, or not at all.

        While a restore waits for its backup the wait doesn't pass: to leave would be not to begin it.
        """
        from vpsbackup_tui.api.patience import Patience  # noqa: PLC0415 - behind the first frame
        from vpsbackup_tui.ui.dialogs.quitting import QuitDialog  # noqa: PLC0415

        operations = self.session.operations
        seconds = math.ceil(Patience().whole_change)
        dialog = QuitDialog(
            running,
            seconds=seconds,
            waits=lambda: bool(operations.waiting),
            unsent=lambda: operations.unsent == operations.running,
            journalled=self.session.keeps_journal,
        )
        finishing = asyncio.create_task(operations.finish())
        finishing.add_done_callback(lambda _: dialog.answer(True))
        if await self.app.push_screen_wait(dialog):
            self.leave(awaited=running)
        else:
            finishing.cancel()
            if self._taken_back:
                self.say(f"Taken back: {', '.join(self._taken_back)}.")
            self._taken_back.clear()
