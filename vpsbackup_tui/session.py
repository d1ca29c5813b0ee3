"""One account, opened: its settings, its token, its service and its operations."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vpsbackup_tui.accounts.settings import Settings
from vpsbackup_tui.accounts.tokens import Lookup, Tokens
from vpsbackup_tui.api.errors import NotFoundError, RefusedError, ServiceError, TokenRefusedError
from vpsbackup_tui.fleet.models import Account
from vpsbackup_tui.kept_lists import KeptLists
from vpsbackup_tui.operations.actor import Actor, actor
from vpsbackup_tui.operations.operation import Operation
from vpsbackup_tui.secret import Token

if TYPE_CHECKING:  # what a connection needs is read when there is a token: the first frame waits for none of it
    from vpsbackup_tui.api.client import Service
    from vpsbackup_tui.operations.engine import Operations
    from vpsbackup_tui.operations.ledger import Ledger, ReadJournal
    from vpsbackup_tui.store.journal import Journal

_FORBIDDEN = 403
_TO_CLOSE = 3.0  # seconds


class NotConnectedError(RuntimeError):
    """The service was asked for before `connect`: a bug of the caller."""


class _Whose:
    """Whose one token is and what it may do, as far as the service has told it; a token has one of these."""

    def __init__(self, tell: Callable[[], Awaitable[Account]]) -> None:
        self.account: Account | None = None
        self._tell = tell
        self._asking = asyncio.Lock()
        self._failures = 0

    async def ask(self) -> Account:
        """Ask the service, and return what it tells; raise `ServiceError`."""
        self.account = await self._tell()
        return self.account

    async def asked(self) -> None:
        """Wait for a question that is under way."""
        async with self._asking:
            pass

    async def learn(self) -> None:
        """Ask the service unless it has told, or fails to tell somebody who has asked before."""
        failures = self._failures
        async with self._asking:
            if self.account is None and self._failures == failures:
                try:
                    await self.ask()
                except ServiceError:
                    self._failures += 1


class Session:
    """What both doors work with; nothing is read and nothing is sent before it is asked for."""

    def __init__(
        self, settings: Settings, tokens: Tokens, *, keep_journal: bool = True, keep_lists: bool = False
    ) -> None:
        """Open an account; without `keep_journal` (the demo, `--no-journal`) nothing of a change is kept on disk.

        `keep_lists` is for the lists as they were last seen: never those of the demo.
        """
        self.settings = settings
        self.tokens = tokens
        seen = settings.state_dir / f"{settings.account}@{self._host}.seen"
        kept = KeptLists(seen, settings.account, settings.base_url)
        self.kept_lists = kept if keep_lists else None
        self.keeps_journal = keep_journal
        """Whether changes are written down before they are sent."""
        self.on_operation: Callable[[Operation], None] = lambda operation: None
        self._whose = self._not_told()
        self._service: Service | None = None
        self._operations: Operations | None = None
        self._ledger: Ledger | None = None

    @property
    def why_read_only(self) -> str:
        """Return why nothing can be changed, as the end of a sentence; empty where it can, as far as is known."""
        if self.settings.read_only:
            return "this account is opened read-only"
        return "this token may only read" if self.whose.may_only_read else ""

    @property
    def whose(self) -> Account:
        """Return whose the token in use is, as far as the service has told it."""
        return self._whose.account or Account()

    @property
    def knows_account(self) -> bool:
        """Tell whether the service has said whose the token in use is and what it may do, or that it doesn't tell."""
        return self._whose.account is not None

    @property
    def journal_path(self) -> Path:
        """Return the file in which all changes at this service are kept, whatever the accounts are called.

        A server is the same under each of these names, and so is what may be under way on it.
        """
        return self.settings.state_dir / f"{self._host}.sqlite3"

    @property
    def connected(self) -> bool:
        """Tell whether there is a token to work with."""
        return self._service is not None

    @property
    def service(self) -> "Service":
        """Return the service; raise `NotConnectedError` before `connect`."""
        if self._service is None:
            raise NotConnectedError
        return self._service

    @property
    def operations(self) -> "Operations":
        """Return the account's operations; raise `NotConnectedError` before `connect`."""
        if self._operations is None:
            raise NotConnectedError
        return self._operations

    async def find_token(self) -> Lookup:
        """Look for the token where it may be kept; raise `TokenSourceError` where the operator must mend something."""
        return await self.tokens.find()

    async def check(self, token: Token) -> Account:
        """Return whose token it is; raise `ServiceError` where it can't be used.

        `GET /account/me/` may be missing or forbidden to a token: then the list of
        backups is the test, and nothing is known of the account.
        """
        from vpsbackup_tui.api.client import Service  # noqa: PLC0415 - behind the first frame

        service = Service(self.settings.base_url, token, why_read_only=lambda: "the token is only tested")
        try:
            return await self._account(service)
        finally:
            await service.aclose()

    async def history(self) -> list[Operation]:
        """Return every change that is remembered, newest first; needs no connection; raise `JournalError`."""
        if self._operations is not None:
            return await self._operations.history()
        from vpsbackup_tui.operations.ledger import Ledger  # noqa: PLC0415 - behind the first frame

        if self._ledger is None:
            self._ledger = Ledger(self._journal(), self.on_operation, self._reading())
        return await self._ledger.history()

    def take_notice(self) -> str:
        """Return, once, what the operator must know of the journal; mostly nothing."""
        return " ".join(notice for each in self._remembering if (notice := each.take_notice()))

    def told(self) -> None:
        """Note that the operator has that notice, so that it isn't told at the next start; this waits for the disk."""
        for each in self._remembering:
            each.told()

    async def account(self) -> Account:
        """Return whose token is in use; raise `ServiceError` where it can't be used.

        From then on no change is sent with a token that may only read.
        """
        return await self._whose.ask()

    async def learn_account(self) -> None:
        """Learn whose the token in use is and what it may do, as must be done before any change.

        It is asked for where that is not known, and once for all who wait for it. Where it
        can't be told, the service refuses what the token may not.
        """
        whose = None
        while whose is not self._whose:  # another token may come meanwhile
            whose = self._whose
            await whose.learn()

    async def asked_for_account(self) -> None:
        """Wait for the question whose the token in use is, where it is under way."""
        await self._whose.asked()

    def connect(self, token: Token) -> None:
        """Work with this token from now on; what is known and under way stays."""
        self._whose = self._not_told()
        if self._service is not None:
            if self._service.use_token(token):
                self.operations.another_token()
            return
        from vpsbackup_tui.api.client import Service  # noqa: PLC0415 - behind the first frame
        from vpsbackup_tui.operations.engine import Operations  # noqa: PLC0415

        self._service = Service(self.settings.base_url, token, why_read_only=lambda: self.why_read_only)
        self._operations = Operations(
            self._service,
            journal=self._journal(),
            read_journal=self._reading(),
            why_read_only=lambda: self.why_read_only,
            on_change=lambda operation: self.on_operation(operation),
            who=self.who,
            marks_creates=self.settings.mark_creates,
        )

    async def aclose(self) -> None:
        """Close journal and connections; changes under way should have been waited for, and nothing more is sent.

        Others may hold the journal, or its disk stand still: what has not begun to be sent is
        waited for a moment only, as nothing of it needs to stand there.
        """
        if self._operations is not None:
            self._operations.stop()
            await self._operations.taken_back()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TO_CLOSE):
                for each in self._remembering:
                    await asyncio.to_thread(each.close)
        if self._service is not None:
            await self._service.aclose()

    @property
    def _remembering(self) -> "list[Ledger | Operations]":
        """Return what remembers changes: what was opened to read the history without a connection, and the engine."""
        return [each for each in (self._ledger, self._operations) if each is not None]

    def _journal(self) -> "Callable[[], Journal] | None":
        """Return what opens the journal; None where none is kept."""
        from vpsbackup_tui.store.journal import Journal  # noqa: PLC0415 - behind the first frame

        return partial(Journal, self.journal_path) if self.keeps_journal else None

    def _reading(self) -> "ReadJournal | None":
        """Return what reads the journal, which is done where none is kept, too; None for the demo, which has none."""
        from vpsbackup_tui.store.journal import read_only  # noqa: PLC0415 - behind the first frame

        return partial(read_only, self.journal_path) if self.kept_lists is not None else None

    def _not_told(self) -> _Whose:
        """Return that nothing is known of a token yet."""
        return _Whose(lambda: self._account(self.service))

    def who(self) -> Actor:
        """Return who makes a change now, as far as is known."""
        return actor(self.settings.account, self.whose.email, os.environ)

    @property
    def _host(self) -> str:
        """Return the service as files are named after it."""
        return urlsplit(self.settings.origin).netloc.replace(":", "_")

    async def _account(self, service: "Service") -> Account:
        try:
            return await service.get_account()
        except TokenRefusedError:
            raise
        except NotFoundError:
            pass
        except RefusedError as error:
            if error.status != _FORBIDDEN:
                raise
        await service.probe()
        return Account()
