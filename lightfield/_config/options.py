"""Options of a client, and the types of their values."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

import msgspec

from lightfield._protocol.request import Category
from lightfield._protocol.timeout import PhaseLimits, Timeout

from .http_client import DefaultAioHttpClient

if TYPE_CHECKING:
    from ssl import SSLContext


Priority = Literal["interactive", "bulk"]
"""Order of calls that wait for the rate limit: up to four ``interactive`` calls go before the next ``bulk`` call."""


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests per second assumed for each category until the server's headers say otherwise: 0.000001 to 1,000,000.

    API page: https://docs.lightfield.app/using-the-api/rate-limits/
    """

    __module__ = "lightfield"
    read: float = 25.0
    write: float = 25.0
    search: float = 25.0


class SlotWait(msgspec.Struct, frozen=True):
    """The wait of a call for its rate-limit slot."""

    __module__ = "lightfield"
    category: Category
    priority: Priority
    seconds: float


WaitHook = Callable[[SlotWait], object]
"""Called on the client's event loop when a call that waited gets its slot. An exception it raises fails the call."""


class SharedOptions(TypedDict, total=False):
    """Options of a client that ``with_options`` may change."""

    api_key: str | None
    """API key. Default: environment variable ``LIGHTFIELD_API_KEY``."""

    base_url: str | None
    """URL of the API. Default: environment variable ``LIGHTFIELD_BASE_URL``, else the public API."""

    timeout: float | Timeout | PhaseLimits | None
    """Limit of one attempt in seconds, or a ``Timeout``; None for no limit but that to
    connect. Default 30, 5 of them to connect."""

    deadline: float | None
    """Limit of a whole call in seconds; None for no limit. Default 120, from the first slot; if set, from the call."""

    max_retries: int | None
    """Retries after transient failures; 429s are counted separately. 0 turns all retries off. Default 3."""

    priority: Priority
    """Whether calls are ``interactive`` (default) or ``bulk``, which gives way to interactive calls."""

    on_wait: WaitHook | None
    """Called for every call that waited for its slot."""

    default_headers: Mapping[str, str | None] | None
    """Headers of every request, added to those of ``LIGHTFIELD_CUSTOM_HEADERS`` (lines of ``name: value``); those of
    ``with_options`` are added to the client's. They cannot set the API key or the content length."""

    default_query: Mapping[str, object] | None
    """Query parameters of every request that does not set them itself. ``with_options`` adds them."""

    http_client: DefaultAioHttpClient | None
    """As in the official SDK; nothing else can be set here: see ``proxy`` and ``ssl_context``."""


class SiblingOptions(SharedOptions, total=False):
    """Options of ``with_options``."""

    idempotency_key: str
    """``Idempotency-Key`` of this sibling's writes: 1 to 255 visible ASCII characters. Use a new one for each write."""

    set_default_headers: Mapping[str, str | None] | None
    """Headers of every request, instead of those of the client."""

    set_default_query: Mapping[str, object] | None
    """Query parameters of every request, instead of those of the client."""


class Options(SharedOptions, total=False):
    """Options of a client."""

    rate_limits: RateLimits | None
    """Rates assumed until the server's headers say otherwise; None turns pacing off, for servers without a limit."""

    rate_limit_group: str | None
    """Name of a group of clients that share one limit, such as several keys of one organisation. Default: the key."""

    rate_limit_share: float
    """Share of the limit that this client may use, 0.000001 to 1. Default 1."""

    max_rps: float | None
    """Maximum requests per second in each category, whatever the limit: 0.000001 to 1,000,000. Default: no maximum."""

    retry_budget: int | None
    """Tokens that this client and its siblings may spend on retries: 5 after a 429 without ``Retry-After`` or an
    idempotency conflict, 14 after any other failure. A call that succeeds at its first attempt returns 1. None for no
    limit. Default 500."""

    max_response_bytes: int
    """Maximum size of a response, decompressed. Default 32 MiB (33,554,432); ``sys.maxsize`` or more for no limit.
    Files are downloaded up to the API's 512 MB, into memory only up to this size if it is set."""

    ssl_context: "SSLContext | None"
    """TLS settings: trusted authorities, client certificate. Default: the system's certificate authorities, or those of
    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``; they are loaded when the first client opens."""

    proxy: str | None
    """Proxy to use: ``http://[user:password@]host[:port]``. One on another host needs ``https://`` as base URL, or
    ``allow_http``. Default: none."""

    trust_env: bool
    """Whether to read ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``. Default False."""

    allow_http: bool
    """Whether to permit ``http://`` to or through another host, which sends the key in the clear. Default False."""


SiblingOptions.__module__ = Options.__module__ = "lightfield"
