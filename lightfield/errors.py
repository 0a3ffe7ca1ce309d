"""What can go wrong, as one tree.

::

    LightfieldError
    ├── LightfieldValueError            (also ValueError)    bad input; nothing was sent
    ├── LightfieldTypeError             (also TypeError)     bad input or a field read as the wrong type
    ├── LightfieldUsageError            (also RuntimeError)  the client used where it cannot work
    │   └── ClientClosedError                                ... after it was closed
    ├── WaitTimeoutError                (also TimeoutError)  what was waited for did not end in time
    └── APIError                                             a request was made and did not succeed
        ├── APIConnectionError                               no whole response arrived
        │   ├── APITimeoutError                              ... in time
        │   └── APIProtocolError                             ... but something that is no response
        ├── APIResponseValidationError                       a success that is not what the API documents
        └── APIStatusError                                   the API said no
            ├── BadRequestError            400
            ├── AuthenticationError        401
            ├── PermissionDeniedError      403
            ├── NotFoundError              404
            ├── ConflictError              409
            ├── UnprocessableEntityError   422
            ├── RateLimitError             429
            └── InternalServerError        500 and above

Every error pickles, prints on one line, and never shows the API key.
API page: https://docs.lightfield.app/using-the-api/errors/
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from lightfield._protocol.response import Response

_LINE = 300


def one_line(text: str, most: int = _LINE) -> str:
    """Make foreign text fit a log line: printable, no line breaks, cut to length."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * most]).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


class Attempt(NamedTuple):
    """One attempt of a call that did not succeed."""

    error: str
    """What happened, on one line."""

    wait: float | None
    """Seconds waited before the next attempt; None if there was none."""


class Spent(NamedTuple):
    """Where the time of a call went, in seconds."""

    queued: float
    """Waiting for slots of the rate limit."""

    trying: float
    """From the slots to the answers."""

    pausing: float
    """Between attempts."""


class LightfieldError(Exception):
    """Anything this package raises on purpose."""


class LightfieldValueError(LightfieldError, ValueError):
    """A value that cannot be sent or used. Nothing was sent."""


class LightfieldTypeError(LightfieldError, TypeError):
    """A value of the wrong type, or a field read as a type it does not hold. Nothing was sent."""


class LightfieldUsageError(LightfieldError, RuntimeError):
    """The client was called where it cannot work.

    That is in its own loop thread, in another event loop, or where threads or descriptors have run out.
    """


class ClientClosedError(LightfieldUsageError):
    """The client was closed before, or during, the call."""


class WaitTimeoutError(LightfieldError, TimeoutError):
    """What ``wait`` was to wait for had not ended by the deadline; it may still go on."""

    def __init__(self, message: str = "", last: object = None) -> None:
        super().__init__(message)
        self.last: object = last
        """What was last seen of it; None if nothing was."""


class APIError(LightfieldError):
    """A request was made, or tried, and did not succeed."""

    attempts: tuple[Attempt, ...] = ()
    """Every attempt of the call, oldest first."""

    outcome_unknown: bool = False
    """Whether the request may have taken effect: an attempt, perhaps not the last one, had no clear answer."""

    idempotency_key: str | None = None
    """The ``Idempotency-Key`` of a write; repeat the call with it to stay safe. Kept 24 hours by the API."""

    retry_after: float | None = None
    """Seconds the server asked to wait, if it did."""

    deadline_exceeded: bool = False
    """Whether the call ended because its deadline left no time for another attempt."""

    retry_budget_exhausted: bool = False
    """Whether the call was not tried again because calls of this client fail too often."""

    spent: Spent | None = None
    """Where the time of the call went."""

    def __str__(self) -> str:
        text = super().__str__()
        if len(self.attempts) > 1:
            text += f" (after {len(self.attempts)} attempts)"
        if self.deadline_exceeded and self.spent is not None:
            queued, trying, pausing = self.spent
            text += f" (deadline: {queued:.2f} s queued, {trying:.2f} s trying, {pausing:.2f} s pausing)"
        return text + " (retry budget exhausted)" * self.retry_budget_exhausted


class APIConnectionError(APIError):
    """No whole response arrived: name lookup, connection, TLS or transfer failed."""

    sent: bool = True
    """Whether the server may have seen the request. False means it surely has not."""

    permanent: bool = False
    """Whether trying again is useless, as with a certificate that does not match."""


class APITimeoutError(APIConnectionError):
    """No whole response arrived in time. The message says which limit ran out, and in which phase."""


class APIProtocolError(APIConnectionError):
    """Something arrived that is no HTTP response, or one that is encoded in a way nobody asked for."""


class APIResponseValidationError(APIError):
    """A response said success, but its body is not what the API documents."""

    status_code: int = 200
    body: bytes = b""


class APIStatusError(APIError):
    """The API answered with a status that is no success."""

    status_code: int
    """HTTP status."""

    type: str | None
    """The API's error type, such as ``not_found``; branch on it rather than on the message."""

    code: str | None
    """The API's finer error code, such as ``unknown_field``."""

    param: str | None
    """The parameter or field at fault, such as ``fields.$name``."""

    message: str
    """The API's own words, cut to one line."""

    body: object
    """The decoded body; its text where it is no JSON."""

    headers: Mapping[str, str]
    """The response's headers."""

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.response: Response | None = None
        """The response as it came: ``status_code``, ``headers``, ``content``, ``text``."""

        self.status_code = status_code
        self.body = body
        self.headers = {} if headers is None else headers
        details = error_details(body)
        self.type = _text(details.get("type"))
        self.code = _text(details.get("code"))
        self.param = _text(details.get("param"))
        self.message = one_line(_text(details.get("message")) or (body if isinstance(body, str) else ""))


class BadRequestError(APIStatusError):
    """400: a field, relationship, parameter, filter or header the API does not accept."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, unknown or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the API key lacks the scope or the role."""


class NotFoundError(APIStatusError):
    """404: no such record, or not visible to this key."""


class ConflictError(APIStatusError):
    """409: the record's state forbids it, or the idempotency key is still in use."""


class UnprocessableEntityError(APIStatusError):
    """422: well formed, but against a rule of the CRM."""


class RateLimitError(APIStatusError):
    """429: too many requests; ``retry_after`` holds the server's wish in seconds."""


class InternalServerError(APIStatusError):
    """500 and above: the fault is the server's."""


def error_details(body: object) -> Mapping[object, object]:
    """Find the error's members in a body: under ``error``, or flat; the API uses both."""
    if not isinstance(body, Mapping):
        return {}
    members = cast("Mapping[object, object]", body)
    inner = members.get("error")
    return cast("Mapping[object, object]", inner) if isinstance(inner, Mapping) else members


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
