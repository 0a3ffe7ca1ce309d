"""The headers of a call, beside those of every request of a client."""

from typing import Any
from uuid import uuid4

from lightfield._config.config import Config
from lightfield._protocol.headers import Headers, merge_headers
from lightfield._protocol.request import Request


def call_headers(request: Request[Any], config: Config) -> Headers:
    """Return the headers of a call. A write that is not idempotent has a key, the same on every attempt."""
    headers = Headers()
    if request.method != "GET":
        headers["Content-Type"] = "application/json"
    key = request.idempotency_key
    if request.takes_key:
        key = key or config.idempotency_key or str(uuid4())
    if key is not None:
        headers["Idempotency-Key"] = key
    if request.headers is None and config.default_headers is None:
        return headers
    merged = merge_headers(headers, config.default_headers, request.headers)
    return Headers((name, value) for name, value in merged.items() if value is not None)
