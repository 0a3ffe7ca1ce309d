"""An event loop of uvloop, of the extra ``speedups``."""

import socket
from contextlib import ExitStack
from typing import Any

import uvloop

_DESCRIPTORS = 8  # more than a new loop opens


class FastLoop(uvloop.Loop):
    """A loop without the threads of libuv, which would crash forked processes at their end."""

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Parse an address, which uvloop would do on a thread for every connection; names are looked up elsewhere."""
        options["flags"] = options.get("flags", 0) | socket.AI_NUMERICHOST
        return socket.getaddrinfo(host, port, **options)


def new_fast_loop() -> FastLoop:
    """Return a new loop.

    Raises:
        OSError: Too few file descriptors are left, for want of which uvloop would abort the process.
    """
    with ExitStack() as opened:
        for _ in range(_DESCRIPTORS):
            opened.enter_context(socket.socket())
    return FastLoop()
