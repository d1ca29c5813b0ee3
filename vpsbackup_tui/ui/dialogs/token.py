"""Ask for a token, test it, and ask where to keep it."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vpsbackup_tui.accounts.tokens import Place
from vpsbackup_tui.api.errors import ServiceError
from vpsbackup_tui.secret import Token, UnsoundTokenError
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.dialogs.buttons import DialogButton
from vpsbackup_tui.ui.dialogs.dialog import Dialog
from vpsbackup_tui.ui.dialogs.facts import Facts
from vpsbackup_tui.ui.dialogs.fields import Field, FieldRow, SecretField
from vpsbackup_tui.ui.dialogs.lists import PickList


class TokenAnswer(NamedTuple):
    """A token that the service has accepted, and where to keep it."""

    token: Token
    place: Place


class TokenDialog(Dialog[TokenAnswer]):
    """Asks for the token of an account and ends only with one that passed `check`.

    `problem` says why it is asked for. `keyring_works` is None where that isn't known
    yet. `file_path` is where a token in plain text would lie. `check` tests a token at
    the service and raises `ServiceError`.
    """

    AUTO_FOCUS = "Field"

    def __init__(
        self,
        account: str,
        host: str,
        problem: str,
        *,
        keyring_works: bool | None,
        file_path: str,
        check: Callable[[Token], Awaitable[object]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("Token", clock=clock)
        self._account = account
        self._host = host
        self._problem = problem
        self._check = check
        self._checking = False
        self._file_path = clean(file_path)
        self._places = _places(keyring_works)

    def compose_body(self) -> Iterable[Widget]:
        """Yield whose token is asked for, and why."""
        yield Facts([("Account", self._account), ("Service", self._host)])
        if self._problem:
            yield Static(Content(self._problem), id="problem", markup=False)
        if any(place is Place.FILE for place, _words in self._places):
            yield Static(
                Content(f"No keyring can be used. A file in plain text would be {self._file_path}"), markup=False
            )
        yield Static(Content("Or quit, and set VPS_API_TOKEN before the start."), markup=False)

    def compose_form(self) -> Iterable[Widget]:
        """Yield the field, and the places to choose from."""
        yield Static(
            Content("Paste the token or type it; it isn't shown, and is tested before it is kept:"), markup=False
        )
        yield FieldRow(SecretField(self.gate, id="token"))
        yield Static(Content("Keep it in:"), markup=False)
        yield PickList(self.gate, [words for _place, words in self._places])

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that tests the token."""
        yield DialogButton(self.gate, "Test and keep", id="test")

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what happens to the token."""
        return [("enter", "test the token, and keep it if it is good"), ("tab ↑ ↓", "choose where it is kept")]

    def on_input_changed(self, message: Field.Changed) -> None:
        """Forget what was said of an older text."""
        message.stop()
        if message.value and not self._checking:
            self.note("")

    def enter(self, field: Field) -> None:
        """Test the token."""
        self._start()

    def pick(self, pick_list: PickList) -> None:
        """Test the token."""
        self._start()

    def press(self, button: DialogButton) -> None:
        """Test the token."""
        self._start()

    def _start(self) -> None:
        """Test what is in the field, unless a test runs or it can't be a token."""
        if self._checking:
            return
        field = self.query_one("#token", SecretField)
        try:
            token = Token(field.value)
        except UnsoundTokenError as error:
            self.note(str(error) if field.value else "Nothing is entered yet.")
            return
        self._show_checking(True)
        self.note("Testing the token …")
        place, _words = self._places[self.query_one(PickList).picked]
        self.run_worker(self._finish(TokenAnswer(token, place)))

    async def _finish(self, answer: TokenAnswer) -> None:
        """Answer if the service takes the token; else say why not and select what was typed, for another to replace."""
        try:
            await self._check(answer.token)
        except ServiceError as error:
            self._show_checking(False)
            self.query_one("#token", SecretField).select_all()
            self.note(f"Not kept: {error.message}")
        else:
            self.answer(answer)

    def _show_checking(self, checking: bool) -> None:
        self._checking = checking
        self.query_one("#token", SecretField).focus()
        self.query_one("#test", DialogButton).disabled = checking


class SecondPlaceDialog(Dialog[Place]):
    """Asks where else to keep a good token that the keyring didn't take, and `problem` says why; None is nowhere."""

    AUTO_FOCUS = "PickList"

    def __init__(
        self, account: str, host: str, problem: str, *, file_path: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("Keep the token", clock=clock)
        self._account = account
        self._host = host
        self._problem = problem
        self._file_path = clean(file_path)
        self._places = _places(keyring_works=False)

    def compose_body(self) -> Iterable[Widget]:
        """Yield whose token it is, and what happened."""
        yield Facts([("Account", self._account), ("Service", self._host)])
        yield Static(Content(f"The token is good. {self._problem}"), id="problem", markup=False)
        yield Static(Content(f"A file in plain text would be {self._file_path}"), markup=False)

    def compose_form(self) -> Iterable[Widget]:
        """Yield the places that are left."""
        yield Static(Content("Keep it in:"), markup=False)
        yield PickList(self.gate, [words for _place, words in self._places])

    def compose_buttons(self) -> Iterable[DialogButton]:
        """Yield the button that takes the picked place."""
        yield DialogButton(self.gate, "Keep it there", id="keep")

    def explain(self) -> Sequence[tuple[str, str]]:
        """Say what a choice means."""
        return [("↑ ↓ enter", "choose where it is kept; to close this keeps it for this session only")]

    def pick(self, pick_list: PickList) -> None:
        """Answer the picked place."""
        self.answer(self._places[pick_list.picked][0])

    def press(self, button: DialogButton) -> None:
        """Answer the picked place."""
        self.pick(self.query_one(PickList))


def _places(keyring_works: bool | None) -> list[tuple[Place, str]]:
    """Return the places to choose from, the default first; plain text is offered only where there is no keyring."""
    session = (Place.NONE, "this session only: nothing is kept")
    if keyring_works is False:
        return [session, (Place.FILE, "a file in plain text, readable by you alone (0600)")]
    doubt = "" if keyring_works else ", if it answers"
    return [(Place.KEYRING, f"the OS keyring{doubt}"), session]
