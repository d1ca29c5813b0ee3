"""The screen of an account that is opened by its token: found where it is kept, else asked for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from textual.worker import Worker

from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.tokens import Place
from vpsbackup_tui.api.errors import TokenRefusedError
from vpsbackup_tui.secret import Token
from vpsbackup_tui.ui.browse_screen import BrowseScreen


class AccountScreen(BrowseScreen):
    """Looks for the token of an account, asks for it where there is none that is good, and begins with it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.is_opening = True
        """Whether the token is being looked for or asked for, as it is by the time that anything is seen."""
        self._not_begun: set[Coroutine[Any, Any, None]] = set()
        self._keyring_works: bool | None = None
        self._asked_about: TokenRefusedError | None = None

    def on_mount(self) -> None:
        """Look for the token once the first frame is out."""
        self.call_after_refresh(lambda: self.run_story(self._open_account()))

    def run_story(self, story: Coroutine[Any, Any, None]) -> None:
        """Run a story beside everything else; where it is cancelled though nobody cancelled it, it has met a bug."""
        self._not_begun.add(story)

        async def tell() -> None:
            self._not_begun.discard(story)
            task = asyncio.current_task()
            try:
                await story
            except asyncio.CancelledError as error:
                if self.app.is_running and task is not None and not task.cancelling():
                    raise RuntimeError("a story was called off") from error
                raise

        _: Worker[None] = self.run_worker(tell, group="stories")

    def on_unmount(self) -> None:
        """Close the stories that had not begun when the screen ended."""
        for story in self._not_begun:
            story.close()

    async def begin(self, token: Token) -> None:
        """Work with a token from now on."""
        raise NotImplementedError

    def open_account(self) -> None:
        """Find the token and read the lists; ask for the token where there is none."""
        if not self.is_opening:
            self.is_opening = True
            self.run_story(self._open_account())

    async def _open_account(self) -> None:
        try:
            lookup = await self.session.find_token()
        except TokenSourceError as error:
            await self._ask_token(error.message, keyring_works=None)
            return
        if lookup.token is None:
            self._keyring_works = not lookup.problem
            await self._ask_token(lookup.problem, keyring_works=self._keyring_works)
        else:
            await self.begin(lookup.token)

    async def _ask_token(self, problem: str, *, keyring_works: bool | None) -> None:
        """Ask for a token that the service takes, keep it where the operator wants, and read."""
        from vpsbackup_tui.ui.dialogs.token import TokenDialog  # noqa: PLC0415 - behind the first frame

        dialog = TokenDialog(
            self.session.settings.account,
            self.host,
            problem,
            keyring_works=keyring_works,
            file_path=self.session.tokens.file_path,
            check=self.session.check,
        )
        answer = await self.app.push_screen_wait(dialog)
        if answer is None:
            self.is_opening = False
            stays = "The token in use stays" if self.session.connected else "No token was given"
            self.say(f"{stays}: {self.key_of('refresh')} asks again.")
            self.show_fleet()
            return
        await self._keep_token(answer.token, answer.place)
        await self.begin(answer.token)

    async def _keep_token(self, token: Token, place: Place) -> None:
        """Keep a token, and ask for a second place where the keyring doesn't take it."""
        tokens, settings = self.session.tokens, self.session.settings
        try:
            where = await tokens.save(token, place)
        except TokenStoreError as error:
            if place is Place.KEYRING:
                from vpsbackup_tui.ui.dialogs.token import SecondPlaceDialog  # noqa: PLC0415 - behind the first frame

                dialog = SecondPlaceDialog(settings.account, self.host, error.message, file_path=tokens.file_path)
                second = await self.app.push_screen_wait(dialog)
                await self._keep_token(token, second or Place.NONE)
                return
            self.say(f"{error.message} It is used until the program ends.", alarm=True)
        else:
            self.say("The token is not kept." if place is Place.NONE else f"The token is kept in {where}.")

    def ask_after_refusal(self, error: TokenRefusedError) -> None:
        """Ask for another token, once a refusal and when no other dialog is open: nobody's typing goes into it."""
        if not self.is_opening and self.is_active and error is not self._asked_about:
            self._asked_about = error
            self.is_opening = True
            self.run_story(self._ask_token(error.message, keyring_works=self._keyring_works))
