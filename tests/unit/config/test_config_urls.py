"""Which base URLs are taken, and which are refused before a request could go astray?"""

import traceback
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lightfield import AsyncLightfield
from lightfield._config.config import resolve
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldValueError

PORTS = ["a.test:99999", "a.test:65536", "a.test:0", "a.test:x", "a.test:-1", "a.test:1:2", "a.test:080808"]
HOSTS = [
    "",
    "/v1",
    "ä.test",
    "[::1",
    "[x]",
    "[1::2::3]",
    "[.]",
    "a b.test",
    "a..test",
    "a.test\n",
    "a\r\n.test",
    "a.test\0",
    "a.test ",
]
EXTRAS = ["user:pw@a.test", "user@a.test", "@a.test", "a.test?x=1", "a.test?", "a.test#x", "a.test#"]
SCHEMES = ["", " ", "a.test", "//a.test", "ftp://a.test", "file:///etc", "ws://a.test", " https://a.test"]
CLEAR = [
    *("a.test", "localhost.a.test", "127.0.0.1.a.test", "0.0.0.0", "10.0.0.1", "localhost@a.test", "[::2]", "[::]"),
    *("127.0.0.999", "127.0.0.256", "127.1", "127.0.0.0.1", "127.0.0.01", "0177.0.0.1", "0x7f.0.0.1", "2130706433"),
    *("[::ffff:127.0.0.1]", "[::127.0.0.1]", "a.localhost", "localhost."),
]


def used_for(url: Any, allow_http: Any = False) -> str:
    return resolve({"api_key": "k", "base_url": url, "allow_http": allow_http}).base_url


def refusal(url: object, allow_http: object = False) -> LightfieldError:
    with pytest.raises(LightfieldError) as caught:
        used_for(url, allow_http)
    return caught.value


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("https://api.lightfield.app", "https://api.lightfield.app"),
        ("https://api.lightfield.app/", "https://api.lightfield.app"),
        ("https://proxy.test:8443/lightfield/", "https://proxy.test:8443/lightfield"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST", "http://LOCALHOST"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://127.255.255.254", "http://127.255.255.254"),
        ("http://[::1]:65535", "http://[::1]:65535"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[0:0:0:0:0:0:0:1]"),
    ],
)
def test_urls_that_work(url: str, used: str) -> None:
    assert used_for(url) == used


@pytest.mark.parametrize("url", [*SCHEMES, *(f"https://{rest}" for rest in [*PORTS, *HOSTS, *EXTRAS])])
def test_malformed_urls_are_refused(url: str) -> None:
    error = refusal(url)
    assert isinstance(error, LightfieldValueError)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("url", [5, b"https://a.test", ["https://a.test"]])
def test_urls_of_another_type_are_refused(url: object) -> None:
    assert isinstance(refusal(url), LightfieldTypeError)


@pytest.mark.parametrize("host", CLEAR)
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_a_key_is_not_sent_in_the_clear_to_another_host(scheme: str, host: str) -> None:
    assert isinstance(refusal(f"{scheme}://{host}"), LightfieldValueError)


def test_http_to_another_host_can_be_allowed() -> None:
    assert used_for("http://a.test", allow_http=True) == "http://a.test"


@pytest.mark.parametrize("allow", ["no", "false", 1])
def test_allow_http_is_true_or_false_and_nothing_else(allow: object) -> None:
    assert isinstance(refusal("https://a.test", allow), LightfieldTypeError)


@given(rest=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7F), max_size=20))
@example("ho\\st")
@example("[::1%25eth0]")
@example("a.test/%zz/../..")
def test_a_url_is_refused_at_construction_with_our_error_or_not_at_all(rest: str) -> None:
    try:
        AsyncLightfield(api_key="k", base_url=f"https://{rest}")
    except LightfieldError as error:
        assert isinstance(error, LightfieldValueError)  # noqa: PT017


@pytest.mark.parametrize(
    "url",
    ["https://user:hunter2@a.test", "https://user:hunter2/x@a.test", "https://user:hunter2@a\u2100.test"],
)
def test_a_password_in_a_url_is_shown_neither_in_the_error_nor_in_its_cause(url: str) -> None:
    assert "hunter2" not in "".join(traceback.format_exception(refusal(url)))
