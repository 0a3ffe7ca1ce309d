"""The Lightfield CRM API, async first.

::

    from lightfield import AsyncLightfield, Lightfield

    Lightfield(api_key="sk_lf_...").opportunity.retrieve("opp_...")

Names are loaded when first used, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._blocking import Lightfield
    from ._client import AsyncLightfield
    from ._filters import F, Filter
    from ._lane import LaneStatus
    from ._options import RateLimits, SlotWait, Timeout
    from ._outcome import BulkResult, Outcome, Progress
    from ._request import Request
    from ._response import APIResponse
    from ._tally import ListingReport
    from ._transfer import Transfer
    from .errors import (
        APIConnectionError,
        APIError,
        APIProtocolError,
        APIResponseValidationError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ClientClosedError,
        ConflictError,
        InternalServerError,
        LightfieldError,
        LightfieldTypeError,
        LightfieldUsageError,
        LightfieldValueError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        UnprocessableEntityError,
        WaitTimeoutError,
    )

_HOMES = {
    "_blocking": ["Lightfield"],
    "_client": ["AsyncLightfield"],
    "_filters": ["F", "Filter"],
    "_lane": ["LaneStatus"],
    "_options": ["RateLimits", "SlotWait", "Timeout"],
    "_outcome": ["BulkResult", "Outcome", "Progress"],
    "_request": ["Request"],
    "_response": ["APIResponse"],
    "_tally": ["ListingReport"],
    "_transfer": ["Transfer"],
}

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIProtocolError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncLightfield",
    "AuthenticationError",
    "BadRequestError",
    "BulkResult",
    "ClientClosedError",
    "ConflictError",
    "F",
    "Filter",
    "InternalServerError",
    "LaneStatus",
    "Lightfield",
    "LightfieldError",
    "LightfieldTypeError",
    "LightfieldUsageError",
    "LightfieldValueError",
    "ListingReport",
    "NotFoundError",
    "Outcome",
    "PermissionDeniedError",
    "Progress",
    "RateLimitError",
    "RateLimits",
    "Request",
    "SlotWait",
    "Timeout",
    "Transfer",
    "UnprocessableEntityError",
    "WaitTimeoutError",
]


def _load(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "errors")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


if not TYPE_CHECKING:  # so that checkers report a misspelt name
    __getattr__ = _load


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
