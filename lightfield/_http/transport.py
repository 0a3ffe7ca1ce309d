"""One request out, one response in. With ``_session`` and ``_faults``, the only module that knows aiohttp.

Its exceptions end here: some hold the request's headers, and with them the API key, so none of them is chained to ours.
Closing reaches everyone who waits: for a response, a slot or a retry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from lightfield._aio.timeouts import Waiters
from lightfield._config.config import Config
from lightfield._config.options import Timeout
from lightfield._config.proxy import proxy_to
from lightfield._protocol.redaction import mask_text
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield.errors import APIConnectionError, ClientClosedError, LightfieldUsageError, one_line

from .connector import Connector
from .external import ExternalSessions
from .faults import CONNECTING, connection_failure, proxy_refusal
from .gzip import inflate
from .session import client_timeout, open_session, watched

T = TypeVar("T")

API_VERSION = "2026-03-01"
_CLOSED = "The client was closed during the call."


class Transport:
    """One connection pool, on one event loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._base = URL(config.base_url).origin()
        self._prefix = URL(config.base_url).raw_path.rstrip("/")
        self._proxy = proxy_to(self._base.scheme, self._base.host, config.proxy, trust_env=config.trust_env)
        self._through = self._proxy and self._proxy.url.reveal()
        self._headers = {
            "Authorization": f"Bearer {config.api_key.reveal()}",
            "Lightfield-Version": API_VERSION,
            "Accept": "application/json",
        }
        self._session: Any = None
        self._request: Any = None
        self._connector: Connector | None = None
        self._close_session: Callable[[], Awaitable[None]] | None = None
        self._closed = False
        self._parents: asyncio.AbstractEventLoop | None = None
        self.external = ExternalSessions(config)
        self.waiters = Waiters()
        """Whoever waits for a slot or a retry."""

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
        if loop is self._parents:
            raise LightfieldUsageError(
                "This event loop was used before this process was forked off, and is its parent's. Run a new one."
            )
        self._connector = Connector(self._config.ssl_context)
        # aiohttp would send a session's headers to a proxy too, in the clear and with the key in them
        self._session = open_session(self._connector, {} if self._proxy else self._headers)
        self._request = partial(self._session.request, allow_redirects=False, proxy=self._through)
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
        own = {**self._headers, **(headers or {})} if self._proxy else headers
        limit = left if timeout.total is None or (left is not None and left < timeout.total) else timeout.total
        phase, response = "waiting for the response", None
        try:
            async with asyncio.timeout(limit):  # aiohttp's own may swallow a cancellation
                response = await self._request(
                    request.method, self._url(request), data=request.body, headers=own, timeout=client_timeout(timeout)
                )
                if response.status == 407 and self._proxy and self._base.scheme == "http":
                    response.close()
                    raise proxy_refusal(response.status, self._proxy.place)
                phase = "reading the response"
                return Response(response.status, response.headers, await self._read(response))
        except (aiohttp.ClientError, APIConnectionError, OSError, RuntimeError, asyncio.CancelledError) as error:
            failure = self._explain(error, f"{request.method} {request.path}", phase)
        try:
            raise failure  # out of the handler: what was caught is not chained
        finally:
            del failure, response, own  # its traceback holds this frame, and these hold the key

    async def _read(self, response: Any) -> bytes:
        """Read a body to its end and inflate it; of one that says no, as much as is allowed."""
        most, size, parts = self._config.max_response_bytes, 0, list[bytes]()
        encoding = response.headers.get("Content-Encoding")
        try:
            while size <= most and (part := await response.content.readany()):
                parts.append(part)
                size += len(part)
            content = b"".join(parts)
            if size <= most and not encoding:
                return content
            return inflate(content, mask_text(encoding or "identity", self._config.api_key), most)
        except BaseException as error:
            response.close()  # and its connection, which is released where the body has been read
            if response.status < 300 or not isinstance(error, APIConnectionError):
                raise
            return b"" if encoding else b"".join(parts)[:most]

    def _url(self, request: Request[Any]) -> URL:
        url = self._base.with_path(self._prefix + request.path, encoded=True)
        return URL(f"{url}?{request.query}", encoded=True) if request.query else url

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        self._closed = True
        self.loop = None
        self.waiters.fail_all(lambda: ClientClosedError(_CLOSED))
        self.external.drop()
        if self._close_session is not None:
            await self._close_session()
            await asyncio.sleep(0)  # lets the transports run their last callback

    def detach_after_fork(self) -> object:
        """Begin afresh in a forked process, and give what must not be tidied up there."""
        left = self._session, self._close_session
        if self._connector is not None:
            self._connector.detach_after_fork()
            self._session.detach()
        self._parents = self.loop or self._parents
        self.loop = self._connector = self._session = self._request = self._close_session = None
        self.waiters, self.external = Waiters(), ExternalSessions(self._config)
        return left

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
        if self._connector is not None and self._connector.failed_while_connecting():
            phase = CONNECTING
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return error.with_traceback(None)  # it holds frames of aiohttp, and these the headers
        if self._closed:  # aiohttp says so in several ways, one of them a cancellation that nobody asked for
            return ClientClosedError(_CLOSED)
        if isinstance(error, RuntimeError):  # no thread for the name lookup while the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160)}.")
        if not isinstance(error, Exception):
            return error
        failure = connection_failure(error, phase, self._proxy.place if self._proxy else None).with_traceback(None)
        failure.args = (mask_text(f"{what}: {failure.args[0]}", self._config.api_key),)
        return failure
