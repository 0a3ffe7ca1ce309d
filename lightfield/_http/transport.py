"""One HTTP exchange with the API.

No exception of aiohttp leaves this package: some hold the headers of the request, and with them the API key, so none is
chained to ours.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from weakref import WeakSet

from multidict import CIMultiDict
from yarl import URL

from lightfield._aio.caught import Caught
from lightfield._aio.loop import no_task, running_loop
from lightfield._aio.timeouts import Waiters
from lightfield._config.config import Config
from lightfield._config.proxy import proxy_to
from lightfield._protocol.headers import Headers, merge_headers
from lightfield._protocol.redaction import mask_text
from lightfield._protocol.request import Form, Request
from lightfield._protocol.response import HTTPRequest, Response
from lightfield._protocol.timeout import Timeout
from lightfield.errors import APIConnectionError, ClientClosedError, LightfieldUsageError, one_line

from .connector import Connecting, Connector, Wanted, is_watched
from .external import ExternalSessions
from .faults import FAULTS, NETWORK_FAULTS, Phase, closed_silently, connection_failure, proxy_refusal
from .gzip import inflate
from .session import client_timeout, guard, open_session
from .stream import StreamedBody
from .time_limits import TimeLimit, TimeLimits
from .tls import tls_context

T = TypeVar("T")

API_VERSION = "2026-03-01"
_SECRET_HEADERS = ("Authorization", "Proxy-Authorization")
_CLOSED = "The client was closed during the call."


class Transport:
    """One connection pool, on one event loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._base = URL(config.base_url).origin()
        self._prefix = URL(config.base_url).raw_path.rstrip("/")
        self._proxy = proxy_to(self._base, config.proxy, trust_env=config.trust_env, allow_http=config.allow_http)
        self._headers = {
            "Authorization": f"Bearer {config.api_key.reveal()}",
            "Lightfield-Version": API_VERSION,
            "Accept": "application/json",
        }
        self._session: Any = None
        self._middlewares: tuple[Any] | None = None
        self._guard: AsyncGenerator[None] | None = None
        self._connector: Connector | None = None
        self.connecting: Connecting = {}
        self._streams: WeakSet[StreamedBody] = WeakSet()
        self.closed = False
        self.closes_with_loop = False
        """Whether it may be left open until its loop ends, which then closes it without a warning."""

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
            LightfieldUsageError: It is open on another loop, or no task of asyncio is running.
            LightfieldValueError: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names no certificates.
            APIConnectionError: The certificate authorities cannot be loaded now.
        """
        running_loop()
        if self.closed:
            raise ClientClosedError("The client is closed.")
        if self.loop is not None:
            raise LightfieldUsageError(
                "The client belongs to another event loop. Make one AsyncLightfield in each loop, "
                "or use Lightfield, which works from everywhere.",
            )
        if loop is self._parent_loop:
            raise LightfieldUsageError("This event loop belongs to the parent of this forked process. Run a new one.")
        context = tls_context(self._config, self._base, self._proxy)
        self._connector = Connector(context, self.connecting)
        # aiohttp would send the headers of a session, and with them the key, to a proxy too, in clear text
        headers, proxy = ({}, self._proxy.url.reveal()) if self._proxy else (self._headers, None)
        self._session = open_session(self._connector, headers, proxy)
        self._middlewares = (self._watched,) if is_watched(self._session) else None
        self._limits = TimeLimits(loop)
        self._guard = guard(self, self._session, warn=not self.closes_with_loop)
        self.loop = loop

    async def send(
        self, request: Request[Any], headers: Headers | None, limits: Timeout, end: float | None, connection: Wanted
    ) -> Response:
        """Make one attempt, until the loop's time ``end`` at most. Raise an ``APIConnectionError`` if it fails."""
        response, task = None, asyncio.current_task()
        if task is None:
            raise no_task()
        url = self._base.with_path(self._prefix + request.path, encoded=True)
        limit, self.connecting[task] = TimeLimit(self._limits, task, limits.total, end), connection
        try:
            with limit:  # that of aiohttp may swallow a cancellation
                response = await self._session.request(
                    request.method,
                    url if not request.query else URL(f"{url}?{request.query}", encoded=True),
                    data=request.body,
                    headers=merge_headers(self._headers, headers) if self._proxy else headers,
                    timeout=client_timeout(limits),
                    allow_redirects=False,
                    middlewares=self._middlewares,
                )
                if request.form != "decoded":
                    return await self._undecoded(response, request.form, limit)
                return Response(response.status, response.headers, await self._read(response))
        except FAULTS as error:
            what, phase = f"{request.method} {request.path}", Phase.READING if response else Phase.WAITING
            caught = Caught(self._explain(error, what, phase))
        finally:
            self.connecting.pop(task, None)
        del response, headers, task, limit  # they hold the key, or what is as secret, and the traceback this frame
        raise caught.take()

    async def _undecoded(self, response: Any, form: Form, limit: TimeLimit) -> Response:
        """Return a response with what was sent; the body of a streamed one is unread, unless it is an error."""
        headers = CIMultiDict(response.request_info.headers)
        for name in _SECRET_HEADERS:
            headers.popall(name, None)
        sent = HTTPRequest(response.method, str(response.url), headers)
        body, content = None, b""
        if form == "streamed" and response.status < 300:
            explain = partial(self._explain, what=f"{sent.method} {response.url.path}", phase=Phase.READING)
            encoding = mask_text(response.headers.get("Content-Encoding", "identity"), self._config.api_key)
            limits = limit.seconds, limit.end
            body = StreamedBody(response, encoding, limits, self._config.max_response_bytes, explain)
            self._streams.add(body)
        else:
            content = await self._read(response)
        seconds = asyncio.get_running_loop().time() - limit.started
        return Response(response.status, response.headers, content, sent, seconds, body)

    async def _read(self, response: Any) -> bytes:
        """Return the decoded body; that of an error status may be cut to the largest size, or left out."""
        if response.status == 407 and self._proxy and self._base.scheme == "http":
            response.close()
            raise proxy_refusal(response.status, self._proxy.place)
        source, max_size, size, parts = response.content, self._config.max_response_bytes, 0, list[bytes]()
        encoding = response.headers.get("Content-Encoding")
        try:
            if source.is_eof():  # all of it has come with the headers
                parts.append(source.read_nowait())
            while size <= max_size and not source.at_eof():
                parts.append(await source.readany())
                size += len(parts[-1])
            content = b"".join(parts)
            if len(content) <= max_size and not encoding:
                return content
            return inflate(content, mask_text(encoding or "identity", self._config.api_key), max_size)
        except BaseException as error:
            response.close()  # and with it the connection, if it is not yet back in the pool
            if response.status < 300 or not isinstance(error, APIConnectionError):
                raise
            return b"" if encoding else b"".join(parts)[:max_size]

    async def close(self) -> None:
        """Close every connection. Idempotent.

        Raises:
            LightfieldUsageError: There are connections, and no task of asyncio is running.
        """
        if self._guard is not None:
            running_loop()
        self.closed = True
        self.loop = None
        self.waiters.fail_all(lambda: ClientClosedError(_CLOSED))
        self.external.drop()
        for body in [*self._streams]:
            body.close()
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
        self.loop = self._connector = self._session = self._guard = None
        self.waiters, self.external, self._streams = Waiters(), ExternalSessions(self._config), WeakSet()
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
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return error.with_traceback(None)  # the frames of aiohttp hold the headers
        if self.closed:  # aiohttp raises several errors then, one of them a cancellation that nobody asked for
            return ClientClosedError(_CLOSED)
        if isinstance(error, RuntimeError):  # no thread for a DNS lookup: the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160).rstrip('.')}.")
        if not isinstance(error, Exception):
            return error
        return self._failure(error, phase, f"{what}: ")

    def _failure(self, error: Exception, phase: str, prefix: str = "") -> APIConnectionError:
        """Return our error, without secrets, for a network fault."""
        waiting = self.connecting.get(asyncio.current_task(), ())
        phase = Phase.CONNECTING if waiting else phase
        failure = connection_failure(error, phase, self._proxy.place if self._proxy else None).with_traceback(None)
        if waiting is None and phase == Phase.WAITING and closed_silently(error) and self._connector is not None:
            failure.stale = self._connector.must_rest = True
        failure.args = (mask_text(f"{prefix}{failure.args[0]}", self._config.api_key),)
        return failure

    async def _watched(self, request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
        """Send a request of a session that is watched, and raise no exception of aiohttp there either."""
        try:
            return await send(request)
        except NETWORK_FAULTS as error:
            caught = Caught(self._failure(error, Phase.WAITING))
        raise caught.take()
