"""One request out, one response in. With ``_faults``, the only module that knows aiohttp.

What aiohttp does by itself and an API client must not is switched off: cookies, redirects, repeating a request, and
its pool's waiting list (lanes bound what is under way). Its exceptions end here: some hold the request's headers, and
with them the API key, so none of them is chained to ours. Closing reaches everyone who waits: for a response, a slot
or a retry.
"""

import asyncio
import math
import platform
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ._config import Config
from ._deadline import wait_until
from ._faults import connection_failure
from ._options import Timeout
from ._request import Request
from ._response import Response
from .errors import (
    ClientClosedError,
    LightfieldUsageError,
    one_line,
)

T = TypeVar("T")

API_VERSION = "2026-03-01"
_KEEP_ALIVE = 15.0
_GUESSABLE = 8  # characters; a shorter key is made up, and would turn up in any text
_CLOSED = "The client was closed during the call."


class Transport:
    """One connection pool, on one event loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._base = URL(config.base_url).origin()
        self._prefix = URL(config.base_url).raw_path.rstrip("/")
        self._session: Any = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._strangers: set[Callable[[], None]] = set()
        self._closed = False
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop it is open on; None before the first request and after the last."""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the pool on the running loop.

        Raises:
            ClientClosedError: It was closed.
            LightfieldUsageError: It is open on another loop.
        """
        if self._closed:
            raise ClientClosedError("The client is closed.")
        if self.loop is not None:
            raise LightfieldUsageError(
                "The client belongs to another event loop. Make one AsyncLightfield in each loop, "
                "or use Lightfield, which works from everywhere.",
            )
        self._session = _session(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300),
            headers={
                "Authorization": f"Bearer {self._config.api_key.reveal()}",
                "Lightfield-Version": API_VERSION,
                "Accept": "application/json",
                "User-Agent": _user_agent(),
            },
        )
        self.loop = loop

    async def send(
        self,
        request: Request[Any],
        headers: dict[str, str] | None,
        timeout: Timeout,  # noqa: ASYNC109
        left: float | None,
    ) -> Response:
        """Make one attempt, in ``left`` seconds at most; raise APIConnectionError if no whole response arrives."""
        phase = "waiting for the response"
        try:
            response = await self._session.request(
                request.method,
                self._url(request),
                data=request.body,
                headers=headers,
                allow_redirects=False,
                timeout=_limits(timeout, left),
            )
            phase = "reading the response"
            content = await response.read()  # releases or, if it fails, closes the connection
            return Response(response.status, response.headers, content if response.ok else self._mask(content))
        except (aiohttp.ClientError, OSError, RuntimeError, asyncio.CancelledError) as error:
            failure = self._explain(error, f"{request.method} {request.path}", phase)
        try:
            raise failure  # out of the handler: what was caught is not chained
        finally:
            del failure  # its traceback holds this frame

    @asynccontextmanager
    async def stranger(self, timeout: Timeout) -> AsyncGenerator[Any]:  # noqa: ASYNC109
        """Open a session for one transfer from or to another server than the API: it sends nothing of ours.

        Left by an exception, it drops its connection at once; closing would wait until the other side has read.
        """
        sockets: list[socket.socket] = []
        session = _session(
            connector=aiohttp.TCPConnector(socket_factory=partial(_noted, sockets)),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,
            timeout=_client_timeout(timeout, None),
        )
        drop = partial(_drop, sockets)
        self._strangers.add(drop)
        try:
            yield session
        except BaseException:
            drop()
            raise
        finally:
            self._strangers.discard(drop)
            await session.close()

    def _mask(self, content: bytes) -> bytes:
        """Take the key out of an error that echoes it."""
        key = self._config.api_key.reveal()
        return content.replace(key.encode(), b"[API key]") if len(key) >= _GUESSABLE else content

    def _url(self, request: Request[Any]) -> URL:
        url = self._base.with_path(self._prefix + request.path, encoded=True)
        return URL(f"{url}?{request.query}", encoded=True) if request.query else url

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        self._closed = True
        self.loop = None
        for waiter in [waiter for waiter in self._waiters if not waiter.done()]:
            waiter.set_exception(ClientClosedError(_CLOSED))
        for drop in self._strangers:
            drop()
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # lets the transports run their last callback

    async def wait(self, waiter: asyncio.Future[None], due: float | None) -> None:
        """Wait for a future until the loop's time ``due``; closing ends the wait.

        Raises:
            TimeoutError: It is due.
            ClientClosedError: The client was closed.
        """
        self._waiters.add(waiter)
        try:
            await wait_until(waiter, due)
        finally:
            self._waiters.discard(waiter)

    async def sleep(self, seconds: float) -> None:
        """Wait some seconds; closing ends the wait."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            await self.wait(loop.create_future(), loop.time() + seconds)

    async def translated(self, action: Awaitable[T], what: str, phase: str) -> T:
        """Await what uses a session, with network faults as our errors."""
        try:
            return await action
        except (aiohttp.ClientError, OSError, RuntimeError, asyncio.CancelledError) as error:
            failure = self._explain(error, what, phase)
        try:
            raise failure
        finally:
            del failure

    def _explain(self, error: BaseException, what: str, phase: str) -> BaseException:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return error
        if self._closed:  # aiohttp says so in several ways, one of them a cancellation that nobody asked for
            return ClientClosedError(_CLOSED)
        if isinstance(error, RuntimeError):  # no thread for the name lookup while the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160)}.")
        if not isinstance(error, Exception):
            return error
        failure = connection_failure(error, phase)
        failure.args = (f"{what}: {failure.args[0]}",)
        return failure


def _session(**options: Any) -> Any:
    session: Any = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), requote_redirect_url=False, **options)
    # aiohttp would repeat an idempotent request by itself, past lane, budget and caller; there is no public switch
    session._retry_connection = False  # noqa: SLF001
    return session


def _noted(sockets: list[socket.socket], address: Any) -> socket.socket:
    made = socket.socket(family=address[0], type=address[1], proto=address[2])
    sockets.append(made)
    return made


def _drop(sockets: list[socket.socket]) -> None:
    for made in sockets:
        with suppress(OSError):
            made.shutdown(socket.SHUT_RDWR)


def _limits(timeout: Timeout, left: float | None) -> aiohttp.ClientTimeout:
    """Give aiohttp's form of the limits; the usual ones are made once."""
    usual = left is None or (timeout.total is not None and timeout.total <= left)
    return _usual(timeout) if usual else _client_timeout(timeout, left)


@lru_cache(maxsize=16)
def _usual(timeout: Timeout) -> aiohttp.ClientTimeout:
    return _client_timeout(timeout, timeout.total)


def _client_timeout(timeout: Timeout, total: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=total,
        sock_connect=timeout.connect,
        sock_read=timeout.read,
        ceil_threshold=math.inf,  # no rounding up to whole seconds
    )


def _user_agent() -> str:
    try:
        own = version("lightfield-async")
    except PackageNotFoundError:
        own = "unknown"
    return f"lightfield-async/{own} python/{platform.python_version()} aiohttp/{aiohttp.__version__}"
