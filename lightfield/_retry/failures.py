"""Kinds of failures.

Each failed attempt is of exactly one kind; a header ``X-Should-Retry`` overrides that of an error status:

============  ===================================================  =============================================
kind          members                                              retried
============  ===================================================  =============================================
unsent        name lookup, connection refused or timed out         yes
stale         kept-alive connection closed before a response       as transient, but the first at once, for nothing
throttled     429                                                  yes, counted apart: the request was not executed
in_progress   409 ``idempotency_conflict``                         yes, with the same key
transient     timeout, reset, cut response, 408, 425, most 5xx     yes, unless the request must not be repeated
malformed     invalid HTTP, a 2xx body that cannot be decoded      once, unless the request must not be repeated
final         everything else                                      no
============  ===================================================  =============================================

API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

from typing import Literal

from lightfield.errors import APIConnectionError, APIError, APIProtocolError, APIResponseValidationError, APIStatusError

Kind = Literal["unsent", "stale", "throttled", "in_progress", "transient", "malformed", "final"]


def classify(error: APIError) -> Kind:
    """Return the kind of a failed attempt."""
    if isinstance(error, APIConnectionError) and (error.permanent or not error.sent):
        return "final" if error.permanent else "unsent"
    if isinstance(error, APIResponseValidationError | APIProtocolError):
        return "malformed"
    if isinstance(error, APIConnectionError):
        return "stale" if error.stale else "transient"
    return _classify_status(error) if isinstance(error, APIStatusError) else "final"


def _classify_status(error: APIStatusError) -> Kind:
    status, hint = error.status_code, error.headers.get("X-Should-Retry")
    if hint == "false":
        return "final"
    if status == 429:
        return "throttled"
    if status == 409 and error.type == "idempotency_conflict":
        return "in_progress"
    temporary = status in {408, 425} or (500 <= status < 600 and status not in {501, 505})
    return "transient" if temporary or hint == "true" else "final"


def outcome_unknown(error: APIError) -> bool:
    """Return whether an attempt that failed in this way may have taken effect."""
    if isinstance(error, APIStatusError):
        return error.status_code >= 500 or error.status_code == 408 or error.type == "idempotency_conflict"
    return not isinstance(error, APIConnectionError) or error.sent
