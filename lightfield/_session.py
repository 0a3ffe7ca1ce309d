"""How aiohttp is set up, and let go of. What it does by itself and an API client must not is switched off here.

That is: cookies, repeating a request, reading the environment, inflating without a bound, and its pool's waiting list
(lanes bound what is under way).
"""

import asyncio
import math
import platform
import socket
import ssl
import warnings
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import aiohttp

from ._inflate import ENCODINGS
from ._options import Timeout

_KEEP_ALIVE = 15.0


class Connector(aiohttp.TCPConnector):
    """A pool without a bound that knows which tasks wait for a connection to be made."""

    def __init__(self, context: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, ssl=context or True, **options
        )
        self.connecting: set[asyncio.Task[Any] | None] = set()

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109
        task = asyncio.current_task()
        self.connecting.add(task)
        connection = await super()._create_connection(req, traces, timeout)
        self.connecting.discard(task)  # after a failure `gave_up` does
        return connection

    def gave_up(self) -> bool:
        """Say whether the running task failed while its connection was being made."""
        task = asyncio.current_task()
        unconnected = task in self.connecting
        self.connecting.discard(task)
        return unconnected


def open_session(connector: Connector, headers: dict[str, str]) -> Any:
    """Open a session for requests to the API."""
    own = {**headers, "Accept-Encoding": ENCODINGS, "User-Agent": _user_agent()}
    return _session(connector, headers=own)


def open_bare_session(connector: Connector, timeout: Timeout) -> Any:
    """Open a session that sends nothing of its own, for another server than the API."""
    unsent = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
    return _session(connector, skip_auto_headers=unsent, timeout=client_timeout(timeout, None))


def _session(connector: Connector, **options: Any) -> Any:
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


def client_timeout(timeout: Timeout, total: float | None) -> aiohttp.ClientTimeout:
    """Give aiohttp's form of the limits of one attempt."""
    return aiohttp.ClientTimeout(
        total=total,
        connect=timeout.connect,
        sock_read=timeout.read,
        ceil_threshold=math.inf,  # no rounding up to whole seconds
    )


def watched(owner: object, session: Any, loop: asyncio.AbstractEventLoop) -> Callable[[], Awaitable[None]]:
    """Give what closes a session. Where its owner does not, it is closed when the owner is gone, or with the loop."""
    keeper = _keep(session)
    with suppress(StopIteration):
        keeper.asend(None).send(None)  # up to its yield: the loop ends generators that run on it before it closes
    finalizer = weakref.finalize(owner, _let_go, keeper, loop)

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


def _let_go(keeper: AsyncGenerator[None], loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(lambda: loop.create_task(keeper.aclose()))


class Sockets:
    """Every socket of a session, so that all can be dropped at once: closing waits until the other side has read."""

    def __init__(self) -> None:
        self._made: list[socket.socket] = []

    def make(self, address: Any) -> socket.socket:
        """Make one, as a connector asks for it."""
        made = socket.socket(family=address[0], type=address[1], proto=address[2])
        self._made.append(made)
        return made

    def drop(self) -> None:
        """End every connection."""
        for made in self._made:
            with suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)
