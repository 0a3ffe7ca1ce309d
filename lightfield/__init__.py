"""Async-first client for the Lightfield CRM API.

::

    from lightfield import AsyncLightfield, Lightfield

    Lightfield(api_key="sk_lf_...").opportunity.retrieve("opp_...")

Names are loaded on first use, which keeps ``import lightfield`` fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._bulk.results import BulkResult, Outcome, Progress
    from ._bulk.tally import ListingReport
    from ._client.asynchronous import AsyncLightfield
    from ._client.blocking import Lightfield
    from ._config.options import RateLimits, SlotWait, Timeout
    from ._files.progress import Transfer
    from ._pacing.registry import LaneStatus
    from ._protocol.decoding import APIResponse
    from ._protocol.filters import F, Filter
    from ._protocol.request import Request
    from ._protocol.response import Response
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
    "_bulk.results": ["BulkResult", "Outcome", "Progress"],
    "_bulk.tally": ["ListingReport"],
    "_client.asynchronous": ["AsyncLightfield"],
    "_client.blocking": ["Lightfield"],
    "_config.options": ["RateLimits", "SlotWait", "Timeout"],
    "_files.progress": ["Transfer"],
    "_pacing.registry": ["LaneStatus"],
    "_protocol.decoding": ["APIResponse"],
    "_protocol.filters": ["F", "Filter"],
    "_protocol.request": ["Request"],
    "_protocol.response": ["Response"],
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
    "Response",
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
