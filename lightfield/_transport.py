"""One request out, one response in. With ``_session`` and ``_faults``, the only module that knows aiohttp.

Its exceptions end here: some hold the request's headers, and with them the API key, so none of them is chained to ours.
Closing reaches everyone who waits: for a response, a slot or a retry.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ._config import Config
from ._deadline import wait_until
from ._faults import CONNECTING, connection_failure, proxy_refusal
from ._inflate import inflate
from ._options import Timeout
from ._proxy import Proxy, proxy_of_environment
from ._request import Request
from ._response import Response
from ._session import Connector, Sockets, client_timeout, open_bare_session, open_session, watched
from .errors import APIConnectionError, ClientClosedError, LightfieldUsageError, one_line

T = TypeVar("T")

API_VERSION = "2026-03-01"
_GUESSABLE = 8  # characters; a shorter key is made up, and would turn up in any text
_CLOSED = "The client was closed during the call."


class Transport:
    """One connection pool, on one event loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._base = URL(config.base_url).origin()
        self._prefix = URL(config.base_url).raw_path.rstrip("/")
        self._proxy = self._proxy_to(self._base)
        self._through = self._proxy and self._proxy.url.reveal()
        self._headers = {
            "Authorization": f"Bearer {config.api_key.reveal()}",
            "Lightfield-Version": API_VERSION,
            "Accept": "application/json",
        }
        self._session: Any = None
        self._connector: Connector | None = None
        self._close_session: Callable[[], Awaitable[None]] | None = None
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
        # aiohttp would send a session's headers to a proxy too, in the clear and with the key in them
        self._connector = Connector(self._config.ssl_context)
        self._session = open_session(self._connector, {} if self._proxy else self._headers)
        self._close_session = watched(self, self._session, loop)
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
                headers={**self._headers, **(headers or {})} if self._proxy else headers,
                allow_redirects=False,
                timeout=_limits(timeout, left),
                proxy=self._through,
            )
            if self._proxy and response.status == 407:
                raise proxy_refusal(response.status, self._proxy.place)
            phase = "reading the response"
            content = await self._read(response)
            return Response(response.status, response.headers, content if response.ok else self._mask(content))
        except (aiohttp.ClientError, APIConnectionError, OSError, RuntimeError, asyncio.CancelledError) as error:
            failure = self._explain(error, f"{request.method} {request.path}", phase)
        try:
            raise failure  # out of the handler: what was caught is not chained
        finally:
            del failure  # its traceback holds this frame

    async def _read(self, response: Any) -> bytes:
        """Read a body to its end and inflate it; of one that says no, as much as can be read."""
        most, size, parts = self._config.max_response_bytes, 0, list[bytes]()
        encoding = response.headers.get("Content-Encoding")
        try:
            while size <= most and (part := await response.content.readany()):
                parts.append(part)
                size += len(part)
            content = b"".join(parts)
            return content if size <= most and not encoding else inflate(content, encoding or "identity", most)
        except BaseException as error:
            response.close()  # and its connection, which is released where the body has been read
            if response.ok or not isinstance(error, APIConnectionError):
                raise
            return b"" if encoding else b"".join(parts)

    @asynccontextmanager
    async def exchange(
        self, method: str, url: URL, data: Any = None, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Any]:
        """Send one request to another server than the API, with nothing of ours in it, and give its response.

        Left by an exception, it drops its connection at once; closing would wait until the other side has read.
        """
        sockets, proxy = Sockets(), self._proxy_to(url)
        session = open_bare_session(
            Connector(self._config.ssl_context, socket_factory=sockets.make), self._config.timeout
        )
        through = proxy and proxy.url.reveal()
        self._strangers.add(sockets.drop)
        try:
            async with session.request(
                method, url, data=data, headers=headers, proxy=through, allow_redirects=False
            ) as response:
                yield response
        except BaseException:
            sockets.drop()
            raise
        finally:
            self._strangers.discard(sockets.drop)
            await session.close()

    def _proxy_to(self, url: URL) -> Proxy | None:
        if not self._config.trust_env or self._config.proxy:
            return self._config.proxy
        return proxy_of_environment(url.scheme, url.host or "")

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
        if self._close_session is not None:
            await self._close_session()
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
        if self._connector is not None and self._connector.gave_up():
            phase = CONNECTING
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return error.with_traceback(None)  # it holds frames of aiohttp, and these the headers
        if self._closed:  # aiohttp says so in several ways, one of them a cancellation that nobody asked for
            return ClientClosedError(_CLOSED)
        if isinstance(error, RuntimeError):  # no thread for the name lookup while the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160)}.")
        if not isinstance(error, Exception):
            return error
        failure = connection_failure(error, phase, self._proxy.place if self._proxy else None)
        failure.args = (f"{what}: {failure.args[0]}",)
        return failure


def _limits(timeout: Timeout, left: float | None) -> aiohttp.ClientTimeout:
    """Give aiohttp's form of the limits of one attempt; the usual ones are made once."""
    usual = left is None or (timeout.total is not None and timeout.total <= left)
    return _usual(timeout) if usual else client_timeout(timeout, left)


@lru_cache(maxsize=16)
def _usual(timeout: Timeout) -> aiohttp.ClientTimeout:
    return client_timeout(timeout, timeout.total)
