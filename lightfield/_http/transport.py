"""One HTTP exchange with the API.

No exception of aiohttp leaves this package: some hold the headers of the request, and with them the API key, so none is
chained to ours.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from functools import partial
from typing import Any, TypeVar

from yarl import URL

from lightfield._aio.caught import Caught
from lightfield._aio.timeouts import Waiters
from lightfield._config.config import Config
from lightfield._config.options import Timeout
from lightfield._config.proxy import proxy_to
from lightfield._protocol.redaction import mask_text
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield.errors import APIConnectionError, ClientClosedError, LightfieldUsageError, one_line

from .connector import Connecting, Connector
from .external import ExternalSessions
from .faults import CONNECTING, FAULTS, connection_failure, proxy_refusal
from .gzip import inflate
from .session import client_timeout, guard, open_session

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
        self._proxy_url = self._proxy and self._proxy.url.reveal()
        self._headers = {
            "Authorization": f"Bearer {config.api_key.reveal()}",
            "Lightfield-Version": API_VERSION,
            "Accept": "application/json",
        }
        self._session: Any = None
        self._request: Any = None
        self._guard: AsyncGenerator[None] | None = None
        self._connector: Connector | None = None
        self.connecting: Connecting = {}
        self._closed = False
        self._parent_loop: asyncio.AbstractEventLoop | None = None
        self.external = ExternalSessions(config)
        self.waiters = Waiters()
        """Pending waits of this client's calls, for a slot or a retry."""

        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop it is open on; None if it is closed."""

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
        if loop is self._parent_loop:
            raise LightfieldUsageError("This event loop belongs to the parent of this forked process. Run a new one.")
        self._connector = Connector(self._config.ssl_context, self.connecting)
        # aiohttp would send the headers of a session, and with them the key, to a proxy too, in clear text
        self._session = open_session(self._connector, {} if self._proxy else self._headers)
        self._request = partial(self._session.request, allow_redirects=False, proxy=self._proxy_url)
        self._guard = guard(self, self._session)
        self.loop = loop

    async def send(
        self,
        request: Request[Any],
        headers: dict[str, str] | None,
        timeout: Timeout,  # noqa: ASYNC109
        left: float | None,
    ) -> Response:
        """Make one attempt, in ``left`` seconds at most.

        Raises:
            APIConnectionError: No complete response arrived.
        """
        limit = left if timeout.total is None or (left is not None and left < timeout.total) else timeout.total
        response = None
        try:
            async with asyncio.timeout(limit):  # aiohttp's own may swallow a cancellation
                response = await self._request(
                    request.method,
                    self._url(request),
                    data=request.body,
                    headers={**self._headers, **(headers or {})} if self._proxy else headers,
                    timeout=client_timeout(timeout),
                )
                return Response(response.status, response.headers, await self._read(response))
        except FAULTS as error:
            phase = "reading the response" if response else "waiting for the response"
            caught = Caught(self._explain(error, f"{request.method} {request.path}", phase))
        del response  # it holds the key, and the traceback holds this frame
        raise caught.take()

    async def _read(self, response: Any) -> bytes:
        """Return the decoded body; that of an error status may be cut to the largest size, or left out."""
        if response.status == 407 and self._proxy and self._base.scheme == "http":
            response.close()
            raise proxy_refusal(response.status, self._proxy.place)
        max_size, size, parts = self._config.max_response_bytes, 0, list[bytes]()
        encoding = response.headers.get("Content-Encoding")
        try:
            while size <= max_size and (part := await response.content.readany()):
                parts.append(part)
                size += len(part)
            content = b"".join(parts)
            if size <= max_size and not encoding:
                return content
            return inflate(content, mask_text(encoding or "identity", self._config.api_key), max_size)
        except BaseException as error:
            response.close()  # and with it the connection, if it is not yet back in the pool
            if response.status < 300 or not isinstance(error, APIConnectionError):
                raise
            return b"" if encoding else b"".join(parts)[:max_size]

    def _url(self, request: Request[Any]) -> URL:
        url = self._base.with_path(self._prefix + request.path, encoded=True)
        return URL(f"{url}?{request.query}", encoded=True) if request.query else url

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        self._closed = True
        self.loop = None
        self.waiters.fail_all(lambda: ClientClosedError(_CLOSED))
        self.external.drop()
        if self._guard is not None:
            await anext(self._guard, None)
            await self._session.close()
            await asyncio.sleep(0)  # lets the transports run their last callback

    def detach_after_fork(self) -> object:
        """Reset for a forked process; return what must be kept alive there, so that no finalizer runs."""
        kept = self._session, self._guard
        if self._connector is not None:
            self._connector.detach_after_fork()
            self._session.detach()
        self._parent_loop = self.loop or self._parent_loop
        self.loop = self._connector = self._session = self._request = self._guard = None
        self.waiters, self.external = Waiters(), ExternalSessions(self._config)
        return kept

    async def translated(self, action: Awaitable[T], what: str, phase: str) -> T:
        """Await what uses a session, and raise network faults as our errors."""
        try:
            return await action
        except FAULTS as error:
            caught = Caught(self._explain(error, what, phase))
        raise caught.take()

    def _explain(self, error: BaseException, what: str, phase: str) -> BaseException:
        task = asyncio.current_task()
        if task in self.connecting:
            phase = CONNECTING
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return error.with_traceback(None)  # the frames of aiohttp hold the headers
        if self._closed:  # aiohttp raises several errors then, one of them a cancellation that nobody asked for
            return ClientClosedError(_CLOSED)
        if isinstance(error, RuntimeError):  # no thread for a DNS lookup: the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160)}.")
        if not isinstance(error, Exception):
            return error
        failure = connection_failure(error, phase, self._proxy.place if self._proxy else None).with_traceback(None)
        failure.args = (mask_text(f"{what}: {failure.args[0]}", self._config.api_key),)
        return failure
