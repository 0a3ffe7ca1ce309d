"""The connection pool, and everything else that relies on undocumented parts of aiohttp."""

import asyncio
import ssl
import weakref
from collections.abc import Callable
from typing import Any

import aiohttp

from .sockets import make_socket

Connecting = dict[asyncio.Task[Any] | None, Callable[[float], None]]
"""What to tell, for each task that waits for a connection, when it has one."""

_KEEP_ALIVE = 15.0


class TLSConnector(aiohttp.TCPConnector):
    """A connector that keeps its TLS settings; aiohttp's stops verifying if ``ssl.SSLContext`` is replaced later."""

    def __init__(self, context: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(ssl=context or True, **options)  # pyright: ignore[reportUnknownMemberType]
        self._context = context

    def _get_ssl_context(self, req: Any) -> ssl.SSLContext | None:
        context = super()._get_ssl_context(req)
        return context and (self._context or context)


class Connector(TLSConnector):
    """An unbounded connection pool that tells tasks when they have a connection."""

    def __init__(self, context: ssl.SSLContext | None, connecting: Connecting) -> None:
        super().__init__(context, limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, socket_factory=make_socket)
        self._connecting = connecting
        self._used: weakref.WeakSet[Any] = weakref.WeakSet()

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Return a connection, but no pooled one that received data while idle: it would pass for the next response."""
        connection: Any = await super().connect(*args, **kwargs)
        while connection.protocol in self._used:
            if not connection.protocol.should_close:
                break
            connection.close()
            connection = await super().connect(*args, **kwargs)
        else:
            self._used.add(connection.protocol)
        if (on_connected := self._connecting.pop(asyncio.current_task(), None)) is not None:
            on_connected(self._loop.time())
        return connection

    def detach_after_fork(self) -> None:
        """Forget the pooled connections, which the finalizer would close."""
        self._conns.clear()


def disable_own_retries(session: Any) -> None:
    """Stop aiohttp from repeating a request on its own, unseen by lane, retry budget and caller."""
    session._retry_connection = False  # noqa: SLF001


def is_watched(session: Any) -> bool:
    """Return whether a library records what a session raises, by the tracing of aiohttp or by wrapping its requests."""
    return bool(session.trace_configs) or hasattr(session._request, "__wrapped__")  # noqa: SLF001


def disable_tracing(session: Any) -> None:
    """Remove what tracing libraries, such as OpenTelemetry's, add to every session: they record URLs, and add headers.

    Its list is replaced, since it may be that of other sessions, too.
    """
    session._trace_configs = []  # noqa: SLF001
