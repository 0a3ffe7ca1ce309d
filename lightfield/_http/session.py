"""How aiohttp is set up, and let go of. What it does by itself and an API client must not is switched off here.

That is: cookies, repeating a request, and inflating without a bound. Redirects, its limit of the total and its pool's
waiting list are switched off in ``_transport``.
"""

import asyncio
import math
import platform
import warnings
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import aiohttp

from lightfield._config.config import Config
from lightfield._config.options import Timeout

from .gzip import ENCODINGS
from .sockets import Sockets


def open_session(connector: aiohttp.TCPConnector, headers: dict[str, str]) -> Any:
    """Open a session for requests to the API."""
    own = {**headers, "Accept-Encoding": ENCODINGS, "User-Agent": _user_agent()}
    return _session(connector, headers=own)


def open_bare_session(config: Config, sockets: Sockets) -> Any:
    """Open a session that sends nothing of its own, for another server than the API."""
    unsent = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
    connector = aiohttp.TCPConnector(ssl=config.ssl_context or True, socket_factory=sockets.make)
    bounds = client_timeout(config.timeout)
    return _session(connector, skip_auto_headers=unsent, timeout=bounds)


def _session(connector: aiohttp.TCPConnector, **options: Any) -> Any:
    session: Any = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        requote_redirect_url=False,
        auto_decompress=False,
        **options,
    )
    # aiohttp would repeat an idempotent request by itself, past lane, budget and caller; there is no public switch
    session._retry_connection = False  # noqa: SLF001
    return session


def _user_agent() -> str:
    try:
        own = version("lightfield-async")
    except PackageNotFoundError:
        own = "unknown"
    return f"lightfield-async/{own} python/{platform.python_version()} aiohttp/{aiohttp.__version__}"


@lru_cache(maxsize=16)
def client_timeout(timeout: Timeout) -> aiohttp.ClientTimeout:
    """Give aiohttp's form of the limits of one attempt, but for the total: its own may swallow a cancellation."""
    return aiohttp.ClientTimeout(
        connect=timeout.connect,
        sock_read=timeout.read,
        ceil_threshold=math.inf,  # no rounding up to whole seconds
    )


def watched(owner: object, session: Any, loop: asyncio.AbstractEventLoop) -> Callable[[], Awaitable[None]]:
    """Give what closes a session. Where its owner does not, it is closed when the owner is gone, or with the loop."""
    keeper = _keep(session)
    with suppress(StopIteration):
        keeper.asend(None).send(None)  # up to its yield: the loop ends generators that run on it before it closes
    finalizer = weakref.finalize(owner, close_abandoned, keeper, loop)
    finalizer.atexit = False  # a blocking client closes by itself then

    async def close() -> None:
        finalizer.detach()
        await session.close()
        await keeper.aclose()

    return close


async def _keep(session: Any) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        if not session.closed:
            await session.close()
            warnings.warn("An AsyncLightfield was not closed: use `async with`, or await aclose().", ResourceWarning, 1)


def close_abandoned(keeper: AsyncGenerator[None], loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(lambda: loop.create_task(keeper.aclose()))
