"""Each fault does what it says, as often as it says, and to nothing else."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from threading import Event

import pytest

from tests.conftest import CANARY
from tests.demo.conftest import Ask, Client
from tests.process.running import until
from vpsbackup_tui.demo import DemoService, Fault

CREATE = {"server_id": 12345, "description": "faulty"}


class Pauses(Event):
    """Take no time over the service's pauses, and remember them."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.taken.append(timeout)
        return False


def made(demo: DemoService) -> int:
    """Return how many backups the faulty creates have made."""
    return sum(backup.description == "faulty" for backup in demo.service.backups())


def test_a_fault_strikes_the_requests_it_is_meant_for(ask: Ask, demo: DemoService) -> None:
    fault = demo.faults.add(Fault(method="GET", path="page=2", after=1, times=2, status=503))
    statuses = [ask("GET", "/backups/?page=2").status for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert ask("GET", "/backups/").status == 200
    assert fault.struck == 2


def test_a_fault_without_end_strikes_until_all_are_cleared(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(times=None, status=502))
    assert {ask("GET", "/backups/").status for _ in range(5)} == {502}
    demo.faults.clear()
    assert ask("GET", "/backups/").status == 200


def test_faults_strike_in_the_order_they_were_added(ask: Ask, demo: DemoService) -> None:
    for status in (500, 429):
        demo.faults.add(Fault(status=status))
    assert [ask("GET", "/backups/").status for _ in range(3)] == [500, 429, 200]


def test_a_status_changes_nothing_and_brings_its_body_and_headers(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(status=429, body={"detail": "Slow down."}, headers={"Retry-After": "7"}))
    reply = ask("POST", "/backups/", CREATE)
    assert (reply.status, reply.json, reply.headers["Retry-After"]) == (429, {"detail": "Slow down."}, "7")
    assert made(demo) == 0


def test_a_page_of_markup_is_sent_as_one(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(status=200, body=b"<html>Log in</html>"))
    assert ask("GET", "/backups/").headers["Content-Type"].startswith("text/html")


def test_a_redirect_leads_where_it_says(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(status=302, headers={"Location": "https://elsewhere.example/"}))
    reply = ask("GET", "/backups/")
    assert (reply.status, reply.headers["Location"]) == (302, "https://elsewhere.example/")


def test_a_cut_before_changes_nothing(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(cut="before"))
    with pytest.raises(RemoteDisconnected):
        ask("POST", "/backups/", CREATE)
    assert made(demo) == 0


def test_a_cut_after_leaves_the_change_made(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(cut="after"))
    with pytest.raises(RemoteDisconnected):
        ask("POST", "/backups/", CREATE)
    assert made(demo) == 1


def test_a_cut_body_ends_half_way(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(cut="body"))
    with pytest.raises(IncompleteRead) as caught:
        ask("POST", "/backups/", CREATE)
    assert caught.value.partial.startswith(b'{"id"')
    assert made(demo) == 1


def test_garbage_comes_in_place_of_http(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(raw=b"\x16\x03\x01 no HTTP\r\n"))
    with pytest.raises(BadStatusLine):
        ask("POST", "/backups/", CREATE)
    assert made(demo) == 1


@pytest.mark.parametrize("answer", [{"id": "x", "server": []}, [], "text", 5, b"null", b"{"])
def test_an_answer_is_changed_and_the_change_is_made(ask: Ask, demo: DemoService, answer: object) -> None:
    demo.faults.add(Fault(answer=answer))
    reply = ask("POST", "/backups/", CREATE)
    assert reply.status == 201
    assert reply.body == (answer if isinstance(answer, bytes) else json.dumps(answer).encode())
    assert made(demo) == 1


def test_a_deletes_answer_can_carry_a_body_it_must_not_have(client: Client, demo: DemoService) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    demo.faults.add(Fault(method="DELETE", answer=smuggled))
    client.connection.request(
        "DELETE", "/api/v1/backups/501/", headers={"Authorization": f"Bearer {CANARY}", "Connection": "close"}
    )
    came = client.connection.sock.makefile("rb").read()
    head, _, rest = came.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 204 ")
    assert b"Content-Length" not in head
    assert rest == smuggled


def test_a_body_can_be_huge(ask: Ask, demo: DemoService) -> None:
    demo.faults.add(Fault(huge=9_000_000))
    assert ask("GET", "/backups/").body == b" " * 9_000_000


def test_delays_latency_and_drips_go_together(ask: Ask, demo: DemoService) -> None:
    pauses = demo.stopping = Pauses()
    demo.latency = 2.0
    demo.faults.add(Fault(delay=5.0, drip=0.5, headers={"X-Slow": "yes"}))
    reply = ask("GET", "/backups/")
    assert pauses.taken == [7.0] + [0.5] * 8
    assert (reply.json["count"] > 0, reply.headers["X-Slow"]) == (True, "yes")
    ask("GET", "/backups/")
    assert pauses.taken[9:] == [2.0]


def test_a_request_waits_until_its_fault_is_over(ask: Ask, demo: DemoService) -> None:
    over = Event()
    demo.faults.add(Fault(until=over))
    with ThreadPoolExecutor() as pool:
        reply = pool.submit(ask, "POST", "/backups/", CREATE)
        until(lambda: demo.count("POST") == 1, "the request")
        assert made(demo) == 0
        over.set()
        assert reply.result().status == 201
    assert made(demo) == 1


def test_a_held_change_is_made_and_never_answered(demo: DemoService) -> None:
    pauses = demo.stopping = Pauses()
    demo.faults.add(Fault(hold=True))
    with pytest.raises(RemoteDisconnected):
        Client(demo).ask("POST", "/backups/", CREATE)
    assert pauses.taken == [None]
    assert made(demo) == 1


def test_a_request_that_breaks_off_changes_nothing(client: Client, demo: DemoService) -> None:
    connection = client.connection
    connection.request("POST", "/api/v1/backups/", headers={"Content-Length": "40"})
    connection.sock.sendall(b'{"server_id": 12345')
    connection.close()
    assert client.ask("GET", "/backups/").status == 200
    assert demo.count("POST") == 0


def test_requests_are_counted_and_their_headers_kept_out_of_sight(ask: Ask, demo: DemoService) -> None:
    ask("GET", "/backups/?page=2")
    ask("POST", "/backups/", CREATE)
    assert (demo.count("GET"), demo.count("GET", "page=3"), demo.count("POST", "/backups/")) == (1, 0, 1)
    seen = demo.requests[-1]
    assert json.loads(seen.body) == CREATE
    assert seen.header("authorization").startswith("Bearer vps_")
    assert "Bearer" not in repr(seen)
