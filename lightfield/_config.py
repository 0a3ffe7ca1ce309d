"""How a client is configured: argument, else environment, else default, resolved here and nowhere else."""

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address
from typing import Never, TypedDict, cast

import msgspec

from .errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

BASE_URL = "https://api.lightfield.app"
DEADLINE = 120.0
MAX_RETRIES = 3

_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?(?P<path>(/[a-z0-9._~%!$&'()*+,;=:-]+)*)/?",
    re.IGNORECASE,
)
_DOTS = re.compile(r"/\.{1,2}(/|$)|%(?![0-9a-f]{2})", re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[::1\]", re.IGNORECASE)


class Timeout(msgspec.Struct, frozen=True, kw_only=True):
    """How long one attempt may take, in seconds; None lifts a limit."""

    connect: float | None = 5.0
    """To open a connection, TLS included."""

    read: float | None = None
    """Between two reads of the response."""

    total: float | None = 30.0
    """For the whole attempt, once it has its slot."""


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests per second assumed for each category until the server's headers say otherwise.

    API page: https://docs.lightfield.app/using-the-api/rate-limits/
    """

    read: float = 25.0
    write: float = 25.0
    search: float = 25.0


class Secret:
    """A string that shows itself only when asked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the string itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> Never:
        raise LightfieldUsageError("A client cannot be pickled: it holds an API key. Make one where it is used.")


class CallOptions(TypedDict, total=False):
    """Options that a sibling made by ``with_options`` may change."""

    timeout: float | Timeout | None
    """Limit of one attempt in seconds, or its phases; None for none."""

    deadline: float | None
    """Limit of one whole call in seconds, waiting and retries included; None for none. Default 120."""

    max_retries: int
    """Retries after transient failures. Throttled replies count apart. 0 turns all retries off. Default 3."""


class SiblingOptions(CallOptions, total=False):
    """Options of ``with_options``."""

    idempotency_key: str
    """``Idempotency-Key`` for the writes of this sibling: 1 to 255 visible ASCII characters, one per write."""


class Options(CallOptions, total=False):
    """Options of a client."""

    api_key: str | None
    """The API key; default: environment variable ``LIGHTFIELD_API_KEY``."""

    base_url: str | None
    """Where the API is; default: environment variable ``LIGHTFIELD_BASE_URL``, then the public API."""

    rate_limits: RateLimits | None
    """The pace assumed before the server tells its own; None switches pacing off."""

    allow_http: bool
    """Permit an ``http://`` base URL on another host than this machine. The key then travels in the clear."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a client was told, checked."""

    api_key: Secret
    base_url: str
    timeout: Timeout = Timeout()
    deadline: float | None = DEADLINE
    deadline_from_call: bool = False
    max_retries: int = MAX_RETRIES
    rate_limits: RateLimits | None = RateLimits()
    idempotency_key: str | None = None


def resolve(options: Options) -> Config:
    """Check a client's options and fill in environment and defaults.

    Raises:
        LightfieldValueError: An option has a value that cannot work. The API key is never shown.
        LightfieldTypeError: An option is unknown or of the wrong type.
    """
    _check_names(options, Options.__optional_keys__)
    key = options.get("api_key")
    url = options.get("base_url")
    config = Config(
        api_key=Secret(_checked_key(os.environ.get("LIGHTFIELD_API_KEY") if key is None else key)),
        base_url=_checked_url(
            (os.environ.get("LIGHTFIELD_BASE_URL") or BASE_URL) if url is None else url,
            allow_http=options.get("allow_http", False),
        ),
        rate_limits=_checked_limits(options.get("rate_limits", RateLimits())),
    )
    given = cast("Mapping[str, object]", options)
    own: dict[str, object] = {name: given[name] for name in CallOptions.__optional_keys__ if name in given}
    return amend(config, cast("SiblingOptions", own))


def amend(config: Config, options: SiblingOptions) -> Config:
    """Check the options of one sibling and lay them over a configuration."""
    _check_names(options, SiblingOptions.__optional_keys__)
    changes: dict[str, object] = {}
    if "timeout" in options:
        changes["timeout"] = _checked_timeout(options["timeout"])
    if "deadline" in options:
        changes |= {"deadline": checked_seconds("deadline", options["deadline"]), "deadline_from_call": True}
    if "max_retries" in options:
        changes["max_retries"] = _checked_retries(options["max_retries"])
    if "idempotency_key" in options:
        changes["idempotency_key"] = _checked_idempotency_key(options["idempotency_key"])
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
            "The API key may hold visible ASCII characters only; this one has a control character, a line break, "
            "a character outside ASCII, or a space at an end (not shown).",
        )
    return key


def _checked_url(url: object, *, allow_http: object) -> str:
    if not isinstance(url, str):
        raise LightfieldTypeError(f"base_url must be a string, not {type(url).__name__}.")
    if not isinstance(allow_http, bool):
        raise LightfieldTypeError(f"allow_http must be True or False, not {type(allow_http).__name__}.")
    parts = _URL.fullmatch(url)
    if parts is None or not _is_reachable(parts["host"], parts["port"]) or _DOTS.search(parts["path"]):
        raise LightfieldValueError(
            "base_url is malformed (not shown: it may hold a password). It must look like https://host[:port][/path], "
            "in ASCII, without user, query or fragment.",
        )
    if parts["scheme"].lower() == "http" and not allow_http and not _LOOPBACK.fullmatch(parts["host"]):
        raise LightfieldValueError(
            "base_url is http:// on another host, which would send the key in the clear. "
            "Use https://, or pass allow_http=True.",
        )
    return url.rstrip("/")


def _is_reachable(host: str, port: str | None) -> bool:
    if host.startswith("["):
        with suppress(AddressValueError):
            IPv6Address(host[1:-1])
            host = "ipv6"
    return host[0] != "[" and ".." not in host and (port is None or 0 < int(port) < 65536)


def _checked_limits(limits: object) -> RateLimits | None:
    if limits is None or isinstance(limits, RateLimits):
        for name in () if limits is None else limits.__struct_fields__:
            checked_seconds(f"rate_limits.{name}", getattr(limits, name), optional=False)
        return limits
    raise LightfieldTypeError(f"rate_limits must be RateLimits or None, not {type(limits).__name__}.")


def _checked_timeout(timeout: object) -> Timeout:
    if not isinstance(timeout, Timeout):
        return Timeout(total=checked_seconds("timeout", timeout))
    for phase in timeout.__struct_fields__:
        checked_seconds(f"timeout.{phase}", getattr(timeout, phase))
    return timeout


def checked_seconds(name: str, value: object, *, optional: bool = True) -> float | None:
    """Check a time span in seconds, or a rate per second."""
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LightfieldTypeError(f"{name} must be a number, not {type(value).__name__}.")
    with suppress(OverflowError):
        if value > 0 and math.isfinite(value):
            return float(value)
    raise LightfieldValueError(f"{name} must be above 0 and finite.")


def _checked_retries(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LightfieldTypeError(f"max_retries must be an int, not {type(value).__name__}.")
    if value < 0:
        raise LightfieldValueError("max_retries must be 0 or more.")
    return value


def _checked_idempotency_key(key: object) -> str:
    if not isinstance(key, str):
        raise LightfieldTypeError(f"idempotency_key must be a string, not {type(key).__name__}.")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise LightfieldValueError("idempotency_key must be 1 to 255 visible ASCII characters.")
    return key
