import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vpsbackup_tui.api.proxies import proxy_for
from vpsbackup_tui.origin import BaseUrlError, check_base_url, origin_of


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
    ],
)
def test_a_sound_base_url_has_one_spelling(url: str, checked: str, origin: str) -> None:
    assert check_base_url(url) == checked
    assert origin_of(checked) == origin


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must begin with https://"),
        ("admin.vps.org/api/v1", "must begin with https://"),
        ("ftp://admin.vps.org", "must begin with https://"),
        ("http://admin.vps.org/api/v1", "http:// is for this machine only"),
        ("http://localhost.example.com", "http:// is for this machine only"),
        ("http://127.0.0.1.example.com", "http:// is for this machine only"),
        ("http://127.0.0.256", "http:// is for this machine only"),
        ("http://127.1", "http:// is for this machine only"),
        ("http://2130706433", "http:// is for this machine only"),
        ("http://0.0.0.0", "http:// is for this machine only"),
        ("https://user:secret@admin.vps.org", "must not hold a user name or password"),
        ("https://user@admin.vps.org", "must not hold a user name or password"),
        ("https://admin.vps.org/?a=b", "must not have a query"),
        ("https://admin.vps.org/#x", "must not have a query"),
        ("https://admin.vps.org?", "must not have a query"),
        ("https://admin.vps.org:0", "must have a port from 1 to 65535"),
        ("https://admin.vps.org:65536", "must have a port from 1 to 65535"),
        ("https://admin.vps.org:", "must look like"),
        ("https://admin.vps.org/a/../b", "must look like"),
        ("https://admin.vps.org/./b", "must look like"),
        ("https://admin.vps.org/%2e%2e", "must look like"),
        ("https://admin.vps.org\\@evil.example", "must not hold a user name or password"),
        ("https://admin..vps.org", "must look like"),
        ("https://", "must look like"),
        ("https:///api", "must look like"),
        (" https://admin.vps.org", "must begin with https://"),
        ("https://admin.vps.org\n", "must look like"),
        ("https://admin.vps.org\r\nX: y", "must look like"),
        ("https://\u0430dmin.vps.org", "must look like"),
        ("https://a" + "a" * 3000, "must be shorter"),
        ("https://xn--a/", "must name a host"),
        ("https://xn--zzzzzz99999.com", "must name a host"),
        ("https://" + "a" * 64 + ".com", "must name a host"),
        ("https://" + "a." * 127 + "com", "must name a host"),
        ("https://999.1.1.1", "must name a host"),
        ("https://1.2.3.04", "must name a host"),
        ("https://[::::::]/", "must name a host"),
        ("https://[1:2]/", "must name a host"),
        ("https://[1.2.3.4]/", "must name a host"),
    ],
)
def test_an_unsound_base_url_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(BaseUrlError, match="must") as refused:
        check_base_url(url)
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


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
