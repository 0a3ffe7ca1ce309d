"""Exceptions of the package.

::

    LightfieldError
    ├── LightfieldValueError            (also ValueError)    invalid input; nothing was sent
    ├── LightfieldTypeError             (also TypeError)     input or a field of the wrong type
    ├── LightfieldUsageError            (also RuntimeError)  the client was used where it cannot work
    │   └── ClientClosedError                                ... after it was closed
    ├── WaitTimeoutError                (also TimeoutError)  a background operation did not finish in time
    └── APIError                                             a request failed
        ├── APIConnectionError                               no complete response arrived
        │   ├── APITimeoutError                              ... in time
        │   └── APIProtocolError                             the response was not valid HTTP
        ├── APIResponseValidationError                       a success response with an undocumented body
        └── APIStatusError                                   the API returned an error status
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
from typing import Any, NamedTuple

from lightfield._protocol.error_body import label_of, texts_of


def one_line(text: str, max_length: int = 300) -> str:
    """Return text for a log line: printable, without line breaks, truncated."""
    start = text[: 2 * max_length]
    flat = " ".join((start if start.isprintable() else "".join(c if c.isprintable() else " " for c in start)).split())
    return flat if len(flat) <= max_length else flat[: max_length - 1] + "…"


class Attempt(NamedTuple):
    """A failed attempt of a call."""

    error: str
    """The error, on one line."""

    wait: float | None
    """Seconds waited before the next attempt; None if there was no next attempt."""


class Spent(NamedTuple):
    """Time of a call by phase, in seconds."""

    queued: float
    """Waiting for rate-limit slots."""

    trying: float
    """Making attempts."""

    pausing: float
    """Waiting between attempts."""


class LightfieldError(Exception):
    """Base class of all exceptions of this package."""


class LightfieldValueError(LightfieldError, ValueError):
    """An invalid value. Nothing was sent."""


class LightfieldTypeError(LightfieldError, TypeError):
    """A value of the wrong type, or a field read as a type that it does not have. Nothing was sent."""


class LightfieldUsageError(LightfieldError, RuntimeError):
    """The client was used where it cannot work.

    For example on its own loop thread, in another event loop, or when threads or file descriptors have run out.
    """


class ClientClosedError(LightfieldUsageError):
    """The client was closed before or during the call."""


class WaitTimeoutError(LightfieldError, TimeoutError):
    """The background operation polled by ``wait`` did not finish by the deadline; it may still be running."""

    def __init__(self, message: str = "", last: object = None) -> None:
        super().__init__(message)
        self.last: object = last
        """The last status received; None if there was none."""


class APIError(LightfieldError):
    """A request failed."""

    attempts: tuple[Attempt, ...] = ()
    """Failed attempts of the call, oldest first."""

    outcome_unknown: bool = False
    """Whether the request may have taken effect: the outcome of an attempt, not necessarily the last, is unclear."""

    idempotency_key: str | None = None
    """The ``Idempotency-Key`` of a write; reuse it to repeat the call safely. The API keeps it for 24 hours."""

    retry_after: float | None = None
    """Seconds to wait as requested by the server; None if it requested no wait."""

    deadline_exceeded: bool = False
    """Whether the call failed because its deadline left no time for another attempt."""

    retry_budget_exhausted: bool = False
    """Whether the call was not retried because the retry budget of this client was exhausted."""

    spent: Spent | None = None
    """Time of the call by phase."""

    body: Any = None
    """The body of the response, if there was one: see the subclasses."""

    request: Any = None
    """The ``HTTPRequest`` that failed; of its headers only ``Content-Type`` and ``Idempotency-Key``."""

    _message: str | None = None

    @property
    def message(self) -> str:
        """The API's message if there is one, else the error itself; one line."""
        return one_line(super().__str__()) if self._message is None else self._message

    def __str__(self) -> str:
        text = super().__str__()
        if len(self.attempts) > 1:
            text += f" (after {len(self.attempts)} attempts)"
        if self.deadline_exceeded and self.spent is not None:
            queued, trying, pausing = self.spent
            text += f" (deadline: {queued:.2f} s queued, {trying:.2f} s trying, {pausing:.2f} s pausing)"
        return text + " (retry budget exhausted)" * self.retry_budget_exhausted


class APIConnectionError(APIError):
    """No complete response arrived: DNS lookup, connection, TLS or transfer failed."""

    sent: bool = True
    """Whether the server may have received the request. False means that it certainly did not."""

    permanent: bool = False
    """Whether a retry would be useless, as with a certificate that does not match."""

    stale: bool = False
    """Whether the server had closed a kept-alive connection, so that no response came: no failure of the API."""


class APITimeoutError(APIConnectionError):
    """No complete response arrived in time. The message names the limit and the phase."""


class APIProtocolError(APIConnectionError):
    """The response is not valid HTTP, or has a content encoding that was not requested."""


class APIResponseValidationError(APIError):
    """A success response whose body does not match the API's documentation."""

    status_code: int = 200
    body: bytes = b""


class APIStatusError(APIError):
    """The API returned an error status. ``response`` is the undecoded response.

    Without a status, as when a task queue makes it anew from its ``args``, it has that of its message or its class.
    """

    status_code: int = 0
    """HTTP status code; 0 if neither the message nor the class tells."""

    type: str | None
    """The API's error type, such as ``not_found``; test it rather than the message."""

    code: str | None
    """The API's more specific error code, such as ``unknown_field``."""

    param: str | None
    """The parameter or field at fault, such as ``fields.$name``."""

    body: object
    """The decoded body, or its text if it is not JSON."""

    headers: Mapping[str, str]
    """Response headers."""

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        from lightfield._protocol.response import Response

        self.type, self.code, self.param, said = texts_of(body)
        self._message = one_line(said or (body if isinstance(body, str) else ""))
        if status_code is None:
            status_code, stated_type = label_of(str(message), self.status_code)
            self.type, self._message = self.type or stated_type, self._message or None
        self.status_code, self.body, self.headers = status_code, body, headers or {}
        self.response: Response = Response(status_code, self.headers, b"")

    def __init_subclass__(cls, status: int = 0, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.status_code = status or cls.status_code


class BadRequestError(APIStatusError, status=400):
    """400: the API rejected a field, relationship, parameter, filter or header."""


class AuthenticationError(APIStatusError, status=401):
    """401: the API key is missing, unknown or revoked."""


class PermissionDeniedError(APIStatusError, status=403):
    """403: the API key lacks the scope or the role."""


class NotFoundError(APIStatusError, status=404):
    """404: the record does not exist or is not visible to this key."""


class ConflictError(APIStatusError, status=409):
    """409: the state of the record forbids it, or the idempotency key is still in use."""


class UnprocessableEntityError(APIStatusError, status=422):
    """422: well-formed, but violates a rule of the CRM."""


class RateLimitError(APIStatusError, status=429):
    """429: too many requests; ``retry_after`` is the server's ``Retry-After`` in seconds."""


class InternalServerError(APIStatusError, status=500):
    """500 and above: a server error."""
