import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.api.errors import NotSentError
from vpsbackup_tui.api.proxies import proxy_for

URL = "https://admin.vps.org/api/v1"
PROXY = {"HTTPS_PROXY": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("https://proxy.example/", "https://proxy.example/"),
        ("http://me:p%40ss@10.0.0.1:8080", "http://me:p%40ss@10.0.0.1:8080"),
        ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128"),
    ],
)
def test_a_sound_proxy_is_taken_and_never_shown(value: str, url: str) -> None:
    proxy = proxy_for(URL, {"ALL_PROXY": value})
    assert proxy is not None
    assert (proxy.url, proxy.variable) == (url, "ALL_PROXY")
    assert proxy.url not in repr(proxy)


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"HTTPS_PROXY": "a:1", "ALL_PROXY": "b:1"}, "HTTPS_PROXY"),
        ({"https_proxy": "a:1", "HTTPS_PROXY": "b:1"}, "https_proxy"),
        ({"HTTPS_PROXY": "", "all_proxy": "a:1"}, "all_proxy"),
    ],
)
def test_the_narrower_variable_wins(environ: dict[str, str], variable: str) -> None:
    proxy = proxy_for(URL, environ)
    assert proxy is not None
    assert proxy.variable == variable


@pytest.mark.parametrize("environ", [{}, {"HTTPS_PROXY": " "}, {"HTTP_PROXY": "http://proxy.example"}])
def test_without_a_proxy_the_way_is_direct(environ: dict[str, str]) -> None:
    assert proxy_for(URL, environ) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://127.0.0.1", "https://localhost:8443/api", "https://[::1]:8443"]
)
def test_this_machine_is_never_reached_through_a_proxy(url: str) -> None:
    assert proxy_for(url, {"HTTPS_PROXY": "socks5://x", "HTTP_PROXY": "::"}) is None


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("admin.vps.org", URL, True),
        ("vps.org", URL, True),
        (".vps.org", URL, True),
        ("*.vps.org", URL, True),
        ("VPS.ORG", URL, True),
        ("a.example, vps.org", URL, True),
        ("a.example vps.org", URL, True),
        ("*", URL, True),
        ("vps.org:443", URL, True),
        ("vps.org:8443", URL, False),
        ("vps.org:8443", "https://admin.vps.org:8443", True),
        ("ps.org", URL, False),
        ("admin.vps.org.evil", URL, False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("11.0.0.0/8", "https://10.1.2.3", False),
        ("10.0.0.0/8", URL, False),
        ("[2001:db8::1]", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", True),
        ("2001:db8::/32", "https://[2001:db8::1]", True),
        ("[::1]", URL, False),
        ("", URL, False),
        (",,.,*.", URL, False),
        ("10.0.0.0/99", "https://10.1.2.3", False),
    ],
)
def test_no_proxy_is_understood_as_curl_does(no_proxy: str, url: str, is_direct: bool) -> None:
    assert (proxy_for(url, PROXY | {"NO_PROXY": no_proxy}) is None) == is_direct


@pytest.mark.parametrize("value", ["http://xn--a:3128", "[::::::]:3128", "999.1.1.1:3128", "http://XN--A/"])
def test_a_proxy_on_a_host_that_can_not_exist_is_refused(value: str) -> None:
    with pytest.raises(NotSentError, match="HTTPS_PROXY doesn't name a proxy"):
        proxy_for(URL, {"HTTPS_PROXY": value})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.text(max_size=30))
def test_no_environment_ends_in_anything_but_a_named_error(value: str, no_proxy: str) -> None:
    words = ""
    try:
        proxy_for(URL, {"HTTPS_PROXY": value, "NO_PROXY": no_proxy})
    except NotSentError as error:
        words = error.message
    assert not words or "HTTPS_PROXY" in words
    assert words.isprintable()
