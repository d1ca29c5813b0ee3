"""A real gnome-keyring in every state it can be in: open, locked, missing, silent, killed."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import CANARY
from tests.keyring.desktop import Desktop
from tests.terminal.program import Program
from vpsbackup_tui.accounts.errors import TokenStoreError
from vpsbackup_tui.accounts.settings import load_settings
from vpsbackup_tui.accounts.tokens import Lookup, Place, Source, Tokens
from vpsbackup_tui.secret import Token

pytestmark = pytest.mark.keyring

KEYRING = "the OS keyring (Secret Service)"
OTHER = Token("another-token")
NOWHERE = Lookup(None, Source.NONE, "nowhere")
PATIENCE = 15.0  # seconds, where an answer must come on a busy machine


class Owner(Tokens):
    """The tokens of an account on a desktop, asked with patience."""

    def __init__(self, desktop: Desktop, account: str = "prod", url: str = "https://admin.vps.org/api/v1") -> None:
        super().__init__(load_settings(account=account, base_url=url, environ={}), desktop.environ)

    async def found(self) -> Lookup:
        return await self.find(patience=PATIENCE)

    async def keep(self, token: Token) -> str:
        return await self.save(token, Place.KEYRING, patience=PATIENCE)


def nothing(problem: str) -> Lookup:
    return Lookup(None, Source.NONE, "nowhere", problem)


async def test_an_open_keyring_keeps_replaces_and_forgets(desktop: Desktop) -> None:
    tokens = Owner(desktop)
    assert await tokens.found() == NOWHERE
    assert await tokens.keep(OTHER) == KEYRING
    assert await tokens.found() == Lookup(OTHER, Source.KEYRING, KEYRING)
    await tokens.keep(Token(CANARY))
    assert await tokens.found() == Lookup(Token(CANARY), Source.KEYRING, KEYRING)
    assert await tokens.forget(patience=PATIENCE) == [KEYRING]
    assert await tokens.found() == NOWHERE
    assert await tokens.forget(patience=PATIENCE) == []


async def test_accounts_and_services_are_kept_apart(desktop: Desktop) -> None:
    await Owner(desktop, "prod").keep(Token(CANARY))
    await Owner(desktop, "test").keep(OTHER)
    assert (await Owner(desktop, "prod").found()).token == Token(CANARY)
    assert (await Owner(desktop, "test").found()).token == OTHER
    assert await Owner(desktop, "prod", "https://evil.example/api/v1").found() == NOWHERE
    assert await Owner(desktop, "prod", "https://admin.vps.org:8443/api/v1").found() == NOWHERE
    assert (await Owner(desktop, "prod", "https://admin.vps.org/api/v2").found()).token == Token(CANARY)
    await Owner(desktop, "test").forget(patience=PATIENCE)
    assert (await Owner(desktop, "prod").found()).token == Token(CANARY)


async def test_a_token_that_moves_into_the_keyring_leaves_no_file(desktop: Desktop, own_home: Path) -> None:
    tokens = Owner(desktop)
    await tokens.save(OTHER, Place.FILE)
    assert (await tokens.found()).source is Source.FILE
    await tokens.keep(Token(CANARY))
    assert (await tokens.found()).source is Source.KEYRING
    assert token_files(own_home) == []


async def test_both_places_are_forgotten_at_once(desktop: Desktop, own_home: Path) -> None:
    tokens = Owner(desktop)
    await tokens.keep(OTHER)
    await tokens.save(OTHER, Place.FILE)
    (file,) = token_files(own_home)
    assert await tokens.forget(patience=PATIENCE) == [f"the file {file}", KEYRING]


def token_files(home: Path) -> list[Path]:
    return list(home.rglob("*@*.json"))


async def test_the_description_names_the_keyring(desktop: Desktop) -> None:
    assert (await Owner(desktop).describe(patience=PATIENCE))["keyring"] == "Secret Service"


async def test_a_locked_keyring_is_said_and_takes_nothing(desktop: Desktop) -> None:
    tokens = Owner(desktop)
    await tokens.keep(OTHER)
    desktop.lock_keyring()
    locked = "The OS keyring (Secret Service) is locked: unlock it, or enter the token by hand."
    assert await tokens.found() == nothing(locked)
    with pytest.raises(TokenStoreError) as refused:
        await tokens.keep(Token(CANARY))
    assert refused.value.message == f"The token was not stored. {locked}"
    with pytest.raises(TokenStoreError) as refused:
        await tokens.forget(patience=PATIENCE)
    assert refused.value.message == f"A token in the OS keyring may be left. {locked}"


@pytest.mark.parametrize("address", [None, "unix:path=/nowhere/bus", "tcp:host=localhost,port=1", "nonsense"])
async def test_without_a_bus_there_is_no_keyring(desktop: Desktop, address: str | None) -> None:
    if address is None:
        del desktop.environ["DBUS_SESSION_BUS_ADDRESS"]
    else:
        desktop.environ["DBUS_SESSION_BUS_ADDRESS"] = address
    assert await Owner(desktop).found() == nothing("There is no OS keyring here.")


async def test_a_bus_without_a_keyring_has_none(make_desktop: Callable[..., Desktop]) -> None:
    assert await Owner(make_desktop()).found() == nothing("There is no OS keyring here.")


async def test_a_keyring_that_was_never_set_up_needs_a_desktop(make_desktop: Callable[..., Desktop]) -> None:
    desktop = make_desktop(activation=True)
    assert await Owner(desktop).found() == nothing(
        "The OS keyring (Secret Service) holds no keyring yet, and none could be made without a desktop."
    )


async def test_a_silent_keyring_is_given_up_in_time_and_asked_again_later(desktop: Desktop) -> None:
    tokens = Owner(desktop)
    await tokens.keep(Token(CANARY))
    silent = "The OS keyring didn't answer in time; it may be waiting to be unlocked."
    with stopped(desktop):
        assert await tokens.find(patience=1.0) == nothing(silent)
        with pytest.raises(TokenStoreError) as refused:
            await tokens.save(OTHER, Place.KEYRING, patience=1.0)
        assert refused.value.message == f"The token was not stored. {silent}"
    assert (await tokens.found()).token == Token(CANARY)


def test_a_program_that_ends_doesnt_wait_for_a_silent_keyring(desktop: Desktop) -> None:
    async def program() -> None:
        with desktop.questions() as asked:
            search = asyncio.create_task(Owner(desktop).find(patience=3600))
            await asyncio.to_thread(asked)
        assert not search.done()
        assert len(helpers()) == 1

    with stopped(desktop):
        asyncio.run(program())
        assert helpers() == []


def test_while_a_keyring_is_silent_the_screen_is_there_and_may_be_left(desktop: Desktop) -> None:
    with stopped(desktop), Program([], environment=desktop.environ) as program:
        program.expect("All servers", "Looking for the token", "It is asked for where it is kept.", "q Quit")
        program.send("q")
        assert program.wait() == 0


async def test_a_keyring_that_is_killed_between_two_questions_loses_nothing_in_use(desktop: Desktop) -> None:
    tokens = Owner(desktop)
    await tokens.keep(OTHER)
    desktop.kill_keyring()
    with pytest.raises(TokenStoreError) as refused:
        await tokens.keep(Token(CANARY))
    assert refused.value.message == "The token was not stored. There is no OS keyring here."
    assert await tokens.found() == nothing("There is no OS keyring here.")


async def test_a_keyring_that_is_killed_while_it_is_asked_is_said(desktop: Desktop) -> None:
    desktop.stop_keyring()
    with desktop.questions() as asked:
        search = asyncio.create_task(Owner(desktop).find(patience=PATIENCE))
        await asyncio.to_thread(asked)
    desktop.kill_keyring()
    assert await search == nothing("The OS keyring (Secret Service) stopped while it was asked.")


@contextmanager
def stopped(desktop: Desktop) -> Iterator[None]:
    desktop.stop_keyring()
    yield
    desktop.continue_keyring()


def helpers() -> list[str]:
    """Return the process ids of our living children that are keyring helpers."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path("/proc", process, "cmdline").read_bytes().split(b"\0")
            parent = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"vpsbackup_tui.accounts.keyring_helper" in words and int(parent) == os.getpid():
            found.append(process)
    return found
