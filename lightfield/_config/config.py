"""Resolution and validation of options: argument, else environment variable, else default."""

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, cast, get_args

import msgspec

from lightfield._protocol.redaction import Secret
from lightfield._protocol.request import checked_idempotency_key
from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .options import CallOptions, Options, Priority, RateLimits, SiblingOptions, Timeout, WaitHook
from .proxy import Proxy, checked_proxy, is_valid_host

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
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[::1\]", re.IGNORECASE | re.ASCII)


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
    ssl_context: "SSLContext | None" = None
    proxy: Proxy | None = None
    trust_env: bool = False


def resolve(options: Options) -> Config:
    """Check a client's options and fill in the environment and the defaults.

    Raises:
        LightfieldValueError: An option has an invalid value. The API key is never shown.
        LightfieldTypeError: An option is unknown or of the wrong type.
    """
    _check_names(options, Options.__optional_keys__)
    key = options.get("api_key")
    url = options.get("base_url")
    max_bytes = options.get("max_response_bytes", MAX_RESPONSE_BYTES)
    config = Config(
        api_key=Secret(_checked_key(os.environ.get("LIGHTFIELD_API_KEY") if key is None else key)),
        base_url=_checked_url(
            (os.environ.get("LIGHTFIELD_BASE_URL") or BASE_URL) if url is None else url,
            allow_http=_checked_bool("allow_http", options.get("allow_http", False)),
        ),
        rate_limits=_checked_limits(options.get("rate_limits", RateLimits())),
        rate_limit_group=_checked_group(options.get("rate_limit_group")),
        rate_limit_share=_checked_share(options.get("rate_limit_share", 1.0)),
        max_rps=checked_seconds("max_rps", options.get("max_rps")),
        retry_budget=_checked_budget(options.get("retry_budget", RETRY_BUDGET)),
        max_response_bytes=checked_count("max_response_bytes", max_bytes, 1),
        ssl_context=_checked_context(options.get("ssl_context")),
        proxy=checked_proxy(options.get("proxy")),
        trust_env=_checked_bool("trust_env", options.get("trust_env", False)),
    )
    given = cast("Mapping[str, object]", options)
    call_options: dict[str, object] = {name: given[name] for name in CallOptions.__optional_keys__ if name in given}
    return override(config, cast("SiblingOptions", call_options))


def override(config: Config, options: SiblingOptions) -> Config:
    """Check the options of one sibling and return the configuration with them applied."""
    _check_names(options, SiblingOptions.__optional_keys__)
    changes: dict[str, object] = {}
    if "timeout" in options:
        changes["timeout"] = _checked_timeout(options["timeout"])
    if "deadline" in options:
        changes |= {"deadline": checked_seconds("deadline", options["deadline"]), "deadline_from_call": True}
    if "max_retries" in options:
        changes["max_retries"] = checked_count("max_retries", options["max_retries"], 0)
    if "priority" in options:
        changes["priority"] = _checked_priority(options["priority"])
    if "on_wait" in options:
        changes["on_wait"] = checked_hook("on_wait", options["on_wait"])
    if "idempotency_key" in options:
        changes["idempotency_key"] = checked_idempotency_key(options["idempotency_key"])
    return msgspec.structs.replace(config, **changes)


def _check_names(options: Mapping[str, object], known: frozenset[str]) -> None:
    unknown = sorted(set(options) - known)
    if unknown:
        raise LightfieldTypeError(f"Unknown option: {', '.join(unknown)}.")


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
    if parts["scheme"].lower() == "http" and not allow_http and not _LOOPBACK.fullmatch(parts["host"]):
        raise LightfieldValueError(
            "base_url uses http:// to another host, which would send the key in the clear. "
            "Use https://, or pass allow_http=True.",
        )
    return url.rstrip("/")


def _checked_bool(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise LightfieldTypeError(f"{name} must be True or False, not {type(value).__name__}.")
    return value


def _checked_budget(value: object) -> int | None:
    return None if value is None else checked_count("retry_budget", value, 0)


def _checked_context(value: object) -> "SSLContext | None":
    if value is None:
        return None
    from ssl import SSLContext

    if not isinstance(value, SSLContext):
        raise LightfieldTypeError(f"ssl_context must be an ssl.SSLContext, not {type(value).__name__}.")
    return value


def _checked_limits(limits: object) -> RateLimits | None:
    if limits is None or isinstance(limits, RateLimits):
        for name in () if limits is None else RateLimits.__struct_fields__:
            checked_seconds(f"rate_limits.{name}", getattr(limits, name), optional=False)
        return limits
    raise LightfieldTypeError(f"rate_limits must be RateLimits or None, not {type(limits).__name__}.")


def _checked_group(group: object) -> str | None:
    if group is not None and not isinstance(group, str):
        raise LightfieldTypeError(f"rate_limit_group must be a string, not {type(group).__name__}.")
    if group == "":
        raise LightfieldValueError("rate_limit_group is empty.")
    return group


def _checked_share(value: object) -> float:
    share = checked_seconds("rate_limit_share", value, optional=False) or 0.0
    if share > 1:
        raise LightfieldValueError("rate_limit_share must be above 0 and at most 1.")
    return share


def _checked_priority(value: object) -> object:
    if value not in get_args(Priority):
        raise LightfieldValueError(f"priority must be interactive or bulk, not {value!a:.40}.")
    return value


def checked_hook(name: str, hook: object) -> object:
    """Check a hook: a plain function or None.

    Raises:
        LightfieldTypeError: It is not callable, or is a coroutine function, which would not be awaited.
    """
    if hook is not None and not callable(hook):
        raise LightfieldTypeError(f"{name} must be callable, not {type(hook).__name__}.")
    if iscoroutinefunction(hook) or iscoroutinefunction(getattr(hook, "__call__", None)):  # noqa: B004
        raise LightfieldTypeError(f"{name} must be a plain function, not a coroutine function: it is not awaited.")
    return hook


def _checked_timeout(timeout: object) -> Timeout:
    if not isinstance(timeout, Timeout):
        return Timeout(total=checked_seconds("timeout", timeout))
    for phase in timeout.__struct_fields__:
        checked_seconds(f"timeout.{phase}", getattr(timeout, phase))
    return timeout


def checked_seconds(name: str, value: object, *, optional: bool = True) -> float | None:
    """Check a duration in seconds or a rate per second."""
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LightfieldTypeError(f"{name} must be a number, not {type(value).__name__}.")
    with suppress(OverflowError):
        if value > 0 and math.isfinite(value):
            return float(value)
    raise LightfieldValueError(f"{name} must be above 0 and finite.")


def checked_count(name: str, value: object, minimum: int) -> int:
    """Check an integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise LightfieldTypeError(f"{name} must be an int, not {type(value).__name__}.")
    if value < minimum:
        raise LightfieldValueError(f"{name} must be {minimum} or more.")
    return value
