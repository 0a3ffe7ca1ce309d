"""One HTTP exchange with the API.

No exception of aiohttp leaves this package: some hold the headers of the request, and with them the API key, so none is
chained to ours.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from weakref import WeakSet

from multidict import CIMultiDict
from yarl import URL

from lightfield._aio.caught import Caught
from lightfield._aio.loop import no_task
from lightfield._aio.timeouts import CLOSED
from lightfield._config.config import Config
from lightfield._config.proxy import Proxy
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


class Transport:
    """One connection pool, on the running event loop.

    Raises:
        LightfieldValueError: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names no certificates.
        APIConnectionError: The certificate authorities cannot be loaded now.
    """

    def __init__(self, config: Config, proxy: Proxy | None, connecting: Connecting, *, warn: bool) -> None:
        self._config = config
        self._base = URL(config.base_url).origin()
        self._prefix = URL(config.base_url).raw_path.rstrip("/")
        self._proxy = proxy
        self._headers = {
            "Authorization": f"Bearer {config.api_key.reveal()}",
            "Lightfield-Version": API_VERSION,
            "Accept": "application/json",
        }
        self._connecting = connecting
        self._streams: WeakSet[StreamedBody] = WeakSet()
        self._closed = False
        self.external = ExternalSessions(config)
        self._connector = Connector(tls_context(config, self._base, proxy), connecting)
        # aiohttp would send the headers of a session, and with them the key, to a proxy too, in clear text
        own, proxy_url = ({}, proxy.url.reveal()) if proxy else (self._headers, None)
        self._session: Any = open_session(self._connector, own, proxy_url)
        self._middlewares = (self._watched,) if is_watched(self._session) else None
        self._limits = TimeLimits(asyncio.get_running_loop())
        self._guard = guard(self, self._session, warn=warn)

    async def send(
        self, request: Request[Any], headers: Headers | None, limits: Timeout, end: float | None, connection: Wanted
    ) -> Response:
        """Make one attempt, until the loop's time ``end`` at most. Raise an ``APIConnectionError`` if it fails."""
        response, task = None, asyncio.current_task()
        if task is None:
            raise no_task()
        url = self._base.with_path(self._prefix + request.path, encoded=True)
        limit, self._connecting[task] = TimeLimit(self._limits, task, limits.total, end), connection
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
            self._connecting.pop(task, None)
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
        """Close every connection. Idempotent."""
        self._closed = True
        self.external.drop()
        for body in [*self._streams]:
            body.close()
        await anext(self._guard, None)
        await self._session.close()
        await asyncio.sleep(0)  # lets the transports run their last callback

    def detach_after_fork(self) -> None:
        """Forget the connections, which are those of the parent of this process."""
        self._connector.detach_after_fork()
        self._session.detach()

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
        if self._closed:  # aiohttp raises several errors then, one of them a cancellation that nobody asked for
            return ClientClosedError(CLOSED)
        if isinstance(error, RuntimeError):  # no thread for a DNS lookup: the interpreter shuts down
            return LightfieldUsageError(f"No request can be made here: {one_line(str(error), 160).rstrip('.')}.")
        if not isinstance(error, Exception):
            return error
        return self._failure(error, phase, f"{what}: ")

    def _failure(self, error: Exception, phase: str, prefix: str = "") -> APIConnectionError:
        """Return our error, without secrets, for a network fault."""
        waiting = self._connecting.get(asyncio.current_task(), ())
        phase = Phase.CONNECTING if waiting else phase
        failure = connection_failure(error, phase, self._proxy.place if self._proxy else None).with_traceback(None)
        if waiting is None and phase == Phase.WAITING and closed_silently(error):
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
