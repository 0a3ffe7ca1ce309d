"""Which requests go through the proxy of the environment, and which are exempt?"""

import pytest
from yarl import URL

from lightfield import LightfieldValueError
from lightfield._config.proxy import checked_proxy, proxy_to

PROXY = "http://proxy.test:3128"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def place_of(url: str, *, allow_http: bool = True) -> str | None:
    """Say which proxy a request goes through."""
    proxy = proxy_to(URL(url), None, trust_env=True, allow_http=allow_http)
    return None if proxy is None else proxy.place


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("*", "https://a.test"),
        ("b.test, *", "https://a.test"),
        ("a.test", "https://a.test"),
        ("A.Test.", "https://a.test"),
        ("b.test c.test  a.test", "https://a.test"),
        (" b.test ,\ta.test ", "https://a.test"),
        ("a.test", "https://api.a.test"),
        (".a.test", "https://api.a.test"),
        (".a.test", "https://a.test"),
        ("*.a.test", "https://api.a.test"),
        ("a.test:443", "https://a.test"),
        ("a.test:8443", "https://a.test:8443"),
        (".a.test:8443", "https://api.a.test:8443"),
        ("10.0.0.1", "https://10.0.0.1"),
        ("10.0.0.1:8443", "https://10.0.0.1:8443"),
        ("10.0.0.0/8", "https://10.1.2.3:8443"),
        ("10.1.2.3/8", "https://10.200.0.1"),
        ("fd00::1", "https://[fd00::1]"),
        ("[fd00::1]", "https://[fd00::1]"),
        ("fd00:0:0::1", "https://[fd00::1]"),
        ("[fd00::1]:8443", "https://[fd00::1]:8443"),
        ("fd00::/8", "https://[fd12::3]:8443"),
    ],
)
def test_hosts_that_are_exempt(monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert place_of(url) == "proxy.test:3128"
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert place_of(url) is None


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("", "https://a.test"),
        (",", "https://a.test"),
        (".", "https://a.test"),
        ("*.", "https://a.test"),
        ("b.test", "https://a.test"),
        ("test.a", "https://a.test"),
        ("a.test", "https://aa.test"),
        ("api.a.test", "https://a.test"),
        ("a.test:8443", "https://a.test"),
        ("a.test:443", "https://a.test:8443"),
        (":443", "https://a.test"),
        ("10.0.0.0/8", "https://11.0.0.1"),
        ("10.0.0.0/8", "https://a.test"),
        ("10.0.0.0/99", "https://10.0.0.1"),
        ("[fd00::1]:8443", "https://[fd00::1]"),
        ("fd00::/8", "https://10.0.0.1"),
    ],
)
def test_hosts_that_are_not(monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert place_of(url) == "proxy.test:3128"


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, None),
        ({"HTTP_PROXY": PROXY}, None),
        ({"https_proxy": "proxy.test"}, "proxy.test"),
        ({"ALL_PROXY": PROXY}, "proxy.test:3128"),
        ({"all_proxy": "http://other.test", "HTTPS_PROXY": PROXY}, "proxy.test:3128"),
    ],
)
def test_variables_that_name_a_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert place_of("https://a.test") == place


def test_a_header_of_a_cgi_request_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert place_of("http://a.test") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1", "http://localhost:9", "https://localhost", "https://[::1]:9"])
def test_another_host_is_no_proxy_to_this_one(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert place_of(url) is None
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.2:3128")
    assert place_of(url, allow_http=False) == "127.0.0.2:3128"


@pytest.mark.parametrize("proxy", [PROXY, "https://proxy.test", "http://127.0.0.999", "http://0.0.0.0:1"])
def test_a_proxy_on_another_host_must_be_allowed_to_read_the_key(proxy: str) -> None:
    given = checked_proxy(proxy)
    with pytest.raises(LightfieldValueError, match="in the clear"):
        proxy_to(URL("http://127.0.0.1"), given, trust_env=False, allow_http=False)
    assert proxy_to(URL("http://127.0.0.1"), given, trust_env=False, allow_http=True) is given
    assert proxy_to(URL("https://127.0.0.1"), given, trust_env=False, allow_http=False) is given
