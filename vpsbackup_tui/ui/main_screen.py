"""The whole screen: what is seen, and the stories of what is changed, one method each."""

import asyncio
import json
import math
import shlex
from collections.abc import Callable, Coroutine
from typing import Any

from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.tokens import Place
from vpsbackup_tui.api.errors import ServiceError, TokenRefusedError
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.secret import Token
from vpsbackup_tui.ui.actions import ACTIONS, shown_keys
from vpsbackup_tui.ui.backup_table import BackupTable
from vpsbackup_tui.ui.browse_screen import BrowseScreen
from vpsbackup_tui.ui.dialogs.activity import ActivityDialog
from vpsbackup_tui.ui.dialogs.copying import CopyAnswer, CopyDialog
from vpsbackup_tui.ui.dialogs.create import CreateDialog
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog
from vpsbackup_tui.ui.dialogs.details import DetailsDialog
from vpsbackup_tui.ui.dialogs.help import HelpDialog, HelpEntry
from vpsbackup_tui.ui.dialogs.palette import PaletteDialog
from vpsbackup_tui.ui.dialogs.quitting import QuitDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog
from vpsbackup_tui.ui.dialogs.token import TokenDialog

_CHANGES = frozenset({"backup.create", "backup.restore", "backup.delete"})
_UNDER_WAY = {Action.CREATE: "", Action.DELETE: "deleting", Action.RESTORE: "restoring"}


class MainScreen(BrowseScreen):
    """Browses an account and changes its backups; each story has one confirmation and one request."""

    _taken_back: asyncio.Event | None = None
    _asking_token = False

    def on_mount(self) -> None:
        """Look for the token once the first frame is out."""
        super().on_mount()
        self.session.on_operation = self._show_operation
        self.call_after_refresh(self._tell_story, self._open_account())

    def why_not(self, action_id: str) -> str:
        """Return why an action can't run now; empty where it can."""
        if action_id in _CHANGES and self.session.settings.read_only:
            return "This account is opened read-only: nothing can be changed."
        if action_id in _CHANGES and not self.session.connected:
            return "There is no token yet: r asks for it."
        if action_id == "backup.create":
            return "" if self.fleet.servers else "No server is known to make a backup of."
        if action_id in ("backup.restore", "backup.delete", "copy"):
            return _why_not_this(action_id, self.table.cursor_backup)
        return super().why_not(action_id)

    # The account

    async def _open_account(self) -> None:
        """Find the token, or ask for it; then read."""
        try:
            lookup = await self.session.find_token()
        except TokenSourceError as error:
            await self._ask_token(error.message, keyring_works=None)
            return
        if lookup.token is None:
            await self._ask_token(lookup.problem, keyring_works=not lookup.problem)
        else:
            self.session.connect(lookup.token)
            await self._begin()

    async def _ask_token(self, problem: str, *, keyring_works: bool | None) -> None:
        """Ask for a token that the service takes, keep it where the operator wants, and read."""
        if self._asking_token:
            return
        self._asking_token = True
        settings = self.session.settings
        dialog = TokenDialog(
            settings.account,
            self._host,
            problem,
            keyring_works=keyring_works,
            file_path=self.session.tokens.file_path,
            check=self.session.check,
        )
        answer = await self.app.push_screen_wait(dialog)
        self._asking_token = False
        if answer is None:
            self.table.show_message("There is no token, so nothing can be shown.", "r asks for it again.")
            return
        self.session.connect(answer.token)
        await self._keep_token(answer.token, answer.place)
        await self._begin()

    async def _keep_token(self, token: Token, place: Place) -> None:
        try:
            where = await self.session.tokens.save(token, place)
        except TokenStoreError as error:
            self.status.say(f"{error.message} It is used until the program ends.", alarm=True)
        else:
            self.status.say(f"The token is kept in {where}." if place is not Place.NONE else "The token is not kept.")

    async def _begin(self) -> None:
        """Read the lists, and show whose token it is."""
        self.show_keys()
        self.action_refresh_lists()
        try:
            account = await self.session.account()
        except ServiceError:
            return  # the lists tell what is wrong
        self.identify(account.email)
        for operation in await self.session.operations.resume():
            self._tell(operation)

    def token_refused(self, error: TokenRefusedError) -> None:
        """Ask for another token; what is shown stays, marked as stale, and nothing is read meanwhile."""
        self._tell_story(self._ask_token(error.message, keyring_works=None))

    def action_refresh_lists(self) -> None:
        """Read everything again; ask for the token where there is none."""
        if self.session.connected:
            super().action_refresh_lists()
        elif not self._asking_token:
            self._tell_story(self._open_account())

    # Changes

    def action_create_backup(self) -> None:
        """Begin a new backup."""
        self._begin_story("backup.create", self._create_backup)

    def action_restore_server(self) -> None:
        """Begin a restore."""
        self._begin_story("backup.restore", lambda: self._restore_server(self._target()))

    def action_delete_backup(self) -> None:
        """Begin a deletion."""
        self._begin_story("backup.delete", lambda: self._delete_backup(self._target()))

    def action_take_back(self) -> None:
        """Take back the delete that counts down."""
        if self._taken_back is None:
            self.status.say("No delete is counting down.")
        else:
            self._taken_back.set()

    async def _create_backup(self) -> None:
        """Ask for the server and a description, and make the backup."""
        server = self.fleet.server(self.query_shown.server_id)
        running = {operation.server_id for operation in self.session.operations.running}
        running |= {backup.server_id for backup in self.fleet.busy_backups() if backup.server_id is not None}
        dialog = CreateDialog(self.fleet.servers, server, self.standpoint, running=running)
        answer = await self.app.push_screen_wait(dialog)
        if answer is None:
            self.status.say("No backup was made.")
            return
        self._finish(await self.session.operations.create(answer.server, answer.description))

    async def _restore_server(self, backup: Backup) -> None:
        """Ask for the server's name, and restore it from the backup."""
        server = self.fleet.server(backup.server_id)
        if server is None:
            self.status.say("The backup's server is not known, so nothing can be restored.", alarm=True)
            return
        newer = self.fleet.newer_restore_points(backup)
        confirmed = await self.app.push_screen_wait(RestoreDialog(backup, server, self.standpoint, newer_points=newer))
        if not confirmed:
            self.status.say("Nothing was restored.")
            return
        self._finish(await self.session.operations.restore(backup))

    async def _delete_backup(self, backup: Backup) -> None:
        """Ask, count down, and delete the backup."""
        last = self.fleet.is_last_completed(backup)
        remaining = [
            each for each in self.fleet.of_server(backup.server_id) if each.is_completed and each.id != backup.id
        ]
        dialog = DeleteDialog(backup, self.standpoint, remaining=remaining, needs_typed=last)
        if not await self.app.push_screen_wait(dialog) or not await self._count_down(backup):
            self.status.say("Nothing was deleted.")
            return
        self._finish(await self.session.operations.delete(backup, last_confirmed=last))

    async def _count_down(self, backup: Backup) -> bool:
        """Wait for the seconds in which a delete can be taken back; tell whether it wasn't."""
        left = self.session.settings.delete_grace_seconds
        self._taken_back = asyncio.Event()
        try:
            while left > 0:
                name = f"backup {backup.id} of {backup.server_label}"
                self.status.say(f"Deleting {name} in {math.ceil(left)} s: z takes it back", alarm=True)
                step = min(1.0, left)
                try:
                    await asyncio.wait_for(self._taken_back.wait(), step)
                except TimeoutError:
                    left -= step
                else:
                    return False
        finally:
            self._taken_back = None
        return True

    def _finish(self, operation: Operation) -> None:
        """Tell how a change ended, and read what it has made of things."""
        self._tell(operation)
        self.action_refresh_lists()

    def _tell(self, operation: Operation) -> None:
        """Say the exact word, and why."""
        self.status.say(
            f"{operation.word.capitalize()}: {operation.message}", alarm=operation.outcome is not Outcome.DONE
        )
        if operation.outcome is not Outcome.DONE:
            self.ring()

    def _show_operation(self, operation: Operation) -> None:
        """Mark what is being changed, and say how far it has come."""
        running = self.session.operations.running
        self.table.set_marks(
            {each.backup.id: _UNDER_WAY[each.action] for each in running if each.backup and each.backup.id is not None}
        )
        if operation.outcome is Outcome.RUNNING:
            self.status.say(f"{operation.action.value.capitalize()} {operation.server_label}: {operation.message}")

    def _target(self) -> Backup:
        """Return the backup under the cursor as it is at this key press."""
        backup = self.table.cursor_backup
        if backup is None:
            raise RuntimeError("an action on a backup has begun without one")
        return backup

    # Everything else

    def on_backup_table_opened(self, message: BackupTable.Opened) -> None:
        """Show the details of a backup."""
        message.stop()
        self._tell_story(self._show_details(message.backup))

    async def _show_details(self, backup: Backup) -> None:
        """Show the details, and go on with what the operator asks for there."""
        can_change = self.session.connected and not self.session.settings.read_only
        match await self.app.push_screen_wait(DetailsDialog(backup, self.standpoint, can_change=can_change)):
            case "copy":
                await self._copy(backup)
            case "restore":
                await self._restore_server(backup)
            case "delete":
                await self._delete_backup(backup)

    def action_copy_backup(self) -> None:
        """Ask what of the backup to copy."""
        self._begin_story("copy", lambda: self._copy(self._target()))

    async def _copy(self, backup: Backup) -> None:
        """Put the form that is asked for on the clipboard, and say so."""
        command = f"vpsbackup-tui list --server {shlex.quote(str(backup.server_id))} --filter {backup.id}"
        forms: dict[CopyAnswer, str] = {
            "id": str(backup.id),
            "json": json.dumps(backup.record()),
            "command": command,
        }
        answer = await self.app.push_screen_wait(CopyDialog(backup, command))
        if answer is not None:
            self.app.copy_to_clipboard(forms[answer])
            self.status.say(f"Sent to the terminal's clipboard: {forms[answer]}")

    def action_show_activity(self) -> None:
        """Show what was done."""
        recent = self.session.operations.recent if self.session.connected else []
        self.app.push_screen(ActivityDialog(recent, self.standpoint))

    def action_show_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpDialog(self._help()))

    def action_show_palette(self) -> None:
        """Find an action by its name."""
        self._tell_story(self._run_from_palette())

    async def _run_from_palette(self) -> None:
        entries = [action for action in ACTIONS if action.method and action.id != "palette"]
        keymap = self.session.settings.keymap
        shown = [HelpEntry(action.group, shown_keys(action, keymap), action.words) for action in entries]
        picked = await self.app.push_screen_wait(PaletteDialog(shown))
        if picked is not None:
            await self.run_action(entries[picked].method)

    def action_quit_program(self) -> None:
        """Leave; ask first while a change is under way."""
        if self._taken_back is not None:
            self._taken_back.set()
        running = self.session.operations.running if self.session.connected else []
        if running:
            self._tell_story(self._quit_in_the_middle(running))
        else:
            self.app.exit(0)

    async def _quit_in_the_middle(self, running: list[Operation]) -> None:
        """Leave only if the operator means it; otherwise stay until they ask again."""
        if await self.app.push_screen_wait(QuitDialog(running)):
            self.app.exit(0)

    def _help(self) -> list[HelpEntry]:
        keymap = self.session.settings.keymap
        return [HelpEntry(action.group, shown_keys(action, keymap), action.words) for action in ACTIONS]

    def _begin_story(self, action_id: str, story: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin a story, or say why it can't be."""
        reason = self.why_not(action_id)
        if reason:
            self.status.say(reason)
        else:
            self._tell_story(story())

    def _tell_story(self, story: Coroutine[Any, Any, None]) -> None:
        """Run a story beside everything else; a change in it runs on in the engine, whatever becomes of the story."""
        self.run_worker(story, group="stories")


def _why_not_this(action_id: str, backup: Backup | None) -> str:
    """Return why an action can't be done with a backup; empty where it can."""
    if backup is None:
        return "No backup is selected."
    if action_id == "copy":
        return ""
    if backup.id is None or backup.unreadable or backup.server_id is None:
        return "This backup's record can't be read, so nothing can be done with it."
    if action_id == "backup.restore" and not backup.is_completed:
        return f"Only a completed backup can be restored from; this one is {backup.status or 'of unknown status'}."
    return ""
