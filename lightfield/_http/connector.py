"""The connection pool, and everything else that relies on undocumented parts of aiohttp."""

import asyncio
import ssl
import weakref
from typing import TYPE_CHECKING, Any

import aiohttp

from .sockets import make_socket

if TYPE_CHECKING:
    from collections.abc import Callable

_KEEP_ALIVE = 15.0


class Connector(aiohttp.TCPConnector):
    """An unbounded connection pool that knows which tasks are waiting for a connection."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, ssl=context or True, socket_factory=make_socket
        )
        self.connecting: dict[asyncio.Task[Any] | None, Callable[[float], None]] = {}
        """The tasks that wait for a connection, and what is told when they have one."""

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
        if (on_sent := self.connecting.pop(asyncio.current_task(), None)) is not None:
            on_sent(self._loop.time())
        return connection

    def failed_while_connecting(self) -> bool:
        """Return whether the current task, which has failed, had no connection yet."""
        return self.connecting.pop(asyncio.current_task(), None) is not None

    def detach_after_fork(self) -> None:
        """Forget the pooled connections, which the finalizer would close."""
        self._conns.clear()


def disable_own_retries(session: Any) -> None:
    """Stop aiohttp from repeating a request on its own, unseen by lane, retry budget and caller."""
    session._retry_connection = False  # noqa: SLF001
