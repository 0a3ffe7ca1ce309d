"""Options of one call, which every operation takes beside its parameters."""

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar

from msgspec.structs import replace

from lightfield._config.checks import checked_timeout
from lightfield._protocol.headers import VERSION_HEADER, checked_headers, merge_headers
from lightfield._protocol.merging import merge_body, merge_query, query_of
from lightfield._protocol.request import Request, checked_idempotency_key
from lightfield._protocol.timeout import PhaseLimits, Timeout
from lightfield.errors import LightfieldTypeError

T = TypeVar("T")


class CallOptions(TypedDict, total=False):
    """Options of one call, for ``**options: Unpack[CallOptions]``."""

    timeout: float | Timeout | PhaseLimits | None
    """Limit of one attempt in seconds, or a ``Timeout``; None for no limit but that to
    connect. Default: that of the client."""

    extra_headers: Mapping[str, str | None] | None
    """More headers. None leaves out one of the client's ``default_headers``. They cannot set the API key, the version
    of the API or the content length."""

    extra_query: Mapping[str, object] | None
    """More query parameters, in place of those of the same name. Lists are joined by commas."""

    extra_body: Mapping[str, object] | None
    """More members of the body, in place of those of the same name. A GET has no body, and ignores it."""

    idempotency_key: str | None
    """``Idempotency-Key`` of a write: 1 to 255 visible ASCII characters. Default: a new one for each call."""


CallOptions.__module__ = "lightfield"

OPTIONS = frozenset(CallOptions.__optional_keys__)


def with_call_options(request: Request[T], options: Mapping[str, Any]) -> Request[T]:
    """Return a request with the options of one call.

    Raises:
        LightfieldTypeError: An option has a value of the wrong type, or does not exist for a read.
        LightfieldValueError: An option has an invalid value.
    """
    changes: dict[str, Any] = {}
    if "timeout" in options:
        changes["timeout"] = checked_timeout(options["timeout"])
    if (headers := options.get("extra_headers")) is not None:
        changes |= _headers(request, headers)
    if (key := options.get("idempotency_key")) is not None:
        if request.method == "GET":
            raise LightfieldTypeError("idempotency_key is an option of writes: a GET takes none.")
        changes["idempotency_key"] = checked_idempotency_key(key)
    if "idempotency_key" in changes and request.retry_safety == "with_callers_key":
        changes["retry_safety"] = "with_key"
    if (query := options.get("extra_query")) is not None:
        changes["query"] = merge_query(request.query, query_of("extra_query", query))
    if (body := options.get("extra_body")) is not None and request.method != "GET":
        changes["body"] = merge_body(request.body, "extra_body", body)
    return replace(request, **changes)


def _headers(request: Request[Any], headers: Any) -> dict[str, Any]:
    """Return what extra headers change: an ``Idempotency-Key`` among them is that of the write."""
    checked = checked_headers("extra_headers", headers, VERSION_HEADER)
    written = request.method != "GET"
    keys = [checked.pop(name) for name in [*checked] if written and name.lower() == "idempotency-key"]
    changes: dict[str, Any] = {"headers": merge_headers(request.headers, checked)} if checked else {}
    if keys and keys[-1] is not None:
        changes["idempotency_key"] = checked_idempotency_key(keys[-1])
    return changes
