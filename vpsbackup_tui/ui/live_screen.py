"""The screen of an account that is kept up to date: its readings, and what they tell."""

import asyncio
import time
from asyncio import wrap_future
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from textual import on
from textual.events import Mount, ScreenResume

from vpsbackup_tui.api.errors import NotSentError, ServiceError, TokenRefusedError
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.secret import Token
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.account_screen import AccountScreen
from vpsbackup_tui.ui.actions import first_key
from vpsbackup_tui.ui.reading import Reading, ReadingBugError, Settled, is_busy, settled_between
from vpsbackup_tui.ui.refresher import Refresher, asked_wait
from vpsbackup_tui.ui.words import LOOKING_FOR_TOKEN

_REPAINT = 0.25  # seconds between two paintings of rows that still come in
_SHARE = 10  # painting a long list takes no more than this part of the time
_LONG = 5.0  # seconds of reading anew after which it is told how far that has come
_MANY = 10_000  # backups, which a reading takes some MB for


class LiveScreen(AccountScreen):
    """Reads the lists of an account, again and again; each reading replaces `fleet` as a whole."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._refresher = Refresher(
            self,
            run=self.run_story,
            later=self.set_timer,
            clock=self.clock,
            usual=self.session.settings.refresh_seconds,
        )
        self._as_of: float | None = None
        self.seen_at: float | None = None
        """When what is shown was last seen (Unix seconds), while that is from an earlier run of this program."""
        self._seen_of = ""  # whose token it was seen with, where that is known
        self._error: ServiceError | None = None
        self._missing = ""
        self.shows_all = True
        """Whether the service has told of every backup there is, as far as is known."""
        self._has_new_token = False  # perhaps of another account: what its list lacks isn't gone
        self._came: tuple[Backups, int | None] | None = None  # so far, and of how many
        self._goes_on_at: float | None = None  # where the service has asked to wait with the rest
        self._has_heard = asyncio.Event()  # of the first reading with a token, be it that it failed
        self._repaint_at = 0.0
        self._will_repaint = False  # as a timer runs for it
        self._can_stop = False  # while the header offers it
        self._is_stopped = False  # since the last reading was
        self._is_part = False  # whether what is shown is what had come when it was

    @on(Mount)
    async def show_last_seen(self) -> None:
        """Begin with the lists as they were last seen; while nothing can be changed, the cursor may stay at the top."""
        self.table.stays_at_top = True
        if self.session.kept_lists is None:
            return
        kept = await wrap_future(self.session.kept_lists.take_reading())
        if kept is not None:
            self.fleet, self.seen_at, self._seen_of = kept
            self.header.show_last_seen(kept.as_of)

    @property
    def is_settled(self) -> bool:
        """Tell whether a reading has ended, well or not, and none is under way."""
        has_ended = self._as_of is not None or self._error is not None or self._is_stopped
        return has_ended and not self._refresher.under_way

    @property
    def why_not_known(self) -> str:
        """Return why nothing can be told for sure of what is shown; empty where the service has told all of it."""
        if self._as_of is not None:
            return ""
        key = self.key_of("refresh")
        if self._error is not None:
            return f"Nothing can be changed, {key} tries again: the lists could not be read."
        if self._is_stopped:
            return f"Nothing can be changed, {key} reads the lists: they were not read to their end."
        return "Still loading: nothing can be changed before the lists are here."

    @property
    def _has_lists(self) -> bool:
        """Tell whether a reading has brought what is shown, in this run or an earlier one, and not only some rows."""
        return self._as_of is not None or self.seen_at is not None

    @property
    def _stopped_words(self) -> str:
        return f"Stopped: {self.key_of('refresh')} reads everything again, and nothing is read by itself before that."

    @property
    def is_busy(self) -> bool:
        """Tell whether something runs that will change the lists."""
        return is_busy(self.fleet) or (self.session.connected and bool(self.session.operations.running))

    async def _put_away(self, reading: Reading) -> None:
        """Make what is searched, keep complete lists for the next start, and give back the memory of reading long ones.

        Each in a thread, so that no key waits for it.
        """
        await asyncio.to_thread(lambda: reading.fleet.search)
        kept, as_of = self.session.kept_lists, self._as_of
        if kept is not None and as_of is not None and reading.complete:
            await self.session.asked_for_account()  # of nobody known they would be shown to nobody
            await asyncio.to_thread(kept.keep, reading.fleet, as_of, self.session.whose.email)
        if len(reading.fleet.backups) >= _MANY:
            from vpsbackup_tui.memory import give_back  # noqa: PLC0415 - few lists are that long

            await asyncio.to_thread(give_back)

    # Reading

    async def begin(self, token: Token) -> None:
        """Read the lists with a token, and show whose it is; before there are any, their first rows are waited for."""
        self.session.connect(token)
        self._has_heard.clear()
        self._has_new_token = True
        if not self._has_lists:
            self.fleet = Fleet()  # a part of what may be another account's
        self._error = None
        self.is_opening = False
        self.reload()
        if not self._has_lists:  # else they may be somebody else's
            await self._has_heard.wait()
        await self.learn_account()

    async def learn_account(self) -> None:
        """Learn whose the token is and what it may do, and show that; where it can't be told, the lists say why."""
        await self.session.learn_account()
        if self.is_attached:  # the program may have ended meanwhile
            self._drop_rows_of_others()
            self.identify(self.session.whose.email)
            self.show_keys()

    def _drop_rows_of_others(self) -> None:
        """Show no lists any more that were last seen with the token of somebody else, or of nobody known."""
        email = self.session.whose.email
        if self.seen_at is not None and email and self._seen_of != email:
            self.fleet, self.seen_at = Fleet(), None
            self.header.show_last_seen(None)
            self.show_fleet()

    def action_refresh_lists(self) -> None:
        """Read everything again; ask for the token where there is none that is good."""
        if not self.session.connected:
            self.open_account()
        else:
            self._refresher.refresh(self.session.service)
            self._show_reading()
            self.say_what_is_so()

    def reload(self) -> None:
        """Read everything again, as something has changed: what is being read now doesn't count any more."""
        self._came = self._goes_on_at = None
        self._refresher.refresh(self.session.service, anew=True)
        self._show_reading()

    def action_back(self) -> None:
        """Stop what the header says can be stopped; otherwise go back."""
        if not self._can_stop:
            super().action_back()
            return
        self._can_stop = False
        self._refresher.stop()
        self.header.show_loading(hint="stopping")

    def take_rows(self, rows: Backups, total: int | None) -> None:
        """Show rows that have come so far, soon enough though no more come after them."""
        self._came = rows, total
        self._has_heard.set()
        told_from = self._repaint_at if self._as_of is None else self._refresher.began_at + _LONG
        wait = max(told_from, self._repaint_at) - time.monotonic()
        if wait <= 0:
            self._show_what_came()
        elif not self._will_repaint:
            self._will_repaint = True
            self.set_timer(wait, self._show_what_came)

    def take_pause(self, goes_on_at: float) -> None:
        """Tell when the reading goes on, as the service wants; until then it can be stopped."""
        self._goes_on_at = max(goes_on_at, self._goes_on_at or goes_on_at)
        self._show_progress(can_stop=True)

    def _show_progress(self, *, can_stop: bool) -> None:
        """Tell how far the reading is, and whether it can be stopped."""
        rows, total = self._came or ((), None)
        self._can_stop = can_stop and not self._refresher.is_stopping
        self.header.show_loading(len(rows), total, hint=self._hint_at_stop(), goes_on_at=self._goes_on_at)

    def _show_what_came(self) -> None:
        """Show how far the reading is, and its rows where there are no older ones to keep meanwhile."""
        self._will_repaint = False
        if self._came is None:  # the reading has ended meanwhile
            return
        start = time.monotonic()
        rows, total = self._came
        self._show_progress(can_stop=self._goes_on_at is not None or total is None or len(rows) < total)
        if not self._has_lists and len(rows) >= len(self.fleet.backups):  # else another try has not come as far yet
            self.fleet = Fleet(copy(rows), servers_listed=False, total=total)
            self.show_fleet()
        end = time.monotonic()
        self._repaint_at = end + max(_REPAINT, _SHARE * (end - start))

    def _forget_what_came(self) -> None:
        """Take it that a reading has ended, and can't be stopped any more."""
        self._came, self._goes_on_at, self._can_stop = None, None, False
        self._has_heard.set()

    def _hint_at_stop(self) -> str:
        """Return what to say of stopping the reading that is under way."""
        if self._refresher.is_stopping:
            return "stopping"
        key = first_key("back", self.session.settings.keymap) or "back"
        return f"{key} stops" if self._can_stop else ""

    def take_stopped(self, reading: Reading) -> None:
        """Keep what is shown; show what came where there is nothing older, or less of it."""
        now = self.clock()
        if not self._has_lists or (self._is_part and len(reading.fleet.backups) > len(self.fleet.backups)):
            self.fleet, self._as_of, self._missing, self._is_part = reading.fleet, now, reading.note, True
            self.shows_all = False
        self._error, self._is_stopped = None, True
        self._forget_what_came()
        self.header.tick(now)
        self.header.show_stopped(self._as_of)
        self.table.tick(now)
        self.say(self._stopped_words, still=lambda: self._is_stopped)
        self.show_fleet()
        self.table.stays_at_top = self._as_of is None

    def take_reading(self, reading: Reading) -> None:
        """Show what a reading has brought, and tell what has come to its end since the last one."""
        before, first = self.fleet, self._as_of is None
        self._is_stopped = self._is_part = False
        self._forget_what_came()
        if self.status.message in (self._stopped_words, self._error and self._error.message):
            self.say("")
        now = self.clock()
        self.fleet, self._as_of, self._error, self._missing = reading.fleet, now, None, reading.note
        self.shows_all = reading.complete
        self.seen_at = None
        self.header.tick(now)
        self.header.show_fresh(now)
        self.table.tick(now)
        self.show_fleet()
        self.table.stays_at_top = False
        if not first:
            complete = reading.complete and not self._has_new_token
            self._tell_settled(settled_between(before, self.fleet, complete=complete))
        self.paint_at_once()
        self._has_new_token = False
        self.call_after_refresh(lambda: self.run_story(self._put_away(reading)))

    def take_failure(self, error: ServiceError) -> None:
        """Keep what is shown, marked as stale, and say why."""
        is_news = self._error is None or self._error.message != error.message
        self._forget_what_came()
        self._error = error
        now = self.clock()
        self.header.tick(now)
        again_at = self._refresher.due_at if asked_wait(error) > 0 else None
        self.header.show_stale(self._as_of, now, _in_a_word(error), again_at=again_at)
        if is_news:
            self.say_in_turn(error.message, alarm=True, still=lambda: self._error is error)
        if is_news and isinstance(error, ReadingBugError):
            self.run_story(self._report(error))
        self.show_fleet()
        if isinstance(error, TokenRefusedError):
            self._refuse_token(error)

    def say_in_turn(self, words: str, *, alarm: bool, still: Callable[[], bool] = lambda: True) -> None:
        """Say what no key has asked for, where it is `still` so when its turn has come."""
        if still():
            self.say(words, alarm=alarm)

    async def _report(self, error: ReadingBugError) -> None:
        """Keep a report of a bug that has not ended the program, and say where."""
        if path := await asyncio.to_thread(self.report, error.bug):
            self.say(f"{error.message} A report without any data of yours is in {clean(str(path), 1024)}.", alarm=True)

    def tick(self) -> None:
        """Let the ages grow; read what should have been read while the machine slept, and tell that no answer comes."""
        super().tick()
        self._refresher.catch_up()
        has_waited = time.monotonic() > self._refresher.began_at + _LONG
        if self._refresher.under_way and has_waited and self._came is None and self._goes_on_at is None:
            self.header.show_loading()

    @property
    def knows_lists(self) -> bool:
        """Tell whether a list has been read, or some of its rows."""
        return self._has_lists or bool(self.fleet.backups)

    def why_empty(self, whose: str) -> tuple[str, str]:
        """Return why there is nothing to see, and what to do next."""
        if self._error is not None and not self.fleet.backups:
            return "The backups can't be shown.", f"{self._error.message}\n{self.key_of('refresh')} tries again."
        if self._has_lists:
            return super().why_empty(whose)
        if not self.session.connected and not self.is_opening:
            return "There is no token, so nothing can be shown.", f"{self.key_of('refresh')} asks for it."
        if not self.session.connected:
            return LOOKING_FOR_TOKEN
        return "Reading the backups …", "Nothing is known yet."

    def what_is_missing(self) -> str:
        """Return what the lists don't show."""
        return self._missing

    def ring(self) -> None:
        """Sound the bell, unless the operator wants none."""
        if self.session.settings.bell:
            self.app.bell()

    def _show_reading(self) -> None:
        if self._as_of is None or self._is_stopped:
            self._is_stopped = False
            self.header.show_loading()
            self.show_fleet()

    def _refuse_token(self, error: TokenRefusedError) -> None:
        """Ask for another token; what is shown stays, and nothing is read meanwhile."""
        self._refresher.rest()
        self.ask_after_refusal(error)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Ask for the token that was refused while a dialog was open."""
        self.ask_again_after_refusal()

    def ask_again_after_refusal(self) -> None:
        """Ask for the token that was refused while something was in the way of the question."""
        if isinstance(self._error, TokenRefusedError):
            self.ask_after_refusal(self._error)

    def _tell_settled(self, settled: Sequence[Settled]) -> None:
        """Tell what has come to its end, by a notice and the bell."""
        if settled:
            self.say_in_turn("; ".join(each.words for each in settled), alarm=not all(each.good for each in settled))
            self.ring()


def _in_a_word(error: ServiceError) -> str:
    """Return what is wrong, in a word or two for the header."""
    if isinstance(error, TokenRefusedError):
        return "token refused"
    if isinstance(error, ReadingBugError):
        return "bug"
    if asked_wait(error):
        return "told to wait"
    return "offline" if isinstance(error, NotSentError) else ""
