"""The listening socket and its connections."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"
BACKLOG = 1024  # a full backlog makes the kernel drop SYNs, which clients retransmit only after a second

_IDLE_SECONDS = 60.0
_LINGERING_SECONDS = 2.0

_silent = logging.Logger("lightfield.testing", logging.CRITICAL + 1)  # noqa: LOG001 - unknown to the program, and silent
"""Malformed requests are the business of those who send them, and get a response that says so."""


class Listener:
    """An aiohttp server on a local port, bound to the event loop on which it was opened.

    Args:
        handle: Answers requests.
        idle: Seconds until a connection is closed on which no complete head of a request has arrived.
    """

    def __init__(
        self, handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], idle: float = _IDLE_SECONDS
    ) -> None:
        self._handle = handle
        self._idle = idle
        self._open: tuple[web.Server, asyncio.Server] | None = None

    async def open(self, port: int) -> int:
        """Listen on a port, or on a free one for 0, and return the port."""
        loop = asyncio.get_running_loop()
        protocol = web.Server(
            self._handle,
            access_log=None,
            logger=_silent,
            keepalive_timeout=self._idle,
            lingering_time=_LINGERING_SECONDS,  # for the rest of a body that was refused
            auto_decompress=False,
        )
        try:
            server = await loop.create_server(protocol, HOST, port, backlog=BACKLOG)
        except OSError as error:
            reason = f"the sandbox cannot listen on {HOST}:{port}; port=0 takes a free port ({error.strerror})"
            raise OSError(error.errno, reason) from error
        self._open = protocol, server
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and abort every connection, including those with a request in flight."""
        if self._open is None:
            return
        protocol, server = self._open
        await _stop_accepting(server)
        server.close()
        for connection in protocol.connections:
            if connection.transport is not None:
                connection.transport.abort()


async def _stop_accepting(server: asyncio.Server) -> None:
    """Accept no more connections and let pending ones register; asyncio leaks those that are half accepted."""
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(2):  # loop iterations: one creates the transport, one notifies aiohttp
        await asyncio.sleep(0)
