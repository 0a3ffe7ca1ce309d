"""How does the API say no?

Every error is ``{"error": {"type", "message"[, "code"]}}``, except the 429 whose documented body is flat.
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
    message = f"The Lightfield-Version header must be '{expected}'."
    return WireError(400, _nested("bad_request", message, code="version_header"))


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


def _nested(kind: str, message: str, *, code: str | None = None) -> dict[str, object]:
    error = {"type": kind, "message": message}
    return {"error": error if code is None else error | {"code": code}}
