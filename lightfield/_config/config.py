"""Resolution and validation of options: argument, else environment variable, else default."""

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from lightfield._protocol.headers import Headers, checked_headers, merge_headers
from lightfield._protocol.merging import merge_query, query_of
from lightfield._protocol.omit import without_omitted
from lightfield._protocol.redaction import Secret
from lightfield._protocol.request import checked_idempotency_key
from lightfield._protocol.timeout import Timeout
from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .checks import (
    checked_bool,
    checked_budget,
    checked_context,
    checked_count,
    checked_group,
    checked_hook,
    checked_limits,
    checked_priority,
    checked_rate,
    checked_seconds,
    checked_share,
    checked_size,
    checked_timeout,
)
from .hosts import is_loopback, is_valid_host
from .http_client import checked_http_client
from .logs import setup_logging
from .options import Options, Priority, RateLimits, SharedOptions, SiblingOptions, WaitHook
from .proxy import Proxy, checked_proxy

if TYPE_CHECKING:
    from ssl import SSLContext


BASE_URL = "https://api.lightfield.app"
DEADLINE = 120.0
MAX_RETRIES = 3
RETRY_BUDGET = 500
MAX_RESPONSE_BYTES = 32 * 1024 * 1024

_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?(?P<path>(/[a-z0-9._~%!$&'()*+,;=:-]+)*)/?",
    re.IGNORECASE | re.ASCII,
)
_UNSAFE_PATH = re.compile(r"/\.{1,2}(/|$)|%(?![0-9a-f]{2})", re.IGNORECASE | re.ASCII)


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Validated configuration of a client."""

    api_key: Secret
    base_url: str
    timeout: Timeout = Timeout()
    deadline: float | None = DEADLINE
    deadline_from_call: bool = False
    max_retries: int = MAX_RETRIES
    rate_limits: RateLimits | None = RateLimits()
    rate_limit_group: str | None = None
    rate_limit_share: float = 1.0
    max_rps: float | None = None
    priority: Priority = "interactive"
    on_wait: WaitHook | None = None
    idempotency_key: str | None = None
    retry_budget: int | None = RETRY_BUDGET
    max_response_bytes: int = MAX_RESPONSE_BYTES
    max_download_bytes: int | None = None
    """``max_response_bytes`` if the caller has set it: a file in memory may be larger than the default."""

    ssl_context: "SSLContext | None" = None
    proxy: Proxy | None = None
    trust_env: bool = False
    allow_http: bool = False
    default_headers: Headers | None = None
    default_query: str = ""


def resolve(options: Options) -> Config:
    """Check a client's options and fill in the environment and the defaults.

    Raises:
        LightfieldValueError: An option has an invalid value. The API key is never shown.
        LightfieldTypeError: An option is unknown or of the wrong type.
    """
    setup_logging(os.environ.get("LIGHTFIELD_LOG"))
    given = _given(options, Options.__optional_keys__)
    key, url = given.pop("api_key", None), given.pop("base_url", None)
    allow_http = checked_bool("allow_http", given.get("allow_http", False))
    config = Config(
        api_key=Secret(_checked_key(os.environ.get("LIGHTFIELD_API_KEY") if key is None else key)),
        base_url=_checked_url(
            (os.environ.get("LIGHTFIELD_BASE_URL") or BASE_URL) if url is None else url, allow_http=allow_http
        ),
        allow_http=allow_http,
        rate_limits=checked_limits(given.get("rate_limits", RateLimits())),
        rate_limit_group=checked_group(given.get("rate_limit_group")),
        rate_limit_share=checked_share(given.get("rate_limit_share", 1.0)),
        max_rps=checked_rate("max_rps", given.get("max_rps")),
        retry_budget=checked_budget(given.get("retry_budget", RETRY_BUDGET)),
        **_max_sizes(given),
        ssl_context=checked_context(given.get("ssl_context")),
        proxy=checked_proxy(given.get("proxy")),
        trust_env=checked_bool("trust_env", given.get("trust_env", False)),
        default_headers=_environment_headers(),
    )
    shared: dict[str, Any] = {name: given[name] for name in SharedOptions.__optional_keys__ if name in given}
    return override(config, cast("SiblingOptions", shared))


def override(config: Config, options: SiblingOptions) -> Config:
    """Check the options of one sibling and return the configuration with them applied."""
    changes: dict[str, Any] = {}
    for name, value in _given(options, SiblingOptions.__optional_keys__).items():
        if name in _CHECKS:
            changes[name] = _CHECKS[name](value)
        elif value is not None:
            changes |= _CHANGES[name](config, value)
    if "deadline" in changes:
        changes["deadline_from_call"] = True
    return msgspec.structs.replace(config, **changes)


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "timeout": checked_timeout,
    "deadline": lambda value: checked_seconds("deadline", value),
    "priority": checked_priority,
    "on_wait": lambda value: checked_hook("on_wait", value),
    "idempotency_key": checked_idempotency_key,
}
"""The check of each option whose value takes the place of that of the client."""

_CHANGES: Mapping[str, Callable[[Config, Any], dict[str, Any]]] = {
    "api_key": lambda _, value: {"api_key": Secret(_checked_key(value))},
    "base_url": lambda config, value: {"base_url": _checked_url(value, allow_http=config.allow_http)},
    "max_retries": lambda _, value: {"max_retries": checked_count("max_retries", value, 0)},
    "default_headers": lambda config, value: _headers("default_headers", value, config.default_headers),
    "set_default_headers": lambda _, value: _headers("set_default_headers", value, None),
    "default_query": lambda config, value: {
        "default_query": merge_query(config.default_query, query_of("default_query", value))
    },
    "set_default_query": lambda _, value: {"default_query": query_of("set_default_query", value)},
    "http_client": lambda _, value: checked_http_client(value),
}
"""What each option changes whose value may be None, for that of the client, or that adds to it."""


def _max_sizes(given: Mapping[str, Any]) -> dict[str, Any]:
    size = checked_size("max_response_bytes", given.get("max_response_bytes", MAX_RESPONSE_BYTES))
    return {"max_response_bytes": size, "max_download_bytes": size if "max_response_bytes" in given else None}


def _headers(option: str, headers: object, before: Headers | None) -> dict[str, Any]:
    return {"default_headers": merge_headers(before, checked_headers(option, headers, "idempotency-key")) or None}


def tls_environment() -> tuple[str | None, str | None, str | None]:
    """Return what TLS takes from the environment: a file and directories of certificates, and where to log secrets."""
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), os.environ.get("SSLKEYLOGFILE")


def allows_uvloop() -> bool:
    """Return whether blocking clients may run on uvloop, which ``LIGHTFIELD_UVLOOP=0`` in the environment forbids."""
    return os.environ.get("LIGHTFIELD_UVLOOP") != "0"


def _environment_headers() -> Headers | None:
    lines = (os.environ.get("LIGHTFIELD_CUSTOM_HEADERS") or "").split("\n")
    headers = {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    return checked_headers("LIGHTFIELD_CUSTOM_HEADERS", headers, "idempotency-key") or None


def _given(options: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the options that are given; ``omit`` and ``NOT_GIVEN`` stand for those that are not."""
    unknown = sorted(set(options) - known)
    if misplaced := [name for name in unknown if name in Options.__optional_keys__]:
        raise LightfieldTypeError(f"{', '.join(misplaced)} can be set only when a client is made.")
    if unknown:
        raise LightfieldTypeError(f"Unknown option: {', '.join(unknown)}.")
    given = without_omitted(options)
    for both in ({"default_headers", "set_default_headers"}, {"default_query", "set_default_query"}):
        if both <= {name for name, value in given.items() if value is not None}:
            raise LightfieldTypeError(f"{' and '.join(sorted(both))} exclude each other.")
    return given


def _checked_key(key: object) -> str:
    if key is None:
        raise LightfieldValueError("No API key: pass api_key=... or set LIGHTFIELD_API_KEY.")
    if not isinstance(key, str):
        raise LightfieldTypeError(f"api_key must be a string, not {type(key).__name__}.")
    if not key.strip():
        raise LightfieldValueError("The API key is empty.")
    if not _KEY.fullmatch(key):
        raise LightfieldValueError(
            "The API key must be printable ASCII; this one contains a control character, a line break, a non-ASCII "
            "character, or leading or trailing whitespace (not shown).",
        )
    return key


def _checked_url(url: object, *, allow_http: bool) -> str:
    if not isinstance(url, str):
        raise LightfieldTypeError(f"base_url must be a string, not {type(url).__name__}.")
    parts = _URL.fullmatch(url)
    if parts is None or not is_valid_host(parts["host"], parts["port"]) or _UNSAFE_PATH.search(parts["path"]):
        raise LightfieldValueError(
            "base_url is malformed (not shown: it may contain a password). "
            "It must look like https://host[:port][/path], in ASCII, without credentials, query or fragment.",
        )
    if parts["scheme"].lower() == "http" and not allow_http and not is_loopback(parts["host"]):
        raise LightfieldValueError(
            "base_url uses http:// to another host, which would send the key in the clear. "
            "Use https://, or pass allow_http=True.",
        )
    return url.rstrip("/")
