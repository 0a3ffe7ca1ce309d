"""A server that answers every request with what the test sets, and remembers what it was asked."""

import asyncio
import threading
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from aiohttp import web

HOST = "127.0.0.1"


class Received(NamedTuple):
    """One request as it came over the wire."""

    method: str
    target: str
    """Path and query, as they were written."""

    headers: dict[str, str]
    """By lower-case name; a header that comes twice has both values."""

    body: bytes

    @property
    def path(self) -> str:
        """The path, percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, encoded."""
        return self.target.partition("?")[2]


class Answering:
    """Listens on this machine, on a thread and an event loop of its own; used as a context manager."""

    def __init__(self) -> None:
        self.document: Any = None
        """The answer to every request."""

        self.received: list[Received] = []
        self.base_url = ""
        self._loop = asyncio.new_event_loop()
        self._server = web.Server(self._answer, access_log=None, loop=self._loop)
        self._thread = threading.Thread(target=self._loop.run_forever, name="answering", daemon=True)

    def take(self) -> Received:
        """Give the one request that came, and forget it."""
        [received] = self.received
        self.received.clear()
        return received

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
        self.received.append(Received(request.method, request.raw_path, headers, await request.read()))
        return web.Response(body=msgspec.json.encode(self.document), content_type="application/json")

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening = self._run(self._loop.create_server(self._server, HOST, 0))
        self.base_url = f"http://{HOST}:{self._listening.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._listening.close()
        await self._server.shutdown(1.0)

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10.0)
