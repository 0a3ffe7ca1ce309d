"""Everything that depends on private parts of aiohttp."""

import asyncio
import ssl
from typing import Any, TypeVar

import aiohttp

from .sockets import make_socket

T = TypeVar("T")
_KEEP_ALIVE = 15.0


class Connector(aiohttp.TCPConnector):
    """A pool without a bound that knows which tasks wait for a connection to be made."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, ssl=context or True, socket_factory=make_socket
        )
        self.connecting: set[asyncio.Task[Any] | None] = set()

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109
        task = asyncio.current_task()
        self.connecting.add(task)
        connection = await super()._create_connection(req, traces, timeout)
        self.connecting.discard(task)  # after a failure `gave_up` does
        return connection

    async def _get(self, key: Any, traces: Any) -> Any:
        """Give a kept connection on which nothing came since: what did would be taken for the next response."""
        while (kept := await super()._get(key, traces)) is not None and getattr(kept.protocol, "should_close", True):
            kept.close()
        return kept

    def detach_after_fork(self) -> None:
        """Forget its connections, which its finalizer would close."""
        self._conns.clear()

    def failed_while_connecting(self) -> bool:
        """Say whether the running task failed while its connection was being made."""
        task = asyncio.current_task()
        unconnected = task in self.connecting
        self.connecting.discard(task)
        return unconnected
