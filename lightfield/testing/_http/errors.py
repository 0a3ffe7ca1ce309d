"""Error responses.

Every body is ``{"error": {"type", "message"[, "code"][, "param"]}}``, except two that are documented as flat. Types and
codes are those of the API; messages are not part of its contract, so these are written for the reader of a failed test.
"""

from collections.abc import Mapping
from http import HTTPStatus

_TYPES = {409: "conflict", 415: "unsupported_media_type", 422: "unprocessable_content", 429: "too_many_requests"}


class WireError(Exception):
    """A response other than 200: raised by handlers and checks, sent by the service."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def unauthorized() -> WireError:
    """Return the error for a missing or wrong API key."""
    return WireError(401, _nested("unauthorized", "Missing or invalid API key."))


def wrong_version(expected: str) -> WireError:
    """Return the error for a missing or unsupported version header."""
    return bad_request(f"The Lightfield-Version header must be '{expected}'.", code="version_header")


def not_found(collection: str) -> WireError:
    """Return the error for an unknown id."""
    return WireError(404, _nested("not_found", f"No resource found in '{collection}' with the given ID."))


def unknown_path(method: str, path: str) -> WireError:
    """Return the error for an unknown path."""
    return WireError(404, _nested("not_found", f"The sandbox has no {method} {path}."))


def method_not_allowed(method: str, path: str, allowed: list[str]) -> WireError:
    """Return the error for a known path with an unsupported method."""
    message = f"The sandbox has no {method} {path}; allowed: {', '.join(allowed)}."
    return WireError(405, _nested("method_not_allowed", message), {"Allow": ", ".join(allowed)})


def throttled() -> WireError:
    """Return the error for an empty bucket; Retry-After is one second as in the API, though a token comes sooner."""
    message = "Rate limit exceeded. Please try again later."
    return WireError(429, {"type": "too_many_requests", "message": message}, {"Retry-After": "1"})


def bad_request(
    message: str, *, code: str | None = None, param: str | None = None, members: Mapping[str, object] | None = None
) -> WireError:
    """Return the error for a malformed request; ``members`` are added to it."""
    return WireError(400, _nested("bad_request", message, code=code, param=param, members=members))


def missing_param(param: str) -> WireError:
    """Return the error for a missing required parameter."""
    return bad_request(f"'{param}' is required.", code="parameter_missing", param=param)


def invalid_param(param: str, expected: str) -> WireError:
    """Return the error for a parameter of the wrong type or value."""
    return bad_request(f"'{param}' is invalid: {expected}.", code="invalid_type", param=param)


def unknown_field(collection: str, key: str, param: str) -> WireError:
    """Return the error for a field that is not defined."""
    return bad_request(f"Unrecognized field '{key}' for '{collection}'.", code="unknown_field", param=param)


def unknown_relationship(collection: str, key: str) -> WireError:
    """Return the error for a relationship that is not defined."""
    message = f"Unrecognized relationship '{key}' for '{collection}'."
    return bad_request(message, code="unknown_relationship", param=f"relationships.{key}")


def forbidden(message: str) -> WireError:
    """Return the error for an operation that is not allowed."""
    return WireError(403, _nested("forbidden", message))


def conflict(message: str) -> WireError:
    """Return the error for an operation that conflicts with the current state."""
    return WireError(409, _nested("conflict", message))


def idempotency_conflict() -> WireError:
    """Return the error for an idempotency key whose first request is still in progress."""
    message = "An operation with this idempotency key is already in progress. Please wait and retry."
    return WireError(409, {"type": "idempotency_conflict", "message": message})


def unsupported_media_type() -> WireError:
    """Return the error for a body that is not declared as JSON."""
    return WireError(415, _nested("unsupported_media_type", "The Content-Type must be 'application/json'."))


def unprocessable(
    message: str, *, code: str | None = None, param: str | None = None, members: Mapping[str, object] | None = None
) -> WireError:
    """Return the error for valid JSON that violates a rule; ``members`` are added to it."""
    return WireError(422, _nested("unprocessable_content", message, code=code, param=param, members=members))


def unavailable(message: str) -> WireError:
    """Return the error for a sandbox that cannot keep what it is sent."""
    return WireError(503, _nested("service_unavailable", message))


def too_large(limit: int) -> WireError:
    """Return the error for a body that is too long."""
    return WireError(413, _nested("content_too_large", f"The body must have at most {limit:,} bytes."))


def too_late(seconds: float) -> WireError:
    """Return the error for a body that does not arrive in time."""
    return WireError(408, _nested("request_timeout", f"The body did not arrive within {seconds:g} seconds."))


def misdirected(host: str) -> WireError:
    """Return the error for a request that is meant for a public host."""
    message = f"The sandbox does not answer for the host '{host}', only for local ones such as 127.0.0.1 and localhost."
    return WireError(421, _nested("misdirected_request", message))


def failed(status: int, message: str | None = None) -> WireError:
    """Return the error of a status, whatever its reason."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else f"Status {status}"
    return WireError(status, _nested(_TYPES.get(status) or phrase.lower().replace(" ", "_"), message or f"{phrase}."))


def _nested(
    error_type: str,
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    members: Mapping[str, object] | None = None,
) -> dict[str, object]:
    error = {"type": error_type, "message": message, "code": code, "param": param, **(members or {})}
    return {"error": {name: value for name, value in error.items() if value is not None}}
