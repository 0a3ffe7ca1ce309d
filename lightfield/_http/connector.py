"""The connection pool, and everything else that relies on undocumented parts of aiohttp and asyncio."""

import asyncio
import socket
import ssl
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, cast

import aiohttp
from aiohttp.abc import AbstractResolver

from lightfield._aio.threads import in_thread
from lightfield._protocol.request import Reuse

from .resumption import forget_sessions
from .sockets import make_socket

Wanted = tuple[Callable[[float], None], Reuse]
"""Called with the time at which the connection is there; and which pooled connections may be used."""

Connecting = dict[asyncio.Task[Any] | None, Wanted | None]
"""The connection that each task waits for; None once it has a pooled one."""

_KEEP_ALIVE = 15.0
_REST = 0.05
"""Seconds that a connection is idle before it has rested: a server that closes it after a response has done so."""

_BUFFER = 64 * 1024
"""Bytes to read at once. The 256 KiB of asyncio are memory that the system maps and unmaps for every response."""

_MAX_RESTING = 64
"""Idle connections beyond which one counts as rested in any case."""


class SafeConnector(aiohttp.TCPConnector):
    """A connector that looks names up on threads of our own, and keeps its TLS settings.

    That of aiohttp stops verifying if ``ssl.SSLContext`` is replaced later.
    """

    def __init__(self, context: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(ssl=context or True, resolver=new_resolver(), **options)  # pyright: ignore[reportUnknownMemberType]
        self._context = context

    def _get_ssl_context(self, req: Any) -> ssl.SSLContext | None:
        context = super()._get_ssl_context(req)
        return context and (self._context or context)


class Connector(SafeConnector):
    """An unbounded connection pool that tells tasks when they have a connection."""

    def __init__(self, context: ssl.SSLContext | None, connecting: Connecting) -> None:
        super().__init__(context, limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, socket_factory=make_socket)
        self._connecting = connecting
        self._used: weakref.WeakSet[Any] = weakref.WeakSet()
        self.must_rest: bool = False
        """Whether every connection must rest before it is used again: the server has closed one without saying so."""

    async def connect(self, req: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a connection, but no pooled one that received data while idle: it would pass for the next response."""
        task = asyncio.current_task()
        waiting = self._connecting.get(task)
        reuse = "any" if waiting is None else waiting[1]
        while True:
            if (reuse != "any" or self.must_rest) and not self._may_reuse(req.connection_key, reuse):
                vars(self)["_get"] = self._get_none
            try:
                connection: Any = await super().connect(req, *args, **kwargs)
            except BaseException:
                forget_sessions(self._context)
                raise
            protocol = connection.protocol
            pooled = protocol in self._used
            if not pooled or not protocol.should_close:
                break
            connection.close()
        if pooled and waiting:
            self._connecting[task] = None
        elif not pooled:
            self._used.add(protocol)
            with suppress(AttributeError):  # a transport of another event loop, such as uvloop
                connection.transport.max_size = _BUFFER
            self._connecting.pop(task, None)
        if waiting:
            waiting[0](self._loop.time())
        return connection

    def _may_reuse(self, key: Any, reuse: Reuse) -> bool:
        """Return whether a request may have the longest idle connection, which aiohttp would take from the pool."""
        if reuse == "none":
            return False
        pool: Any = self._conns.get(key, ())
        idle = [monotonic() - since for protocol, since in pool if protocol.is_connected()]
        may_be_lost = reuse == "any" or not self.must_rest
        return len(idle) > _MAX_RESTING or (may_be_lost and idle != [] and idle[0] >= _REST)

    async def _get_none(self, *_: Any) -> None:
        """Find nothing in the pool, once, in place of ``_get``, which aiohttp calls before it opens a connection."""
        del vars(self)["_get"]

    def detach_after_fork(self) -> None:
        """Forget the pooled connections, which the finalizer would close."""
        self._conns.clear()


class _Lookups:
    """The lookups of an event loop, off its threads: one that hangs would hold up the end of the interpreter."""

    async def getaddrinfo(self, *args: Any, **options: Any) -> Any:
        return await in_thread(partial(socket.getaddrinfo, *args, **options), patience=0.0)

    async def getnameinfo(self, *args: Any) -> Any:
        return await in_thread(partial(socket.getnameinfo, *args), patience=0.0)


def new_resolver() -> AbstractResolver | None:
    """Return a resolver for a connector; None if aiohttp has one that needs no threads."""
    threaded = aiohttp.DefaultResolver is aiohttp.ThreadedResolver
    return aiohttp.ThreadedResolver(cast("asyncio.AbstractEventLoop", _Lookups())) if threaded else None


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
