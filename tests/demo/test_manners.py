"""Django's and DRF's manners: slashes, tokens, methods, pages."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import CANARY
from tests.demo.conftest import Ask, Client
from vpsbackup_tui.demo import DemoService

PATHS = ("/backups/", "/servers/", "/account/me/", "/backups/501/", "/servers/12345/restore/")


def test_a_missing_slash_is_redirected_for_every_method(ask: Ask, demo: DemoService) -> None:
    for method in ("GET", "POST", "DELETE"):
        reply = ask(method, "/backups?server_id=12345")
        assert reply.status == 301
        assert reply.headers["Location"] == "/api/v1/backups/?server_id=12345"
        assert reply.body == b""
    assert ask("DELETE", "/backups/501").status == 301
    assert ask("GET", "/nowhere").status == 404


def test_no_token_and_a_wrong_one_are_401_everywhere(ask: Ask, demo: DemoService) -> None:
    held = demo.service.backups()
    for path in PATHS:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            none = ask(method, path, token=None)
            assert (none.status, none.json) == (401, {"detail": "Authentication credentials were not provided."})
            wrong = ask(method, path, token="Bearer vps_wrong")
            assert (wrong.status, wrong.json) == (401, {"detail": "Invalid token."})
            assert wrong.headers["WWW-Authenticate"] == "Bearer"
    assert ask("GET", "/backups/", token=f"Token {CANARY}").status == 401
    assert ask("GET", "/backups/", token=f"bearer {CANARY}").status == 200
    assert demo.service.backups() == held


def test_unknown_paths_are_404_and_outside_the_api_a_page(ask: Ask, demo: DemoService) -> None:
    assert ask("GET", "/nowhere/").json == {"detail": "Not found."}
    outside = ask("GET", demo.url.removesuffix("/api/v1") + "/login/")
    assert outside.status == 404
    assert outside.headers["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there_is_405_and_the_others_are_named(ask: Ask) -> None:
    reply = ask("GET", "/backups/501/")
    assert (reply.status, reply.json) == (405, {"detail": 'Method "GET" not allowed.'})
    assert reply.headers["Allow"] == "DELETE, OPTIONS"
    assert ask("PUT", "/backups/").headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert ask("HEAD", "/servers/12345/restore/").status == 405


def test_head_is_get_without_the_body_and_options_describes(ask: Ask) -> None:
    head, get = ask("HEAD", "/backups/"), ask("GET", "/backups/")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == get.headers
    assert ask("OPTIONS", "/backups/").json["parses"] == ["application/json"]


def test_only_json_is_read(ask: Ask) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = ask("POST", "/backups/", b"server_id=12345", **form)
    assert reply.status == 415
    assert reply.json == {"detail": 'Unsupported media type "application/x-www-form-urlencoded" in request.'}


def test_a_body_has_a_known_and_modest_size(ask: Ask, demo: DemoService) -> None:
    assert ask("POST", "/backups/", b" " * 70_000).status == 413
    assert ask("POST", "/backups/", **{"Content-Length": "two"}).status == 400
    assert ask("POST", "/backups/", **{"Transfer-Encoding": "chunked"}).status == 411
    assert demo.requests == []


def test_one_connection_carries_many_requests(ask: Ask, client: Client) -> None:
    ask("GET", "/backups/")
    first = client.connection.sock
    ask("POST", "/backups/", {"server_id": 12345})
    ask("DELETE", "/backups/501/")
    assert client.connection.sock is first
    assert first is not None


def test_pages_are_20_unless_asked_for_and_never_over_100(ask: Ask) -> None:
    for size, came in (("", 20), ("7", 7), ("100", 100), ("1000", 100), ("0", 20), ("x", 20)):
        assert len(ask("GET", f"/backups/?page_size={size}").json["results"]) == came


def test_a_page_that_is_not_there_is_404(ask: Ask) -> None:
    for page in ("0", "-1", "x", "1000", "9" * 30, "²"):
        reply = ask("GET", f"/backups/?page={page}" if page != "²" else "/backups/?page=%C2%B2")
        assert (reply.status, reply.json) == (404, {"detail": "Invalid page."})
    assert ask("GET", "/backups/?page=last").json["next"] is None


def test_links_lead_through_the_whole_list_and_back(ask: Ask, demo: DemoService) -> None:
    forth, url = [], f"{demo.url}/backups/?page_size=50&backup_type=automatic"
    while url:
        page = ask("GET", url).json
        forth.append([row["id"] for row in page["results"]])
        last, url = url, page["next"]
    ids = [each for rows in forth for each in rows]
    assert len(ids) == len(set(ids)) == page["count"]
    assert ids == sorted(ids, reverse=True)
    steps, url = 0, last
    while url:
        page = ask("GET", url).json
        steps, first, url = steps + 1, url, page["previous"]
    assert steps == len(forth)
    assert first == f"{demo.url}/backups/?backup_type=automatic&page_size=50"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 120), st.integers(1, 60))
def test_every_page_is_its_slice_of_the_list(ask: Ask, size: int, page: int) -> None:
    ids = [
        row["id"]
        for number in range(1, 5)
        for row in ask("GET", f"/backups/?page_size=100&page={number}").json["results"]
    ]
    reply = ask("GET", f"/backups/?page_size={size}&page={page}")
    size = min(size, 100)
    expected = ids[(page - 1) * size : page * size]
    assert (reply.status == 404) == (not expected)
    if expected:
        assert [row["id"] for row in reply.json["results"]] == expected


def test_lists_come_in_other_shapes_where_a_test_says_so(ask: Ask, demo: DemoService) -> None:
    count = ask("GET", "/backups/").json["count"]
    demo.service.shape = "unlinked"
    page = ask("GET", "/backups/?page=2").json
    assert (set(page), len(page["results"])) == ({"count", "results"}, 20)
    demo.service.shape = "plain"
    assert len(ask("GET", "/backups/").json["results"]) == count
    demo.service.shape = "bare"
    assert len(ask("GET", "/backups/").json) == count


def test_endpoints_can_be_hidden_and_forbidden_one_by_one(ask: Ask, demo: DemoService) -> None:
    demo.service.hidden = {"account"}
    demo.service.forbidden = {"servers"}
    assert ask("GET", "/account/me/").status == 404
    refused = ask("GET", "/servers/")
    assert (refused.status, refused.json) == (403, {"detail": "You do not have permission to perform this action."})
    newest = demo.service.backups(12345)[-1].id
    assert ask("POST", "/servers/12345/restore/", {"backup_id": newest}).status == 202
