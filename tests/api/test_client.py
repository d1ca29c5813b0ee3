import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.api.conftest import Connect, Waits, failure
from tests.conftest import CANARY
from vpsbackup_tui import __version__
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.api.errors import (
    NoAnswerError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ServerFailedError,
    TokenRefusedError,
    TooManyRequestsError,
    UnreachableError,
    UnusableAnswerError,
)
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.fleet.backups import Backups
from vpsbackup_tui.fleet.models import Backup
from vpsbackup_tui.origin import BaseUrlError
from vpsbackup_tui.secret import Token

Change = Callable[[Service], Coroutine[Any, Any, object]]

CHANGES: dict[str, tuple[str, Change]] = {
    "create": ("POST", lambda service: service.create_backup(12345, "before the upgrade")),
    "delete": ("DELETE", lambda service: service.delete_backup(501)),
    "restore": ("POST", lambda service: service.restore_server(12345, 501)),
}
every_change = pytest.mark.parametrize(("method", "change"), CHANGES.values(), ids=CHANGES)


def host_of(demo: DemoService) -> str:
    return demo.url.split("/")[2]


@pytest.fixture
def backup_id(demo: DemoService) -> int:
    return demo.service.add_backup(12345)


# --- what goes right ------------------------------------------------------------------


async def test_backups_come_from_all_pages_in_order(demo: DemoService, service: Service) -> None:
    pages: list[int] = []
    demo.service.largest_page = 7
    listing = await service.list_backups(on_page=lambda rows, count: pages.append(len(rows)))
    assert listing.complete
    assert listing.total == len(listing.items) == sum(pages)
    assert len(pages) > 3
    ids = [backup.id for backup in listing.items]
    assert ids == sorted(ids, key=lambda each: -int(str(each)))


async def test_backups_are_collected_in_columns_and_in_those_that_are_given(service: Service) -> None:
    listing = await service.list_backups()
    given = Backups()
    again = await service.list_backups(collected=given)
    assert isinstance(listing.items, Backups)
    assert again.items is given
    assert given == listing.items


async def test_filters_are_sent_on_every_page(demo: DemoService, service: Service) -> None:
    demo.service.largest_page = 5
    listing = await service.list_backups(server_id=12345, backup_type="automatic")
    assert {(backup.server_id, backup.type) for backup in listing.items} == {(12345, "automatic")}
    assert len(demo.requests) > 1
    assert all("server_id=12345" in seen.path and "backup_type=automatic" in seen.path for seen in demo.requests)


async def test_a_request_carries_what_the_documentation_asks_for(demo: DemoService, service: Service) -> None:
    await service.list_servers()
    headers = {name.lower(): value for name, value in demo.requests[0].headers.items()}
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["user-agent"] == f"vpsbackup-tui/{__version__}"
    assert headers["accept-encoding"] == "identity"
    assert demo.requests[0].path.partition("?")[0].endswith("/servers/")


async def test_servers_are_listed_whole(service: Service) -> None:
    listing = await service.list_servers()
    assert listing.complete
    assert listing.total == len(listing.items) == 12
    assert all(server.name and server.addresses and server.plan for server in listing.items)


async def test_the_account_is_told(service: Service) -> None:
    account = await service.get_account()
    assert "@" in account.email
    assert account.permissions


async def test_a_hidden_account_is_not_found(demo: DemoService, service: Service) -> None:
    demo.service.hidden.add("account")
    assert isinstance(await failure(service.get_account()), NotFoundError)
    await service.probe()


async def test_a_created_backup_is_as_the_service_began_it(demo: DemoService, service: Service) -> None:
    made = await service.create_backup(12345, "Grüße [/x] \x1b[31m")
    assert made.is_busy
    assert (made.server_id, made.type, made.expires_at) == (12345, "manual", None)
    assert json.loads(demo.requests[-1].body) == {"server_id": 12345, "description": "Grüße [/x] \x1b[31m"}
    assert (made.raw or {})["description"] == "Grüße [/x] \x1b[31m"
    assert "\x1b" not in made.description


async def test_a_description_with_half_a_character_is_sent_as_it_is(demo: DemoService, service: Service) -> None:
    await service.create_backup(12345, "caf\udce9")
    assert json.loads(demo.requests[-1].body)["description"] == "caf\udce9"


async def test_a_backup_is_deleted(demo: DemoService, service: Service, backup_id: int) -> None:
    await service.delete_backup(backup_id)
    assert demo.service.backup(backup_id) is None
    assert demo.requests[-1].body == b""


async def test_a_restore_tells_the_service_s_words(demo: DemoService, service: Service, backup_id: int) -> None:
    assert (await service.restore_server(12345, backup_id)).startswith("Restore")
    assert json.loads(demo.requests[-1].body) == {"backup_id": backup_id}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 5}'])
async def test_a_restore_may_be_accepted_without_words(
    demo: DemoService, service: Service, backup_id: int, body: bytes
) -> None:
    demo.faults.add(Fault(method="POST", answer=body))
    assert await service.restore_server(12345, backup_id) == ""


@pytest.mark.parametrize("body", [b"\xff", b"OK", b'{"error": "not allowed"}', b'{"errors": ["no"]}', b'{"ok": false}'])
async def test_a_restore_is_not_known_where_the_answer_is_no_json_or_an_error(
    demo: DemoService, service: Service, backup_id: int, body: bytes
) -> None:
    demo.faults.add(Fault(method="POST", answer=body))
    assert isinstance(await failure(service.restore_server(12345, backup_id)), UnusableAnswerError)


async def test_a_backup_is_not_known_to_be_made_where_the_answer_denies_it(demo: DemoService, service: Service) -> None:
    body = {"id": 900, "server": {"id": 12345, "name": "x"}, "backup_type": "manual", "status": "in_progress"}
    demo.faults.add(
        Fault(method="POST", status=201, body={**body, "success": False, "message": "The server is locked."})
    )
    error = await failure(service.create_backup(12345, "x"))
    assert isinstance(error, UnusableAnswerError)
    assert error.message.endswith("it accepts and speaks of an error: “The server is locked.”.")


@pytest.mark.parametrize("body", [b"not json", b'{"error": "not allowed"}', b'{"detail": "quota exceeded"}'])
async def test_a_deletion_is_not_known_where_the_answer_says_something(
    demo: DemoService, service: Service, body: bytes
) -> None:
    demo.faults.add(Fault(method="DELETE", status=200, body=body))
    assert isinstance(await failure(service.delete_backup(501)), UnusableAnswerError)


@pytest.mark.parametrize("status", [200, 204])
async def test_a_deletion_is_done_with_a_2xx(demo: DemoService, service: Service, status: int) -> None:
    demo.faults.add(Fault(method="DELETE", status=status))
    await service.delete_backup(501)


async def test_a_deletion_that_is_only_accepted_is_not_known_to_be_done(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(method="DELETE", status=202))
    error = await failure(service.delete_backup(501))
    assert isinstance(error, UnusableAnswerError)
    assert error.message.endswith(" has accepted it, and doesn't say that it is done (202).")


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_a_create_and_a_restore_may_be_accepted_with_any_2xx(
    demo: DemoService, service: Service, status: int
) -> None:
    demo.faults.add(Fault(method="POST", times=2, status=status, body={"id": 7, "server": {"id": 12345}}))
    assert (await service.create_backup(12345, "x")).id == 7
    assert await service.restore_server(12345, 501) == ""


async def test_another_token_is_used_from_the_next_request_on(demo: DemoService, service: Service) -> None:
    await service.probe()
    assert service.use_token(Token("vps_another_token"))
    assert not service.use_token(Token("vps_another_token"))
    assert isinstance(await failure(service.probe()), TokenRefusedError)
    service.use_token(Token(CANARY))
    await service.probe()


async def test_another_token_is_used_after_closing_too(demo: DemoService, service: Service) -> None:
    service.use_token(Token("vps_another_token"))
    assert isinstance(await failure(service.probe()), TokenRefusedError)
    service.use_token(Token(CANARY))
    await service.aclose()
    await service.probe()


async def test_half_a_character_in_an_id_is_no_error_of_this_program(demo: DemoService, service: Service) -> None:
    assert isinstance(await failure(service.delete_backup("5\udce9")), NotFoundError)
    assert demo.requests[-1].path.endswith("/backups/5%3F/")


async def test_ids_are_sent_back_in_their_type_and_never_change_a_path(demo: DemoService, service: Service) -> None:
    await failure(service.create_backup("a1-b2", "x"))
    assert json.loads(demo.requests[-1].body)["server_id"] == "a1-b2"
    await failure(service.delete_backup("1/../../servers/5"))
    assert demo.requests[-1].path.endswith("/backups/1%2F..%2F..%2Fservers%2F5/")


# --- what comes back holds no token ---------------------------------------------------

ECHO = f"You sent Authorization: Bearer {CANARY}"
HIDDEN = "You sent Authorization: Bearer ***"
READS: dict[str, Change] = {
    "account": lambda service: service.get_account(),
    "probe": lambda service: service.probe(),
    "servers": lambda service: service.list_servers(),
    "backups": lambda service: service.list_backups(),
}
REQUESTS: dict[str, Change] = {**READS, **{name: change for name, (_, change) in CHANGES.items()}}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502])
async def test_an_error_that_repeats_the_token_is_told_without_it(
    demo: DemoService, service: Service, status: int
) -> None:
    demo.faults.add(Fault(status=status, body={"detail": ECHO}, times=None))
    for request in REQUESTS.values():
        assert f"({status}): “{HIDDEN}.”" in (await failure(request(service))).message


@pytest.mark.parametrize("body", [ECHO, {"errors": {"x": ECHO.lower()}}, [ECHO.upper()], {"detail": ECHO + "x" * 300}])
async def test_words_in_any_shape_are_told_without_the_token(demo: DemoService, service: Service, body: object) -> None:
    demo.faults.add(Fault(status=400, body=body))
    assert HIDDEN.lower() in (await failure(service.probe())).message.lower()


@pytest.mark.parametrize("request_name", REQUESTS)
async def test_an_answer_that_is_no_json_and_repeats_the_token_is_told_without_it(
    demo: DemoService, service: Service, request_name: str
) -> None:
    demo.faults.add(Fault(status=200, body=ECHO.encode()))
    assert HIDDEN in (await failure(REQUESTS[request_name](service))).message


async def test_the_words_of_a_restore_are_told_without_the_token(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(method="POST", status=202, body={"detail": ECHO}))
    assert await service.restore_server(12345, 501) == f"{HIDDEN}."


@pytest.mark.parametrize("host", [CANARY, CANARY.lower()])
async def test_a_redirect_to_a_host_named_by_the_token_is_told_without_it(
    demo: DemoService, service: Service, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    caplog.set_level(logging.INFO, "httpcore")  # it logs headers as they came, to nobody outside the tests
    demo.faults.add(Fault(status=302, headers={"Location": f"https://{host}.example/?t={CANARY}"}))
    assert "redirects to ***.example (302)" in (await failure(service.probe())).message


async def test_rows_that_repeat_the_token_come_without_it(demo: DemoService, service: Service) -> None:
    row = {"id": 7, "server": {"id": 12345, "name": ECHO}, "name": ECHO, "description": ECHO, "odd": ECHO}
    body = {"count": 1, "next": None, "results": [row]}
    demo.faults.add(Fault(method="GET", status=200, body=body, times=2))
    demo.faults.add(Fault(method="POST", status=201, body=row))
    listed = [*(await service.list_backups()).items, await service.create_backup(12345, "x")]
    assert {(backup.server_name, backup.description) for backup in listed} == {(HIDDEN, HIDDEN)}
    assert CANARY not in json.dumps([backup.raw for backup in listed])
    [server] = (await service.list_servers()).items
    assert server.name == HIDDEN
    assert CANARY not in repr(server)


async def test_an_account_that_repeats_the_token_comes_without_it(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(status=200, body={"email": f"{CANARY}@example.com", "token": {"name": ECHO}}))
    account = await service.get_account()
    assert account.email == "***@example.com"
    assert CANARY not in repr(account)


# --- changes are sent once ------------------------------------------------------------

FAULTS: dict[str, Fault] = {
    "closed before": Fault(cut="before"),
    "closed after": Fault(cut="after"),
    "body cut": Fault(status=500, body=b"x" * 100, cut="body"),
    "not HTTP": Fault(raw=b"hello\r\n\r\n"),
    "redirect": Fault(status=307, headers={"Location": "/api/v1/backups/"}),
    "redirect nowhere": Fault(status=302),
    "400": Fault(status=400, body={"detail": "No."}),
    "401": Fault(status=401),
    "403": Fault(status=403),
    "404": Fault(status=404),
    "408": Fault(status=408),
    "409": Fault(status=409),
    "423": Fault(status=423),
    "425": Fault(status=425),
    "429": Fault(status=429, headers={"Retry-After": "1"}),
    "499": Fault(status=499),
    "500": Fault(status=500),
    "502": Fault(status=502, body=b"<html>Bad Gateway</html>"),
    "503": Fault(status=503, headers={"Retry-After": "1"}),
    "504": Fault(status=504),
}
_REFUSALS = {"400", "401", "403", "404", "409", "423", "429"}


@every_change
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_change_is_sent_once_whatever_happens(
    demo: DemoService, service: Service, waits: Waits, method: str, change: Change, fault: str
) -> None:
    given = FAULTS[fault]
    demo.faults.add(
        Fault(status=given.status, body=given.body, headers=given.headers, cut=given.cut, raw=given.raw, times=None)
    )
    error = await failure(change(service))
    assert len(demo.requests) == 1
    assert demo.requests[0].method == method
    assert demo.requests[0].headers["Connection"] == "close"
    assert waits == []
    assert isinstance(error, RefusedError if fault in _REFUSALS else OutcomeUnknownError)


@every_change
async def test_a_change_without_an_answer_is_of_unknown_outcome(
    demo: DemoService, connect: Connect, method: str, change: Change
) -> None:
    demo.faults.add(Fault(hold=True, times=None))
    error = await failure(change(connect(demo.url, read=0.1, whole_change=4)))
    assert isinstance(error, NoAnswerError)
    assert error.message == f"No complete answer came from {host_of(demo)}: it said nothing for 0 s."
    assert len(demo.requests) == 1


async def test_a_change_is_given_up_at_its_deadline(demo: DemoService, connect: Connect) -> None:
    demo.faults.add(Fault(hold=True, times=None))
    error = await failure(connect(demo.url, read=10, whole_change=1).create_backup(12345, "x"))
    assert isinstance(error, NoAnswerError)
    assert error.message == f"No complete answer came from {host_of(demo)}: 1 s were not enough."
    assert len(demo.requests) == 1


@every_change
async def test_nothing_is_sent_when_opened_read_only(
    demo: DemoService, connect: Connect, method: str, change: Change
) -> None:
    error = await failure(change(connect(demo.url, read_only=True)))
    assert type(error) is NotSentError
    assert error.message == "No change is sent: it is so."
    assert demo.requests == []


async def test_changes_are_sent_unless_opened_read_only(demo: DemoService) -> None:
    service = Service(demo.url, Token(CANARY))
    assert (await service.create_backup(12345, "x")).is_busy
    await service.aclose()


async def test_everything_is_read_when_opened_read_only(demo: DemoService, connect: Connect) -> None:
    service = connect(demo.url, read_only=True)
    assert (await service.list_backups()).complete
    assert (await service.list_servers()).complete
    assert (await service.get_account()).email
    await service.probe()
    assert {seen.method for seen in demo.requests} == {"GET"}


async def test_a_list_is_asked_for_in_pages_of_100_and_a_probe_for_one_row(demo: DemoService, service: Service) -> None:
    await service.list_servers()
    await service.probe()
    assert [seen.path.rpartition("/")[2] for seen in demo.requests] == ["?page_size=100", "?page_size=1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>created</html>",
        b"{}",
        b"[]",
        b"null",
        b'{"id": 7}',
        b'{"id": 7, "server": {"id": 99, "name": "other"}}',
        b'{"id": -7, "server": {"id": 12345}}',
        b"[" * 100_000,
    ],
)
async def test_a_201_that_proves_nothing_is_of_unknown_outcome(
    demo: DemoService, service: Service, body: bytes
) -> None:
    demo.faults.add(Fault(method="POST", answer=body))
    assert isinstance(await failure(service.create_backup(12345, "x")), UnusableAnswerError)
    assert demo.count("POST") == 1


@every_change
async def test_a_web_page_proves_nothing_of_a_change(
    demo: DemoService, service: Service, method: str, change: Change
) -> None:
    demo.faults.add(Fault(status=200, body=b"<!doctype html><title>Log in to this network</title>"))
    error = await failure(change(service))
    assert isinstance(error, UnusableAnswerError)
    assert "web page" in error.message
    assert demo.count(method) == 1


# --- reads are tried again ------------------------------------------------------------


@pytest.mark.parametrize("fault", ["closed before", "closed after", "not HTTP", "500", "502", "504"])
async def test_a_read_is_tried_again(demo: DemoService, service: Service, waits: Waits, fault: str) -> None:
    given = FAULTS[fault]
    demo.faults.add(Fault(status=given.status, cut=given.cut, raw=given.raw, times=2))
    assert (await service.list_servers()).complete
    assert waits == [0.25, 0.5]
    assert len(demo.requests) == 3


async def test_a_try_that_takes_no_time_leaves_the_whole_deadline(
    demo: DemoService, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.faults.add(Fault(status=503))
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: 1000.0)
    assert (await connect(demo.url, whole_read=1.0).list_servers()).complete


async def test_a_mute_read_is_tried_again_after_its_own_limit(demo: DemoService, connect: Connect) -> None:
    demo.faults.add(Fault(hold=True, times=None))
    error = await failure(connect(demo.url, read=0.1, whole_read=4).list_servers())
    assert error.message == f"No complete answer came from {host_of(demo)}: it said nothing for 0 s."
    assert len(demo.requests) == 3


async def test_a_read_is_tried_three_times_at_most(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(status=503, body={"detail": "Maintenance"}, times=None))
    error = await failure(service.list_backups())
    assert isinstance(error, ServerFailedError)
    assert error.status == 503
    assert "Maintenance." in error.message
    assert "127.0.0.1" in error.message
    assert len(demo.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 410, 418, 499, 501, 520])
async def test_what_won_t_pass_is_not_tried_again(demo: DemoService, service: Service, status: int) -> None:
    demo.faults.add(Fault(status=status, times=None))
    await failure(service.list_servers())
    assert len(demo.requests) == 1


async def test_a_storm_of_failures_spends_the_budget_and_is_not_fed(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(status=503, times=None))
    for _ in range(50):
        await failure(service.list_servers())
    assert len(demo.requests) == 60


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("30", 30.0),
        ("0", 0.25),
        ("Thu, 16 Jan 2025 12:00:20 GMT", 20.0),
        ("", 0.25),
        ("soon", 0.25),
        ("-5", 0.25),
        ("1e3", 0.25),
        ("9" * 400, 0.25),
        ("999999", 0.25),
        ("Thu, 16 Jan 2020 12:00:20 GMT", 0.25),
        ("Thu, 99 Jan 2025 12:00:20 GMT", 0.25),
    ],
)
async def test_retry_after_is_obeyed(
    demo: DemoService, service: Service, waits: Waits, asked: str, waited: float
) -> None:
    demo.faults.add(Fault(status=429, headers={"Retry-After": asked}))
    await service.list_servers()
    assert waits == [waited]


async def test_a_long_retry_after_is_told_and_not_waited_for(demo: DemoService, service: Service, waits: Waits) -> None:
    demo.faults.add(Fault(status=429, headers={"Retry-After": "120"}))
    error = await failure(service.list_servers())
    assert isinstance(error, TooManyRequestsError)
    assert error.retry_after == 120
    assert "120 s" in error.message
    assert waits == []


async def test_a_mute_service_is_given_up_at_one_deadline_for_all_tries(demo: DemoService, connect: Connect) -> None:
    demo.faults.add(Fault(hold=True, times=None))
    error = await failure(connect(demo.url, read=0.05, whole_read=0.12).list_servers())
    # Where time is up in the midst of a connect, that try has sent nothing.
    assert isinstance(error, NoAnswerError | UnreachableError)
    assert len(demo.requests) < 3 or "not enough" in error.message


async def test_a_dripping_answer_is_given_up_at_the_deadline(demo: DemoService, connect: Connect) -> None:
    demo.faults.add(Fault(drip=0.2, times=None))
    error = await failure(connect(demo.url, read=10, whole_read=0.3).list_servers())
    assert isinstance(error, NoAnswerError)
    assert "not enough" in error.message
    assert len(demo.requests) == 1


async def test_reads_go_on_after_many_were_cancelled(demo: DemoService, service: Service) -> None:
    await service.probe()
    for round_ in range(40):
        tasks = [asyncio.create_task(service.list_servers()) for _ in range(8)]
        for _ in range(round_ * 5):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await service.list_servers()).complete


async def test_more_reads_than_connections_take_turns(demo: DemoService, service: Service) -> None:
    listings = await asyncio.gather(*(service.list_servers() for _ in range(30)))
    assert all(listing.complete for listing in listings)


async def test_a_refused_connection_is_tried_again_and_names_the_host(connect: Connect, waits: Waits) -> None:
    with DemoService() as gone:
        url = gone.url
    error = await failure(connect(url).list_backups())
    assert isinstance(error, NotSentError)
    assert "127.0.0.1" in error.message
    assert "refused the connection" in error.message
    assert len(waits) == 2


# --- answers that can't be used -------------------------------------------------------

ANY_REQUEST: dict[str, Change] = {name: change for name, (_, change) in CHANGES.items()} | {
    "backups": lambda service: service.list_backups(),
    "servers": lambda service: service.list_servers(),
    "account": lambda service: service.get_account(),
    "probe": lambda service: service.probe(),
}


@pytest.mark.parametrize("request_", ANY_REQUEST.values(), ids=ANY_REQUEST)
async def test_an_answer_that_can_t_be_used_is_told_with_its_host(
    demo: DemoService, service: Service, request_: Change
) -> None:
    demo.faults.add(Fault(status=200, body=b"<html>"))
    error = await failure(request_(service))
    assert isinstance(error, UnusableAnswerError)
    assert error.message.startswith(f"{host_of(demo)} gave an answer that can't be used: ")
    assert "web page" in error.message


async def test_a_create_that_speaks_of_another_server_is_told_with_both(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(answer={"id": 7, "server": {"id": 99}}))
    error = await failure(service.create_backup(12345, "x"))
    assert error.message == f"{host_of(demo)} answered about server 99, though server 12345 was to be backed up."


async def test_a_server_s_id_may_come_back_as_text(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(answer={"id": 7, "server": {"id": "12345"}}))
    assert (await service.create_backup(12345, "x")).server_id == "12345"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_named(demo: DemoService, service: Service, status: int) -> None:
    with DemoService() as other:
        demo.faults.add(Fault(status=status, headers={"Location": other.url + "/servers/"}))
        error = await failure(service.list_servers())
        assert other.requests == []
    assert isinstance(error, UnusableAnswerError)
    assert error.message.startswith(f"{host_of(demo)} redirects to 127.0.0.1 ({status}), which is not followed.")
    assert len(demo.requests) == 1


@pytest.mark.parametrize("location", ["", "http://[bad", "/elsewhere", "\x1b]0;evil\x07"])
async def test_a_redirect_to_nowhere_is_a_clean_error(demo: DemoService, service: Service, location: str) -> None:
    demo.faults.add(Fault(status=302, headers={"Location": location} if location else {}, times=None))
    assert isinstance(await failure(service.list_servers()), UnusableAnswerError | NoAnswerError)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", "web page"),
        (b"", "empty"),
        (b'{"count": 3, "resu', "isn't JSON"),
        (b"caf\xe9", "isn't JSON"),
        (b"\x1b]52;c;cm0=\x07", "isn't JSON"),
        (b'"text"', "no list"),
        (b"null", "no list"),
        (b'{"count": 3}', "no list"),
        (b'{"results": {"a": 1}}', "no list"),
        (b"[" * 100_000, "isn't JSON"),
        (b'{"a":' * 100_000, "isn't JSON"),
    ],
)
async def test_what_is_no_list_is_a_clean_error(demo: DemoService, service: Service, body: bytes, words: str) -> None:
    demo.faults.add(Fault(answer=body))
    error = await failure(service.list_backups())
    assert isinstance(error, UnusableAnswerError)
    assert words in error.message
    assert "<" not in error.message
    assert len(error.message) < 300
    assert len(demo.requests) == 1


async def test_a_huge_answer_is_not_read(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(huge=9 * 1024 * 1024))
    error = await failure(service.list_backups())
    assert isinstance(error, UnusableAnswerError)
    assert error.message == f"{host_of(demo)} gave an answer of more than 8 MiB, which is not read."


@pytest.mark.parametrize(("over", "words"), [(0, "it is empty"), (1, "8 MiB")])
async def test_8_mib_are_read_and_no_byte_more(demo: DemoService, service: Service, over: int, words: str) -> None:
    demo.faults.add(Fault(huge=8 * 1024 * 1024 + over))
    assert words in (await failure(service.list_backups())).message


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "made-up"])
async def test_a_compressed_answer_is_not_unpacked(demo: DemoService, service: Service, encoding: str) -> None:
    demo.faults.add(Fault(answer=b"\x1f\x8b\x08", headers={"Content-Encoding": encoding}))
    error = await failure(service.list_backups())
    assert isinstance(error, UnusableAnswerError)
    assert error.message == f"{host_of(demo)} gave a compressed answer, which was not asked for."


async def test_a_compressed_error_is_told_by_its_status(demo: DemoService, service: Service) -> None:
    demo.faults.add(Fault(status=400, body=b"Words", headers={"Content-Encoding": "gzip"}))
    error = await failure(service.list_backups())
    assert error.message == f"{host_of(demo)} refused (400): it can't use what was sent."


@pytest.mark.parametrize("encoding", ["identity", " Identity", ""])
async def test_an_answer_may_say_that_it_is_not_compressed(demo: DemoService, service: Service, encoding: str) -> None:
    demo.faults.add(Fault(headers={"Content-Encoding": encoding}))
    assert (await service.list_servers()).complete


async def test_a_large_page_is_decoded_beside_the_event_loop(demo: DemoService, connect: Connect) -> None:
    with DemoService(backups=3000, token=CANARY) as large:
        large.service.shape = "bare"
        listing = await connect(large.url).list_backups()
    assert len(listing.items) == 3000
    assert listing.total is None


@pytest.mark.parametrize("type_", ["text/html", "application/octet-stream", ""])
async def test_the_content_type_does_not_matter_where_the_shape_is_right(
    demo: DemoService, service: Service, type_: str
) -> None:
    demo.faults.add(Fault(headers={"Content-Type": type_}))
    assert (await service.list_backups()).complete


async def test_no_cookie_is_kept(demo: DemoService, service: Service) -> None:
    demo.service.largest_page = 5
    demo.faults.add(Fault(headers={"Set-Cookie": "sessionid=5; Path=/"}, times=None))
    await service.list_servers()
    assert len(demo.requests) > 1
    assert all("cookie" not in {name.lower() for name in seen.headers} for seen in demo.requests)


# --- the outside ----------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://admin.vps.org/api/v1", "https://me:secret@admin.vps.org", "ftp://x", ""])
def test_a_url_that_no_token_may_go_to_is_refused(url: str) -> None:
    with pytest.raises(BaseUrlError):
        Service(url, Token(CANARY))


async def test_a_service_can_be_used_again_after_it_was_closed(service: Service) -> None:
    await service.probe()
    await service.aclose()
    await service.aclose()
    await service.probe()


async def test_a_page_that_fails_for_good_fails_the_whole_list(demo: DemoService, service: Service) -> None:
    demo.service.largest_page = 5
    demo.faults.add(Fault(path="page=4", status=500, times=None))
    shown: list[Backup] = []
    error = await failure(service.list_backups(on_page=lambda rows, count: shown.extend(rows)))
    assert isinstance(error, ServerFailedError)
    assert len(shown) == 15


async def test_a_list_is_read_to_its_end_at_whatever_pace_the_service_wants(
    demo: DemoService, service: Service, waits: Waits
) -> None:
    demo.service.largest_page = 5
    pages = range(2, -(-len(demo.service.backups()) // 5) + 1)
    for page in pages:
        demo.faults.add(Fault(path=f"page={page}", status=429, headers={"Retry-After": "1"}, times=3))
    assert (await service.list_backups()).complete
    assert waits == [1.0] * 3 * len(pages)


async def test_after_a_429_pages_are_fetched_one_at_a_time(demo: DemoService, service: Service, waits: Waits) -> None:
    demo.service.largest_page = 5
    demo.faults.add(Fault(path="page=3", status=429, headers={"Retry-After": "2"}))
    assert (await service.list_backups()).complete
    assert waits == [2.0]


async def test_a_read_that_slows_down_is_tried_again_after_failures_as_any_other(
    demo: DemoService, service: Service, waits: Waits
) -> None:
    demo.faults.add(Fault(path="/servers/", status=429, headers={"Retry-After": "1"}, times=3))
    demo.faults.add(Fault(path="/servers/", status=503, times=2))
    demo.faults.add(Fault(path="/servers/", status=429, headers={"Retry-After": "1"}, times=3))
    assert (await service.list_servers()).items
    assert len(waits) == 8
    demo.faults.add(Fault(path="/servers/", status=503, times=3))
    with pytest.raises(ServerFailedError):
        await service.list_servers()
