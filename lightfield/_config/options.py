"""What can a client be told? The options, and the values that some of them take."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypedDict

import msgspec

from lightfield._protocol.request import Category

if TYPE_CHECKING:
    from ssl import SSLContext


Priority = Literal["interactive", "bulk"]
"""Who goes first where calls wait for the rate limit. ``bulk`` lets ``interactive`` pass, up to four in a row."""


class Timeout(msgspec.Struct, frozen=True, kw_only=True):
    """How long one attempt may take, in seconds; None lifts a limit."""

    __module__ = "lightfield"

    connect: float | None = 5.0
    """To open a connection, TLS included."""

    read: float | None = None
    """Between two reads of the response."""

    total: float | None = 30.0
    """For the whole attempt, once it has its slot."""


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests per second assumed for each category until the server's headers say otherwise.

    API page: https://docs.lightfield.app/using-the-api/rate-limits/
    """

    __module__ = "lightfield"

    read: float = 25.0
    write: float = 25.0
    search: float = 25.0


class SlotWait(msgspec.Struct, frozen=True):
    """A call that had to wait for its slot in the rate limit."""

    __module__ = "lightfield"

    category: Category
    priority: Priority
    seconds: float


WaitHook = Callable[[SlotWait], object]
"""Called on the client's event loop when a call that waited has its slot. An exception it raises fails the call."""


class CallOptions(TypedDict, total=False):
    """Options that a sibling made by ``with_options`` may change."""

    timeout: float | Timeout | None
    """Limit of one attempt in seconds, or its phases; None for none."""

    deadline: float | None
    """Limit of one whole call in seconds, waiting and retries included; None for none. Default 120."""

    max_retries: int
    """Retries after transient failures. Throttled replies count apart. 0 turns all retries off. Default 3."""

    priority: Priority
    """Whether calls are ``interactive`` (default) or ``bulk``, which lets interactive ones pass."""

    on_wait: WaitHook | None
    """Told of every call that waited for its slot."""


class SiblingOptions(CallOptions, total=False):
    """Options of ``with_options``."""

    idempotency_key: str
    """``Idempotency-Key`` for the writes of this sibling: 1 to 255 visible ASCII characters, one per write."""


class Options(CallOptions, total=False):
    """Options of a client."""

    api_key: str | None
    """The API key; default: environment variable ``LIGHTFIELD_API_KEY``."""

    base_url: str | None
    """Where the API is; default: environment variable ``LIGHTFIELD_BASE_URL``, then the public API."""

    rate_limits: RateLimits | None
    """The pace assumed before the server tells its own; None switches pacing off."""

    rate_limit_group: str | None
    """A name for what shares one limit, where clients with several keys of one organisation do. Default: the key."""

    rate_limit_share: float
    """The part of the limit that this client may use, above 0 up to 1, where other programs use the rest. Default 1."""

    max_rps: float | None
    """Requests per second in each category that this client never exceeds, whatever the limit. Default: no bound."""

    retry_budget: int | None
    """What this client and its siblings may spend on retries: 5 after a throttled request, 14 after another failure;
    each call that succeeds at once gives 1 back. None for no bound. Default 500."""

    max_response_bytes: int
    """The largest response that is taken, inflated. Default 32 MiB (33,554,432)."""

    ssl_context: "SSLContext | None"
    """How certificates are checked, and which is shown. Default: the certificate authorities of the system."""

    proxy: str | None
    """The proxy to go through: ``http://[user:password@]host[:port]``. Default: none."""

    trust_env: bool
    """Take the proxy from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` of the environment. Default False."""

    allow_http: bool
    """Permit an ``http://`` base URL on another host than this machine. The key then travels in the clear."""
