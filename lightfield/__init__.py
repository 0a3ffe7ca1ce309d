"""Async-first client for the Lightfield CRM API.

::

    from lightfield import AsyncLightfield, Lightfield

    Lightfield(api_key="sk_lf_...").opportunity.retrieve("opp_...")

Names are loaded on first use, which keeps ``import lightfield`` fast.

PYTEST_DONT_REWRITE: the pytest plugin is in this package, which may be imported before pytest starts.
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_names
from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import errors as errors
    from . import models as models
    from . import types as types
    from ._bulk.results import BulkResult, Outcome, Progress
    from ._bulk.tally import ListingReport
    from ._client.asynchronous import AsyncClient, AsyncLightfield
    from ._client.blocking import Client, Lightfield
    from ._config.http_client import DefaultAioHttpClient
    from ._config.options import RateLimits, SlotWait
    from ._files.progress import Transfer
    from ._official.names import (
        DEFAULT_MAX_RETRIES,
        DEFAULT_TIMEOUT,
        DefaultAsyncHttpxClient,
        DefaultHttpxClient,
        NoneType,
    )
    from ._official.verbs import RequestOptions
    from ._operations.responses import APIResponse, AsyncAPIResponse
    from ._pacing.registry import LaneStatus
    from ._protocol.filters import F, Filter
    from ._protocol.omit import NOT_GIVEN, NotGiven, Omit, not_given, omit
    from ._protocol.request import Request
    from ._protocol.response import HTTPRequest, Response
    from ._protocol.timeout import Timeout
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
    "_client.asynchronous": ["AsyncClient", "AsyncLightfield"],
    "_client.blocking": ["Client", "Lightfield"],
    "_config.http_client": ["DefaultAioHttpClient"],
    "_config.options": ["RateLimits", "SlotWait"],
    "_files.progress": ["Transfer"],
    "_pacing.registry": ["LaneStatus"],
    "_official.names": [
        "DEFAULT_MAX_RETRIES",
        "DEFAULT_TIMEOUT",
        "DefaultAsyncHttpxClient",
        "DefaultHttpxClient",
        "NoneType",
    ],
    "_official.verbs": ["RequestOptions"],
    "_operations.responses": ["APIResponse", "AsyncAPIResponse"],
    "_protocol.filters": ["F", "Filter"],
    "_protocol.omit": ["NOT_GIVEN", "NotGiven", "Omit", "not_given", "omit"],
    "_protocol.request": ["Request"],
    "_protocol.response": ["HTTPRequest", "Response"],
    "_protocol.timeout": ["Timeout"],
    "errors": [
        "APIConnectionError",
        "APIError",
        "APIProtocolError",
        "APIResponseValidationError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "ClientClosedError",
        "ConflictError",
        "InternalServerError",
        "LightfieldError",
        "LightfieldTypeError",
        "LightfieldUsageError",
        "LightfieldValueError",
        "NotFoundError",
        "PermissionDeniedError",
        "RateLimitError",
        "UnprocessableEntityError",
        "WaitTimeoutError",
    ],
    "models": [],
    "types": [],
}

# Without the modules: ``from lightfield import *`` must not hide the ``types`` of the standard library.
__all__ = [
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIProtocolError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncAPIResponse",
    "AsyncClient",
    "AsyncLightfield",
    "AuthenticationError",
    "BadRequestError",
    "BulkResult",
    "Client",
    "ClientClosedError",
    "ConflictError",
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "F",
    "Filter",
    "HTTPRequest",
    "InternalServerError",
    "LaneStatus",
    "Lightfield",
    "LightfieldError",
    "LightfieldTypeError",
    "LightfieldUsageError",
    "LightfieldValueError",
    "ListingReport",
    "NoneType",
    "NotFoundError",
    "NotGiven",
    "Omit",
    "Outcome",
    "PermissionDeniedError",
    "Progress",
    "RateLimitError",
    "RateLimits",
    "Request",
    "RequestOptions",
    "Response",
    "SlotWait",
    "Timeout",
    "Transfer",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "not_given",
    "omit",
]


if not TYPE_CHECKING:  # so that checkers report a misspelt name
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
