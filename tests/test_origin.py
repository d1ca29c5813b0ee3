import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vpsbackup_tui.api.proxies import proxy_for
from vpsbackup_tui.origin import BaseUrlError, check_base_url, origin_of

SCHEME = "must begin with https://"
HERE_ONLY = "must begin with https:// (http:// is for this machine only: the token could be read)"
USER = "must not hold a user name or password"
QUERY = "must not have a query (?) or a fragment (#)"
PORT = "must have a port from 1 to 65535, or none"
FORM = "must look like https://host or https://host/path, in plain letters"
LENGTH = "must have 2048 characters at most"
HOST = "must name a host that can exist, or its address"

LONG_NAME = ".".join(["a" * 63] * 3 + ["b" * 61])
"""As long as a name can be, with labels that are as long as can be."""


@pytest.mark.parametrize(
    ("url", "checked", "origin"),
    [
        ("https://admin.vps.org/api/v1", "https://admin.vps.org/api/v1", "https://admin.vps.org"),
        ("https://admin.vps.org/api/v1/", "https://admin.vps.org/api/v1", "https://admin.vps.org"),
        ("HTTPS://Admin.VPS.org:443/API//", "https://admin.vps.org/API", "https://admin.vps.org"),
        ("https://host:8443", "https://host:8443", "https://host:8443"),
        ("http://localhost:80/api", "http://localhost/api", "http://localhost"),
        ("http://127.0.0.1:08000/api/v1", "http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x", "https://[2001:db8::1]"),
        ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("https://[1:2:3:4:5:6:7:8]/a/b/c", "https://[1:2:3:4:5:6:7:8]/a/b/c", "https://[1:2:3:4:5:6:7:8]"),
        ("https://host:1", "https://host:1", "https://host:1"),
        ("https://host:65535", "https://host:65535", "https://host:65535"),
        (f"https://{LONG_NAME}/a", f"https://{LONG_NAME}/a", f"https://{LONG_NAME}"),
        ("https://host/" + "a" * 2035, "https://host/" + "a" * 2035, "https://host"),
    ],
)
def test_a_sound_base_url_has_one_spelling(url: str, checked: str, origin: str) -> None:
    assert check_base_url(url) == checked
    assert origin_of(checked) == origin


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", SCHEME),
        ("admin.vps.org/api/v1", SCHEME),
        ("ftp://admin.vps.org", SCHEME),
        ("http://admin.vps.org/api/v1", HERE_ONLY),
        ("http://localhost.example.com", HERE_ONLY),
        ("http://127.0.0.1.example.com", HERE_ONLY),
        ("http://127.0.0.256", HERE_ONLY),
        ("http://127.1", HERE_ONLY),
        ("http://2130706433", HERE_ONLY),
        ("http://0.0.0.0", HERE_ONLY),
        ("https://user:secret@admin.vps.org", USER),
        ("https://user@admin.vps.org", USER),
        ("https://admin.vps.org/?a=b", QUERY),
        ("https://admin.vps.org/#x", QUERY),
        ("https://admin.vps.org?", QUERY),
        ("https://admin.vps.org:0", PORT),
        ("https://admin.vps.org:65536", PORT),
        ("https://admin.vps.org:", FORM),
        ("https://admin.vps.org/a/../b", FORM),
        ("https://admin.vps.org/./b", FORM),
        ("https://admin.vps.org/%2e%2e", FORM),
        ("https://admin.vps.org\\@evil.example", USER),
        ("https://admin..vps.org", FORM),
        ("https://", FORM),
        ("https:///api", FORM),
        (" https://admin.vps.org", SCHEME),
        ("https://admin.vps.org\n", FORM),
        ("https://admin.vps.org\r\nX: y", FORM),
        ("https://\u0430dmin.vps.org", FORM),
        ("https://host/://x", FORM),
        ("https://host/@x", FORM),
        ("https://host/" + " " * 2035, FORM),
        ("https://host/" + "a" * 2036, LENGTH),
        ("https://a" + "a" * 3000, LENGTH),
        ("https://xn--a/", HOST),
        ("https://xn--zzzzzz99999.com", HOST),
        ("https://" + "a" * 64 + ".com", HOST),
        ("https://" + "a." * 127 + "com", HOST),
        (f"https://{LONG_NAME}b", HOST),
        ("https://999.1.1.1", HOST),
        ("https://1.2.3.04", HOST),
        ("https://[::::::]/", HOST),
        ("https://[1:2]/", HOST),
        ("https://[1.2.3.4]/", HOST),
    ],
)
def test_an_unsound_base_url_is_refused_with_the_reason(url: str, message: str) -> None:
    with pytest.raises(BaseUrlError) as refused:
        check_base_url(url)
    assert str(refused.value) == message


HOSTS = st.from_regex(
    r"(xn--|[a-z0-9_-]{,70}\.)[a-z0-9-]{1,70}|([0-9]{1,4}\.){3}[0-9]{1,4}|\[[0-9a-f:.]{2,12}\]", fullmatch=True
)


@example("xn--a")
@example("[::::::]")
@example("999.1.1.1")
@given(HOSTS)
def test_a_checked_base_url_brings_no_surprise_later(host: str) -> None:
    try:
        checked = check_base_url(f"https://{host}/api")
    except BaseUrlError:
        return
    url = httpx.URL(checked)
    assert f"https://{url.netloc.decode()}" == origin_of(checked)
    assert url.host.encode("idna")
    assert proxy_for(checked, {"NO_PROXY": "10.0.0.0/8 example.com"}) is None
    assert proxy_for(checked, {"HTTPS_PROXY": "http://proxy.example"}) or url.host.startswith("127.")


@given(st.text() | st.from_regex(r"https?://[a-zA-Z0-9.:\[\]@/?#%_~-]{0,40}", fullmatch=True))
def test_any_text_is_refused_or_checked_for_good(url: str) -> None:
    try:
        checked = check_base_url(url)
    except BaseUrlError:
        return
    assert check_base_url(checked) == checked
    assert checked.startswith(origin_of(checked))
    assert checked.isascii()
    assert not set(checked) & set("@?#\\ %")
