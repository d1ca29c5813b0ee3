"""Requests made from the description of the API, sound and unsound ones: every answer keeps to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation

from tests.conftest import CANARY, Clock
from tests.demo.description import DOCUMENTED, as_it_is, labels, operation_of
from vpsbackup_tui.demo import DemoService, Fault

IS = schemathesis.openapi.from_dict(as_it_is())
SHOULD_BE = schemathesis.openapi.from_dict(DOCUMENTED)
BACKUPS, CREATE, DELETE, RESTORE, SERVERS, ACCOUNT = labels()
TOKEN = {"Authorization": f"Bearer {CANARY}"}


def operation(label: str, schema: Any = IS) -> APIOperation[Any, Any, Any, Any]:
    """Return what a label names."""
    method, path = label.split()
    found: APIOperation[Any, Any, Any, Any] = schema[path][method]
    return found


@cache
def requests_to(label: str, mode: GenerationMode) -> st.SearchStrategy[Case[Any]]:
    """Return requests that keep to the description, or don't."""
    return operation(label).as_strategy(generation_mode=mode)


class Caller:
    """Send requests to the embedded service over one connection, and check their answers."""

    def __init__(self, demo: DemoService) -> None:
        self.demo = demo
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, case: Case[Any], headers: dict[str, str] = TOKEN) -> int:
        """Return the status of the answer; raise `FailureGroup` where it isn't as described."""
        answer = case.call(base_url=self.demo.url, session=self.session, headers=headers)
        case.validate_response(answer)
        return answer.status_code

    def make(self, label: str, schema: Any = IS, headers: dict[str, str] = TOKEN, **parts: Any) -> int:
        """Send a request made of its parts, as `send`."""
        return self.send(operation(label, schema).Case(**parts), headers)


@contextmanager
def calling(demo: DemoService) -> Iterator[Caller]:
    """Yield a caller, and close its connection afterwards."""
    made = Caller(demo)
    with made.session:
        yield made


@pytest.fixture
def caller(demo: DemoService) -> Iterator[Caller]:
    with calling(demo) as made:
        yield made


def aim(case: Case[Any], backup_id: int, server_id: int | str) -> None:
    """Let a request name a backup and a server that are there, where it names any."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update(
                {key: value for key, value in (("backup_id", backup_id), ("server_id", server_id)) if key in part}
            )


@pytest.mark.parametrize("label", labels())
@given(data=st.data())
def test_a_sound_request_is_answered_as_described(label: str, data: st.DataObject) -> None:
    case = data.draw(requests_to(label, GenerationMode.POSITIVE))
    with DemoService(seed=1, clock=Clock(), token=CANARY) as demo, calling(demo) as caller:  # what is there is the same
        if data.draw(st.booleans()):
            completed = [each for each in demo.service.backups() if each.status == "completed"]
            backup = data.draw(st.sampled_from(completed))  # no other can be restored
            aim(case, backup.id, backup.server_id)
        caller.send(case)
    assert not demo.errors


@pytest.mark.parametrize("label", [each for each in labels() if each != ACCOUNT])  # which takes nothing
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_unsound_request_is_refused_as_described(caller: Caller, label: str, data: st.DataObject) -> None:
    held = caller.demo.service.backups()
    caller.send(data.draw(requests_to(label, GenerationMode.NEGATIVE)))
    assert caller.demo.service.backups() == held


@pytest.mark.parametrize("label", [each for each in labels() if each not in (RESTORE, DELETE)])
def test_the_documented_examples_fit_the_description(caller: Caller, label: str) -> None:
    described = operation_of(DOCUMENTED, label)
    status, answer = next(iter(described["responses"].items()))
    example = answer["content"]["application/json"]["example"]
    caller.demo.faults.add(Fault(status=int(status), body=example))
    sent = described.get("requestBody")
    parts = {"body": sent["content"]["application/json"]["example"]} if sent else {}
    assert caller.make(label, SHOULD_BE, **parts) == int(status)


@pytest.mark.parametrize("field", ["id", "server", "backup_type", "status", "size_mb", "created_at", "description"])
def test_a_backup_that_lacks_a_field_would_be_noticed(caller: Caller, field: str) -> None:
    backup = operation_of(DOCUMENTED, BACKUPS)["responses"]["200"]["content"]["application/json"]["example"]["results"][
        0
    ]
    spoiled = {"count": 1, "results": [{key: value for key, value in backup.items() if key != field}]}
    caller.demo.faults.add(Fault(answer=spoiled))
    with pytest.raises(FailureGroup, match=field):
        caller.make(BACKUPS)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, body={"detail": "A bug."}),
        Fault(status=418, body={"detail": "A teapot."}),
        Fault(status=400, body={"detail": ""}),
        Fault(status=404, body={}),
        Fault(headers={"Content-Type": "text/plain"}),
        Fault(answer=b"{"),
    ],
)
def test_another_answer_than_described_would_be_noticed(caller: Caller, fault: Fault) -> None:
    caller.demo.faults.add(fault)
    with pytest.raises(FailureGroup):
        caller.make(SERVERS)


def test_every_status_that_is_described_is_met(caller: Caller, clock: Clock) -> None:
    service = caller.demo.service
    backup, gone = service.backups(12345)[-1].id, 10**9
    suspended = next(server.id for server in service.servers() if server.status == "suspended")
    create, restore, of_server = {"server_id": 12345}, {"backup_id": backup}, {"server_id": 12345}
    running = service.add_backup(12345, status="in_progress")
    asked: list[tuple[str, dict[str, Any]]] = [
        (BACKUPS, {}),
        (BACKUPS, {"query": {"server_id": "web"}}),
        (BACKUPS, {"query": {"page": 1000}}),
        (SERVERS, {}),
        (SERVERS, {"query": {"page": 1000}}),
        (ACCOUNT, {}),
        (CREATE, {"body": create}),
        (CREATE, {"body": {}}),
        (CREATE, {"body": {"server_id": gone}}),
        (CREATE, {"body": {"server_id": suspended}}),
        (CREATE, {"body": create, "headers": TOKEN | {"Content-Type": "text/plain"}}),
        (RESTORE, {"path_parameters": of_server, "body": restore}),
        (RESTORE, {"path_parameters": of_server, "body": restore}),
        (RESTORE, {"path_parameters": of_server, "body": {}}),
        (RESTORE, {"path_parameters": {"server_id": gone}, "body": restore}),
        (RESTORE, {"path_parameters": of_server, "body": restore, "headers": TOKEN | {"Content-Type": "text/plain"}}),
        (DELETE, {"path_parameters": {"backup_id": backup}}),
        (DELETE, {"path_parameters": {"backup_id": backup}}),
        (DELETE, {"path_parameters": {"backup_id": running}}),
    ]
    met = {(label, caller.make(label, **parts)) for label, parts in asked}
    without = {"Authorization": "Bearer vps_wrong"}
    met |= {(label, caller.make(label, **parts | {"headers": without})) for label, parts in asked}
    assert met == {
        (label, int(status)) for label in labels() for status in operation_of(as_it_is(), label)["responses"]
    }
