"""What an opened account knows of its token, asked for once and never what another one may do; and how it is closed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace

from tests.process.running import until
from tests.ui.support import settings_for
from vpsbackup_tui import session as session_module
from vpsbackup_tui.accounts.tokens import Tokens
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.operations.operation import Outcome
from vpsbackup_tui.secret import Token
from vpsbackup_tui.session import Session
from vpsbackup_tui.store.journal import read_only

ACCOUNT = "/account/me/"
MAY_ONLY_READ = {"account": {}, "token": {"name": "x", "permissions": ["servers:read"]}}


@pytest.fixture
async def session(demo: DemoService) -> AsyncIterator[Session]:
    """An account that is opened with its token."""
    settings = settings_for(demo)
    opened = Session(settings, Tokens(settings, {}), keep_journal=False)
    opened.connect(Token(demo.token))
    yield opened
    await opened.aclose()


async def test_one_answer_tells_all_who_ask_what_the_token_may_do(session: Session, demo: DemoService) -> None:
    demo.faults.add(Fault(path=ACCOUNT, answer=MAY_ONLY_READ))
    assert not session.knows_account
    await asyncio.gather(session.learn_account(), session.learn_account())
    await session.learn_account()
    assert session.knows_account
    assert session.why_read_only == "this token may only read"
    assert demo.count("GET", ACCOUNT) == 1


async def test_a_question_that_failed_counts_for_all_who_waited_and_is_asked_again_later(
    session: Session, demo: DemoService
) -> None:
    demo.faults.add(Fault(path=ACCOUNT, status=400))
    await asyncio.gather(session.learn_account(), session.learn_account())
    assert (session.knows_account, demo.count("GET", ACCOUNT)) == (False, 1)
    await session.learn_account()
    assert (session.knows_account, demo.count("GET", ACCOUNT)) == (True, 2)


async def test_whoever_waits_for_a_question_that_was_given_up_asks_it(session: Session, demo: DemoService) -> None:
    gate = Event()
    demo.faults.add(Fault(path=ACCOUNT, until=gate))
    first = asyncio.create_task(session.learn_account())
    second = asyncio.create_task(session.learn_account())
    await asyncio.to_thread(until, lambda: demo.count("GET", ACCOUNT) == 1, "the question")
    first.cancel()
    await second
    gate.set()
    assert (session.knows_account, demo.count("GET", ACCOUNT)) == (True, 2)


@pytest.mark.parametrize("status", [403, 404])
async def test_what_the_service_does_not_tell_is_not_asked_again(
    session: Session, demo: DemoService, status: int
) -> None:
    demo.faults.add(Fault(path=ACCOUNT, status=status))
    await session.learn_account()
    await session.learn_account()
    assert (session.why_read_only, demo.count("GET", ACCOUNT)) == ("", 1)


async def test_what_another_token_may_do_counts_for_nothing(session: Session, demo: DemoService) -> None:
    gate = Event()
    demo.faults.add(Fault(path=ACCOUNT, until=gate))
    demo.faults.add(Fault(path=ACCOUNT, answer=MAY_ONLY_READ))
    waiting = asyncio.create_task(session.learn_account())
    await asyncio.to_thread(until, lambda: demo.count("GET", ACCOUNT) == 1, "the question")
    session.connect(Token(demo.token))
    gate.set()
    await waiting
    assert session.why_read_only == "this token may only read"


@pytest.mark.parametrize(("token", "outcome"), [("the same", Outcome.DONE), ("vps_another_one", Outcome.NOT_SENT)])
async def test_what_was_confirmed_with_one_token_is_not_sent_with_another(
    session: Session, demo: DemoService, token: str, outcome: Outcome
) -> None:
    backup = (await session.service.list_backups()).items[0]
    gate = Event()
    demo.faults.add(Fault(path="server_id", until=gate))
    deleting = asyncio.create_task(session.operations.delete(backup))
    await asyncio.to_thread(until, lambda: demo.count("GET", "server_id") == 1, "the fresh list")
    session.connect(Token(demo.token if token == "the same" else token))
    gate.set()
    assert (await deleting).outcome is outcome
    assert demo.count("DELETE") == (outcome is Outcome.DONE)


@pytest.fixture
def journalling(demo: DemoService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return an account that is opened with its token, keeps a journal, and waits for no time to close it."""
    monkeypatch.setattr(session_module, "_TO_CLOSE", 0.05)
    settings = replace(settings_for(demo), state_dir=tmp_path)
    opened = Session(settings, Tokens(settings, {}))
    opened.connect(Token(demo.token))
    return opened


async def test_a_journal_that_others_hold_keeps_nobody_from_leaving(journalling: Session, demo: DemoService) -> None:
    operations = journalling.operations
    await journalling.history()
    with closing(sqlite3.connect(journalling.journal_path, isolation_level=None)) as others:
        others.execute("BEGIN IMMEDIATE")
        begun = [asyncio.create_task(operations.create(Server(id=12345 + each), "")) for each in range(3)]
        await asyncio.to_thread(until, lambda: len(operations.running) == 3, "the changes")
        await journalling.aclose()
        assert not any(each.done() for each in begun)
        others.execute("COMMIT")
    assert {each.outcome for each in await asyncio.gather(*begun)} == {Outcome.NOT_SENT}
    assert demo.count("POST") == 0


async def test_what_stands_in_the_journal_as_about_to_be_sent_is_taken_back_before_it_is_closed(
    journalling: Session, demo: DemoService
) -> None:
    operations, listed = journalling.operations, Event()
    await journalling.history()
    demo.faults.add(Fault(path="server_id=", until=listed))
    begun = asyncio.create_task(operations.create(Server(id=12345), ""))
    await asyncio.to_thread(until, lambda: demo.count("GET", "server_id="), "the list before it")
    with closing(sqlite3.connect(journalling.journal_path, isolation_level=None)) as others:
        others.execute("BEGIN IMMEDIATE")
        listed.set()
        await asyncio.to_thread(until, lambda: operations._claimed & operations._unsent, "the claim")
        ending = asyncio.create_task(journalling.aclose())
        assert not (await asyncio.wait([ending], timeout=0.2))[0]
        others.execute("COMMIT")
    await ending
    assert (await begun).outcome is Outcome.NOT_SENT
    assert [each.entry.open for each in read_only(journalling.journal_path)] == [False]
