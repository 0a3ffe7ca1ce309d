"""How does the API say no?

Every error is ``{"error": {"type", "message"[, "code"][, "param"]}}``, except two whose documented body is flat.
Types and codes are the API's; its messages are no contract, so these help the reader of a failed test.
"""

from collections.abc import Mapping


class WireError(Exception):
    """An answer other than 200: raised by handlers and checks, sent by the service."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def unauthorized() -> WireError:
    """The key is missing or is not the sandbox's."""
    return WireError(401, _nested("unauthorized", "Missing or invalid API key."))


def wrong_version(expected: str) -> WireError:
    """The version header is missing or names another version."""
    return bad_request(f"The Lightfield-Version header must be '{expected}'.", code="version_header")


def no_record(collection: str) -> WireError:
    """No record of a collection has the id asked for."""
    return WireError(404, _nested("not_found", f"No resource found in '{collection}' with the given ID."))


def no_path(method: str, path: str) -> WireError:
    """The sandbox does not know the path."""
    return WireError(404, _nested("not_found", f"The sandbox has no {method} {path}."))


def no_method(method: str, path: str, allowed: list[str]) -> WireError:
    """The path is known, but not with this method."""
    message = f"The sandbox has no {method} {path}, but {', '.join(allowed)}."
    return WireError(405, _nested("method_not_allowed", message), {"Allow": ", ".join(allowed)})


def throttled() -> WireError:
    """The category's bucket is empty; Retry-After is the API's whole second, though a token comes sooner."""
    message = "Rate limit exceeded. Please try again later."
    return WireError(429, {"type": "too_many_requests", "message": message}, {"Retry-After": "1"})


def bad_request(message: str, *, code: str | None = None, param: str | None = None) -> WireError:
    """The request is malformed."""
    return WireError(400, _nested("bad_request", message, code=code, param=param))


def missing(param: str) -> WireError:
    """Something that a call needs was not sent."""
    return bad_request(f"'{param}' is required.", code="parameter_missing", param=param)


def invalid(param: str, expected: str) -> WireError:
    """Something was sent that is not what it should be."""
    return bad_request(f"'{param}' is invalid: {expected}.", code="invalid_type", param=param)


def unknown_field(collection: str, key: str, param: str) -> WireError:
    """The definitions have no such field."""
    return bad_request(f"Unrecognized field '{key}' for '{collection}'.", code="unknown_field", param=param)


def unknown_relationship(collection: str, key: str) -> WireError:
    """The definitions have no such relationship."""
    message = f"Unrecognized relationship '{key}' for '{collection}'."
    return bad_request(message, code="unknown_relationship", param=f"relationships.{key}")


def forbidden(message: str) -> WireError:
    """The call is understood, but not allowed."""
    return WireError(403, _nested("forbidden", message))


def conflict(message: str) -> WireError:
    """The state of things does not admit the call."""
    return WireError(409, _nested("conflict", message))


def still_running() -> WireError:
    """The first call with this idempotency key has not been answered yet."""
    message = "An operation with this idempotency key is already in progress. Please wait and retry."
    return WireError(409, {"type": "idempotency_conflict", "message": message})


def not_json() -> WireError:
    """The body is not declared to be JSON."""
    return WireError(415, _nested("unsupported_media_type", "The Content-Type must be 'application/json'."))


def unprocessable(message: str, *, code: str | None = None, param: str | None = None) -> WireError:
    """The JSON is in order, but breaks a rule."""
    return WireError(422, _nested("unprocessable_content", message, code=code, param=param))


def _nested(kind: str, message: str, *, code: str | None = None, param: str | None = None) -> dict[str, object]:
    error = {"type": kind, "message": message, "code": code, "param": param}
    return {"error": {name: value for name, value in error.items() if value is not None}}
