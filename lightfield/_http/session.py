"""Sessions of aiohttp, without the automatic behaviour that an API client must not have.

That is: cookies, retries, and unbounded decompression. Redirects and its total timeout are switched off in
``transport``, its pool's limit in ``connector``.
"""

import math
import platform
import warnings
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import lru_cache
from ssl import SSLContext
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp

from lightfield._config.config import Config
from lightfield._protocol.timeout import Timeout
from lightfield._version import __version__

from .connector import SafeConnector, disable_own_retries, disable_tracing
from .gzip import ENCODINGS
from .sockets import Sockets


def open_session(connector: aiohttp.TCPConnector, headers: dict[str, str], proxy: str | None) -> Any:
    """Open a session for requests to the API."""
    own = {**headers, "Accept-Encoding": ENCODINGS, "User-Agent": _user_agent()}
    return _session(connector, headers=own, proxy=proxy)


def open_bare_session(config: Config, context: SSLContext | None, sockets: Sockets) -> Any:
    """Open a session that adds no header of its own and cannot be traced, for a server other than the API."""
    unsent = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
    connector = SafeConnector(context, socket_factory=sockets.make)
    session = _session(connector, skip_auto_headers=unsent, timeout=client_timeout(config.timeout))
    disable_tracing(session)
    return session


def _session(connector: aiohttp.TCPConnector, **options: Any) -> Any:
    session: Any = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        requote_redirect_url=False,
        auto_decompress=False,
        **options,
    )
    disable_own_retries(session)
    return session


def _user_agent() -> str:
    return f"lightfield-async/{__version__} python/{platform.python_version()} aiohttp/{aiohttp.__version__}"


@lru_cache(maxsize=16)
def client_timeout(timeout: Timeout) -> aiohttp.ClientTimeout:
    """Return aiohttp's form of the timeouts of one attempt, without the total: its own may swallow a cancellation."""
    return aiohttp.ClientTimeout(
        connect=timeout.connect,
        sock_read=timeout.read,
        ceil_threshold=math.inf,  # no rounding up to whole seconds
    )


_guards: WeakKeyDictionary[object, AsyncGenerator[None]] = WeakKeyDictionary()
"""Keeps each session alive as long as its owner; otherwise aiohttp's own finalizer would also warn."""


def guard(owner: object, session: Any, *, warn: bool) -> AsyncGenerator[None]:
    """Have a session closed when its loop ends or its owner is collected, with a warning; ``anext`` disarms this.

    An event loop finalizes the asynchronous generators that run on it in just these two cases. The finalizers of
    aiohttp would warn twice, log two errors, and after the end of the loop leave the connections open.
    """
    guarding = _guards[owner] = _close_when_finalized(session, warn=warn)
    with suppress(StopIteration):
        guarding.asend(None).send(None)  # run to its yield
    return guarding


async def _close_when_finalized(session: Any, *, warn: bool) -> AsyncGenerator[None]:
    try:
        yield
    except GeneratorExit:
        await session.close()
        if warn:
            warnings.warn("An AsyncLightfield was not closed: use `async with`, or await aclose().", ResourceWarning, 1)
