"""Options of the way to the server: which of them are refused, and that a proxy's password is shown nowhere."""

import ssl
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield import AsyncLightfield, Lightfield, LightfieldTypeError, LightfieldValueError
from lightfield._config.config import Config, resolve
from lightfield._config.proxy import checked_proxy

if TYPE_CHECKING:
    from lightfield._config.options import Options


def configured(**options: object) -> Config:
    return resolve(cast("Options", {"api_key": "k", **options}))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://proxy.internal", "proxy.internal"),
        ("http://proxy.internal:3128/", "proxy.internal:3128"),
        ("HTTPS://10.0.0.1:8443", "10.0.0.1:8443"),
        ("http://[::1]:3128", "[::1]:3128"),
        ("http://me:pa%40ss@proxy:1", "proxy:1"),
        ("http://me@proxy:1", "proxy:1"),
    ],
)
def test_a_proxy_is_shown_by_host_and_port_alone(url: str, place: str) -> None:
    proxy = configured(proxy=url).proxy
    assert proxy is not None
    assert (proxy.url.reveal(), proxy.place) == (url, place)
    assert "pa%40ss" not in repr(proxy)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy:3128",
        "socks5://proxy:1080",
        "http://",
        "http://me:sesame@",
        "http://proxy:0",
        "http://proxy:65536",
        "http://proxy:port",
        "http://proxy/path?sesame",
        "http://me:sesame@proxy@other:1",
        "http://me:sesam\u00e9@proxy",
        "http://me:sesame\r\n@proxy",
        *(f"http://me:1{character}sesame@proxy" for character in "/?#[]\\"),
        "http://me:sesame@a..b",
        "http://me:sesame@.",
        "http://me:sesame@[:]",
        "http://me:sesame@xn--a",
        f"http://me:sesame@{64 * 'a'}.example",
        "http://me:sesame@pro\u017fy",
    ],
)
def test_what_is_no_proxy_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(LightfieldValueError, match="proxy is malformed") as caught:
        configured(proxy=url)
    assert "sesam" not in str(caught.value)


@given(text=st.text(st.characters(codec="latin-1")))
def test_any_text_is_a_proxy_or_refused(text: str) -> None:
    try:
        proxy = checked_proxy(text)
    except LightfieldValueError as error:
        assert "malformed" in str(error)  # noqa: PT017
    else:
        assert proxy is not None
        assert "@" not in proxy.place


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("proxy", 3128, "proxy must be a string, not int"),
        ("proxy", b"http://proxy", "proxy must be a string, not bytes"),
        ("ssl_context", False, "ssl_context must be an ssl.SSLContext, not bool"),
        ("ssl_context", "/etc/ca.pem", "ssl_context must be an ssl.SSLContext, not str"),
        ("trust_env", 1, "trust_env must be True or False, not int"),
        ("trust_env", None, "trust_env must be True or False, not NoneType"),
        ("allow_http", "no", "allow_http must be True or False, not str"),
        ("max_response_bytes", 1e6, "max_response_bytes must be an int, not float"),
        ("max_response_bytes", None, "max_response_bytes must be an int, not NoneType"),
    ],
)
def test_an_option_of_the_wrong_type_is_refused(option: str, value: object, text: str) -> None:
    with pytest.raises(LightfieldTypeError, match=text):
        configured(**{option: value})


def test_a_response_needs_a_byte() -> None:
    with pytest.raises(LightfieldValueError, match="max_response_bytes must be 1 or more"):
        configured(max_response_bytes=0)


def test_what_they_are_unless_told() -> None:
    config = configured()
    assert (config.max_response_bytes, config.retry_budget) == (33_554_432, 500)
    assert (config.ssl_context, config.proxy, config.trust_env) == (None, None, False)


def test_a_context_is_taken_as_it_is() -> None:
    context = ssl.create_default_context()
    assert configured(ssl_context=context).ssl_context is context


@pytest.mark.parametrize("kind", [AsyncLightfield, Lightfield])
def test_they_are_options_of_a_client_and_not_of_a_sibling(kind: type[AsyncLightfield | Lightfield]) -> None:
    client = kind(api_key="k", proxy="http://me:sesame@proxy", max_response_bytes=1)
    assert "sesame" not in repr(client)
    for option in ["proxy", "trust_env", "ssl_context", "max_response_bytes", "retry_budget"]:
        with pytest.raises(LightfieldTypeError, match=f"{option} can be set only when a client is made"):
            client.with_options(**{option: None})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
