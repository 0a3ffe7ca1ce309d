"""One line for each request that a server has answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Log: TypeAlias = Callable[[str], object]


def logged(handle: Handle, log: Log | None) -> Handle:
    """Return a request handler that logs method, path, status and milliseconds; never queries, which may be secret."""
    if log is None:
        return handle

    async def handle_and_log(request: web.BaseRequest) -> web.StreamResponse:
        clock = asyncio.get_running_loop().time
        started, status = clock(), "no response"
        try:
            response = await handle(request)
            status = str(response.status)
        finally:
            log(f"{request.method} {request.rel_url.raw_path} {status} {1000 * (clock() - started):.1f} ms")
        return response

    return handle_and_log
