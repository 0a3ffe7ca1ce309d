"""How does the sandbox take connections, and let go of them at once?"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"
BACKLOG = 1024  # a full backlog makes the kernel drop connections, which then try again after a second


class Listener:
    """An aiohttp server on a port of this machine; it belongs to the loop it is opened on."""

    def __init__(self, handle: Callable[[web.BaseRequest], Awaitable[web.Response]]) -> None:
        self._handle = handle
        self._open: tuple[web.Server, asyncio.Server] | None = None

    async def open(self, port: int) -> int:
        """Listen on a port, or on a free one for 0, and return it."""
        loop, protocol = asyncio.get_running_loop(), web.Server(self._handle, access_log=None)
        try:
            server = await loop.create_server(protocol, HOST, port, backlog=BACKLOG)
        except OSError as error:
            reason = f"the sandbox cannot listen on {HOST}:{port}; port=0 takes a free port ({error.strerror})"
            raise OSError(error.errno, reason) from error
        self._open = protocol, server
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and drop every connection, whatever is under way on it."""
        if self._open is None:
            return
        protocol, server = self._open
        await _settle(server)
        server.close()
        for connection in protocol.connections:
            if connection.transport is not None:
                connection.transport.abort()


async def _settle(server: asyncio.Server) -> None:
    """Accept nothing more, so that ``close`` can know each connection: asyncio leaks those half accepted."""
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(2):  # turns of the loop: one makes the transport, one tells aiohttp
        await asyncio.sleep(0)
